"""The figures of an annual balance counted apart, from the acts: routings, returns, designations, ends of candidatures,
leases, corrections of a line, and the units as they are today. No fold, no query of the product and none of its
categories is used here.

What only entries know, who a committee gave the unit to, is read from them one by one.
"""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import connection

#: {axis: {holder id: {category: {measure: count}}}}.
Tables = dict[str, dict[int, dict[str, dict[str, int]]]]

CODES = Path(__file__).parent.parent.parent / "flux" / "data" / "finan_codes.csv"

#: One row an act: what it is, whose, of which vacancy, how many.
ACTS = """
WITH let AS (
    SELECT v.id, v.unit_id, l.id AS ledger_id, l.kind
    FROM flux_vacancy v JOIN flux_ledger l ON l.id = v.ledger_id
    WHERE v.cancelled_at IS NULL AND l.landlord_id = %(landlord)s AND l.exercise = %(year)s
), acts AS (
    SELECT 'offered' AS act, r.holder_id, r.vacancy_id, 1 AS times
    FROM flux_routing r LEFT JOIN flux_return g ON g.routing_id = r.id
    WHERE r.closed_at IS NULL OR g.offered
    UNION ALL
    SELECT 'returned', r.holder_id, r.vacancy_id, 1 FROM flux_return g JOIN flux_routing r ON r.id = g.routing_id
    UNION ALL
    SELECT 'lapsed', r.holder_id, r.vacancy_id, 1 FROM flux_return g JOIN flux_routing r ON r.id = g.routing_id
    WHERE g.reason = 'NO_CANDIDATE'
    UNION ALL
    SELECT 'designated', r.holder_id, r.vacancy_id, 1 FROM flux_routing r
    WHERE EXISTS (SELECT 1 FROM attributions_designation d WHERE d.routing_id = r.id) OR r.answered_on IS NOT NULL
    UNION ALL
    SELECT 'refused', r.holder_id, r.vacancy_id, 1 FROM attributions_proposalend e
    JOIN attributions_proposal p ON p.id = e.proposal_id JOIN flux_routing r ON r.id = p.routing_id
    WHERE p.designation_id IS NOT NULL AND e.reason <> 'RECORDED_BY_MISTAKE'
    UNION ALL
    SELECT 'allocated', e.holder_id, e.vacancy_id, e.quantity FROM flux_flowentry e JOIN let ON let.id = e.vacancy_id
    WHERE e.stage = 'ALLOCATED' AND e.ledger_id = let.ledger_id
    UNION ALL
    SELECT 'leased', r.holder_id, s.vacancy_id, 1 FROM attributions_lease s JOIN flux_routing r ON r.id = s.routing_id
    WHERE s.cancelled_at IS NULL
    UNION ALL
    SELECT lower(e.stage), e.holder_id, e.vacancy_id, e.quantity FROM attributions_balancecorrection b
    JOIN flux_flowentry e ON e.id = b.entry_id
)
SELECT acts.act, let.kind = 'FIRST_LETTING', acts.holder_id, {category}, sum(acts.times)::bigint
FROM acts JOIN let ON let.id = acts.vacancy_id JOIN flux_unit u ON u.id = let.unit_id
JOIN reservations_territory c ON c.id = u.commune_id
GROUP BY 1, 2, 3, 4 HAVING sum(acts.times) <> 0
"""

CATEGORIES = {
    "TYPOLOGY": "CASE WHEN u.rooms > 5 THEN 'T6+' ELSE 'T' || u.rooms END",
    "FINANCING": "u.financing_code",
    "QPV": "CASE u.in_qpv WHEN TRUE THEN 'en QPV' WHEN FALSE THEN 'hors QPV' ELSE '' END",
    "COMMUNE": "c.code",
    "PERIOD": (
        "CASE WHEN u.construction_year < 1949 THEN 'avant 1949' WHEN u.construction_year < 1975 THEN '1949-1974' "
        "WHEN u.construction_year < 2000 THEN '1975-1999' WHEN u.construction_year >= 2000 THEN 'depuis 2000' "
        "ELSE '' END"
    ),
}

#: What a first letting counts as, beside the flow.
FIRST = {"offered": "first_lettings", "allocated": "first_allocated", "leased": "first_leased"}


def tables(landlord: int, year: int) -> Tables:
    """The five tables of a landlord (id) and a year, nothing where nothing was counted. A query an axis."""
    with CODES.open(encoding="utf-8", newline="") as lines:
        groups = {row["FINAN"]: row["groupe"] for row in csv.DictReader(lines)}
    found: Tables = {}
    with connection.cursor() as cursor:
        for axis, category in CATEGORIES.items():
            cursor.execute(ACTS.replace("{category}", category), {"landlord": landlord, "year": year})
            of = found.setdefault(axis, {})
            for act, first, holder, raw, times in cursor.fetchall():
                measure = FIRST.get(act) if first else act
                if measure is None:
                    continue
                name = groups.get(raw, "") if axis == "FINANCING" else raw
                counts = of.setdefault(holder, {}).setdefault(name, {})
                counts[measure] = counts.get(measure, 0) + times
    return found


OWED = """
SELECT e.holder_id, sum(e.quantity) FILTER (WHERE e.stage IN ('DUE', 'CARRIED', 'FORFEITED', 'TRANSFERRED'))::bigint,
    sum(e.quantity) FILTER (WHERE e.stage IN ('ROUTED', 'AWAITING'))::bigint
FROM flux_flowentry e JOIN flux_ledger l ON l.id = e.ledger_id
WHERE l.landlord_id = %s AND l.exercise = %s AND l.kind = 'ORDINARY' GROUP BY 1
"""


def accounts(landlord: int, year: int) -> dict[int, tuple[int, int]]:
    """By holder (id), what was due, in millionths, and received, from the entries one by one."""
    with connection.cursor() as cursor:
        cursor.execute(OWED, [landlord, year])
        return {holder: (due or 0, received or 0) for holder, due, received in cursor.fetchall()}


VACATED = """
SELECT v.kind, count(*) FROM flux_vacancy v JOIN flux_unit u ON u.id = v.unit_id
WHERE v.cancelled_at IS NULL AND u.landlord_id = %s AND extract(year FROM v.registered_on) = %s GROUP BY 1
"""


def vacated(landlord: int, year: int) -> dict[str, int]:
    """What fell vacant, by class."""
    with connection.cursor() as cursor:
        cursor.execute(VACATED, [landlord, year])
        return dict(cursor.fetchall())
