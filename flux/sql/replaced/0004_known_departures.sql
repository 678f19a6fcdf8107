-- Decisions that a person asked for before their time.

-- Who asked, why, and how many departures were passed, stays: holders read it, and clerks are counted by it.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_askeddecision FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
