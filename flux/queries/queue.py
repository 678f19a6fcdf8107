"""The landlord's queue: what the worker has not reached yet, and what a person has to confirm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.utils import timezone

from flux.models import ExpectedHolder, Recommendation, Vacancy
from flux.models.unit import typology_of
from flux.models.vacancy import VacancyQuerySet
from reservations.models import Landlord, ReservationHolder, Territory
from reservations.queries.rights import OverCommitment, over_commitment_at, rights

#: Rows of one page of the queue.
PAGE = 50

#: Values of the destination filter for what has no recommendation yet: the worker will reach it, or it may not, or it
#: waits for other departures to be known, with a forecast.
WAITING, BLOCKED, FORESEEN = "waiting", "blocked", "foreseen"
UNDECIDED = (WAITING, BLOCKED, FORESEEN)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One vacancy without open routing. `recommendation` is None while it is not decided: `excess` says why it will go
    on waiting, where the conventions promise over 100 %; `expected` where it would go, while it waits for other
    departures to be known; neither while it waits for the worker. `days` in calendar days since registration."""

    vacancy: Vacancy
    recommendation: Recommendation | None
    excess: OverCommitment | None
    days: int
    expected: ExpectedHolder | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, with how many vacancies of the whole queue have it."""

    value: str
    words: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of one landlord, in order of registration.

    `total`, `to_confirm`, `calculating` (that the worker will reach by itself), `foreseen` (that wait for other
    departures to be known, each with its forecast), `blocked` (where the conventions promise over 100 %) and `oldest`
    (of those to confirm, calendar days since their decision; None without any) are those of the whole queue, whatever
    the filters; `rows` are those of the page that pass them. `filters` is the part of the address that keeps them;
    `all_checked` when the reader asked to tick every box.
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


@dataclass(frozen=True, slots=True)
class _Key:
    """What the filters read of one vacancy. `decided_on`: since when a person is awaited; None while nobody is."""

    pk: int
    commune: str
    commune_name: str
    typology: str
    destination: str
    registered_on: date
    decided_on: date | None = None


def queue(landlord: Landlord, filters: Mapping[str, str], *, today: date) -> Queue:
    """Read a landlord's queue. Five queries, whatever its length; two more when some wait for the worker.

    `filters` (request.GET will do): `commune` (id), `typology` (T1…), `destination` (holder id, "waiting", "foreseen"
    or "blocked"), `page`, `check=all`; an unknown value filters nothing out and is dropped.
    """
    keys = _keys(landlord, today)
    names = _names_of_holders(key.destination for key in keys)
    communes = _choices(keys, filters, "commune", lambda key: key.commune_name)
    typologies = _choices(keys, filters, "typology", lambda key: key.typology)
    destinations = _choices(keys, filters, "destination", lambda key: names[key.destination])
    kept = {
        name: choice.value
        for name, choices in (("commune", communes), ("typology", typologies), ("destination", destinations))
        for choice in choices
        if choice.chosen
    }
    passing = [key.pk for key in keys if all(getattr(key, name) == value for name, value in kept.items())]
    pages = Paginator(passing, PAGE).get_page(filters.get("page"))
    decided = [key.decided_on for key in keys if key.decided_on is not None]
    return Queue(
        rows=_rows(landlord, pages.object_list, today),
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
    )


def calculating(landlord: Landlord, *, today: date) -> int:
    """How many units of a landlord the worker will reach by itself. One query, three when some wait."""
    return sum(key.destination == WAITING for key in _keys(landlord, today, Vacancy.objects.waiting()))


def _keys(landlord: Landlord, today: date, vacancies: VacancyQuerySet | None = None) -> list[_Key]:
    found = (
        (Vacancy.objects.to_decide() if vacancies is None else vacancies)
        .filter(unit__landlord=landlord)
        .values_list(
            "pk",
            "unit__commune",
            "unit__commune__name",
            "unit__rooms",
            "recommendations__holder",
            "expected",
            "registered_on",
            "recommendations__recorded_at",
        )
    )
    keys = [
        _Key(
            pk,
            str(commune),
            name,
            typology_of(rooms),
            _destination(holder, expected),
            registered_on,
            timezone.localdate(decided_at) if decided_at else None,
        )
        for pk, commune, name, rooms, holder, expected, registered_on, decided_at in found
    ]
    blocked = _blocked(landlord, [key for key in keys if key.destination == WAITING], today)
    return [replace(key, destination=BLOCKED) if key.pk in blocked else key for key in keys]


def _destination(recommended: int | None, expected: int | None) -> str:
    """The value of the destination filter, by ids: of the holder recommended, or of the forecast."""
    if recommended:
        return str(recommended)
    return FORESEEN if expected else WAITING


def _blocked(landlord: Landlord, waiting: Sequence[_Key], today: date) -> set[int]:
    """Those (by id) that will go on waiting. Two queries, none when nothing waits."""
    if not waiting:
        return set()
    communes = Territory.objects.in_bulk({int(key.commune) for key in waiting})
    held = rights(landlord, since=min(key.registered_on for key in waiting), until=today)

    def stuck(commune: Territory, on: date) -> bool:
        covering = commune.covering_ids()
        return over_commitment_at([right for right in held if right.holds(covering, on)], commune, on) is not None

    return {key.pk for key in waiting if stuck(communes[int(key.commune)], key.registered_on)}


def blocked_among(vacancies: Iterable[Vacancy], *, today: date) -> frozenset[int]:
    """Of these (with their unit and its landlord), those by id whose calculation will not come by itself: over 100 % is
    promised there. Two queries for each landlord of which a unit of the flow has no recommendation."""
    waiting: dict[Landlord, list[_Key]] = {}
    for each in vacancies:
        if each.kind == Vacancy.Kind.IN_FLOW and not each.recommendations.all() and not hasattr(each, "expected"):
            key = _Key(each.pk, str(each.unit.commune_id), "", "", WAITING, each.registered_on)
            waiting.setdefault(each.unit.landlord, []).append(key)
    return frozenset[int]().union(*(_blocked(landlord, keys, today) for landlord, keys in waiting.items()))


def _names_of_holders(destinations: Iterable[str]) -> dict[str, str]:
    ids = {int(destination) for destination in destinations if destination not in UNDECIDED}
    holders = ReservationHolder.objects.filter(pk__in=ids or [0]).select_related("organisation").order_by("pk")
    words = {WAITING: "Calcul en attente", FORESEEN: "Prévision, à décider", BLOCKED: "Orientation impossible"}
    return words | {str(holder.pk): str(holder) for holder in holders}


def _choices(
    keys: Iterable[_Key], filters: Mapping[str, str], field: str, words_of: Callable[[_Key], str]
) -> list[Choice]:
    counts: dict[tuple[str, str], int] = {}
    for key in keys:
        pair = words_of(key), getattr(key, field)
        counts[pair] = counts.get(pair, 0) + 1
    return [
        Choice(value, words, count, chosen=filters.get(field) == value)
        for (words, value), count in sorted(counts.items())
    ]


def _rows(landlord: Landlord, ids: Iterable[int], today: date) -> list[QueueRow]:
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
    since = min((vacancy.registered_on for vacancy in vacancies), default=today)
    held = rights(landlord, since=since, until=today)
    rows = []
    for vacancy in vacancies:
        recommendation = max(
            vacancy.recommendations.all(), key=lambda recommendation: recommendation.attempt, default=None
        )
        commune, on = vacancy.unit.commune, vacancy.registered_on
        covering = commune.covering_ids()
        excess = over_commitment_at([right for right in held if right.holds(covering, on)], commune, on)
        undecided = recommendation is None
        rows.append(
            QueueRow(
                vacancy,
                recommendation,
                excess=excess if undecided else None,
                days=(today - vacancy.registered_on).days,
                expected=getattr(vacancy, "expected", None) if undecided and excess is None else None,
            )
        )
    return rows
