-- What the stock was when a convention was proposed is printed as it was then (docs/decisions/0120).
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_conventionstock FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- As every kept table (docs/decisions/0057).
CREATE TRIGGER imprinted
    AFTER INSERT OR UPDATE OR DELETE ON flux_conventionstock FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
SELECT reservations_imprint_rows('flux_conventionstock');
