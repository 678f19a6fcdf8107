-- Programmes given to another landlord: what accounts and rights rely on to be counted with one or the other.

-- Of a transfer, only the answer and its carrying out are said later,
CREATE TRIGGER kept
    BEFORE UPDATE ON flux_stocktransfer FOR EACH ROW
    WHEN (
        ROW(
            OLD.id, OLD.giver_id, OLD.proposed_at, OLD.proposed_by_id, OLD.receiver_id, OLD.source, OLD.takes_effect_on
        ) IS DISTINCT FROM ROW(
            NEW.id, NEW.giver_id, NEW.proposed_at, NEW.proposed_by_id, NEW.receiver_id, NEW.source, NEW.takes_effect_on
        )
    )
    EXECUTE FUNCTION reservations_refuse();

-- each once.
CREATE TRIGGER answered_once
    BEFORE UPDATE ON flux_stocktransfer FOR EACH ROW
    WHEN (
        (
            coalesce(OLD.accepted_at, OLD.withdrawn_at) IS NOT NULL
            AND ROW(
                OLD.accepted_at, OLD.accepted_by_id, OLD.signer, OLD.withdrawn_at, OLD.withdrawn_by_id,
                OLD.withdrawn_why
            ) IS DISTINCT FROM ROW(
                NEW.accepted_at, NEW.accepted_by_id, NEW.signer, NEW.withdrawn_at, NEW.withdrawn_by_id,
                NEW.withdrawn_why
            )
        )
        OR (OLD.done_at IS NOT NULL AND NEW.done_at IS DISTINCT FROM OLD.done_at)
    )
    EXECUTE FUNCTION reservations_refuse();

CREATE TRIGGER never_deleted
    BEFORE DELETE ON flux_stocktransfer FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Of a programme given, only what it becomes is said later, once.
CREATE TRIGGER kept
    BEFORE UPDATE ON flux_transferredprogramme FOR EACH ROW
    WHEN (
        OLD.becomes_id IS NOT NULL
        OR ROW(OLD.id, OLD.programme_id, OLD.transfer_id)
        IS DISTINCT FROM ROW(NEW.id, NEW.programme_id, NEW.transfer_id)
    )
    EXECUTE FUNCTION reservations_refuse();

CREATE TRIGGER never_deleted
    BEFORE DELETE ON flux_transferredprogramme FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- A unit given is written once.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_transferredunit FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- As every kept table (docs/decisions/0057).
CREATE TRIGGER imprinted
    AFTER INSERT OR UPDATE OR DELETE ON flux_stocktransfer FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted
    AFTER INSERT OR UPDATE OR DELETE ON flux_transferredprogramme FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted
    AFTER INSERT OR UPDATE OR DELETE ON flux_transferredunit FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
SELECT reservations_imprint_rows('flux_stocktransfer');
SELECT reservations_imprint_rows('flux_transferredprogramme');
SELECT reservations_imprint_rows('flux_transferredunit');
