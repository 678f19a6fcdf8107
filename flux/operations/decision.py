"""What every act of routing shares: lock and read where vacancies stand, decide one, write what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q, Sum
from django.utils import timezone

from flux.engine import versions
from flux.engine.counters import Spread
from flux.engine.facts import fingerprint_of
from flux.models import (
    DecisionWindow,
    FlowEntry,
    Ledger,
    LedgerLine,
    Recommendation,
    Routing,
    Vacancy,
)
from flux.operations.audit import check_written
from flux.operations.entries import carry_again
from flux.queries.conventions import applied, name_delegates
from flux.queries.departures import chosen
from flux.queries.returns import since_works
from flux.situation import Entered, LedgerSituation
from reservations.models import ReservationHolder
from reservations.models.guards import in_order
from reservations.models.once import Rows
from reservations.queries.parties import contingent_now
from reservations.queries.rights import Right
from reservations.refusals import Refusal
from reservations.words import of, to

Stage = FlowEntry.Stage

#: New rows of each, given their ids.
lay_recommendations, lay_routings, lay_entries = Rows(Recommendation), Rows(Routing), Rows(FlowEntry)
_lay_lines = Rows(LedgerLine, unique=("ledger", "holder"), update=("due", "received", "last_served", "profile"))


class RoutingRefused(Refusal):
    """The routing asked for cannot be done; the sentence says what to do next."""


@dataclass(frozen=True, slots=True)
class DecisionState:
    """Where a vacancy of the flow stands, its ledger locked: the latest recommendation, the routing open now, the
    holders who gave it back (by id): not the landlord, when a commune gave back what it proposed for on its part."""

    vacancy: Vacancy
    recommendation: Recommendation | None
    routing: Routing | None
    returned: frozenset[int]

    @property
    def is_out(self) -> bool:
        """Taken out of the flow after a return: nobody has it, and nobody is recommended."""
        return (
            self.routing is None
            and self.recommendation is not None
            and any(routing.recommendation_id == self.recommendation.pk for routing in self.vacancy.routings.all())
        )


def lock(vacancies: Iterable[int]) -> list[DecisionState]:
    """Lock the ledgers of these vacancies, in one order, then read where each vacancy stands.

    Raises RoutingRefused unless all are of the flow, or handed on for one turn, and none was cancelled.
    """
    ids = list(vacancies)
    own = Q(pk__in=Ledger.objects.filter(vacancies__in=ids).order_by().values("pk"))
    decided = Q(pk__in=Recommendation.objects.filter(vacancy__in=ids).order_by().values("ledger"))
    list(in_order(Ledger.objects.filter(own | decided)))
    found = (
        Vacancy.objects.filter(Q(kind=Vacancy.Kind.IN_FLOW) | Q(kind__in=Vacancy.BESIDE), pk__in=ids)
        .select_related("unit__commune", "unit__programme", "unit__landlord")
        .prefetch_related(
            "recommendations__holder__organisation",
            "recommendations__ledger__landlord",
            "routings__holder__organisation",
            "routings__convention",
            "routings__given_back",
        )
        .order_by("pk")
    )
    current = [_state_of(vacancy) for vacancy in found]
    if not ids or len(current) != len(set(ids)):
        gone = Vacancy.declared.filter(pk__in=ids, cancelled_at__isnull=False).select_related("unit")
        for cancelled in gone.order_by("pk"):
            raise RoutingRefused(already_cancelled(cancelled))
        raise RoutingRefused("Choisissez au moins un logement du flux, puis recommencez.")
    return current


def already_cancelled(vacancy: Vacancy) -> str:
    """What an act says of a vacancy that was cancelled meanwhile; other organisations read it, so it names nobody."""
    assert vacancy.cancelled_at is not None, "asked of a cancelled vacancy only"
    return f"{vacancy.unit} est déjà annulé, le {timezone.localdate(vacancy.cancelled_at):%d/%m/%Y}. Rechargez la page."


def _state_of(vacancy: Vacancy) -> DecisionState:
    routings = vacancy.routings.all()
    return DecisionState(
        vacancy,
        max(vacancy.recommendations.all(), key=lambda recommendation: recommendation.attempt, default=None),
        next((routing for routing in routings if routing.closed_at is None), None),
        frozenset(each.routing.holder_id for each in since_works(routings) if not each.routing.on_landlords_part),
    )


def check_not_allocated(routing: Routing) -> None:
    """Raises RoutingRefused when the committee allocated the unit to a household of this routing's holder."""
    entries = FlowEntry.objects.filter(vacancy=routing.vacancy_id, holder=routing.holder_id, stage=Stage.ALLOCATED)
    if entries.aggregate(net=Sum("quantity"))["net"]:
        raise RoutingRefused(
            f"Ce logement est attribué à un ménage {of(routing.holder)}. Si ses candidats sont suivis ici, "
            "annulez le bail, ou enregistrez le désistement du candidat retenu, sur la page « Offres et bail » ; "
            "sinon, annulez l’attribution, sur la page « Attribution et bail »."
        )


def open_routing(
    vacancy: Vacancy,
    holder: ReservationHolder,
    recommendation: Recommendation,
    held: Iterable[Right],
    *,
    now: datetime,
) -> Routing:
    """A routing, not saved, under the convention of the holder's right that bears there.

    Who proposes in the State's name is set by `name_delegates`; who proposes on the landlord's own part is the
    commune that a convention's chain named, when the recommendation is followed: that convention then gives it its
    delay, and says who comes after it. The returns of the vacancy are fetched.
    """
    right = applied(held, holder)
    convention = right.convention if right else None
    proposer = recommendation.situation.get("chain", {}).get("proposer") if holder.is_not_reserved else None
    if proposer:
        given = [each for each in vacancy.routings.all() if hasattr(each, "given_back")]
        convention = max(given, key=lambda each: each.pk).convention
    return Routing(
        vacancy=vacancy,
        holder=holder,
        one_turn=recommendation.ledger_id != vacancy.ledger_id,
        acting_id=int(proposer) if proposer else None,
        recommendation=recommendation,
        convention=convention,
        routed_at=now,
    )


def open_in_place(
    vacancy: Vacancy,
    holder: ReservationHolder,
    recommendation: Recommendation,
    held: Iterable[Right],
    *,
    now: datetime,
) -> Routing:
    """The same, to whoever has the rights of the holder now: the one to which its organisation was united, by the
    convention of the day of the unit's rights. The routing then says why it departs from the recommendation."""
    taker = contingent_now(holder, timezone.localdate(now))
    routing = open_routing(vacancy, holder, recommendation, held, now=now)
    if taker != holder:
        routing.holder, routing.motive = taker, Routing.Motive.OTHER
        routing.motive_text = f"{holder.organisation} est réunie {to(taker.organisation)} : ses droits y passent."
    return routing


def entry(
    vacancy: Vacancy,
    holder: ReservationHolder,
    stage: Stage,
    quantity: int,
    *,
    now: datetime,
    spread: Spread | None = None,
    sequence: int | None = None,
    ledger: int | None = None,
) -> FlowEntry:
    """One movement of the vacancy's account, not saved. `sequence` is there when its holder receives the unit.
    `ledger` (id): the account where it is decided, when that is another one (`Ledger.Kind.ONE_TURN`)."""
    account = ledger or vacancy.ledger_id
    assert account is not None, "a vacancy of the flow has its ledger, by a constraint"
    return FlowEntry(
        ledger_id=account,
        holder=holder,
        vacancy=vacancy,
        stage=stage,
        quantity=quantity,
        spread=spread,
        sequence=sequence,
        on=timezone.localdate(now),
    )


def offered(vacancy: Vacancy, holder: ReservationHolder, quantity: int, *, now: datetime) -> list[FlowEntry]:
    """What the balance counts as offered, in the account that the unit belongs to; nothing of a unit kept in stock,
    which has none: its routings say it."""
    if vacancy.ledger_id is None:
        return []
    return [entry(vacancy, holder, Stage.OFFERED, quantity, now=now)]


def open_batch(situation: LedgerSituation, *, now: datetime) -> Batch:
    """What a transaction is about to write on a ledger, as its landlord chose for that day. One query."""
    there = chosen(situation.ledger, timezone.localdate(now))
    return Batch(situation, now, there.automatic, there.window)


@dataclass(slots=True)
class Batch:
    """What one transaction writes on one ledger, and how: `automatic` routes at once; `window` says over how many known
    departures the rule decides, and so under which version."""

    situation: LedgerSituation
    now: datetime
    automatic: bool
    window: DecisionWindow
    recommendations: list[Recommendation] = field(default_factory=list)
    routings: list[Routing] = field(default_factory=list)
    entries: list[FlowEntry] = field(default_factory=list)
    entered: list[Vacancy] = field(default_factory=list)

    def decide(
        self,
        vacancy: Vacancy,
        entered: Entered,
        categories: Mapping[str, str],
        *,
        attempt: int,
        due_at: datetime,
        enters: bool = False,
    ) -> Recommendation:
        """Decide in memory one vacancy that entered the ledger, or was offered again: dues are dated `due_at`.
        `enters`: it comes back as what it is now, works having taken back all that it counted."""
        situation, facts = self.situation, entered.facts
        situation.ledger.sequence = facts.sequence
        decision = versions.VERSIONS[versions.version_of(self.window.length)](facts)
        holder, seen = situation.holders[decision.holder], facts.as_json()
        recommendation = Recommendation(
            vacancy=vacancy,
            attempt=attempt,
            ledger=situation.ledger,
            sequence=facts.sequence,
            holder=holder,
            reason=decision.reason,
            sentence=versions.say(facts, decision),
            situation=seen,
            ranking=decision.ranking_as_json(),
            plan=decision.plan_as_json() or None,
            engine_version=decision.version,
            fingerprint=fingerprint_of(seen),
            recorded_at=self.now,
        )
        self.recommendations.append(recommendation)
        for stage, credited, spreads in (
            (Stage.DUE, entered.shares, entered.spreads),
            (Stage.CARRIED, entered.carried, entered.carried_spreads),
        ):
            self.entries += [
                self.entry(vacancy, situation.holders[key], stage, quantity, at=due_at, spread=spreads.get(key))
                for key, quantity in credited.items()
                if quantity
            ]
        taker = holder
        if self.automatic:
            held = situation.held_at(vacancy)
            self.routings.append(open_in_place(vacancy, holder, recommendation, held, now=self.now))
            taker = self.routings[-1].holder
            situation.admit([taker])
        situation.receive(str(taker.pk), categories, sequence=facts.sequence)
        stage = Stage.ROUTED if self.automatic else Stage.AWAITING
        self.entries.append(self.entry(vacancy, taker, stage, 1, sequence=facts.sequence))
        if self.automatic:
            self.entries += offered(vacancy, taker, 1, now=self.now)
        if attempt == 1 or enters:
            vacancy.entered_as = dict(categories)
            self.entered.append(vacancy)
        return recommendation

    def entry(
        self,
        vacancy: Vacancy,
        holder: ReservationHolder,
        stage: Stage,
        quantity: int,
        *,
        at: datetime | None = None,
        spread: Spread | None = None,
        sequence: int | None = None,
    ) -> FlowEntry:
        """What is owed or received in the account where the unit is decided: not saved, dated `now` or `at`."""
        return entry(
            vacancy,
            holder,
            stage,
            quantity,
            now=at or self.now,
            spread=spread,
            sequence=sequence,
            ledger=self.situation.ledger.pk,
        )

    def write(self) -> None:
        """Six statements, whatever the number of vacancies, and one query when some go to the State."""
        lay_recommendations(self.recommendations)
        name_delegates(self.routings)
        for routing in self.routings:
            routing.recommendation = routing.recommendation  # which has its id from now on
        lay_routings(self.routings)
        lay_entries(self.entries)
        Vacancy.declared.write_entered(self.entered)
        write_lines(self.situation, on=timezone.localdate(self.now))
        Ledger.objects.write_sequence(self.situation.ledger)


def write_lines(situation: LedgerSituation, *, on: date) -> None:
    """Write back the lines whose figures moved on that day, then control them in memory.

    One statement, while the ledger's year is not over and the lines hold.
    """
    _lay_lines(situation.lines())
    check_written(situation)
    carry_again(situation.ledger, on=on)
