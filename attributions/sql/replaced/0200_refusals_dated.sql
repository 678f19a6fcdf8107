-- Candidatures that ended without a lease were counted on the day that somebody typed it: a committee of 30
-- December, typed on 4 January, gave its refusals to the year after. Those counted in a year that is not that of the
-- decision, or of the answer, are taken out of it and put in the other, by entries of their own: what was written
-- stays as written, and a balance that was sent says what came since (docs/decisions/0042). Not of a unit that was
-- cancelled, nor where somebody corrected the line by hand.

WITH ended AS (
    SELECT
        v.ledger_id, r.holder_id, p.vacancy_id, e.id, e.side, e."on",
        coalesce(
            CASE
                WHEN e.side = 'COMMITTEE' THEN (
                    SELECT max(d.decided_on) FROM attributions_casedecision d
                    WHERE d.proposal_id = p.id AND d.superseded_at IS NULL
                )
                WHEN e.reason IN ('UNIT_REFUSED', 'AREA_REFUSED', 'RENT_REFUSED', 'NO_ANSWER') THEN (
                    SELECT max(o.answered_on) FROM attributions_offer o
                    WHERE o.proposal_id = p.id AND o.answer IN ('REFUSED', 'SILENT')
                )
                WHEN e.reason = 'CONDITION_NOT_MET' THEN (
                    SELECT max(d.document_due_on) + 1 FROM attributions_casedecision d
                    WHERE d.proposal_id = p.id AND d.superseded_at IS NULL
                )
            END,
            e."on"
        ) AS day
    FROM attributions_proposalend e
    JOIN attributions_proposal p ON p.id = e.proposal_id AND p.designation_id IS NOT NULL
    JOIN flux_routing r ON r.id = p.routing_id
    JOIN flux_vacancy v ON v.id = p.vacancy_id AND v.ledger_id IS NOT NULL AND v.cancelled_at IS NULL
    WHERE e.reason <> 'RECORDED_BY_MISTAKE'
)
INSERT INTO flux_flowentry (
    ledger_id, holder_id, vacancy_id, stage, quantity, side, "on", acted_on, reached, recorded_at
)
SELECT e.ledger_id, e.holder_id, e.vacancy_id, 'REFUSED', w.quantity, e.side, w.day, w.day, 0, now()
FROM ended e
CROSS JOIN LATERAL (VALUES (-1, e."on"), (1, e.day)) w(quantity, day)
WHERE
    date_part('year', e."on") <> date_part('year', e.day)
    AND NOT EXISTS (
        SELECT 1 FROM attributions_balancecorrection b
        JOIN flux_flowentry f ON f.id = b.entry_id AND f.stage = 'REFUSED'
        WHERE b.vacancy_id = e.vacancy_id AND b.holder_id = e.holder_id
    )
ORDER BY e.ledger_id, e.id, w.quantity;
