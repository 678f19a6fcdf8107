"""What is read of recounts.

* The figures of an annual balance counted apart, by the day of each act: routings, returns, designations, ends of
  candidatures, leases, corrections of a line. No fold, no query of a screen and none of its categories is used here:
  the one is the control of the other (`./run manage recount_balance`, `./run bench balance`).
* What only entries know, who a committee gave the unit to, is read from them one by one; the day of a refusal is that
  of the decision or of the offer, not the one that the end of a candidature copies.
* The years that the night counts again, act by act, and where a balance states another figure (`recount`).
* A night does not count everything: the years in which an act was written since the night before, whatever they are;
  then those still open, this one and the one before, a seventh of the landlords each night.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef
from django.db.models.functions import ExtractYear
from django.utils import timezone

from attributions.bilan.queries.balance import balance
from flux.models import FlowCell, FlowEntry, Ledger
from flux.queries.controls.accounts import Check, Difference
from reservations.models import Landlord

#: {axis: {holder id: {category: {measure: count}}}}.
Tables = dict[str, dict[int, dict[str, dict[str, int]]]]

CODES = Path(__file__).parents[3] / "flux" / "data" / "finan_codes.csv"

#: One row an act: what it is, whose, of which vacancy, on which day in France, how many; then those of one year, under
#: the description of that day.
ACTS = """
WITH let AS NOT MATERIALIZED (
    SELECT v.id, v.unit_id, l.id AS ledger_id, l.kind
    FROM flux_vacancy v JOIN flux_ledger l ON l.id = v.ledger_id
    WHERE v.cancelled_at IS NULL AND l.landlord_id = %(landlord)s
), routed AS NOT MATERIALIZED (
    SELECT r.*, (r.routed_at AT TIME ZONE 'Europe/Paris')::date AS day FROM flux_routing r
), acts AS (
    SELECT 'offered' AS act, r.holder_id, r.vacancy_id, r.day, 1 AS times
    FROM routed r LEFT JOIN flux_return g ON g.routing_id = r.id
    WHERE r.closed_at IS NULL OR g.offered
    UNION ALL
    SELECT 'returned', r.holder_id, r.vacancy_id, (g.returned_at AT TIME ZONE 'Europe/Paris')::date, 1
    FROM flux_return g JOIN routed r ON r.id = g.routing_id
    UNION ALL
    SELECT 'lapsed', r.holder_id, r.vacancy_id, (g.returned_at AT TIME ZONE 'Europe/Paris')::date, 1
    FROM flux_return g JOIN routed r ON r.id = g.routing_id WHERE g.reason = 'NO_CANDIDATE'
    UNION ALL
    SELECT 'designated', r.holder_id, r.vacancy_id, coalesce(r.answered_on, sent.day), 1
    FROM routed r LEFT JOIN (
        SELECT d.routing_id, min((d.sent_at AT TIME ZONE 'Europe/Paris')::date) AS day
        FROM attributions_designation d GROUP BY 1
    ) sent ON sent.routing_id = r.id
    WHERE r.answered_on IS NOT NULL OR sent.day IS NOT NULL
    UNION ALL
    SELECT 'refused', r.holder_id, r.vacancy_id, coalesce(CASE
        WHEN e.side = 'COMMITTEE' THEN decided.day
        WHEN e.reason = 'CONDITION_NOT_MET' THEN decided.due + 1
        WHEN e.reason = 'NO_ANSWER' THEN offered.until + 1
        WHEN e.reason IN ('UNIT_REFUSED', 'AREA_REFUSED', 'RENT_REFUSED') THEN offered.answered_on
    END, (e.recorded_at AT TIME ZONE 'Europe/Paris')::date), 1
    FROM attributions_proposalend e
    JOIN attributions_proposal p ON p.id = e.proposal_id JOIN routed r ON r.id = p.routing_id
    LEFT JOIN LATERAL (
        SELECT max(d.decided_on) AS day, max(d.document_due_on) AS due FROM attributions_casedecision d
        WHERE d.proposal_id = p.id AND d.superseded_at IS NULL
    ) decided ON true
    LEFT JOIN LATERAL (
        SELECT max(o.answer_by) AS until, max(o.answered_on) AS answered_on FROM attributions_offer o
        WHERE o.proposal_id = p.id AND o.answer IN ('REFUSED', 'SILENT')
    ) offered ON true
    WHERE p.designation_id IS NOT NULL AND e.reason <> 'RECORDED_BY_MISTAKE'
    UNION ALL
    -- What was undone and typed again counts on the day that was typed last.
    SELECT 'allocated', e.holder_id, e.vacancy_id,
        (array_agg(e."on" ORDER BY e.id DESC) FILTER (WHERE e.quantity > 0))[1], 1
    FROM flux_flowentry e JOIN let ON let.id = e.vacancy_id
    WHERE e.stage = 'ALLOCATED' AND e.ledger_id = let.ledger_id
    GROUP BY e.holder_id, e.vacancy_id HAVING sum(e.quantity) > 0
    UNION ALL
    SELECT 'leased', r.holder_id, s.vacancy_id, s.signed_on, 1
    FROM attributions_lease s JOIN routed r ON r.id = s.routing_id WHERE s.cancelled_at IS NULL
    UNION ALL
    SELECT lower(e.stage), e.holder_id, e.vacancy_id, e."on", e.quantity FROM attributions_balancecorrection b
    JOIN flux_flowentry e ON e.id = b.entry_id
)
SELECT acts.act, let.kind = 'FIRST_LETTING', acts.holder_id, sum(acts.times)::bigint, {categories}
FROM acts JOIN let ON let.id = acts.vacancy_id
JOIN LATERAL (
    SELECT d.* FROM flux_unitdescription d WHERE d.unit_id = let.unit_id AND d.since <= acts.day
    ORDER BY d.since DESC, d.id DESC LIMIT 1
) u ON true
JOIN reservations_territory c ON c.id = u.commune_id
WHERE extract(year FROM acts.day) = %(year)s
GROUP BY 1, 2, 3, {categories} HAVING sum(acts.times) <> 0
"""

CATEGORIES = {
    "TYPOLOGY": "CASE WHEN u.rooms > 5 THEN 'T6+' ELSE 'T' || u.rooms END",
    "FINANCING": "u.financing_code",
    "QPV": "CASE u.in_qpv WHEN TRUE THEN 'en QPV' WHEN FALSE THEN 'hors QPV' ELSE '' END",
    "COMMUNE": "c.code",
    "PERIOD": "coalesce(u.construction_year::text, '')",
}

#: The last years of the periods, on the last day of the year, of a landlord in the only département and région of its
#: accounts: of its own, of its département, of its région, of everybody.
CUT = """
WITH places AS (
    SELECT t.id, t.region_id, count(*) OVER () AS many
    FROM reservations_territory t
    WHERE t.id IN (SELECT l.departement_id FROM flux_ledger l WHERE l.landlord_id = %(landlord)s)
)
SELECT c.bounds FROM flux_periodcut c LEFT JOIN places p ON p.many = 1 AND c.territory_id IN (p.id, p.region_id)
WHERE (c.landlord_id IS NULL OR c.landlord_id = %(landlord)s) AND (c.territory_id IS NULL OR p.id IS NOT NULL)
    AND c.starts_on <= make_date(%(year)s, 12, 31)
ORDER BY c.landlord_id IS NOT NULL DESC, (c.territory_id = p.id) DESC NULLS LAST, c.starts_on DESC, c.id DESC LIMIT 1
"""

#: What a first letting counts as, beside the flow.
FIRST = {"offered": "first_lettings", "allocated": "first_allocated", "leased": "first_leased"}


def tables(landlord: int, year: int) -> Tables:
    """The five tables of what was done in a year by a landlord (id), nothing where nothing was counted. One query, over
    every act: for a control, not for screens."""
    with CODES.open(encoding="utf-8", newline="") as lines:
        groups = {row["FINAN"]: row["groupe"] for row in csv.DictReader(lines)}
    found: Tables = {}
    with connection.cursor() as cursor:
        cursor.execute(CUT, {"landlord": landlord, "year": year})
        cut: list[int] = cursor.fetchone()[0]
        cursor.execute(
            ACTS.replace("{categories}", ", ".join(CATEGORIES.values())), {"landlord": landlord, "year": year}
        )
        for axis in CATEGORIES:
            found[axis] = {}
        for act, first, holder, times, *raws in cursor.fetchall():
            measure = FIRST.get(act) if first else act
            if measure is None:
                continue
            for axis, raw in zip(CATEGORIES, raws, strict=True):
                name = groups.get(raw, "") if axis == "FINANCING" else _period(raw, cut) if axis == "PERIOD" else raw
                counts = found[axis].setdefault(holder, {}).setdefault(name, {})
                counts[measure] = counts.get(measure, 0) + times
    return {axis: {holder: _counted(row) for holder, row in rows.items()} for axis, rows in found.items()}


def _counted(row: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Without what sums to nothing: a correction of one description, and its opposite of another."""
    kept = {name: {measure: times for measure, times in counts.items() if times} for name, counts in row.items()}
    return {name: counts for name, counts in kept.items() if counts}


def _period(year: str, cut: list[int]) -> str:
    """« 1949-1974 », from the year of a description; "" when it does not say it."""
    if not year:
        return ""
    before, after = ([each for each in cut if each < int(year)], [each for each in cut if each >= int(year)])
    if not before:
        return f"avant {after[0] + 1}"
    return f"{before[-1] + 1}-{after[0]}" if after else f"depuis {before[-1] + 1}"


def read_tables(cells: Any) -> Tables:
    """The same, from the cells that the pages read."""
    return {
        axis: {
            holder: {
                category: {name: count for name, count in measures.as_json().items() if count}
                for category, measures in row.items()
                if measures
            }
            for holder, row in cells.of(axis).items()
            if any(row.values())
        }
        for axis in CATEGORIES
    }


def differences(one: Tables, other: Tables) -> list[tuple[str, int, str, str, int, int]]:
    """(axis, holder id, category, measure, count of one, count of the other) of each cell that differs."""
    flat = [
        {
            (axis, holder, category, measure): count
            for axis, rows in tables.items()
            for holder, row in rows.items()
            for category, counts in row.items()
            for measure, count in counts.items()
        }
        for tables in (one, other)
    ]
    return [
        (*key, flat[0].get(key, 0), flat[1].get(key, 0))
        for key in sorted({*flat[0], *flat[1]})
        if flat[0].get(key, 0) != flat[1].get(key, 0)
    ]


#: Nights in which every landlord is counted again, for the years still open.
SLICES = 7
#: Cells that an alert names, of one holder.
CELLS = 12
#: Stages that the cells of a balance count.
COUNTED = tuple(name.upper() for name in FlowCell.MEASURES)
#: What was written since the night before, and the hour that it may be late.
SINCE = timedelta(hours=25)


def to_recount(now: datetime) -> list[tuple[int, int]]:
    """(landlord id, year of the acts) of what this night counts again, in order. Two queries."""
    today = timezone.localdate(now)
    moved = FlowEntry.objects.filter(recorded_at__gte=now - SINCE, stage__in=COUNTED).order_by()
    years = moved.annotate(year=ExtractYear("acted_on")).values_list("ledger__landlord", "year").distinct()
    lived = Ledger.objects.filter(landlord=OuterRef("pk"), exercise__gte=today.year - 1)
    living = Landlord.objects.filter(Exists(lived)).order_by("pk").values_list("pk", flat=True)
    turn = [pk for pk in living if pk % SLICES == today.toordinal() % SLICES]
    return sorted({*years} | {(pk, year) for pk in turn for year in (today.year - 1, today.year)})


def cells_recounted(now: datetime) -> Iterator[Difference]:
    """Where the balance of a year that this night counts again states another figure than its acts, counted one by one:
    one difference a landlord, year and holder. Two queries, and those of a balance, for each."""
    landlords = Landlord.objects.in_bulk()
    for landlord, year in to_recount(now):
        read = read_tables(balance(landlords[landlord], year, live=True).cells)
        wrong: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
        for axis, holder, category, measure, recounted, shown in differences(tables(landlord, year), read):
            wrong[holder].append((f"{axis.lower()}/{category}/{measure}", recounted, shown))
        for holder, cells in sorted(wrong.items()):
            expected = {name: recounted for name, recounted, _ in cells[:CELLS]}
            found = {name: shown for name, _, shown in cells[:CELLS]}
            yield Difference(None, Check.RECOUNT, expected, found | {"year": year}, holder=holder, landlord=landlord)
