-- What the RPLS says of old reservations, and what their landlord answers.

-- Who left a code of item 63 aside, and why: holders may ask what became of rights that a file had told.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_toldaside FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
