"""What is read of the queue.

* The landlord's queue: what the worker has not reached yet, and what a person has to confirm.
* How long the queue has waited.
* Sending units elsewhere: the destinations that they may have, and the motives that a person gave before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, Min, Prefetch, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from flux.models import ExpectedHolder, GoLive, Recommendation, Routing, Vacancy
from flux.models.starting import first_day
from flux.models.unit import typology_of
from flux.models.vacancy import VacancyQuerySet
from flux.queries.conventions import bearing
from flux.queries.recommendations import RankRow, ranking_of
from flux.queries.vacancies import latest_routing, returned_by
from reservations.models import Landlord, Organisation, ReservationHolder, Territory, User
from reservations.queries.rights import OverCommitment, over_commitment_at, rights

#: Rows of one page of the queue.
PAGE = 50

#: Rows of a home page, which leads to the whole of it.
BRIEF = 4

#: Values of the destination filter for what has no recommendation yet: the worker will reach it, or it may not, or it
#: waits for other departures to be known, with a forecast, or for its landlord to begin.
WAITING, BLOCKED, FORESEEN, LATER = "waiting", "blocked", "foreseen", "later"
UNDECIDED = (WAITING, BLOCKED, FORESEEN, LATER)

#: Why a calculation will not come by itself: what a landlord has to mend first.
NO_CONVENTION, TOO_MUCH, NOT_LIVE = "no-convention", "too-much", "not-live"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One vacancy without open routing. `recommendation` is None while it is not decided: `excess` says why it will go
    on waiting, where the conventions promise over 100 %, `uncovered` where none is in force, `gone` when its unit left
    the stock, `later` when the landlord begins to route; `expected` where it would go, while it waits for other
    departures to be known; none of them while it waits for the worker. `days` in calendar days since registration."""

    vacancy: Vacancy
    recommendation: Recommendation | None
    excess: OverCommitment | None
    days: int
    expected: ExpectedHolder | None = None
    uncovered: bool = False
    gone: bool = False
    later: date | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, with how many vacancies of the whole queue have it; `words` "" for one of `UNDECIDED`."""

    value: str
    words: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of one landlord, in order of registration.

    `total`, `to_confirm`, `calculating` (that the worker will reach by itself), `foreseen` (that wait for other
    departures to be known, each with its forecast), `blocked` (where no convention is in force, or over 100 % is
    promised) and `oldest` (of those to confirm, calendar days since their decision; None without any) are those of the
    whole queue, whatever the filters; `rows` are those of the page that pass them. `filters` is the part of the address
    that keeps them; `all_checked` when the reader asked to tick every box; `is_brief` when the first rows stand for
    them.
    """

    rows: list[QueueRow]
    page: Page[int]
    total: int
    to_confirm: int
    calculating: int
    foreseen: int
    blocked: int
    oldest: int | None
    communes: list[Choice]
    typologies: list[Choice]
    destinations: list[Choice]
    filters: dict[str, str]
    all_checked: bool
    is_brief: bool = False


@dataclass(frozen=True, slots=True)
class Undecided:
    """What the filters read of one vacancy. `holder`: the name of who is recommended; `decided_on`: since when a person
    is awaited; None while nobody is. `starts_on`: the day on which its landlord begins to route; None for one that
    never chose."""

    pk: int
    commune: str
    commune_name: str
    typology: str
    destination: str
    rights_on: date
    holder: str = ""
    decided_on: date | None = None
    starts_on: date | None = None


def queue(
    landlord: Landlord,
    filters: Mapping[str, str],
    *,
    today: date,
    keys: Sequence[Undecided] | None = None,
    brief: bool = False,
) -> Queue:
    """Read a landlord's queue. Four queries, whatever its length, less those of its `undecided` vacancies when they are
    given; two more when some wait for the worker.

    `filters` (request.GET will do): `commune` (id), `typology` (T1…), `destination` (holder id, "waiting", "foreseen"
    or "blocked"), `page`, `check=all`; an unknown value filters nothing out and is dropped. `brief`: of a queue longer
    than `BRIEF` for which nothing is asked, its first rows, those that await a person first.
    """
    keys = undecided(landlord, today=today) if keys is None else keys
    communes = _choices(keys, filters, "commune", lambda key: key.commune_name)
    typologies = _choices(keys, filters, "typology", lambda key: key.typology)
    destinations = _choices(keys, filters, "destination", lambda key: key.holder)
    kept = {
        name: choice.value
        for name, choices in (("commune", communes), ("typology", typologies), ("destination", destinations))
        for choice in choices
        if choice.chosen
    }
    passing = [key.pk for key in keys if all(getattr(key, name) == value for name, value in kept.items())]
    is_brief = brief and len(keys) > BRIEF and not filters
    if is_brief:
        passing = [key.pk for key in sorted(keys, key=lambda key: key.decided_on is None)][:BRIEF]
    later = {key.pk: key.starts_on for key in keys if key.destination == LATER}
    pages = Paginator(passing, PAGE).get_page(filters.get("page"))
    decided = [key.decided_on for key in keys if key.decided_on is not None]
    return Queue(
        rows=_rows(landlord, pages.object_list, later, today),
        page=pages,
        total=len(keys),
        to_confirm=len(decided),
        calculating=sum(key.destination == WAITING for key in keys),
        foreseen=sum(key.destination == FORESEEN for key in keys),
        blocked=sum(key.destination == BLOCKED for key in keys),
        oldest=(today - min(decided)).days if decided else None,
        communes=communes,
        typologies=typologies,
        destinations=destinations,
        filters=kept,
        all_checked=filters.get("check") == "all",
        is_brief=is_brief,
    )


def calculating(landlord: Landlord, *, today: date) -> int:
    """How many units of a landlord the worker will reach by itself. One query, three when some wait."""
    return sum(key.destination == WAITING for key in _keys(landlord, today, Vacancy.objects.waiting()))


def blocked(landlord: Landlord, *, today: date) -> list[int]:
    """The units (vacancies, by id) of a landlord that no calculation will reach until a convention is mended. One
    query, three when some wait."""
    return blocked_of(_keys(landlord, today, Vacancy.objects.waiting()))


def blocked_of(keys: Iterable[Undecided]) -> list[int]:
    """The same, among vacancies that are read already. No query."""
    return [key.pk for key in keys if key.destination == BLOCKED]


def undecided(landlord: Landlord, *, today: date) -> Sequence[Undecided]:
    """Those of a landlord that wait to be decided or confirmed. One query, three when some wait for the worker."""
    return _keys(landlord, today, Vacancy.objects.to_decide())


def _keys(landlord: Landlord, today: date, vacancies: VacancyQuerySet) -> list[Undecided]:
    found = vacancies.filter(landlord=landlord).values_list(
        "pk",
        "unit__commune",
        "unit__commune__name",
        "unit__rooms",
        "recommendations__holder",
        "recommendations__holder__contingent",
        "recommendations__holder__organisation__name",
        "expected",
        Coalesce("covered_on", "registered_on"),
        "recommendations__recorded_at",
        first_day("landlord"),
    )
    keys = [
        Undecided(
            pk,
            str(commune),
            name,
            typology_of(rooms),
            _destination(holder, expected),
            rights_on,
            _holder(contingent, organisation) if holder else "",
            timezone.localdate(decided_at) if decided_at else None,
            starts_on,
        )
        for pk, commune, name, rooms, (
            holder,
            contingent,
            organisation,
        ), expected, rights_on, decided_at, starts_on in ((*row[:4], row[4:7], *row[7:]) for row in found)
    ]
    blocked = _blocked(landlord, [key for key in keys if key.destination == WAITING], today)
    return [
        replace(key, destination=LATER if blocked[key.pk] == NOT_LIVE else BLOCKED) if key.pk in blocked else key
        for key in keys
    ]


def _destination(recommended: int | None, expected: int | None) -> str:
    """The value of the destination filter, by ids: of the holder recommended, or of the forecast."""
    if recommended:
        return str(recommended)
    return FORESEEN if expected else WAITING


def _blocked(landlord: Landlord, waiting: Sequence[Undecided], today: date) -> dict[int, str]:
    """Why those that will go on waiting do, by id: `NO_CONVENTION`, `TOO_MUCH`, or `NOT_LIVE` before the landlord
    begins. Two queries, none when nothing waits."""
    if not waiting:
        return {}
    communes = Territory.objects.in_bulk({int(key.commune) for key in waiting})
    held = rights(landlord, since=min(key.rights_on for key in waiting), until=today)

    def stuck(commune: Territory, on: date, starts_on: date | None) -> str:
        covering = commune.covering_ids()
        there = [right for right in held if right.holds(covering, on)]
        if not there:
            return NO_CONVENTION
        if over_commitment_at(there, commune, on):
            return TOO_MUCH
        return NOT_LIVE if starts_on is not None and starts_on > today else ""

    found = {key.pk: stuck(communes[int(key.commune)], key.rights_on, key.starts_on) for key in waiting}
    return {pk: why for pk, why in found.items() if why}


def blocked_among(vacancies: Iterable[Vacancy], *, today: date) -> dict[int, str]:
    """Of these (with their unit and its landlord), those by id whose calculation will not come by itself, and why:
    as `_blocked`. Three queries for each landlord of which a unit of the flow has no recommendation."""
    waiting: dict[Landlord, list[Undecided]] = {}
    for each in vacancies:
        if each.kind == Vacancy.Kind.IN_FLOW and not each.recommendations.all() and not hasattr(each, "expected"):
            key = Undecided(each.pk, str(each.unit.commune_id), "", "", WAITING, each.rights_on)
            waiting.setdefault(each.unit.landlord, []).append(key)
    found: dict[int, str] = {}
    for landlord, keys in waiting.items():
        starts_on = GoLive.objects.starts_on(landlord)
        found |= _blocked(landlord, [replace(key, starts_on=starts_on) for key in keys], today)
    return found


def _holder(contingent: int, organisation: str) -> str:
    """The name of a holder, from its columns."""
    return str(ReservationHolder(contingent=contingent, organisation=Organisation(name=organisation)))


def _choices(
    keys: Iterable[Undecided], filters: Mapping[str, str], field: str, words_of: Callable[[Undecided], str]
) -> list[Choice]:
    counts: dict[tuple[str, str], int] = {}
    for key in keys:
        pair = words_of(key), getattr(key, field)
        counts[pair] = counts.get(pair, 0) + 1
    return [
        Choice(value, words, count, chosen=filters.get(field) == value)
        for (words, value), count in sorted(counts.items())
    ]


def _rows(landlord: Landlord, ids: Iterable[int], later: Mapping[int, date | None], today: date) -> list[QueueRow]:
    vacancies = list(
        Vacancy.objects.filter(pk__in=list(ids) or [0])
        .select_related("unit__commune", "unit__programme", "expected__holder__organisation")
        .prefetch_related(
            Prefetch(
                "recommendations",
                Recommendation.objects.select_related("holder__organisation")
                .defer("situation", "ranking")
                .order_by("attempt"),
            )
        )
        .order_by("pk")
    )
    since = min((vacancy.rights_on for vacancy in vacancies), default=today)
    held = rights(landlord, since=since, until=today)
    rows = []
    for vacancy in vacancies:
        recommendation = max(
            vacancy.recommendations.all(), key=lambda recommendation: recommendation.attempt, default=None
        )
        there = bearing(held, vacancy)
        excess = over_commitment_at(there, vacancy.unit.commune, vacancy.rights_on)
        undecided = recommendation is None
        rows.append(
            QueueRow(
                vacancy,
                recommendation,
                excess=excess if undecided else None,
                days=(today - vacancy.registered_on).days,
                expected=getattr(vacancy, "expected", None) if undecided and excess is None else None,
                uncovered=undecided and not there,
                gone=vacancy.unit.is_sold and vacancy.unit.is_gone(today),
                later=later.get(vacancy.pk),
            )
        )
    return rows


#: Read no further back: what waits longer waits for people, not for the worker (over 100 % is promised there).
DAYS = 60


def oldest_waiting(now: datetime) -> timedelta | None:
    """Since when the oldest vacancy that the worker should have looked at waits, among those of the last `DAYS` days.

    What has its forecast of the day waits for other departures to be known, not for the worker; from midnight on, the
    worker has to look at it again.
    """
    today = timezone.localdate(now)
    since, midnight = today - timedelta(days=DAYS), timezone.make_aware(datetime.combine(today, time.min))
    behind = Vacancy.objects.to_reach(today).order_by().filter(registered_on__gte=since)
    asked = Case(When(expected=None, then=F("registered_at")), default=midnight)
    registered_at: datetime | None = behind.aggregate(oldest=Min(asked))["oldest"]
    return None if registered_at is None else now - registered_at


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
        recommendation, _ = latest_routing(vacancy)
        if recommendation is None:
            continue
        for row in ranking_of(recommendation, returned=returned_by(vacancy)).rows:
            if not row.returned and row.holder_id != recommendation.holder_id:
                rows[row.holder_id] = row
                units[row.holder_id] += 1
    found = [Destination(row, units[pk]) for pk, row in rows.items()]
    return sorted(found, key=lambda each: (-each.units, each.row.position, each.row.holder_id))
