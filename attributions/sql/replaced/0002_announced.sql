-- A notice may bear on the rule of a landlord, and no longer on a unit alone.

-- Of a notice, only its reading is written later.
DROP TRIGGER kept ON attributions_notice;

CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_notice FOR EACH ROW
    WHEN (
        ROW(
            OLD.at, OLD.id, OLD.kind, OLD.organisation_id, OLD.proposal_id, OLD.text, OLD.vacancy_id, OLD.window_id
        ) IS DISTINCT FROM ROW(
            NEW.at, NEW.id, NEW.kind, NEW.organisation_id, NEW.proposal_id, NEW.text, NEW.vacancy_id, NEW.window_id
        )
    )
    EXECUTE FUNCTION reservations_refuse();
