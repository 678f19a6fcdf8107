-- Units outside what shares bear on: an account that did not count one relies on the reason it was given.

-- Of a unit outside, only its end is said later.
CREATE TRIGGER kept
    BEFORE UPDATE ON flux_outsideflow FOR EACH ROW
    WHEN (
        ROW(
            OLD.id, OLD.reason, OLD.recorded_at, OLD.recorded_by_id, OLD.source, OLD.starts_on, OLD.unit_id
        ) IS DISTINCT FROM ROW(
            NEW.id, NEW.reason, NEW.recorded_at, NEW.recorded_by_id, NEW.source, NEW.starts_on, NEW.unit_id
        )
    )
    EXECUTE FUNCTION reservations_refuse();

-- It is ended once.
CREATE TRIGGER ended_once
    BEFORE UPDATE ON flux_outsideflow FOR EACH ROW
    WHEN (OLD.ends_on IS NOT NULL AND NEW.ends_on IS DISTINCT FROM OLD.ends_on)
    EXECUTE FUNCTION reservations_refuse();

-- It is ended, not taken away.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON flux_outsideflow FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- As every kept table (docs/decisions/0057).
CREATE TRIGGER imprinted
    AFTER INSERT OR UPDATE OR DELETE ON flux_outsideflow FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
SELECT reservations_imprint_rows('flux_outsideflow');
