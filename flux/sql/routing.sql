-- What was decided, by whom, and on what it was decided.

-- What the engine said stays, with everything it saw: the same situation can be replayed for ever.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_recommendation FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- A routing that closed is closed for good: another attempt is another routing.
CREATE TRIGGER closed_once
    BEFORE UPDATE ON flux_routing FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION reservations_refuse();

-- Of a routing, only its closing and its answer are written later: who had the unit, under which convention and why
-- never changes.
CREATE TRIGGER kept
    BEFORE UPDATE ON flux_routing FOR EACH ROW
    WHEN (
        ROW(
            OLD.acting_id, OLD.convention_id, OLD.holder_id, OLD.id, OLD.motive, OLD.motive_text,
            OLD.recommendation_id, OLD.routed_at, OLD.routed_by_id, OLD.vacancy_id
        ) IS DISTINCT FROM ROW(
            NEW.acting_id, NEW.convention_id, NEW.holder_id, NEW.id, NEW.motive, NEW.motive_text,
            NEW.recommendation_id, NEW.routed_at, NEW.routed_by_id, NEW.vacancy_id
        )
    )
    EXECUTE FUNCTION reservations_refuse();

-- A routing is undone by an act that says why, not by taking the row away.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON flux_routing FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- A unit given back stays given back, with its reason and what it did to the account.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_return FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
