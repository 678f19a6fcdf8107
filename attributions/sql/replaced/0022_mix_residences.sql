-- A lease keeps one fact more of its day: whether its residence was listed (CCH, L441-1-6, 3° bis).

-- The facts of a lease are those of the day of signature; only a cancellation is written later, and the district, by
-- what corrects it.
DROP TRIGGER kept ON attributions_lease;

CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_lease FOR EACH ROW
    WHEN (
        ROW(
            OLD.essential_worker, OLD.has_priority, OLD.holder_id, OLD.id, OLD.in_mix_residence, OLD.income_quartile,
            OLD.persons, OLD.priority_id, OLD.proposal_id, OLD.recorded_at, OLD.recorded_by_id, OLD.routing_id,
            OLD.signed_on, OLD.state_agent, OLD.urban_renewal, OLD.vacancy_id
        ) IS DISTINCT FROM ROW(
            NEW.essential_worker, NEW.has_priority, NEW.holder_id, NEW.id, NEW.in_mix_residence, NEW.income_quartile,
            NEW.persons, NEW.priority_id, NEW.proposal_id, NEW.recorded_at, NEW.recorded_by_id, NEW.routing_id,
            NEW.signed_on, NEW.state_agent, NEW.urban_renewal, NEW.vacancy_id
        )
        OR (OLD.in_qpv IS DISTINCT FROM NEW.in_qpv AND pg_trigger_depth() = 0)
    )
    EXECUTE FUNCTION reservations_refuse();
