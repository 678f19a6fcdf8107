"""What the balances of the past lacked of their households: candidates designated, candidates refused, by whom."""

from django.db import migrations

#: Once for each routing whose candidates were sent, not all by mistake, or received in another tool.
DESIGNATED = """
INSERT INTO flux_flowentry (ledger_id, holder_id, vacancy_id, stage, quantity, side, "on", recorded_at)
SELECT v.ledger_id, g.holder_id, v.id, 'DESIGNATED', 1, '',
    coalesce((d.sent_at AT TIME ZONE 'Europe/Paris')::date, g.answered_on), now()
FROM flux_routing g JOIN flux_vacancy v ON v.id = g.vacancy_id
LEFT JOIN (
    SELECT p.routing_id, min(s.sent_at) AS sent_at FROM attributions_proposal p
    JOIN attributions_designation s ON s.id = p.designation_id
    WHERE NOT EXISTS (
        SELECT 1 FROM attributions_proposalend x WHERE x.proposal_id = p.id AND x.reason = 'RECORDED_BY_MISTAKE'
    )
    GROUP BY p.routing_id
) d ON d.routing_id = g.id
WHERE v.cancelled_at IS NULL AND v.ledger_id IS NOT NULL AND (d.sent_at IS NOT NULL OR g.answered_on IS NOT NULL)
ORDER BY g.id
"""
REFUSED = """
INSERT INTO flux_flowentry (ledger_id, holder_id, vacancy_id, stage, quantity, side, "on", recorded_at)
SELECT v.ledger_id, g.holder_id, v.id, 'REFUSED', 1, x.side, x."on", now()
FROM attributions_proposalend x JOIN attributions_proposal p ON p.id = x.proposal_id
JOIN flux_routing g ON g.id = p.routing_id JOIN flux_vacancy v ON v.id = p.vacancy_id
WHERE v.cancelled_at IS NULL AND v.ledger_id IS NOT NULL AND p.designation_id IS NOT NULL
    AND x.reason <> 'RECORDED_BY_MISTAKE'
ORDER BY x.id
"""


class Migration(migrations.Migration):
    dependencies = [("attributions", "0010_annual_balance"), ("flux", "0019_folds_filled")]

    operations = [migrations.RunSQL([DESIGNATED, REFUSED], migrations.RunSQL.noop)]
