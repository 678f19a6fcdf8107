-- How a convention counts its days, what opens the flow and when a unit is told are kept with its other terms, once it
-- is proposed.
CREATE TRIGGER delays_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (
        OLD.status <> 'DRAFT'
        AND ROW(OLD.day_unit, OLD.august_suspended, OLD.opens_on, OLD.signal_days)
        IS DISTINCT FROM ROW(NEW.day_unit, NEW.august_suspended, NEW.opens_on, NEW.signal_days)
    )
    EXECUTE FUNCTION reservations_refuse();
