-- A landlord that another absorbs: whose conventions and accounts passed, and from which day.

-- Of an absorption, only the last day of the conventions is said later, once.
CREATE TRIGGER kept
    BEFORE UPDATE ON flux_absorption FOR EACH ROW
    WHEN (OLD.last_day IS NOT NULL OR ROW(OLD.id, OLD.transfer_id) IS DISTINCT FROM ROW(NEW.id, NEW.transfer_id))
    EXECUTE FUNCTION reservations_refuse();

CREATE TRIGGER never_deleted
    BEFORE DELETE ON flux_absorption FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Which entries of accounts it moved is written with them.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_absorbedbalance FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- As every kept table (docs/decisions/0057).
CREATE TRIGGER imprinted
    AFTER INSERT OR UPDATE OR DELETE ON flux_absorption FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted
    AFTER INSERT OR UPDATE OR DELETE ON flux_absorbedbalance FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
SELECT reservations_imprint_rows('flux_absorption');
SELECT reservations_imprint_rows('flux_absorbedbalance');
