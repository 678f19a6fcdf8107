-- What becomes of the units between the first day of a convention and a later signature is a term of it, kept with the
-- others once it is proposed (docs/decisions/0118).
CREATE TRIGGER earlier_dues_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT' AND OLD.earlier_dues IS DISTINCT FROM NEW.earlier_dues)
    EXECUTE FUNCTION reservations_refuse();
