"""What if the shares had been others? The rule replayed on the vacancies of one ledger, in memory: nothing is written.

`read` loads a ledger's past in a fixed number of queries, `replay` is pure over it. Without a change, and where nobody
overrode a recommendation or gave a unit back, the replay gives every unit to the holder that was recommended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from django.db.models import Exists, OuterRef, Q, Sum
from django.utils.text import capfirst

from flux.engine import versions
from flux.engine.counters import Counter, Counters
from flux.engine.facts import Decision, Situation
from flux.engine.wording import sentence
from flux.models import CarriedOver, FlowEntry, Ledger, Recommendation, Routing, Vacancy
from flux.models.unit import TYPOLOGIES
from flux.situation import DIMENSIONS, LedgerSituation, in_yearly_units, load, spread
from reservations.models import Membership, ReservationHolder
from reservations.models.convention import UNIT
from reservations.queries.rights import OverCommitment, Right, over_commitment_at

#: Units that one replay takes at most: the page takes two seconds for 5,000. Units shown with both reasons.
MOST, SHOWN = 10_000, 20


@dataclass(frozen=True, slots=True)
class Changes:
    """The hypothesis. `shares`: {(convention id, holder id): millionths} in the place of those signed; `included`:
    categories of subtraction put back in the flow; `rotation`: what the number of departures is multiplied by.
    """

    shares: Mapping[tuple[int, int], int] = field(default_factory=dict)
    included: frozenset[str] = frozenset()
    rotation: Fraction = Fraction(1)

    def copies(self, rank: int) -> int:
        """How often the rank-th departure (from 1) counts: at 11/10 every tenth counts twice, at 9/10 one in ten does
        not count. Over k departures, the whole part of k × rotation."""
        return rank * self.rotation.numerator // self.rotation.denominator - (
            (rank - 1) * self.rotation.numerator // self.rotation.denominator
        )


@dataclass(frozen=True, slots=True)
class Event:
    """One unit as it happened: the holder recommended first, and who has it now (ids; None: nobody).

    `taker` is set for a first letting that entered the yearly account: its destination was agreed, not decided.
    """

    vacancy: Vacancy
    recommended: int | None = None
    held: int | None = None
    taker: int | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """A ledger as it was lived: its units in the order they entered, the rights, who is in it, what each was due.

    `due` (by holder, in millionths) is that of the first offers: the replay offers each unit once, so that what a
    second offer credited again is left out on both sides.
    `waiting` units have no recommendation yet and are left out; `overridden` went elsewhere than recommended, and
    `returned` were given back.
    """

    known: LedgerSituation
    carried: tuple[CarriedOver, ...]
    events: tuple[Event, ...]
    due: Mapping[int, int]
    waiting: int
    overridden: int
    returned: int

    @property
    def ledger(self) -> Ledger:
        return self.known.ledger

    @property
    def entered(self) -> int:
        """Units of the flow that the rule decided."""
        return sum(event.recommended is not None for event in self.events)


def read(ledger: Ledger) -> Past:
    """Load what a replay needs. Eleven queries at most, whatever the number of vacancies."""
    known = load(ledger)
    carried = tuple(ledger.carried_over.order_by("pk"))
    first: dict[int, tuple[int, int]] = {}
    held: dict[int, int] = {}
    recommendations = Recommendation.objects.filter(ledger=ledger).order_by("sequence")
    for vacancy, attempt, sequence, holder in recommendations.values_list("vacancy", "attempt", "sequence", "holder"):
        if attempt == 1:
            first[vacancy] = (sequence, holder)
        held[vacancy] = holder
    overridden: set[int] = set()
    returned: set[int] = set()
    routings = Routing.objects.filter(vacancy__ledger=ledger, vacancy__kind=Vacancy.Kind.IN_FLOW).order_by("pk")
    for vacancy, holder, closed_at, motive, given_back in routings.values_list(
        "vacancy", "holder", "closed_at", "motive", "given_back"
    ):
        if motive:
            overridden.add(vacancy)
        if given_back is not None:
            returned.add(vacancy)
        if closed_at is None:
            held[vacancy] = holder
    agreed = dict(
        FlowEntry.objects.filter(ledger=ledger, stage=FlowEntry.Stage.ROUTED, vacancy__kind=Vacancy.Kind.FIRST_LETTING)
        .order_by("pk")
        .values_list("vacancy", "holder")
    )
    due = _due_at_first(ledger)
    gone = _out(ledger)
    events, waiting = [], 0
    for fallen in _vacancies(ledger):
        if fallen.pk in agreed:
            events.append(Event(fallen, taker=agreed[fallen.pk]))
        elif fallen.kind == Vacancy.Kind.EXCLUDED:
            events.append(Event(fallen))
        elif fallen.pk in first:
            now = None if fallen.pk in gone else held[fallen.pk]
            events.append(Event(fallen, recommended=first[fallen.pk][1], held=now))
        elif fallen.kind == Vacancy.Kind.IN_FLOW:
            waiting += 1
    ranks = {pk: sequence for pk, (sequence, _) in first.items()}
    return Past(known, carried, tuple(_in_order(events, ranks)), due, waiting, len(overridden), len(returned))


def _due_at_first(ledger: Ledger) -> dict[int, int]:
    """What each holder (by id) was due, what units offered again after a return credited once more left out."""
    returned = FlowEntry.objects.filter(
        ledger=OuterRef("ledger"), vacancy=OuterRef("vacancy"), stage=FlowEntry.Stage.RETURNED, pk__lt=OuterRef("pk")
    )
    owed = ledger.entries.filter(~Exists(returned), stage__in=FlowEntry.OWED).order_by()
    return dict(owed.values_list("holder").annotate(Sum("quantity")))


def _vacancies(ledger: Ledger) -> list[Vacancy]:
    """Every unit of the ledger's year that is of the flow, subtracted from it, or let for the first time."""
    return list(
        Vacancy.objects.filter(
            Q(ledger=ledger) | Q(kind__in=[Vacancy.Kind.EXCLUDED, Vacancy.Kind.FIRST_LETTING]),
            unit__landlord=ledger.landlord_id,
            unit__commune__departement=ledger.departement_id,
            registered_on__year=ledger.exercise,
        )
        .select_related("unit__commune", "unit__programme")
        .order_by("pk")
    )


def _out(ledger: Ledger) -> set[int]:
    """Units that a return took out of the flow: their latest recommendation has been routed, and no routing is open."""
    return set(
        Recommendation.objects.filter(ledger=ledger, routings__given_back__reason="WORKS")
        .exclude(vacancy__routings__closed_at=None)
        .order_by()
        .values_list("vacancy", flat=True)
    )


def _in_order(events: list[Event], ranks: Mapping[int, int]) -> Iterator[Event]:
    """The units decided in the order they entered the ledger, the others where they were registered among them."""
    decided = sorted((event for event in events if event.recommended is not None), key=lambda e: ranks[e.vacancy.pk])
    others = [event for event in events if event.recommended is None]
    for event in decided:
        while others and others[0].vacancy.pk < event.vacancy.pk:
            yield others.pop(0)
        yield event
    yield from others


# --- the replay ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where one unit goes in the hypothesis: nowhere (`decision` None) when the rotation leaves it out."""

    event: Event
    facts: Situation | None
    decision: Decision | None

    @property
    def holder(self) -> int | None:
        return int(self.decision.holder) if self.decision else None

    @property
    def moved(self) -> bool:
        """Would it have gone elsewhere than where it is?"""
        return self.holder != self.event.held


@dataclass(frozen=True, slots=True)
class Line:
    """One holder, as it happened and in the hypothesis: due in millionths, received in whole units."""

    holder: ReservationHolder
    due_then: int
    received_then: int
    due: int
    received: int
    mix: tuple[tuple[str, int, int], ...]

    @property
    def difference(self) -> int:
        """Units received more (or less) than what happened."""
        return self.received - self.received_then


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What the year would have given. With `excess`, the hypothesis promises over 100 % there: there is no result.

    `outcomes`: each unit of the flow once, the units put back in the flow included; `entered`: units counted, those
    that the rotation counts twice included.
    """

    lines: tuple[Line, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    entered: int = 0
    excess: tuple[OverCommitment, ...] = ()
    too_many: bool = False

    @property
    def moved(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.moved]

    @property
    def widest(self) -> Line | None:
        """The line that the hypothesis changes most."""
        return max(self.lines, key=lambda line: abs(line.difference), default=None)

    @property
    def typologies(self) -> list[str]:
        """Those of the mix, the same on every line."""
        return [typology for typology, _, _ in self.lines[0].mix] if self.lines else []

    @property
    def scale(self) -> int:
        """What the gauges compare with: the largest figure, in millionths."""
        return max([UNIT, *(max(line.due, UNIT * line.received) for line in self.lines)])


def replay(past: Past, changes: Changes) -> Hypothesis:
    """Run the rule again over the year with other shares, categories or rotation. No query, no write."""
    counted = [
        event
        for event in past.events
        if event.recommended or event.taker or event.vacancy.exclusion in changes.included
    ]
    if len(counted) * changes.rotation > MOST:
        return Hypothesis(too_many=True)
    situation = _at_the_start(past, changes)
    if excess := _excess(situation, counted):
        return Hypothesis(excess=excess)
    outcomes: list[Outcome] = []
    mix: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    sequence = rank = 0
    for event in counted:
        typology = event.vacancy.unit.typology
        if event.taker is not None:
            sequence += 1
            _let_first(situation, event, sequence)
            continue
        rank += 1
        if event.held is not None:
            mix[str(event.held)][typology][0] += 1
        decided = None
        for _ in range(changes.copies(rank)):
            sequence += 1
            facts = situation.enter(event.vacancy, sequence=sequence).facts
            decision = versions.VERSIONS[versions.CURRENT](facts)
            situation.receive(decision.holder, event.vacancy.categories, sequence=sequence)
            mix[decision.holder][typology][1] += 1
            decided = decided or (facts, decision)
        outcomes.append(Outcome(event, *(decided or (None, None))))
    lines = _lines(past, situation, mix)
    return Hypothesis(lines, tuple(outcomes), sum(line.received for line in lines))


def _at_the_start(past: Past, changes: Changes) -> LedgerSituation:
    """The ledger before its first unit, with the shares of the hypothesis; a share of nothing is no right, and another
    one than what units a year make of the flow is a percentage: nothing caps what is due."""
    held = []
    for right in past.known.rights:
        share = changes.shares.get((right.convention.pk, right.holder.pk), right.share)
        held.append(right if share == right.share else replace(right, share=share, yearly_units=None))
    counters = Counters(unit=UNIT, landlord=past.known.landlord, dimensions=DIMENSIONS)
    for key, counter in past.known.counters.holders.items():
        counters.holders[key] = Counter(name=counter.name, rank=counter.rank)
    return LedgerSituation(
        past.ledger,
        counters,
        past.known.holders,
        [right for right in held if right.share],
        past.known.landlord,
        spread(past.carried, {}),
        credited=in_yearly_units(held),
    )


def _excess(situation: LedgerSituation, counted: list[Event]) -> tuple[OverCommitment, ...]:
    """Each commune where more than the whole would be promised, at its first unit. Nothing is rescaled."""
    found: dict[int, OverCommitment] = {}
    for event in counted:
        commune = event.vacancy.unit.commune
        if commune.pk not in found:
            held = _held(situation, event)
            if excess := over_commitment_at(held, commune, event.vacancy.registered_on):
                found[commune.pk] = excess
    return tuple(found.values())


def _held(situation: LedgerSituation, event: Event) -> list[Right]:
    """The rights that bear on a unit; on a first letting, those of the conventions that count it."""
    held = situation.held_at(event.vacancy)
    return held if event.taker is None else [right for right in held if right.convention.first_letting_counts]


def _let_first(situation: LedgerSituation, event: Event, sequence: int) -> None:
    """A first letting keeps its agreed destination, and credits the shares of the hypothesis."""
    shares = situation.shares_of(_held(situation, event))
    situation.credit(shares, event.vacancy)
    situation.receive(str(event.taker), event.vacancy.categories, sequence=sequence)


def _lines(past: Past, situation: LedgerSituation, mix: Mapping[str, Mapping[str, list[int]]]) -> tuple[Line, ...]:
    """One line a holder that has a figure on either side, by rank, the landlord last."""
    typologies = [each for each in TYPOLOGIES if any(each in of_holder for of_holder in mix.values())]
    agreed: dict[int, int] = defaultdict(int)
    for event in past.events:
        if event.taker is not None:
            agreed[event.taker] += 1
    lines = []
    for key, counter in sorted(situation.counters.holders.items(), key=lambda pair: pair[1].rank):
        of_holder = mix.get(key, {})
        cells = tuple((each, *of_holder.get(each, (0, 0))) for each in typologies)
        then = past.due.get(int(key), 0)
        received_then = sum(cell[1] for cell in cells) + agreed[int(key)]
        if then or received_then or counter.due or counter.received:
            lines.append(Line(past.known.holders[key], then, received_then, counter.due, counter.received, cells))
    return tuple(lines)


# --- the units that would have gone elsewhere ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """One unit, where it went and why, where it would have gone and why."""

    vacancy: Vacancy
    then: str
    why_then: str
    now: str
    why_now: str


def explained(past: Past, found: Hypothesis, member: Membership) -> list[Moved]:
    """The first units that would have gone elsewhere, among those whose sheet the person may read. Three queries."""
    moved = {outcome.event.vacancy.pk: outcome for outcome in found.moved}
    seen = set(
        Vacancy.objects.visible_to(member).filter(pk__in=list(moved) or [0]).order_by().values_list("pk", flat=True)
    )
    shown = [outcome for pk, outcome in moved.items() if pk in seen][:SHOWN]
    ids = [outcome.event.vacancy.pk for outcome in shown] or [0]
    sentences = dict(
        Recommendation.objects.filter(vacancy__in=ids).order_by("attempt").values_list("vacancy", "sentence")
    )
    motives = dict(
        Routing.objects.filter(vacancy__in=ids, closed_at=None)
        .exclude(motive="")
        .order_by("pk")
        .values_list("vacancy", "motive_text")
    )
    return [_moved(past, outcome, sentences, motives) for outcome in shown]


def _moved(past: Past, outcome: Outcome, sentences: Mapping[int, str], motives: Mapping[int, str]) -> Moved:
    vacancy, holders = outcome.event.vacancy, past.known.holders
    if vacancy.exclusion:
        then, why_then = "Soustrait du flux", capfirst(vacancy.get_exclusion_display())
    elif outcome.event.held is None:
        then, why_then = "Sorti du flux", "Rendu pour travaux."
    else:
        then = str(holders[str(outcome.event.held)])
        why_then = f"Choix du bailleur : {motives[vacancy.pk]}" if vacancy.pk in motives else sentences[vacancy.pk]
    if outcome.decision is None or outcome.facts is None:
        return Moved(vacancy, then, why_then, "Non compté", "Moins de départs dans l’hypothèse.")
    return Moved(
        vacancy, then, why_then, str(holders[outcome.decision.holder]), sentence(outcome.facts, outcome.decision)
    )
