"""A ledger as it was lived: its units in the order they entered, and who has them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Case, Exists, F, Func, JSONField, OuterRef, Q, Sum, Value, When

from flux.engine import versions
from flux.models import (
    AccountMonth,
    CarriedOver,
    FlowEntry,
    Ledger,
    NeedsDeclaration,
    Recommendation,
    Routing,
    Vacancy,
)
from flux.models.needs import Targets
from flux.situation import LedgerSituation, load
from flux.situation.loading import carried_into
from reservations.models.territory import CONTAINERS

#: The departures (ids) that a decision knew beside the one that it was about.
KNOWN = Case(
    When(plan__isnull=True, then=Value([], JSONField())),  # none was: what it saw is not read
    default=Func(
        F("situation"), Value("$.known[*].vacancy"), function="jsonb_path_query_array", output_field=JSONField()
    ),
)


#: What the rule asks of a unit that fell vacant, and what a page says of it: no other column is read of so many.
READ = (
    *("kind", "exclusion", "ledger", "registered_on", "available_on", "covered_on", "entered_as"),
    *(f"unit__{name}" for name in ("landlord", "reference", "rooms", "financing_code", "in_qpv", "construction_year")),
    *(f"unit__commune__{name}" for name in ("kind", "code", "name", *CONTAINERS)),
    *("unit__programme__name", "unit__programme__attractiveness"),
)


@dataclass(frozen=True, slots=True)
class Event:
    """One unit as it happened: the holder recommended first, and who has it now (ids; None: nobody).

    `sequence`: its rank of the ledger, None for a unit that did not enter it. `taker` is set for a first letting that
    entered the yearly account: its destination was agreed, not decided. `version` of the rule that decided it first,
    and the departures that were `known` beside it then.
    """

    vacancy: Vacancy
    recommended: int | None = None
    held: int | None = None
    taker: int | None = None
    sequence: int | None = None
    version: int = versions.CURRENT
    known: tuple[Vacancy, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """A ledger as it was lived: its units in the order they entered, the rights, who is in it, what each was due.

    `due` (by holder, in millionths) is that of the first offers: the replay offers each unit once, so that what a
    second offer credited again is left out on both sides.
    `waiting` units have no recommendation yet and are left out; `overridden` went elsewhere than recommended, and
    `returned` were given back. `needs`: the targets that were in force, each with the rank from which it was.
    """

    known: LedgerSituation
    carried: tuple[CarriedOver, ...]
    events: tuple[Event, ...]
    due: Mapping[int, int]
    waiting: int
    overridden: int
    returned: int
    needs: tuple[tuple[int, Targets], ...] = ()

    @property
    def ledger(self) -> Ledger:
        return self.known.ledger

    @property
    def entered(self) -> int:
        """Units of the flow that the rule decided."""
        return sum(event.recommended is not None for event in self.events)


def read(ledger: Ledger, situation: LedgerSituation | None = None) -> Past:
    """Load what a replay needs, with the `situation` when it is not loaded yet. Fourteen queries at most, whatever the
    number of vacancies."""
    situation = situation or load(ledger)
    carried = tuple(carried_into(ledger))
    first: dict[int, tuple[int, int, int, list[str]]] = {}
    held: dict[int, int] = {}
    recommendations = Recommendation.objects.filter(ledger=ledger).annotate(beside=KNOWN).order_by("sequence")
    for vacancy, attempt, sequence, holder, version, beside in recommendations.values_list(
        "vacancy", "attempt", "sequence", "holder", "engine_version", "beside"
    ):
        if attempt == 1:
            first[vacancy] = (sequence, holder, version, beside)
        held[vacancy] = holder
    overridden: set[int] = set()
    returned: set[int] = set()
    routings = Routing.objects.filter(vacancy__ledger=ledger, vacancy__kind=Vacancy.Kind.IN_FLOW)
    routings = routings.filter(vacancy__cancelled_at=None, one_turn=False).order_by("pk")  # the others count beside it
    for vacancy, holder, closed_at, motive, given_back, counted in routings.values_list(
        "vacancy", "holder", "closed_at", "motive", "given_back", "given_back__counted"
    ):
        if motive:
            overridden.add(vacancy)
        if given_back is not None:
            returned.add(vacancy)
        if closed_at is None or (counted and ledger.credits_once):
            held[vacancy] = holder
    let = ledger.entries.filter(stage=FlowEntry.Stage.ROUTED, vacancy__kind=Vacancy.Kind.FIRST_LETTING).order_by("pk")
    agreed = {vacancy: (holder, rank) for vacancy, holder, rank in let.values_list("vacancy", "holder", "sequence")}
    due, gone = _due_at_first(ledger), _out(ledger)
    events, waiting = [], 0
    vacancies = _vacancies(ledger)
    known = _beside(vacancies, {int(pk) for _, _, _, beside in first.values() for pk in beside})
    for fallen in vacancies:
        if fallen.pk in agreed:
            events.append(Event(fallen, taker=agreed[fallen.pk][0], sequence=agreed[fallen.pk][1]))
        elif fallen.kind == Vacancy.Kind.EXCLUDED:
            events.append(Event(fallen))
        elif fallen.pk in first:
            now = None if fallen.pk in gone else held[fallen.pk]
            sequence, recommended, version, beside = first[fallen.pk]
            around = tuple(known[int(pk)] for pk in beside)
            events.append(Event(fallen, recommended, now, sequence=sequence, version=version, known=around))
        elif fallen.kind == Vacancy.Kind.IN_FLOW:
            waiting += 1
    needs = tuple(NeedsDeclaration.objects.history(ledger))
    return Past(situation, carried, tuple(_in_order(events)), due, waiting, len(overridden), len(returned), needs)


def _beside(vacancies: Iterable[Vacancy], known: Collection[int]) -> dict[int, Vacancy]:
    """By id, what was known beside some decision, cancelled since or not. One query when some of it is not at hand."""
    found = {each.pk: each for each in vacancies}
    if lacking := [pk for pk in known if pk not in found]:
        found |= Vacancy.declared.select_related("unit__commune", "unit__programme").in_bulk(lacking)
    return found


def _due_at_first(ledger: Ledger) -> dict[int, int]:
    """What each holder (by id) was due, what units offered again after a return credited once more left out, and all
    of those cancelled, whose entries come to nothing. One query, of the months of the account and of units given back.
    """
    months = AccountMonth.objects.filter(ledger=ledger).order_by()
    returned = FlowEntry.objects.filter(
        ledger=OuterRef("ledger"), stage=FlowEntry.Stage.RETURNED, pk__lt=OuterRef("pk")
    )
    given_back = ledger.entries.filter(stage=FlowEntry.Stage.RETURNED).order_by().values("vacancy")
    again = ledger.entries.filter(
        Exists(returned.filter(vacancy=OuterRef("vacancy"))),
        vacancy__in=given_back,
        stage__in=[FlowEntry.Stage.DUE, FlowEntry.Stage.CARRIED],
        vacancy__cancelled_at=None,
    )
    owed = months.values_list("holder").annotate(due=Sum(F("shares") + F("carried")))
    if ledger.credits_once:  # no unit is credited again, but one that works had taken back
        again = again.none()
    less = again.order_by().values_list("holder").annotate(due=-Sum("quantity"))
    found: dict[int, int] = {}
    for holder, due in owed.union(less, all=True).order_by():
        found[holder] = found.get(holder, 0) + due
    return {holder: due for holder, due in found.items() if due}


def _vacancies(ledger: Ledger) -> list[Vacancy]:
    """Every unit of the ledger's year that is of the flow, subtracted from it, or let for the first time."""
    return list(
        Vacancy.objects.filter(
            Q(ledger=ledger) | Q(kind__in=[Vacancy.Kind.EXCLUDED, Vacancy.Kind.FIRST_LETTING]),
            landlord=ledger.landlord_id,
            unit__commune__departement=ledger.departement_id,
            registered_on__year=ledger.exercise,
        )
        .select_related("unit__commune", "unit__programme")
        .only(*READ)
        .order_by("pk")
    )


def _out(ledger: Ledger) -> set[int]:
    """Units that a return took out of the flow, and that did not come back."""
    return set(Vacancy.objects.filter(ledger=ledger).out_for_works().order_by().values_list("pk", flat=True))


def _in_order(events: list[Event]) -> Iterator[Event]:
    """The units decided in the order they entered the ledger, the others where they were registered among them."""
    decided = sorted(
        (event for event in events if event.recommended is not None), key=lambda event: event.sequence or 0
    )
    others = [event for event in events if event.recommended is None]
    for event in decided:
        while others and others[0].vacancy.pk < event.vacancy.pk:
            yield others.pop(0)
        yield event
    yield from others
