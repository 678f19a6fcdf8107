"""Spans between two steps of units, counted where they are stored: one reading of the rows of each.

Each step is told as (vacancy, routing, day, id of its row), as `attributions.households.queries.steps` tells it
unit by unit; what a person reads of one unit and what is measured of all are held together by a test.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from attributions.households.queries.steps import StepKind
from flux.models import Vacancy

#: Steps of the unit itself: it has them once, before any routing.
OF_THE_UNIT = (StepKind.NOTICE, StepKind.REGISTERED)

#: Each as rows of (vacancy, routing, day, id) among `units`.
STEPS = {
    StepKind.NOTICE: "SELECT id, NULL::bigint, notice_on, 0::bigint FROM units",
    StepKind.REGISTERED: "SELECT id, NULL::bigint, registered_on, 0::bigint FROM units",
    StepKind.ROUTED: """
        SELECT r.vacancy_id, r.id, (r.routed_at AT TIME ZONE %(zone)s)::date, r.id
        FROM flux_routing r JOIN units u ON u.id = r.vacancy_id""",
    StepKind.SENT: """
        SELECT d.vacancy_id, d.routing_id, (d.sent_at AT TIME ZONE %(zone)s)::date, d.id
        FROM attributions_designation d JOIN units u ON u.id = d.vacancy_id
        WHERE EXISTS (SELECT 1 FROM attributions_proposal p WHERE p.designation_id = d.id)""",
    StepKind.READY: """
        SELECT p.vacancy_id, p.routing_id, (max(p.ready_at) AT TIME ZONE %(zone)s)::date, 0::bigint
        FROM attributions_proposal p JOIN units u ON u.id = p.vacancy_id
        WHERE p.designation_id IS NOT NULL
        GROUP BY p.vacancy_id, p.routing_id
        HAVING max(p.ready_at) IS NOT NULL AND NOT bool_or(p.ready_at IS NULL AND p.status = 'SENT')""",
    StepKind.COMMITTEE: """
        SELECT i.vacancy_id, i.routing_id, (s.held_at AT TIME ZONE %(zone)s)::date, i.id
        FROM attributions_agendaitem i JOIN units u ON u.id = i.vacancy_id
        JOIN attributions_committeesession s ON s.id = i.session_id
        WHERE s.opened_at IS NOT NULL AND i.postponed_at IS NULL""",
    StepKind.DECIDED: """
        SELECT i.vacancy_id, i.routing_id, min(d.decided_on), i.id
        FROM attributions_casedecision d JOIN attributions_agendaitem i ON i.id = d.item_id
        JOIN units u ON u.id = i.vacancy_id
        GROUP BY i.vacancy_id, i.routing_id, i.id""",
    StepKind.OFFERED: """
        SELECT p.vacancy_id, p.routing_id, o.sent_on, o.id
        FROM attributions_offer o JOIN attributions_proposal p ON p.id = o.proposal_id
        JOIN units u ON u.id = p.vacancy_id""",
    StepKind.ANSWERED: """
        SELECT p.vacancy_id, p.routing_id, o.answered_on, o.id
        FROM attributions_offer o JOIN attributions_proposal p ON p.id = o.proposal_id
        JOIN units u ON u.id = p.vacancy_id
        WHERE o.answered_on IS NOT NULL AND o.answer <> 'CANCELLED'""",
    StepKind.LEASED: """
        SELECT l.vacancy_id, l.routing_id, l.signed_on, l.id
        FROM attributions_lease l JOIN units u ON u.id = l.vacancy_id
        WHERE l.cancelled_at IS NULL""",
}

#: What a table has a row for, of the unit (`u`) and of the routing (`r`, which may be none).
PLACES = {
    "HOLDER": "r.holder_id",
    "LANDLORD": "u.landlord_id",
    "COMMUNE": "u.commune_id",
    "EPCI": "(SELECT t.epci_id FROM reservations_territory t WHERE t.id = u.commune_id)",
}

#: The first step of a unit, or of each of its routings; then the first to follow it there.
SPANS = """
WITH units AS MATERIALIZED ({units}),
begun AS (
    SELECT DISTINCT ON (vacancy, part) vacancy, part, day
    FROM (SELECT vacancy, {part} AS part, day, row FROM ({start}) s (vacancy, routing, day, row)) s
    ORDER BY vacancy, part, day, row
),
spans AS (
    SELECT DISTINCT ON (b.vacancy, b.part) b.vacancy, e.routing, b.day AS since, e.day AS until
    FROM begun b
    JOIN (SELECT vacancy, routing, {part} AS part, day, row FROM ({end}) s (vacancy, routing, day, row)) e
        ON e.vacancy = b.vacancy AND e.part = b.part AND e.day >= b.day
    ORDER BY b.vacancy, b.part, e.day, coalesce(e.routing, 0), e.row
)
SELECT {place}, s.since, s.until, coalesce(c.local_holidays, false), count(*)
FROM spans s
JOIN units u ON u.id = s.vacancy
LEFT JOIN flux_routing r ON r.id = s.routing
LEFT JOIN reservations_convention c ON c.id = r.convention_id
{own}
GROUP BY 1, 2, 3, 4
"""

COUNTED = """
WITH units AS MATERIALIZED ({units})
SELECT {place}, count(*) FILTER (WHERE t.sent), count(*) FILTER (WHERE NOT t.sent)
FROM (
    SELECT p.vacancy_id, p.routing_id, true AS sent FROM attributions_proposal p
    JOIN units u ON u.id = p.vacancy_id WHERE p.designation_id IS NOT NULL
    UNION ALL
    SELECT l.vacancy_id, l.routing_id, false FROM attributions_lease l
    JOIN units u ON u.id = l.vacancy_id WHERE l.cancelled_at IS NULL AND l.proposal_id IS NOT NULL
) t
JOIN units u ON u.id = t.vacancy_id
LEFT JOIN flux_routing r ON r.id = t.routing_id
{own}
GROUP BY 1
"""

#: Of the routings of one organisation, or of those that it acts for.
OWN = """
JOIN reservations_reservationholder h ON h.id = r.holder_id
    AND (h.organisation_id = %(organisation)s OR r.acting_id = %(organisation)s)
"""


@dataclass(frozen=True, slots=True)
class Span:
    """So many units of one place (id; None for none) that went from a step to the other between two days; `local`:
    those of a convention with the holidays of Alsace-Moselle."""

    place: int | None
    since: date
    until: date
    local: bool
    units: int


def spans(
    vacancies: QuerySet[Vacancy], start: StepKind, end: StepKind, place: str, *, organisation: int | None = None
) -> list[Span]:
    """The spans of these vacancies; of the routings of one organisation (id) alone when it is given. One query."""
    part = "0" if start in OF_THE_UNIT else "coalesce(routing, 0)"
    text = SPANS.replace("{start}", STEPS[start]).replace("{end}", STEPS[end]).replace("{part}", part)
    return [Span(*row) for row in _asked(text, vacancies, place, organisation)]


def counts(
    vacancies: QuerySet[Vacancy], place: str, *, organisation: int | None = None
) -> dict[int | None, tuple[int, int]]:
    """By place (id), how many candidates were sent, and how many leases followed of candidates told here. One query."""
    return {where: (sent, leases) for where, sent, leases in _asked(COUNTED, vacancies, place, organisation)}


def _asked(text: str, vacancies: QuerySet[Vacancy], place: str, organisation: int | None) -> Collection[tuple]:  # type: ignore[type-arg]
    units = vacancies.order_by().values("id", "landlord_id", "notice_on", "registered_on", "commune_id")
    compiled, given = units.query.sql_with_params()
    named = {f"unit_{number}": value for number, value in enumerate(given)}
    compiled = compiled % tuple(f"%({name})s" for name in named)
    text = text.replace("{units}", compiled).replace("{place}", PLACES[place])
    text = text.replace("{own}", OWN if organisation is not None else "")
    with connection.cursor() as cursor:
        cursor.execute(text, {**named, "zone": settings.TIME_ZONE, "organisation": organisation})
        return list(cursor.fetchall())
