"""What is read of returns.

* What a routing's convention says of proposing and of giving back: deadline, candidates, whose turn is used.
* Routings whose holder has not answered in time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q, Sum
from django.utils import timezone

from flux.models import FlowEntry, LedgerLine, Return, Routing, Vacancy
from flux.queries.deadlines import proposing_from
from flux.queries.first_letting import not_allocated
from reservations.deadlines import NATIONAL, Days, elapsed, last_day
from reservations.models import Convention, LegalParameter, ReservationHolder
from reservations.models.convention import UNIT
from reservations.models.terms import Side

Reason = Return.Reason


@dataclass(frozen=True, slots=True)
class Effects:
    """What a refusal or a return does to its holder's account: does the unit count as offered, is the turn used, and
    does the holder get a new delay to propose."""

    offered: bool
    consumed: bool
    restarts: bool


def effects(convention: Convention | None, side: str) -> Effects:
    """Under the version of the convention that the routing applied, by whose doing it is; a later one moves nothing.

    A unit that cannot be let never uses a turn: there is nothing left to count. A routing older than the versions of
    conventions follows the defaults.
    """
    terms = convention or Convention()
    consumed = terms.returns_effect == Convention.ReturnsEffect.YES
    if terms.returns_effect == Convention.ReturnsEffect.YES_IF_HOLDER_FAULT:
        consumed = side == Side.HOLDER
    consumed = consumed and side != Side.UNIT
    return Effects(
        offered=consumed or side not in terms.not_offered,  # a turn that is used was offered
        consumed=consumed,
        restarts=bool(terms.new_candidates_days) and side in terms.clock_restarts,
    )


def routing_effects(routing: Routing, side: str) -> Effects:
    """The same for a routing: on the landlord's part a commune proposes and has no turn, the landlord keeps its own.
    Nor has who received the unit for one turn, beside its yearly account, a turn to use.

    Beside the flow, the right to the unit serves this time, whoever takes it: the unit goes on for one turn, and the
    right holds at the next vacancy.

    Where the convention counts a unit once its holder proposed candidates, and it did, the unit was received: its turn
    is used, unless what ended it makes it count as never offered (docs/decisions/0066). No unit that a committee
    allocated is given back: the later points are never reached here.
    """
    found = effects(routing.convention, side)
    if routing.by_its_own_right:
        return replace(found, consumed=True, offered=True)
    terms = routing.convention or Convention()
    if routing.on_landlords_part or routing.one_turn:  # no turn is used: whether it was offered is the clause's to say
        return replace(found, consumed=False, offered=side not in terms.not_offered)
    proposed = terms.counting_point == Convention.CountingPoint.PROPOSED and routing.answered_on is not None
    return replace(found, consumed=found.consumed or (proposed and found.offered and side != Side.UNIT))


def counts(convention: Convention | None, reason: str) -> bool:
    """Does a return for this reason use the holder's turn, under the version that the routing applied?"""
    return effects(convention, Return.SIDES[Reason(reason)]).consumed


def forfeited(delay: int, convention: Convention | None, *, reason: str, counted: bool) -> int:
    """What a holder forfeits to the landlord when it gives a unit back, in millionths of a unit.

    A return that the holder causes and that its convention does not count gives it its turn back: all of it, unless the
    version that the routing applied says up to which delay (`Terms.returned_cap`, docs/decisions/0107). Never more than
    the unit given back, so that what the landlord's own choices left due is never touched; nothing when the landlord is
    the cause, or it could empty a claim by taking units back (docs/decisions/0017).

    `delay`: due − received once the unit is given back.
    """
    limit = convention.returned_cap if convention is not None else None
    if limit is None or counted or reason not in Return.HOLDER_FAULT:
        return 0
    return max(0, min(UNIT, delay - limit))


def forfeited_by(given: Return) -> int:
    """What a return left above the cap, in millionths of a unit: read in the account. One query."""
    lost = FlowEntry.objects.filter(
        vacancy=given.routing.vacancy_id, holder=given.routing.holder_id, stage=FlowEntry.Stage.FORFEITED
    )
    return -(lost.aggregate(sum=Sum("quantity"))["sum"] or 0)


def since_works(routings: Iterable[Routing]) -> list[Return]:
    """The returns among the routings of a vacancy, in order, from the last for works on, itself left out once it is
    over: whoever gave a unit back before them may have it again. No query when returns are fetched."""
    found: list[Return] = []
    for routing in sorted(routings, key=lambda each: each.pk):
        if hasattr(routing, "given_back"):
            found = [] if routing.given_back.reason == Return.Reason.WORKS else [*found, routing.given_back]
    return found


def works_of(vacancy: Vacancy) -> Return:
    """The return that took a vacancy out for works, the latest. One query."""
    found = Return.objects.filter(routing__vacancy=vacancy, reason=Reason.WORKS).order_by("-pk")
    return found[0]


@dataclass(frozen=True, slots=True)
class Clock:
    """What the holder of an open routing has to do: propose `minimum` candidates by the end of `until`.

    `days` of those that the convention counts (`how`), None (and `until` None) when it settles no delay; `left`: how
    many remain after today, 0 on the last day. `delegated`: the landlord looks for the candidates itself.
    `answered_on`: the day candidates were sent. `restarted_on`: the day from which the delay runs anew, the candidates
    sent being lost. `late`: the day of `until` is over, and none was. `held`: days that do not count, the candidates
    taken back since being with the landlord. `opens_on`: the day that opens the flow, and the delay, after the
    routing; None when it was open.
    """

    days: int | None
    until: date | None
    minimum: int | None
    delegated: bool
    answered_on: date | None
    late: bool
    restarted_on: date | None = None
    left: int = 0
    how: Days = NATIONAL
    held: int = 0
    opens_on: date | None = None

    @property
    def runs(self) -> bool:
        """Somebody is still expected to send candidates, and by a day."""
        return self.until is not None and self.answered_on is None

    @property
    def spent(self) -> int:
        """Days of the delay that are over."""
        return max(0, (self.days or 0) - self.left)  # those `held` are on neither side

    @property
    def last_day(self) -> bool:
        """Today is the last day to answer."""
        return self.runs and not self.late and self.left == 0


def clock(routing: Routing, kind: str, *, today: date) -> Clock | None:
    """Read the convention that the routing applied, whatever is signed since; None when it applied none.

    `kind` is that of the vacancy: a first letting has its own delay. No query when the convention is fetched.
    """
    convention = routing.convention
    if convention is None:
        return None
    days = convention.first_letting_days if kind == Vacancy.Kind.FIRST_LETTING else convention.proposal_days
    days = convention.new_candidates_days if routing.clock_from else days
    since, how = proposing_from(routing), convention.days
    until = last_day(since, days + routing.clock_held, how) if days else None
    return Clock(
        days=days,
        until=until,
        minimum=convention.minimum_candidates,
        delegated=convention.management == Convention.Management.DELEGATED and not routing.on_landlords_part,
        answered_on=routing.answered_on,
        late=until is not None and today > until and routing.answered_on is None,
        restarted_on=routing.clock_from,
        left=elapsed(today, until, how) if until else 0,
        how=how,
        held=routing.clock_held,
        opens_on=since if since > timezone.localdate(routing.routed_at) and routing.clock_from is None else None,
    )


def asked_of(routing: Routing, *, today: date) -> Clock | None:
    """The same of the holder of a unit kept in stock, whose title settles no delay: it has the customary one
    (`LegalParameter`, PROPOSAL_DAYS) from its routing. One query, for such a unit."""
    if routing.convention is not None or routing.vacancy.kind != Vacancy.Kind.STOCK or routing.one_turn:
        return clock(routing, routing.vacancy.kind, today=today)
    since = timezone.localdate(routing.routed_at)
    try:
        days = int(LegalParameter.objects.value_on(LegalParameter.Code.PROPOSAL_DAYS, since))
    except LegalParameter.DoesNotExist:
        return None
    until = last_day(since, days, NATIONAL)
    late = today > until and routing.answered_on is None
    return Clock(days, until, None, delegated=False, answered_on=routing.answered_on, late=late)


@dataclass(frozen=True, slots=True)
class Choice:
    """A reason that may be given now, and what it does to the holder's account."""

    reason: str
    words: str
    effects: Effects


def choices(routing: Routing, reasons: Collection[str], *, today: date) -> list[Choice]:
    """Among the reasons that a person may give, those that hold today. No query when the convention is fetched, one for
    a unit kept in stock."""
    asked = asked_of(routing, today=today)
    out_of_time = asked is not None and asked.late and not asked.delegated
    return [
        Choice(reason.value, str(reason.label), routing_effects(routing, Return.SIDES[reason]))
        for reason in Reason
        if reason in reasons and (reason != Reason.NO_CANDIDATE or out_of_time)
    ]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A holder's account as it stands, and as it would stand once the unit is given back. Gaps and `lost`, what would
    go to the landlord above the cap of its convention, in millionths of a unit."""

    exercise: int
    received: int
    received_then: int
    gap: int
    gap_then: int
    lost: int


def foreseen(routing: Routing, reason: str, *, today: date) -> Foreseen | None:
    """What `return_vacancy` would write in the account of the routing's holder, for this reason. Two queries.

    None where it has no turn to use or keep: on the landlord's own part, for one turn, or outside the accounts.
    """
    if routing.on_landlords_part or routing.one_turn:
        return None
    found = LedgerLine.objects.filter(holder=routing.holder_id, ledger=routing.vacancy.ledger_id)
    line = found.select_related("ledger").order_by("pk").first()
    if line is None:
        return None
    gap = line.due - UNIT * line.received
    kept = routing_effects(routing, Return.SIDES[Reason(reason)]).consumed
    then = gap if kept else gap + UNIT
    lost = forfeited(then, routing.convention, reason=reason, counted=kept)
    received = line.received if kept else line.received - 1
    return Foreseen(line.ledger.exercise, line.received, received, gap, then - lost, lost)


def silent_routings(*, today: date) -> list[Routing]:
    """Open routings of the flow, not answered, whose last day is over, the oldest first. One query.

    Under direct management and with a delay only: a landlord that looks for candidates itself, or keeps the unit, makes
    no holder late; what a committee allocated is answered. Which days are worked is computed row by row: the convention
    says it.
    """
    own = Q(holder__contingent=ReservationHolder.Contingent.NOT_RESERVED)
    open_and_silent = (
        Routing.objects.filter(
            Q(clock_from=None, convention__proposal_days__isnull=False)
            | Q(clock_from__isnull=False, convention__new_candidates_days__isnull=False),
            closed_at=None,
            answered_on=None,
            vacancy__kind=Vacancy.Kind.IN_FLOW,
            vacancy__cancelled_at=None,
        )
        .filter(
            ~own & Q(convention__management=Convention.Management.DIRECT)
            | own & Q(acting__isnull=False)  # a commune proposes on the landlord's part, whatever the management
        )
        .select_related("vacancy", "convention", "holder__organisation")
        .order_by("routed_at", "pk")
    )
    late = []
    for routing in not_allocated(open_and_silent):
        asked = clock(routing, Vacancy.Kind.IN_FLOW, today=today)
        if asked is not None and asked.late:
            late.append(routing)
    return late
