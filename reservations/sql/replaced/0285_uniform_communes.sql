-- Whether a holder is served uniformly over communes (CCH, R441-5-2, II) is a term of its convention, kept with the
-- others once it is proposed (docs/decisions/0127).
CREATE TRIGGER uniform_communes_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT' AND OLD.uniform_communes IS DISTINCT FROM NEW.uniform_communes)
    EXECUTE FUNCTION reservations_refuse();
