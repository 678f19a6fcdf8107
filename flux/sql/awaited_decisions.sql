-- The units that await a decision are named apart, few beside all those that were decided: the queue, and what a clerk
-- has to confirm, are found without a reading of every recommendation.

-- Of the flow, and not recommended yet; or recommended, and neither followed nor overridden.
CREATE FUNCTION flux_awaits_decision(declared bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM flux_vacancy v WHERE v.id = declared AND v.cancelled_at IS NULL
        AND (v.kind = 'IN_FLOW' OR EXISTS (SELECT 1 FROM flux_recommendation k WHERE k.vacancy_id = v.id))
    ) AND (
        NOT EXISTS (SELECT 1 FROM flux_recommendation n WHERE n.vacancy_id = declared)
        OR EXISTS (
            SELECT 1 FROM flux_recommendation r WHERE r.vacancy_id = declared
            AND NOT EXISTS (SELECT 1 FROM flux_routing d WHERE d.recommendation_id = r.id)
        )
    )
$$;

-- A unit that awaits a decision says to whom it was recommended, if it was: a holder finds those that its landlords
-- have to confirm by an index, and not among all that waits.
CREATE FUNCTION flux_name_awaited(declared bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF flux_awaits_decision(declared) THEN
        INSERT INTO flux_awaiteddecision AS a (vacancy_id, holder_id)
        SELECT declared, (
            SELECT r.holder_id FROM flux_recommendation r WHERE r.vacancy_id = declared
            AND NOT EXISTS (SELECT 1 FROM flux_routing d WHERE d.recommendation_id = r.id)
            ORDER BY r.attempt DESC LIMIT 1
        )
        ON CONFLICT (vacancy_id) DO UPDATE SET holder_id = excluded.holder_id
        WHERE a.holder_id IS DISTINCT FROM excluded.holder_id;
    ELSE
        DELETE FROM flux_awaiteddecision a WHERE a.vacancy_id = declared;
    END IF;
END
$$;
