-- The account: every figure that is shown is a sum of these rows.

-- An entry is never corrected: another of the opposite sign is written beside it.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_flowentry FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- What a year left to the next is written once, with the sums it came from.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_carriedover FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
