-- What a committee decided (CCH, R441-3 and R441-9).

-- A session is cancelled, not deleted.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON attributions_committeesession FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Closed, its minutes are sealed: nothing of the session changes any more.
CREATE TRIGGER sealed
    BEFORE UPDATE ON attributions_committeesession FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION reservations_refuse();

-- A ballot that closed keeps its outcome.
CREATE TRIGGER closed_once
    BEFORE UPDATE ON attributions_ballot FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION reservations_refuse();

-- A rejected ballot stays beside the one that followed it.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON attributions_ballot FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- What was put to the vote is what was voted.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON attributions_ballotline FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- A vote is cast once.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON attributions_ballotvote FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- A decision never changes: a corrective one is a row of its own, and this one then says when it ceased to stand.
CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_casedecision FOR EACH ROW
    WHEN (
        ROW(
            OLD.ballot_id, OLD.corrects_id, OLD.decided_on, OLD.document, OLD.document_due_on, OLD.id,
            OLD.item_id, OLD.kind, OLD.proposal_id, OLD.rank, OLD.reason, OLD.recorded_at,
            OLD.recorded_by_id, OLD.text, OLD.why
        ) IS DISTINCT FROM ROW(
            NEW.ballot_id, NEW.corrects_id, NEW.decided_on, NEW.document, NEW.document_due_on, NEW.id,
            NEW.item_id, NEW.kind, NEW.proposal_id, NEW.rank, NEW.reason, NEW.recorded_at,
            NEW.recorded_by_id, NEW.text, NEW.why
        )
    )
    EXECUTE FUNCTION reservations_refuse();

-- A decision of the committee is not taken away.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON attributions_casedecision FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- It ceases to stand once.
CREATE TRIGGER superseded_once
    BEFORE UPDATE ON attributions_casedecision FOR EACH ROW
    WHEN (OLD.superseded_at IS NOT NULL)
    EXECUTE FUNCTION reservations_refuse();

-- The missing document came, on a day: the landlord signs on the strength of it (CCH, R441-3).
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON attributions_conditionmet FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Rules and sessions have one more column each: their rows leave new imprints.

SELECT reservations_imprint_rows(kept)
FROM unnest(ARRAY['attributions_committeerules', 'attributions_committeesession']) AS kept;
