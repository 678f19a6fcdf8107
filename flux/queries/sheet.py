"""The routing sheet of one vacancy: where it stands, every destination, and what another choice would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.db.models.functions import JSONObject

from flux.models import (
    CarriedOver,
    ExpectedHolder,
    FlowEntry,
    FormerForecast,
    GoLive,
    LedgerLine,
    Recommendation,
    Return,
    Routing,
    Vacancy,
)
from flux.queries.accounts import entered_each
from flux.queries.conventions import bearing
from flux.queries.first_letting import Undone, outcomes, undone
from flux.queries.recommendations import Ranking, RankRow, ranking_of
from flux.queries.returns import Clock, clock
from flux.queries.units import stock_of
from flux.queries.vacancies import Signal, expected, latest_routing, left_the_flow, returned_by, returns, signal_of
from reservations.models import Convention, ReservationHolder, StockRight
from reservations.models.convention import UNIT
from reservations.queries.rights import OverCommitment, Right, over_commitment_at, rights


@dataclass(frozen=True, slots=True)
class Promise:
    """The share that one convention promises where a vacancy lies, in millionths of a unit."""

    convention: Convention
    share: int


@dataclass(frozen=True, slots=True)
class SheetStep:
    """One step of the story of a vacancy: what was forecast, recommended, routed, or given back. One of them is set.

    `again` on a recommendation: the return that it follows.
    """

    at: datetime
    recommendation: Recommendation | None = None
    again: Return | None = None
    routing: Routing | None = None
    given: Return | None = None
    forecast: FormerForecast | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that the sheet shows. `state` is one of WAITING (for the worker), FORESEEN (for other departures to be
    known: `expected` says where it would go), IMPOSSIBLE, UNCOVERED (no convention is in force there), GONE
    (its unit left the stock), NOT_LIVE (the landlord begins to route `later`), RECOMMENDED, ROUTED, OUT (given back and
    taken out of the flow), CANCELLED, CLOSED (a technical vacancy that was let again in a later year), or the kind of a
    vacancy that is not of the flow.
    `promises` are the conventions in force there, when the sheet needs them; `clock` what the holder has to do, until
    the unit is allocated; `outcome` the days of what stands since: {ALLOCATED: day, LEASED: day}; `undone` its
    allocations that no longer stand; `signal` when it was notified, and had to be."""

    vacancy: Vacancy
    state: str
    recommendation: Recommendation | None
    ranking: Ranking | None
    routing: Routing | None
    story: list[SheetStep]
    returns: tuple[Return, ...]
    outcome: Mapping[str, date]
    clock: Clock | None
    promises: list[Promise]
    excess: OverCommitment | None
    stock: StockRight | None
    later: date | None = None
    signal: Signal | None = None
    undone: tuple[Undone, ...] = ()

    @property
    def expected(self) -> ExpectedHolder | None:
        """Where the unit would go, while it waits for other departures to be known."""
        return expected(self.vacancy) if self.state == "FORESEEN" else None

    @property
    def signal_due(self) -> date | None:
        """The last day to state it, of a vacancy `with_signal_due` of the flow that goes to nobody yet."""
        waits = self.vacancy.kind == Vacancy.Kind.IN_FLOW and self.routing is None
        return vars(self.vacancy).get("signal_due") if waits and self.state not in ("OUT", "CANCELLED") else None

    @property
    def opened(self) -> bool:
        """Does its account carry over what was owed before it was kept here?"""
        return bool(vars(self.vacancy)["opened"])

    @property
    def allocated(self) -> bool:
        """The committee gave it to a household: it is neither given back nor sent elsewhere any more."""
        return bool(self.outcome)

    @property
    def held_by(self) -> ReservationHolder | None:
        """Who counts the unit as received: the holder it is routed to, else the one recommended."""
        if self.routing:
            return self.routing.holder
        if self.state in ("OUT", "CANCELLED"):
            return None
        return self.recommendation.holder if self.recommendation else None

    @property
    def typology(self) -> str:
        return self.vacancy.unit.typology

    @property
    def overridden(self) -> bool:
        """True when the unit is not where the rule recommended it."""
        return bool(self.routing and self.recommendation and self.routing.holder_id != self.recommendation.holder_id)


def with_carried(vacancies: QuerySet[Vacancy]) -> QuerySet[Vacancy]:
    """Fetch where each was forecast to go, and annotate what each wrote of the year before, when it entered: `carried`,
    a list of {"holder": id, "step": …}; and whether its account has an opening balance: `opened`."""
    steps = FlowEntry.objects.filter(vacancy=OuterRef("pk"), ledger=OuterRef("ledger"), stage=FlowEntry.Stage.CARRIED)
    former = Prefetch("former_forecasts", FormerForecast.objects.select_related("holder__organisation").order_by("pk"))
    return vacancies.prefetch_related(former).annotate(
        carried=ArraySubquery(steps.order_by("pk").values(step=JSONObject(holder="holder", step="quantity"))),
        opened=Exists(CarriedOver.objects.filter(ledger=OuterRef("ledger"), opening__isnull=False)),
    )


def sheet(vacancy: Vacancy, *, today: date) -> Sheet:
    """Read the sheet of a vacancy `with_destinations` and `with_carried`. Two queries at most beyond it."""
    recommendation, routing = latest_routing(vacancy)
    ranking = None
    if recommendation and not vacancy.is_cancelled:
        carried = {row["holder"]: row["step"] for row in vars(vacancy)["carried"]}
        ranking = ranking_of(recommendation, returned=returned_by(vacancy), carried=carried)
    stock = _stock_right(vacancy) if vacancy.kind == Vacancy.Kind.STOCK else None
    state, promises, excess, later = str(vacancy.kind), [], None, None
    if vacancy.kind == Vacancy.Kind.IN_FLOW or recommendation:
        state = "ROUTED" if routing else "RECOMMENDED" if recommendation else "WAITING"
        state = "OUT" if left_the_flow(vacancy) else state
    if vacancy.is_cancelled:
        state = "CANCELLED"
    elif vacancy.closed_on is not None and vacancy.kind == Vacancy.Kind.TECHNICAL:
        state = "CLOSED"
    if state == "WAITING":
        held = held_at(vacancy)
        excess = over_commitment_at(held, vacancy.unit.commune, vacancy.rights_on)
        promises = _promises(held)
        starts_on = GoLive.objects.starts_on(vacancy.unit.landlord)
        later = starts_on if starts_on is not None and starts_on > today else None
        state = "FORESEEN" if expected(vacancy) else "NOT_LIVE" if later else state
        state = "IMPOSSIBLE" if excess else "UNCOVERED" if not held else state
    if state != "CANCELLED" and not routing and vacancy.unit.is_sold and vacancy.unit.is_gone(today):
        state = "GONE"
    asked, outcome = None, outcomes([vacancy]).get(vacancy.pk, {}) if routing else {}
    if routing and vacancy.file_open and not outcome:
        asked = clock(routing, vacancy.kind, today=today)
    return Sheet(
        vacancy=vacancy,
        state=state,
        recommendation=recommendation,
        ranking=ranking,
        routing=routing,
        story=list(_story(vacancy)),
        returns=returns(vacancy),
        outcome=outcome,
        clock=asked,
        promises=promises,
        excess=excess,
        stock=stock,
        later=later,
        signal=signal_of(routing, vacancy.routings.all()) if routing and vacancy.file_open else None,
        undone=undone(vacancy) if vacancy.routings.all() else (),
    )


def _story(vacancy: Vacancy) -> Iterator[SheetStep]:
    """Each recommendation, the routings that followed it, and how the last of them ended; before them, what was
    forecast. No query."""
    again: Return | None = None
    for former in vacancy.former_forecasts.all():
        yield SheetStep(former.since, forecast=former)
    for recommendation in (None, *vacancy.recommendations.all()):
        if recommendation is not None:
            yield SheetStep(recommendation.recorded_at, recommendation=recommendation, again=again)
        for routing in vacancy.routings.all():
            if routing.recommendation_id == (recommendation.pk if recommendation else None):
                yield SheetStep(routing.routed_at, routing=routing)
                if hasattr(routing, "given_back"):
                    again = routing.given_back
                    yield SheetStep(again.returned_at, given=again)


def _stock_right(vacancy: Vacancy) -> StockRight | None:
    """The title it went under; of vacancies older than `Vacancy.stock_right`, the one its unit bore that day."""
    if vacancy.stock_right is not None:
        return vacancy.stock_right
    borne = stock_of(vacancy.unit, on=vacancy.registered_on)
    return borne.right if borne else None


def held_at(vacancy: Vacancy) -> list[Right]:
    """The rights that bear on a vacancy, on the day of its rights. One query."""
    on = vacancy.rights_on
    return bearing(rights(vacancy.unit.landlord, since=on, until=on), vacancy)


def _promises(held: list[Right]) -> list[Promise]:
    shares: dict[int, int] = {}
    conventions: dict[int, Convention] = {}
    for right in held:
        conventions[right.convention.pk] = right.convention
        shares[right.convention.pk] = shares.get(right.convention.pk, 0) + right.share
    return [Promise(convention, shares[pk]) for pk, convention in conventions.items()]


@dataclass(frozen=True, slots=True)
class SheetChange:
    """One account, as it stands and as it would stand: its gap, and its lack in the unit's typology (millionths)."""

    name: str
    gap: int
    gap_then: int
    lack: int
    lack_then: int

    @property
    def moves(self) -> bool:
        return self.gap != self.gap_then


@dataclass(frozen=True, slots=True)
class Alternative:
    """What sending the unit to `taker` instead of `giver` would change, on the accounts as they stand now.

    `entered` is how many vacancies have entered the ledger: the accounts may have moved since the ranking.
    """

    taker: RankRow
    giver: RankRow
    changes: list[SheetChange]
    entered: int

    @property
    def taker_then(self) -> int:
        return next(change.gap_then for change in self.changes if change.name == self.taker.name)

    @property
    def giver_then(self) -> int:
        return next(change.gap_then for change in self.changes if change.name == self.giver.name)

    @property
    def taker_ahead(self) -> int:
        """How far ahead of its due the taker would be; 0 when it would still be owed something."""
        return max(0, -self.taker_then)

    @property
    def giver_ahead(self) -> int:
        """How far ahead of its due the giver would remain; 0 when it would be owed something, or nothing."""
        return max(0, -self.giver_then)

    @property
    def taker_beyond(self) -> bool:
        """Would the taker pass the mark of one unit?"""
        return abs(self.taker_then) > UNIT

    @property
    def giver_beyond(self) -> bool:
        return abs(self.giver_then) > UNIT


def alternative(read: Sheet, holder_id: int) -> Alternative | None:
    """Compare another destination with the present one, by arithmetic. Two queries.

    None when the holder has no right there, or already has the unit, or when nothing is recommended yet.
    """
    if read.ranking is None or read.recommendation is None or read.held_by is None:
        return None
    taker, giver = read.ranking.row(holder_id), read.ranking.row(read.held_by.pk)
    if taker is None or giver is None or taker == giver or taker.returned:
        return None
    situation = read.recommendation.situation
    typology = dict(zip(situation["dimensions"], situation["categories"], strict=True))["typology"]
    lines = {
        line.holder_id: line
        for line in LedgerLine.objects.filter(ledger=read.recommendation.ledger_id)
        .select_related("holder__organisation")
        .order_by("pk")
    }
    changes = []
    for row in read.ranking.rows:
        line = lines.get(row.holder_id)
        gap, lack = _gap(line), _lack(line, typology)
        moved = UNIT * ((row == giver) - (row == taker))
        changes.append(SheetChange(row.name, gap, gap + moved, lack, lack + moved))
    count = entered_each([read.recommendation.ledger])[read.recommendation.ledger_id]
    taker, giver = (
        replace(row, inside=lines[row.holder_id].holder.inside) if row.holder_id in lines else row
        for row in (taker, giver)
    )
    return Alternative(taker, giver, changes, count)


def _gap(line: LedgerLine | None) -> int:
    return line.due - UNIT * line.received if line else 0


def _lack(line: LedgerLine | None, typology: str) -> int:
    if line is None:
        return 0
    due, received = line.profile.get("typology", {}).get(typology, (0, 0))
    return int(due - UNIT * received)
