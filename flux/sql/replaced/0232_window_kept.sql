-- Eight departures are planned together unless a landlord chooses otherwise: those that are there, and that chose
-- nothing for their first days, keep what they had, each departure alone.
INSERT INTO flux_decisionwindow (landlord_id, length, days, starts_on)
SELECT l.id, 1, 0, least(first.year, first.choice - 1, CURRENT_DATE)
FROM reservations_landlord l
CROSS JOIN LATERAL (
    SELECT
        (SELECT make_date(min(g.exercise), 1, 1) FROM flux_ledger g WHERE g.landlord_id = l.id) AS year,
        (SELECT min(w.starts_on) FROM flux_decisionwindow w WHERE w.landlord_id = l.id) AS choice
) first
WHERE first.choice IS NULL OR first.choice > coalesce(first.year, CURRENT_DATE);
