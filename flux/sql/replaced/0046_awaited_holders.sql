-- A unit that awaits a decision says to whom it was recommended, if it was: a holder finds those that its landlords
-- have to confirm by an index, and not among all that waits. What names it runs after each recommendation and each
-- routing already (0024_awaited_decisions.sql).
CREATE OR REPLACE FUNCTION flux_name_awaited(declared bigint) RETURNS void
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

-- Those that were there.
UPDATE flux_awaiteddecision a SET holder_id = r.holder_id
FROM flux_recommendation r
WHERE r.vacancy_id = a.vacancy_id AND NOT EXISTS (SELECT 1 FROM flux_routing d WHERE d.recommendation_id = r.id);
