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

CREATE FUNCTION flux_name_awaited(declared bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF flux_awaits_decision(declared) THEN
        INSERT INTO flux_awaiteddecision (vacancy_id) VALUES (declared) ON CONFLICT (vacancy_id) DO NOTHING;
    ELSE
        DELETE FROM flux_awaiteddecision a WHERE a.vacancy_id = declared;
    END IF;
END
$$;

CREATE FUNCTION flux_follow_awaited() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM flux_name_awaited((to_jsonb(NEW) ->> TG_ARGV[0])::bigint);
    RETURN NULL;
END
$$;

CREATE TRIGGER awaited AFTER INSERT ON flux_vacancy FOR EACH ROW
    WHEN (NEW.kind = 'IN_FLOW' AND NEW.cancelled_at IS NULL)
    EXECUTE FUNCTION flux_follow_awaited('id');
CREATE TRIGGER awaited_again AFTER UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (ROW(OLD.kind, OLD.cancelled_at) IS DISTINCT FROM ROW(NEW.kind, NEW.cancelled_at))
    EXECUTE FUNCTION flux_follow_awaited('id');
CREATE TRIGGER awaited AFTER INSERT ON flux_recommendation FOR EACH ROW
    EXECUTE FUNCTION flux_follow_awaited('vacancy_id');
CREATE TRIGGER awaited AFTER INSERT ON flux_routing FOR EACH ROW
    WHEN (NEW.recommendation_id IS NOT NULL)
    EXECUTE FUNCTION flux_follow_awaited('vacancy_id');

-- Those that were there.
INSERT INTO flux_awaiteddecision (vacancy_id)
SELECT v.id FROM flux_vacancy v WHERE flux_awaits_decision(v.id) ORDER BY v.id;
