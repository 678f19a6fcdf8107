-- Who is awaited is told when it is proposed; everybody, once it binds.
CREATE TRIGGER people_told AFTER UPDATE OF status ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'PROPOSED' AND NEW.status = 'PROPOSED')
    EXECUTE FUNCTION reservations_tell_people('convention', 'id');
CREATE TRIGGER people_told_of_signature AFTER UPDATE OF status ON reservations_convention FOR EACH ROW
    WHEN (OLD.status = 'PROPOSED' AND NEW.status = 'SIGNED')
    EXECUTE FUNCTION reservations_tell_people('convention.signed', 'id');
