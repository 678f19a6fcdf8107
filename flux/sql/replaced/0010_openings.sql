-- What was owed before an account was kept here.

-- A figure that a party was asked to accept stays as it was: another one replaces it, beside it.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_openingbalance FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Who accepted, who contested and why, what was answered.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_openingact FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
