"""The file of « Pourquoi pas nous ? »: every unit of a year, read as values, some hundreds at a time.

A page of twenty-five reads models (`flux.queries.why_not.lines`): both say the same of a unit, and are tested so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flux.financing import group_of
from flux.models import Recommendation, Return, Routing, Vacancy
from flux.models.unit import typology_of
from flux.queries.recommendations import hint
from flux.queries.why_not import Outcome, with_outcome
from reservations.models import ReservationHolder
from reservations.models.once_a_request import by_id

#: Units that are read together.
CHUNK = 500
#: In words, by code.
MOTIVES, KINDS, EXCLUSIONS = (
    {str(code): str(label) for code, label in choices}
    for choices in (Routing.Motive.choices, Vacancy.Kind.choices, Vacancy.Exclusion.choices)
)
#: Of a vacancy: as `FileVacancy` has them, then where it went, then its forecast.
VACANCY = (
    *("pk", "registered_on", "unit__rooms", "unit__financing_code", "unit__in_qpv", "unit__commune__name"),
    *("kind", "exclusion", "ledger", "allotment", "outcome", "paused"),
    *("expected__holder", "expected__since", "expected__firm_on"),
)
PLACES, FORECAST = VACANCY.index("outcome"), VACANCY.index("expected__holder")
#: Of a recommendation, in the order of `Said`.
READ = ("pk", "holder", "sentence", "reason", "ranking", "situation")
#: Of a routing, in the order of `Done`.
DONE = ("holder", "motive", "motive_text", "closed_at", "acting", "recommendation", "given_back__reason")


@dataclass(frozen=True, slots=True)
class Recommended:
    """What was recommended last of a unit."""

    pk: int
    holder_id: int
    sentence: str
    reason: str
    ranking: list[dict[str, Any]]
    situation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """A routing of a unit. `given_back`: why it was given back, if it was."""

    holder_id: int
    motive: str
    motive_text: str
    closed_at: datetime | None
    acting: int | None
    recommendation: int | None
    given_back: str | None

    def get_motive_display(self) -> str:
        """The motive in words."""
        return MOTIVES[self.motive]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where a unit that waits would go (`flux.models.ExpectedHolder`)."""

    holder: ReservationHolder
    since: datetime
    firm_on: date


@dataclass(frozen=True, slots=True)
class FileVacancy:
    """What the file says of a vacancy and of its unit: never where it is. Named as a `Vacancy` names them."""

    pk: int
    registered_on: date
    rooms: int
    financing_code: str
    in_qpv: bool | None
    commune: str
    kind: str
    exclusion: str
    ledger_id: int | None
    allotment_id: int | None
    expected: Forecast | None

    @property
    def typology(self) -> str:
        return typology_of(self.rooms)

    @property
    def financing_group(self) -> str:
        return group_of(self.financing_code)

    def get_kind_display(self) -> str:
        """The class in words."""
        return KINDS[self.kind]

    def get_exclusion_display(self) -> str:
        """The reason in words; empty without one."""
        return EXCLUSIONS.get(self.exclusion, self.exclusion)


@dataclass(frozen=True, slots=True)
class FileLine:
    """One unit, for `holder`: what `flux.queries.why_not.WhyNotLine` says of it. `returned`: who gave it back."""

    vacancy: FileVacancy
    outcome: Outcome
    destination: ReservationHolder | None
    routing: Done | None
    holder: ReservationHolder
    recommendation: Recommended | None
    left: bool
    paused: bool
    returned: frozenset[int]

    @property
    def waiting(self) -> bool:
        """The landlord has not confirmed."""
        return self.routing is None and self.destination is not None

    @property
    def hint(self) -> str | None:
        """Why not its holder, as the ranking says it; None where it had no right. No query."""
        result, holder = self.recommendation, self.holder.pk
        if result is None:
            return None
        return hint(result.ranking, result.situation, result.reason, holder, returned=holder in self.returned)


def file_lines(
    ids: Sequence[int], holder: ReservationHolder, known: Mapping[int, ReservationHolder]
) -> Iterator[FileLine]:
    """Read vacancies that are `listed` (their ids), in their order: three queries for each `CHUNK` of them, so that a
    file of a whole year holds one of these at a time; one more when a unit went to a holder that is not `known`."""
    named = dict(known)
    for begin in range(0, len(ids), CHUNK):
        some = ids[begin : begin + CHUNK]
        units = with_outcome(Vacancy.objects.filter(pk__in=some), holder).order_by("pk").values_list(*VACANCY)
        found = {row[0]: row for row in units}
        values = _last_recommended(some)
        done = _done(some)
        _name(found.values(), values.values(), done.values(), named)
        for pk in some:
            if pk in found:
                yield _line(found[pk], holder, values.get(pk), done.get(pk, ()), named)


def _last_recommended(ids: Sequence[int]) -> dict[int, Recommended]:
    """By vacancy, its last recommendation."""
    last = Recommendation.objects.filter(vacancy__in=ids).order_by("vacancy", "-attempt").distinct("vacancy")
    return {vacancy: Recommended(*found) for vacancy, *found in last.values_list("vacancy", *READ)}


def _done(ids: Sequence[int]) -> dict[int, list[Done]]:
    """By vacancy, its routings in order."""
    found: dict[int, list[Done]] = defaultdict(list)
    for vacancy, *steps in Routing.objects.filter(vacancy__in=ids).order_by("pk").values_list("vacancy", *DONE):
        found[vacancy].append(Done(*steps))
    return found


def _name(
    units: Iterable[Sequence[Any]],
    rows: Iterable[Recommended],
    done: Iterable[Sequence[Done]],
    named: dict[int, ReservationHolder],
) -> None:
    """Read the holders of these that are not `named` yet, and keep them there."""
    wanted = {each.holder_id for each in rows} | {each.holder_id for some in done for each in some}
    wanted |= {row[FORECAST] for row in units if row[FORECAST] is not None}
    if lacking := wanted - named.keys():
        named |= by_id(ReservationHolder, lacking, "organisation")


def _line(
    row: Sequence[Any],
    holder: ReservationHolder,
    given: Recommended | None,
    done: Sequence[Done],
    named: Mapping[int, ReservationHolder],
) -> FileLine:
    pk, registered_on, rooms, financing_code, in_qpv, commune, kind, exclusion, ledger, allotment = row[:PLACES]
    outcome, paused, forecast, since, firm_on = row[PLACES:]
    routing = next((each for each in done if each.closed_at is None), None)
    left = routing is None and given is not None and any(each.recommendation == given.pk for each in done)
    destination = named[routing.holder_id] if routing else None
    if destination is None and given is not None and not left:
        destination = named[given.holder_id]
    expected = Forecast(named[forecast], since, firm_on) if forecast is not None else None
    vacancy = FileVacancy(
        pk, registered_on, rooms, financing_code, in_qpv, commune, kind, exclusion, ledger, allotment, expected
    )
    returned = frozenset(_given_back(done, named))
    return FileLine(vacancy, Outcome(outcome), destination, routing, holder, given, left, paused, returned)


def _given_back(done: Sequence[Done], named: Mapping[int, ReservationHolder]) -> Iterator[int]:
    """The holders who gave it back since the last works, as `since_works`; not the landlord, when a commune gave back
    what it proposed for on its part."""
    works = [place for place, each in enumerate(done, start=1) if each.given_back == Return.Reason.WORKS]
    for each in done[works[-1] if works else 0 :]:
        on_landlords_part = each.acting is not None and named[each.holder_id].is_not_reserved
        if each.given_back is not None and not on_landlords_part:
            yield each.holder_id
