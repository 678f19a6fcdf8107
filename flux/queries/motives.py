"""Sending units elsewhere: the destinations that they may have, and the motives that a person gave before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from flux.models import Routing, Vacancy
from flux.queries.ranking import RankRow, ranking_of
from flux.queries.vacancies import returned_by, standing
from reservations.models import Landlord, User

#: Motives offered again, among the latest decisions of a person.
OFFERED, AMONG = 3, 20


def motives_of(by: User) -> QuerySet[Routing]:
    """The decisions of a person that have a motive, the latest first: by their own index (`routing_motive_of`)."""
    return Routing.objects.filter(routed_by=by).exclude(motive="").order_by("-pk")


def last_motives(by: User, landlord: Landlord) -> list[Routing]:
    """The latest motives that a person gave for a landlord, each once. One query, of `AMONG` rows at most."""
    recent = motives_of(by).select_related("vacancy")[:AMONG]
    found: dict[tuple[str, str], Routing] = {}
    for each in recent:
        if each.vacancy.landlord_id == landlord.pk:
            found.setdefault((each.motive, each.motive_text), each)
    return list(found.values())[:OFFERED]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where units may go: its place in the latest of their rankings, and how many of them may go there."""

    row: RankRow
    units: int


def destinations(vacancies: Iterable[Vacancy]) -> list[Destination]:
    """The destinations of vacancies `with_destinations` that wait for a person, other than the one recommended to each;
    the one that may take the most first, then as the rule ranks them. No query."""
    rows: dict[int, RankRow] = {}
    units = Counter[int]()
    for vacancy in vacancies:
        recommendation, _ = standing(vacancy)
        if recommendation is None:
            continue
        for row in ranking_of(recommendation, returned=returned_by(vacancy)).rows:
            if not row.returned and row.holder_id != recommendation.holder_id:
                rows[row.holder_id] = row
                units[row.holder_id] += 1
    found = [Destination(row, units[pk]) for pk, row in rows.items()]
    return sorted(found, key=lambda each: (-each.units, each.row.position, each.row.holder_id))
