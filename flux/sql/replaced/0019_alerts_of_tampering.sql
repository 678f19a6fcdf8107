-- An alert may be of rows that were altered: whose they are is kept with the rest.

DROP TRIGGER kept ON flux_auditalert;

-- Of an alert, only its reading is written later.
CREATE TRIGGER kept
    BEFORE UPDATE ON flux_auditalert FOR EACH ROW
    WHEN (
        ROW(
            OLD.check_code, OLD.difference, OLD.expected, OLD.found, OLD.found_at, OLD.holder_id,
            OLD.id, OLD.landlord_id, OLD.ledger_id, OLD.recommendation_id
        ) IS DISTINCT FROM ROW(
            NEW.check_code, NEW.difference, NEW.expected, NEW.found, NEW.found_at, NEW.holder_id,
            NEW.id, NEW.landlord_id, NEW.ledger_id, NEW.recommendation_id
        )
    )
    EXECUTE FUNCTION reservations_refuse();
