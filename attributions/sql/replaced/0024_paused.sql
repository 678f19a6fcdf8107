-- Each party is told that a suspension, or its lifting, is proposed, agreed or withdrawn; not of what a following
-- version goes on with.
CREATE TRIGGER people_told AFTER INSERT ON reservations_pause FOR EACH ROW
    WHEN (NEW.carried_from_id IS NULL)
    EXECUTE FUNCTION reservations_tell_people('convention.paused', 'id');
CREATE TRIGGER people_told_of_answer AFTER UPDATE OF status ON reservations_pause FOR EACH ROW
    WHEN (OLD.status = 'PROPOSED' AND NEW.carried_from_id IS NULL)
    EXECUTE FUNCTION reservations_tell_people('convention.paused', 'id');
