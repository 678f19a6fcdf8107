-- Requests, candidates, and why a candidature ended.

-- A request is erased of its identity at term, never deleted: what was counted stays counted.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON attributions_application FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- A candidate who was proposed was proposed.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON attributions_proposal FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Candidates sent together to the landlord, or the exception that allowed fewer (CCH, R441-3).
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON attributions_designation FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Why a candidature ended and what it did to the account never changes; a corrective decision of the committee may
-- undo the end that its error caused.
CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_proposalend FOR EACH ROW
    WHEN (
        ROW(
            OLD.consumed, OLD.id, OLD.offered, OLD."on", OLD.reason, OLD.recorded_at,
            OLD.recorded_by_id, OLD.restarts, OLD.side, OLD.text
        ) IS DISTINCT FROM ROW(
            NEW.consumed, NEW.id, NEW.offered, NEW."on", NEW.reason, NEW.recorded_at,
            NEW.recorded_by_id, NEW.restarts, NEW.side, NEW.text
        )
    )
    EXECUTE FUNCTION reservations_refuse();

-- An end is undone, not taken away.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON attributions_proposalend FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- It is undone once, and of its own candidature only.
CREATE TRIGGER undone_once
    BEFORE UPDATE ON attributions_proposalend FOR EACH ROW
    WHEN (OLD.undone_at IS NOT NULL OR NEW.undone_of_id IS DISTINCT FROM OLD.proposal_id)
    EXECUTE FUNCTION reservations_refuse();
