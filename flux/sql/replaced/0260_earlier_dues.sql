-- Which entries of accounts settle what precedes a signature is written with them (docs/decisions/0118).
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_settleddue FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- As every kept table (docs/decisions/0057).
CREATE TRIGGER imprinted
    AFTER INSERT OR UPDATE OR DELETE ON flux_settleddue FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
SELECT reservations_imprint_rows('flux_settleddue');
