-- Each party is told that another says the convention is not renewed, or no longer says so.
CREATE TRIGGER people_told_of_term AFTER UPDATE OF denounced_on ON reservations_signatory FOR EACH ROW
    WHEN (OLD.denounced_on IS DISTINCT FROM NEW.denounced_on)
    EXECUTE FUNCTION reservations_tell_people('convention.denounced', 'id');
