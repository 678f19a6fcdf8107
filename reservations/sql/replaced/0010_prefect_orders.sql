-- The préfet's order that stands for a convention of the State (CCH, R441-5-2 IV): once it binds, its number and its
-- date stay, and a convention that was signed never becomes one.
CREATE TRIGGER order_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT' AND OLD.prefect_order IS DISTINCT FROM NEW.prefect_order)
    EXECUTE FUNCTION reservations_refuse();
