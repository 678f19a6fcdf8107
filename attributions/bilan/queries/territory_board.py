"""What is read of territory board.

* What an overseer reads of a territory and a year: who sent what, the figures side by side, the objectives.
* The contested lines of a territory and a year, for the conference of housing (CIL, CCH L441-1-5).
* What an elected member asks of a territory and a year: what was promised to us and came, where, what is next.
* No figure is defined here: those of the comparison of landlords, of the year and of the year before; those of the
  organisation's own contingents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from django.db.models import Q, Sum

from attributions.bilan.models import AnnualBalance, BalanceRemark, Objective, StatedPurpose
from attributions.bilan.queries.landlord_figures import (
    Comparison,
    LandlordFigures,
    LandlordLine,
    compared,
    lived_in,
    total,
)
from attributions.bilan.queries.matrix import MatrixState
from attributions.bilan.queries.objectives import Reading, Score, published, reading
from attributions.bilan.queries.scope import balances_of
from attributions.bilan.queries.states import matrix_state
from flux.models import AccountMonth
from flux.queries.stock_transfers import transfers_in
from reservations.models import Landlord, Membership, Organisation, Territory
from reservations.models.territory import end_of, within
from reservations.models.together import Steps, stepwise, together, whole
from reservations.models.wall import of_one_moment
from reservations.words import together as joined

Code = Objective.Code


class Judgement(StrEnum):
    """What a score is worth. AWAITED, ABSENT: of a landlord whose balance has not come, before its last day and after;
    NO_LEASE to FEW: nothing is stated good or bad. UNDECIDED: the target is between the two bounds that everybody is
    given. ROUNDING: over a ceiling by less than one lease."""

    KEPT = "KEPT"
    UNDER = "UNDER"
    ROUNDING = "ROUNDING"
    OVER = "OVER"
    SHORT = "SHORT"
    AWAITED = "AWAITED"
    ABSENT = "ABSENT"
    NO_LEASE = "NO_LEASE"
    NOT_SHARED = "NOT_SHARED"
    UNDECIDED = "UNDECIDED"
    NO_TARGET = "NO_TARGET"
    FEW = "FEW"

    @property
    def is_missed(self) -> bool:
        """Is something to be done?"""
        return self in (Judgement.OVER, Judgement.SHORT, Judgement.ABSENT)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is stated of a score; `leases`: how many lack, or are too many, at least; `most`: at most, where only bounds
    are given."""

    judgement: Judgement
    leases: int = 0
    most: int = 0


AWAITED, ABSENT = Verdict(Judgement.AWAITED), Verdict(Judgement.ABSENT)


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One objective of a landlord, or of several together that no figure may state apart; none: of the whole territory.
    `lacking`: what is stated of it while a balance has not come."""

    landlords: tuple[Landlord, ...]
    score: Score
    lacking: Verdict | None = None

    @property
    def landlord(self) -> Landlord | None:
        """The one, when it is one."""
        return self.landlords[0] if len(self.landlords) == 1 else None

    @property
    def words(self) -> str:
        """« Robine Habitat », « Corbières Logis et Orbieu Habitat, ensemble », « Territoire »."""
        return joined(self.landlords) or "Territoire"

    @property
    def verdict(self) -> Verdict:
        return verdict(self.score, lacking=self.lacking)


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """One objective: each landlord that has leases for it, or several together, and the territory."""

    code: Objective.Code
    lines: tuple[ScoreLine, ...]
    whole: ScoreLine

    @property
    def words(self) -> str:
        return str(self.code.label)

    @property
    def is_worth_reading(self) -> bool:
        return self.whole.score.denominator > 0


def verdict(score: Score, *, lacking: Verdict | None = None) -> Verdict:
    """« Tenu », « Il manque 8 baux », « Petit effectif »… A rate is judged on thirty leases or more, once its balance
    came, and never when it is not shown."""
    if (unjudged := lacking or _unjudged(score)) is not None:
        return unjudged
    if score.reached:
        return Verdict(Judgement.UNDER if score.is_ceiling else Judgement.KEPT)
    if score.is_rounding:
        return Verdict(Judgement.ROUNDING)
    least, most = score.missing_within or (0, 0)
    return Verdict(Judgement.OVER if score.is_ceiling else Judgement.SHORT, least, most)


def _unjudged(score: Score) -> Verdict | None:
    """Why nothing is stated good or bad; None when it may be."""
    if not score.denominator:
        return Verdict(Judgement.NO_LEASE)
    if score.ends is None:
        return Verdict(Judgement.NOT_SHARED)
    if not score.targets:
        return Verdict(Judgement.NO_TARGET)
    if score.is_few:
        return Verdict(Judgement.FEW)
    return Verdict(Judgement.UNDECIDED) if score.reached is None else None


@dataclass(frozen=True, slots=True)
class Board:
    """`readable`: the landlords (ids) whose balance of the year the person may open. `read`: the objectives
    of the leases, for the person or for everybody."""

    territory: Territory
    year: int
    today: date
    state: MatrixState
    comparison: Comparison
    tables: tuple[ScoreTable, ...]
    readable: frozenset[int]
    read: Reading

    @property
    def purpose(self) -> StatedPurpose | None:
        """Why the person reads the whole figures of households; None when it reads those that everybody is given."""
        return self.read.purpose

    @property
    def least(self) -> int:
        """The count under which nothing is given to everybody."""
        return self.read.least

    @property
    def is_running(self) -> bool:
        """Is the year not over yet? Its figures then move every day."""
        return self.today.year <= self.year

    @property
    def shown_tables(self) -> list[ScoreTable]:
        """The objectives that have leases to score, or a balance that should say them."""
        return [table for table in self.tables if table.is_worth_reading or table.lines]

    @property
    def first_quartile(self) -> ScoreTable:
        return self.tables[0]

    @property
    def missed(self) -> list[ScoreTable]:
        """Objectives that the territory does not reach, on enough leases."""
        return [table for table in self.tables if table.whole.verdict.judgement.is_missed]


@of_one_moment
@stepwise
def board(
    member: Membership, territory: Territory, year: int, *, today: date, for_everybody: bool = False
) -> Steps[Board]:
    """Everything of a territory and a year; `for_everybody`: a paper, whose figures are those of any reader. As many
    queries whatever the landlords, holders and units."""
    stands, read, lived, readable = yield from together(
        matrix_state.steps(territory, year, today=today, reader=member.organisation_id, reader_signs=member.is_holder),
        published.steps(year, territory) if for_everybody else reading.steps(year, member=member),
        lived_in.steps(year, territory, member=member),
        balances_of.steps(member),
    )
    landlords = list({row.landlord.pk: row.landlord for row in stands.rows}.values())
    return Board(
        territory,
        year,
        today,
        stands,
        (yield from compared(lived, landlords)),
        score_tables(read, territory, landlords, lacking=without_balance(stands)),
        frozenset(landlord for landlord, of in readable if of == year),
        read,
    )


def without_balance(stands: MatrixState) -> Mapping[int, Verdict]:
    """Landlords (ids) whose balance has not come, once the year is over: nothing is stated good or bad of them."""
    if not stands.is_over:
        return {}
    return {row.landlord.pk: AWAITED for row in stands.lacking} | {row.landlord.pk: ABSENT for row in stands.absent}


def score_tables(
    read: Reading,
    territory: Territory,
    landlords: Iterable[Landlord],
    *,
    lacking: Mapping[int, Verdict] = MappingProxyType({}),
) -> tuple[ScoreTable, ...]:
    """The objectives, landlord by landlord, from one reading; `lacking`: what is stated of those (ids) whose balance
    has not come. No query."""
    named = sorted(landlords, key=lambda each: (each.organisation.search_name, each.pk))
    return tuple(
        ScoreTable(
            code,
            tuple(_score_lines(read, code, territory, named, lacking)),
            ScoreLine((), read.score(code, territory=territory)),
        )
        for code in Code
    )


def _score_lines(
    read: Reading, code: Objective.Code, territory: Territory, named: Sequence[Landlord], lacking: Mapping[int, Verdict]
) -> Iterable[ScoreLine]:
    """Landlords that no figure states apart are on one line, unless it would be that of the whole territory."""
    apart = read.together(code, territory)
    joined = {landlord: each for each in apart for landlord in each if len(apart) > 1}
    for line in dict.fromkeys(joined.get(each.pk, frozenset({each.pk})) for each in named):
        landlords = tuple(each for each in named if each.pk in line)
        score = read.score(code, landlords=landlords, territory=territory)
        late = next((lacking[each.pk] for each in landlords if each.pk in lacking), None)
        if score.denominator or late is not None:
            yield ScoreLine(landlords, score, late)


def remarks_of(read: Board, *, member: Membership) -> Steps[list[BalanceRemark]]:
    """Those of the balances of the year that the person reads, the oldest first. One query."""
    balances = AnnualBalance.objects.visible_to(member).filter(
        exercise=read.year,
        landlord__in=[row.landlord.pk for row in read.state.rows],
        departement__in=[row.departement.pk for row in read.state.rows],
    )
    made = BalanceRemark.objects.filter(version__balance__in=balances).order_by("made_at", "pk")
    return whole(made, "version__balance__landlord__organisation", "organisation", "holder__organisation")


@dataclass(frozen=True, slots=True)
class Elected:
    """`before`: the landlords the year before. `own`: what the organisation's contingents were due and received, by
    commune (id; None: dues moved at the end of a right, which bear on none)."""

    board: Board
    organisation: Organisation
    before: Comparison
    own: Mapping[int | None, LandlordFigures]

    @property
    def has_contingent(self) -> bool:
        """Was anything due to, or received by, the organisation itself, this year or the year before?"""
        every = [total(self.own.values()), self.own_before]
        return any(figures.due or figures.received for figures in every)

    @property
    def own_total(self) -> LandlordFigures:
        return total(self.own.values())

    @property
    def own_before(self) -> LandlordFigures:
        return total(self.own_of(line) for line in self.before.lines)

    def own_of(self, line: LandlordLine) -> LandlordFigures:
        """Of one landlord, what is the organisation's own."""
        return total(each.figures for each in line.holders if each.holder.organisation_id == self.organisation.pk)


@stepwise
def elected(board: Board, before: Comparison, *, member: Membership) -> Steps[Elected]:
    """One query, beside those of the board."""
    return Elected(board, member.organisation, before, (yield from _own(board, member)))


def _own(board: Board, member: Membership) -> Steps[dict[int | None, LandlordFigures]]:
    """Of the accounts that the board reads. One query."""
    books, territory = board.comparison.accounts.owners.keys(), board.territory.pk
    here: Q = within(territory, commune="commune", on=end_of(board.year)) | transfers_in(territory)
    months = AccountMonth.objects.filter(here, ledger__in=books, holder__organisation=member.organisation_id)
    asked = months.order_by().values_list("commune")
    (rows,) = yield [asked.annotate(Sum("due"), Sum("routed"), Sum("awaiting"), Sum("received"))]
    found: dict[int | None, LandlordFigures] = {
        commune: LandlordFigures(due=due, routed=offered, awaiting=awaiting, received=received)
        for commune, due, offered, awaiting, received in rows
    }
    own = {
        holder.pk
        for line in board.comparison.lines
        for each in line.holders
        if (holder := each.holder).organisation_id == member.organisation_id
    }
    for each, figures in board.comparison.since.accounts(books):
        if each.holder in own:
            left = {name: -figures.get(name, 0) for name in ("due", "routed", "awaiting", "received")}
            found[each.commune] = found.get(each.commune, LandlordFigures()) + LandlordFigures(**left)
    return found
