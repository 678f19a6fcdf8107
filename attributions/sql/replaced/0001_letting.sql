-- The offer made to a household, and the lease.

-- Of an offer, only the answer is written later (CCH, R441-10).
CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_offer FOR EACH ROW
    WHEN (
        ROW(
            OLD.answer_by, OLD.decision_id, OLD.id, OLD.proposal_id, OLD.sent_by_id, OLD.sent_on
        ) IS DISTINCT FROM ROW(
            NEW.answer_by, NEW.decision_id, NEW.id, NEW.proposal_id, NEW.sent_by_id, NEW.sent_on
        )
    )
    EXECUTE FUNCTION reservations_refuse();

-- An offer that was made was made, whatever became of it.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON attributions_offer FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- The facts that the objectives count are those of the day of signature; only a cancellation is written later
-- (CCH, L441-1).
CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_lease FOR EACH ROW
    WHEN (
        ROW(
            OLD.has_priority, OLD.holder_id, OLD.id, OLD.in_qpv, OLD.income_quartile, OLD.persons,
            OLD.priority_id, OLD.proposal_id, OLD.recorded_at, OLD.recorded_by_id, OLD.routing_id,
            OLD.signed_on, OLD.state_agent, OLD.urban_renewal, OLD.vacancy_id
        ) IS DISTINCT FROM ROW(
            NEW.has_priority, NEW.holder_id, NEW.id, NEW.in_qpv, NEW.income_quartile, NEW.persons,
            NEW.priority_id, NEW.proposal_id, NEW.recorded_at, NEW.recorded_by_id, NEW.routing_id,
            NEW.signed_on, NEW.state_agent, NEW.urban_renewal, NEW.vacancy_id
        )
    )
    EXECUTE FUNCTION reservations_refuse();

-- A lease is cancelled, with who and why, not deleted.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON attributions_lease FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
