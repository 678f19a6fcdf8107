"""The leases that objectives count otherwise since the balance of their year was sealed (docs/decisions/0137)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from attributions.bilan.models import Objective
from attributions.bilan.moved import Cause, Seal
from reservations.models import ReservationHolder, Territory

#: What a rule asks of a lease.
CONDITIONS = ("among", "counted", "unknown", "unplaced")

#: The leases of a sealed year that may count otherwise since, bounded by what was written last before the seal; then
#: whether each counts, and under which district and commune, today and as it was sealed.
MOVED = """
WITH seal AS (
    SELECT
        s.*,
        (SELECT i.row_id FROM reservations_imprint i WHERE i.table_name = 'attributions_lease' AND i.id < s.mark
         ORDER BY i.row_id DESC LIMIT 1) AS lease_floor,
        (SELECT i.row_id FROM reservations_imprint i WHERE i.table_name = 'flux_unitdescription' AND i.id < s.mark
         ORDER BY i.row_id DESC LIMIT 1) AS description_floor
    FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::bigint[]) AS s (landlord_id, departement_id, year, mark)
), chosen AS (
    SELECT s.landlord_id, s.departement_id, s.year, s.mark, l.id
    FROM seal s
    JOIN attributions_lease l
        ON l.signed_on BETWEEN make_date(s.year, 1, 1) AND make_date(s.year, 12, 31)
        AND (l.id > coalesce(s.lease_floor, 0) OR l.cancelled_at IS NOT NULL)
    UNION
    SELECT s.landlord_id, s.departement_id, s.year, s.mark, l.id
    FROM seal s
    JOIN flux_unitdescription n ON n.corrects_id IS NOT NULL AND n.id > coalesce(s.description_floor, 0)
    JOIN flux_vacancy v ON v.unit_id = n.unit_id
    JOIN attributions_lease l
        ON l.vacancy_id = v.id AND l.signed_on BETWEEN make_date(s.year, 1, 1) AND make_date(s.year, 12, 31)
), placed AS (
    SELECT
        c.*, l.in_qpv, v.description_id AS fell_under, d.commune_id,
        coalesce(
            (SELECT e.description_id FROM flux_flowentry e
             WHERE e.vacancy_id = v.id AND e.stage = 'LEASED' AND e.acted_on = l.signed_on ORDER BY e.id LIMIT 1),
            flux_described_on(v.unit_id, l.signed_on)
        ) AS let_under,
        l.cancelled_at IS NULL AS counts,
        coalesce((SELECT min(i.id) FROM reservations_imprint i
                  WHERE i.table_name = 'attributions_lease' AND i.row_id = l.id), 0) < c.mark
        AND (
            l.cancelled_at IS NULL
            OR (SELECT max(i.id) FROM reservations_imprint i
                WHERE i.table_name = 'attributions_lease' AND i.row_id = l.id) > c.mark
        ) AS counted
    FROM chosen c
    JOIN attributions_lease l ON l.id = c.id
    JOIN flux_vacancy v ON v.id = l.vacancy_id AND v.landlord_id = c.landlord_id
    JOIN flux_unitdescription d ON d.id = v.description_id
    JOIN reservations_territory t ON t.id = d.commune_id AND t.departement_id = c.departement_id
)
SELECT
    p.landlord_id, p.departement_id, p.year, p.id, p.counts, p.counted,
    CASE WHEN p.in_qpv IS NOT DISTINCT FROM n.in_qpv THEN w.in_qpv ELSE p.in_qpv END, f.commune_id,
    p.commune_id
FROM placed p
JOIN flux_unitdescription n ON n.id = p.let_under
JOIN flux_unitdescription w ON w.id = {let_under}
JOIN flux_unitdescription f ON f.id = {fell_under}
WHERE p.counts OR p.counted
ORDER BY p.id
"""
#: The description that a later one took the place of, as it was when a balance was sealed.
SEALED = """(
    WITH RECURSIVE back AS (
        SELECT p.{column} AS id
        UNION ALL
        SELECT o.corrects_id FROM back k JOIN flux_unitdescription o ON o.id = k.id
        WHERE o.corrects_id IS NOT NULL AND (
            SELECT min(i.id) FROM reservations_imprint i
            WHERE i.table_name = 'flux_unitdescription' AND i.row_id = k.id
        ) > p.mark
    )
    SELECT min(k.id) FROM back k
)"""


@dataclass(frozen=True, slots=True)
class Then:
    """A lease (id) that may count otherwise since a seal. `counts`: does it today? `counted`: did it? `in_qpv` and
    `commune` (id): those under which it did; `commune_today`: that under which it does."""

    seal: Seal
    lease: int
    counts: bool
    counted: bool
    in_qpv: bool | None
    commune: int
    commune_today: int


@dataclass(frozen=True, slots=True)
class LeaseChange:
    """A lease, and what it moved of each objective since the seal: to be added to what was sealed, with its sign."""

    landlord: int
    departement: str
    cause: Cause
    lease: int
    unit: str
    signed_on: date
    commune: Territory
    holder: ReservationHolder | None
    moved: Mapping[Objective.Code, Any]


@dataclass(frozen=True, slots=True)
class LeasesSince:
    """What the seals of a year leave out of its objectives, in what a person reads. `rows`: to be added to the grouped
    counts of today, to read them as sealed; `changes`: the reverse, lease by lease."""

    seals: tuple[Seal, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    changes: tuple[LeaseChange, ...] = ()


NOTHING_SINCE = LeasesSince()
