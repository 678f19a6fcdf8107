"""What the balances of the past lacked: units offered, delays lapsed, and the folds of all that was written before."""

from django.db import migrations

from flux import fold

#: A routing offered its unit; one that closed without counting took it back, unless the convention said « proposé ».
OFFERED = """
INSERT INTO flux_flowentry (ledger_id, holder_id, vacancy_id, stage, quantity, side, "on", recorded_at)
SELECT e.ledger_id, e.holder_id, e.vacancy_id, 'OFFERED', e.quantity, '', e."on", e.recorded_at
FROM flux_flowentry e JOIN flux_vacancy v ON v.id = e.vacancy_id AND v.ledger_id = e.ledger_id
WHERE e.stage = 'ROUTED' ORDER BY e.id
"""
RETURNS = """
INSERT INTO flux_flowentry (ledger_id, holder_id, vacancy_id, stage, quantity, side, "on", recorded_at)
SELECT v.ledger_id, g.holder_id, v.id, 'OFFERED', CASE WHEN r.offered THEN 1 ELSE -1 END, '', (r.returned_at AT TIME ZONE 'Europe/Paris')::date, now()
FROM flux_return r JOIN flux_routing g ON g.id = r.routing_id JOIN flux_vacancy v ON v.id = g.vacancy_id
WHERE v.cancelled_at IS NULL AND v.ledger_id IS NOT NULL AND r.offered <> r.counted ORDER BY r.id
"""
LAPSED = """
INSERT INTO flux_flowentry (ledger_id, holder_id, vacancy_id, stage, quantity, side, "on", recorded_at)
SELECT v.ledger_id, g.holder_id, v.id, 'LAPSED', 1, '', (r.returned_at AT TIME ZONE 'Europe/Paris')::date, now()
FROM flux_return r JOIN flux_routing g ON g.id = r.routing_id JOIN flux_vacancy v ON v.id = g.vacancy_id
WHERE v.cancelled_at IS NULL AND v.ledger_id IS NOT NULL AND r.reason = 'NO_CANDIDATE' ORDER BY r.id
"""

FOLDS = [
    fold.upsert(*fold.CELLS, fold.cells_of("flux_flowentry")),
    fold.upsert(*fold.MONTHS, fold.months_of("flux_flowentry")),
    fold.upsert(*fold.COUNTS, fold.counts_of()),
]


class Migration(migrations.Migration):
    dependencies = [("flux", "0018_folds")]

    operations = [
        migrations.RunSQL([*FOLDS, OFFERED, RETURNS, LAPSED], migrations.RunSQL.noop),
    ]
