-- What a unit given back leaves due, at most, is a term of the convention, kept with the others once it is proposed: no
-- parameter of the installation bears on what was signed any more (docs/decisions/0107).
CREATE TRIGGER returned_cap_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT' AND OLD.returned_cap IS DISTINCT FROM NEW.returned_cap)
    EXECUTE FUNCTION reservations_refuse();

DELETE FROM reservations_legalparameter WHERE code = 'RETURNED_DELAY_MAX';
