"""What an overseer reads of a territory and a year: who sent what, the figures side by side, the objectives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from attributions.bilan.models import Objective
from attributions.bilan.queries.balance import balances_of
from attributions.bilan.queries.landlord_figures import Comparison, compare
from attributions.bilan.queries.matrix import MatrixStanding
from attributions.bilan.queries.objectives import Reading, Score, reading
from attributions.bilan.queries.standing import standing
from reservations.models import Landlord, Membership, Territory

Code = Objective.Code


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a score, and the class of its pill."""

    pill: str
    words: str


#: Of a landlord whose balance has not come, before its last day and after.
AWAITED, ABSENT = Verdict("wait", "Bilan attendu"), Verdict("late", "Bilan absent")


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One objective of one landlord (None: of the whole territory). `lacking`: what is said of it while its balance has
    not come."""

    landlord: Landlord | None
    score: Score
    lacking: Verdict | None = None

    @property
    def verdict(self) -> Verdict:
        return verdict(self.score, lacking=self.lacking)


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """One objective: each landlord that has leases for it, and the territory."""

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
        return Verdict("ok", "Sous le plafond" if score.is_ceiling else "Tenu")
    count = score.missing or 0
    leases = "bail" if count == 1 else "baux"
    if score.is_ceiling:
        return Verdict("late", f"Dépassé de {count} {leases}")
    return Verdict("todo", f"Il manque {count} {leases}")


def _unjudged(score: Score) -> Verdict | None:
    """Why nothing is said good or bad; None when it may be."""
    if not score.denominator:
        return Verdict("wait", "Aucun bail")
    if score.counts is None:
        return Verdict("", "Regroupé")
    if not score.targets:
        return Verdict("wait", "Aucun taux en vigueur")
    return Verdict("", "Petit effectif") if score.is_few else None


@dataclass(frozen=True, slots=True)
class Board:
    """`readable`: the landlords (ids) whose balance of the year the person may open."""

    territory: Territory
    year: int
    today: date
    standing: MatrixStanding
    comparison: Comparison
    tables: tuple[ScoreTable, ...]
    readable: frozenset[int]

    @property
    def is_running(self) -> bool:
        """Is the year not over yet? Its figures then move every day."""
        return self.today.year <= self.year

    @property
    def has_leases(self) -> bool:
        """Is there anything to score, or a balance that should say it?"""
        return any(table.is_worth_reading or table.lines for table in self.tables)

    @property
    def first_quartile(self) -> ScoreTable:
        return self.tables[0]

    @property
    def missed(self) -> list[ScoreTable]:
        """Objectives that the territory does not reach, on enough leases."""
        return [table for table in self.tables if table.whole.verdict.pill in ("todo", "late")]


def board(member: Membership, territory: Territory, year: int, *, today: date) -> Board:
    """Everything of a territory and a year. As many queries whatever the landlords, holders and units."""
    stands = standing(territory, year, today=today, reader=member.organisation_id, reader_signs=member.is_holder)
    landlords = list({row.landlord.pk: row.landlord for row in stands.rows}.values())
    return Board(
        territory,
        year,
        today,
        stands,
        compare(year, territory, member=member, landlords=landlords),
        score_tables(reading(year, member=member), territory, landlords, lacking=without_balance(stands)),
        frozenset(landlord for landlord, of in balances_of(member) if of == year),
    )


def without_balance(stands: MatrixStanding) -> Mapping[int, Verdict]:
    """Landlords (ids) whose balance has not come, once the year is over: nothing is said good or bad of them."""
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
    """The six objectives, landlord by landlord, from one reading; `lacking`: what is said of those (ids) whose balance
    has not come. No query."""
    named = sorted(landlords, key=lambda each: (each.organisation.search_name, each.pk))
    of = {landlord.pk: read.scores(landlord=landlord, territory=territory) for landlord in named}
    whole = read.scores(territory=territory)
    return tuple(
        ScoreTable(
            score.code,
            tuple(
                ScoreLine(landlord, of[landlord.pk][place], lacking.get(landlord.pk))
                for landlord in named
                if of[landlord.pk][place].denominator or landlord.pk in lacking
            ),
            ScoreLine(None, score),
        )
        for place, score in enumerate(whole)
    )
