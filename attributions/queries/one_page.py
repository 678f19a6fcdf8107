"""One page for an elected member: five figures, one table, one chart, three sentences. No name but the landlords'."""

from __future__ import annotations

from dataclasses import dataclass

from attributions.queries.landlord_figures import Figures, LandlordLine, total
from attributions.queries.territory_board import Board, ScoreLine
from flux.templatetags.dwelling import to
from reservations.models import Landlord
from reservations.models.convention import UNIT
from reservations.templatetags.french import day

#: Landlords with a line of their own: what one page holds. The others are counted together.
LINES = 12

#: The chart: pixels of a landlord's row, of its bars, of the names before them, and of the widest bar.
ROW, NAMES, WIDE = 17, 175, 330


@dataclass(frozen=True, slots=True)
class Line:
    """One landlord, or the others together (None), with the score of its first quartile."""

    landlord: Landlord | None
    count: int
    figures: Figures
    reserved: Figures
    quartile: ScoreLine | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the chart, in pixels."""

    words: str
    text: int
    received_y: int
    due_y: int
    received: int
    due: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """`quartile`: the first objective of the territory. The chart is `width` by `height` pixels, its `names` on the
    left."""

    board: Board
    lines: tuple[Line, ...]
    bars: tuple[Bar, ...]
    height: int
    sentences: tuple[str, str, str]

    @property
    def width(self) -> int:
        return NAMES + WIDE + 2

    @property
    def names(self) -> int:
        return NAMES

    @property
    def total(self) -> Figures:
        return self.board.comparison.total

    @property
    def quartile(self) -> ScoreLine:
        return self.board.first_quartile.whole


def sheet(read: Board) -> Sheet:
    """Made of what the board holds: no query."""
    ranked = sorted(read.comparison.lines, key=lambda line: (-line.figures.net, line.landlord.organisation.search_name))
    own, others = ranked[:LINES], ranked[LINES:]
    scores = {line.landlord.pk: line for line in read.first_quartile.lines if line.landlord is not None}
    lines = [Line(line.landlord, 1, line.figures, line.reserved, scores.get(line.landlord.pk)) for line in own]
    if others:
        apart = total(line.reserved for line in others)
        lines.append(Line(None, len(others), total(line.figures for line in others), apart, None))
    return Sheet(read, tuple(lines), _bars(own), ROW * len(own) + 4, _sentences(read))


def _bars(lines: list[LandlordLine]) -> tuple[Bar, ...]:
    high = max([UNIT, *(max(line.reserved.due, UNIT * line.reserved.received) for line in lines)])
    return tuple(
        Bar(
            _short(str(line.landlord)),
            ROW * place + 11,
            ROW * place + 2,
            ROW * place + 8,
            max(0, UNIT * line.reserved.received) * WIDE // high,
            max(0, line.reserved.due) * WIDE // high,
        )
        for place, line in enumerate(lines)
    )


def _short(name: str) -> str:
    return name if len(name) <= 28 else f"{name[:27]}…"


def _sentences(read: Board) -> tuple[str, str, str]:
    """Who sent what; whether promises are kept; whether the first objective is."""
    stands, quartile = read.standing, read.first_quartile.whole
    sent, lacking = f"{stands.sent} bilan{'s' * (stands.sent > 1)} sur {stands.awaited}", len(stands.absent)
    said = stands.deadline.said if stands.deadline else None
    awaited = f" avant le {day(said)}" if said and stands.days_left else ""
    rest = f"les {lacking} autres sont attendus" if lacking > 1 else "le dernier est attendu"
    first = f"Les bailleurs ont envoyé {sent} pour {read.year}" + (f" ; {rest}{awaited}." if lacking else ".")
    unused = read.comparison.unused
    if unused:
        widest = unused[0]
        count = widest.figures.unused
        second = (
            f"Les réservations ne sont pas toutes servies : le plus grand retard est de {count} "
            f"logement{'s' * (count > 1)}, dû {to(str(widest.holder))} par {widest.landlord}."
        )
    else:
        second = "Les réservations sont servies : il ne manque un logement entier à aucun réservataire."
    counts = quartile.score.counts
    if counts is None or not quartile.score.denominator:
        third = "Le premier quartile hors quartiers prioritaires ne se lit pas encore : trop peu de baux."
    else:
        third = (
            f"Hors quartiers prioritaires, {counts.numerator} baux sur {quartile.score.denominator} sont allés au "
            f"premier quartile de ressources ou à un relogement : {_spoken(quartile.verdict.words)}."
        )
    return first, second, third


def _spoken(words: str) -> str:
    """« Tenu » after a colon: « objectif tenu »."""
    return "objectif tenu" if words == "Tenu" else words[0].lower() + words[1:]
