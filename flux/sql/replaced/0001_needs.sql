-- What each holder asks for.

-- A declaration moves everybody’s targets: the next one replaces it, and both stay.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_needsdeclaration FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
