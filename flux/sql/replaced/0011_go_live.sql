-- When a landlord begins to route here.

-- Who chose the day, and what was chosen before: holders may ask why nothing was routed.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_golive FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- What was tried stays as it was told.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_rehearsal FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
