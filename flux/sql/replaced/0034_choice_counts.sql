-- How each account was routed is counted as it is: whom each unit went to, why, and who decided. What people overrode
-- is told without a reading of what they followed.

-- Once a statement, for the routings that a recommendation has; none is deleted, and none changes of these.
CREATE FUNCTION flux_count_choices() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO flux_choicecount AS c (ledger_id, holder_id, motive, routed_by_id, routings)
    SELECT e.ledger_id, a.holder_id, a.motive, a.routed_by_id, count(*)
    FROM added a
    JOIN flux_recommendation e ON e.id = a.recommendation_id
    GROUP BY 1, 2, 3, 4
    ORDER BY e.ledger_id, min(a.id)
    ON CONFLICT (ledger_id, holder_id, motive, routed_by_id) DO UPDATE SET routings = c.routings + excluded.routings;
    RETURN NULL;
END
$$;

CREATE TRIGGER choice_counted AFTER INSERT ON flux_routing
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_count_choices();

-- Those that were there, in the order in which each was first written.
INSERT INTO flux_choicecount (ledger_id, holder_id, motive, routed_by_id, routings)
SELECT e.ledger_id, r.holder_id, r.motive, r.routed_by_id, count(*)
FROM flux_routing r
JOIN flux_recommendation e ON e.id = r.recommendation_id
GROUP BY 1, 2, 3, 4
ORDER BY e.ledger_id, min(r.id);
