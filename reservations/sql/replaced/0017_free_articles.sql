-- What the parties wrote of their own in a convention is kept with its other terms, once it is proposed.
CREATE TRIGGER articles_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT' AND OLD.articles IS DISTINCT FROM NEW.articles)
    EXECUTE FUNCTION reservations_refuse();
