-- Why an officer read figures that are not published, and when.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON attributions_statedpurpose FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
