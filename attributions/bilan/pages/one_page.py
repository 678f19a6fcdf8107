"""One page for an elected member: five figures, one table, one chart, three sentences. No name but the landlords'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from attributions.bilan.queries.landlord_figures import Comparison, LandlordFigures, LandlordLine, total
from attributions.bilan.queries.matrix import MatrixStanding
from attributions.bilan.queries.territory_board import Board, ScoreLine
from flux.words import counted
from reservations.models import Landlord
from reservations.models.convention import UNIT
from reservations.words import day, plural, to, towards

#: Landlords with a line of their own: what one page holds. The others are counted together.
LINES = 10

#: The chart: pixels of a landlord's row, of its bars, of the names before them, and of the widest bar.
ROW, NAMES, WIDE = 15, 175, 330


@dataclass(frozen=True, slots=True)
class OnePageLine:
    """One landlord, or the others together (None), with the score of its first quartile."""

    landlord: Landlord | None
    count: int
    figures: LandlordFigures
    reserved: LandlordFigures
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
    lines: tuple[OnePageLine, ...]
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
    def total(self) -> LandlordFigures:
        return self.board.comparison.total

    @property
    def quartile(self) -> ScoreLine:
        return self.board.first_quartile.whole


def sheet(read: Board) -> Sheet:
    """Made of what the board holds: no query."""
    ranked = sorted(read.comparison.lines, key=lambda line: (-line.figures.net, line.landlord.organisation.search_name))
    own, others = ranked[:LINES], ranked[LINES:]
    scores = {line.landlord.pk: line for line in read.first_quartile.lines if line.landlord is not None}
    lines = [OnePageLine(line.landlord, 1, line.figures, line.reserved, scores.get(line.landlord.pk)) for line in own]
    if others:
        apart = total(line.reserved for line in others)
        lines.append(OnePageLine(None, len(others), total(line.figures for line in others), apart, None))
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
    quartile = read.first_quartile.whole
    return _sent(read.standing), _kept(read.comparison), _housed(quartile)


def _housed(quartile: ScoreLine) -> str:
    """How many leases went to those with the least, of all; of those that may be told when some are put aside, and then
    nothing is said of the target."""
    score = quartile.score
    whole = score.counts if score.denominator else None
    if (told := whole or score.part) is None:
        if count := score.denominator:
            return (
                f"Premier quartile hors quartiers prioritaires, sur {count} {plural(count, 'bail,baux')} : non "
                "communiqué, trop peu de ménages d’un côté, ou de quoi en déduire quelques-uns par soustraction."
            )
        return "Le premier quartile hors quartiers prioritaires ne se lit pas encore : aucun bail."
    went = (
        f"Hors quartiers prioritaires, {told.numerator} {plural(told.numerator, 'bail,baux')} sur {told.denominator} "
        f"{plural(told.numerator, 'est allé,sont allés')} au premier quartile de ressources ou à un relogement"
    )
    if whole is None:
        aside = score.denominator - told.denominator
        return (
            f"{went} ; {aside} {plural(aside, 'autre est,autres sont')} mis à part, pour que personne ne s’y "
            "reconnaisse : pas de taux."
        )
    return f"{went} : {_spoken(quartile.verdict.words)}."


def _kept(read: Comparison) -> str:
    """Are promises kept? Told by whole accounts, as the home page tells the widest gap: the same sentence ends both."""
    if read.widest is None:
        return "Aucun réservataire n’a encore de mouvement dans les comptes."
    if late := read.latest:
        verdict = (
            f"ne sont pas toutes servies : le plus grand retard est de {counted(late.gap)}, dû {to(str(late.holder))} "
            f"par {towards(late.landlord)} sur tout son compte du département"
        )
    elif read.made_up:
        verdict = "sont servies : ce qui manque sur ce territoire est rendu ailleurs, sur le compte du département"
    else:
        verdict = "sont servies : sur les comptes du département, il ne manque un logement entier à aucun réservataire"
    return f"Les réservations {verdict}. {read.widest.said}"


def _sent(stands: MatrixStanding) -> str:
    """How many balances came, and until when the others are awaited, or since when they are late."""
    awaited, lacking, year = stands.awaited, len(stands.lacking), stands.exercise
    if not awaited:
        return f"Aucun bilan n’est à envoyer pour {year} : aucun logement ne s’est libéré."
    limit = stands.deadline
    late = len(stands.absent) == lacking > 0
    until = ""
    if limit and limit.last and late:
        until = f" depuis le {day(limit.last + timedelta(days=1))}"
    elif limit and limit.said and not stands.absent:
        until = f" {'jusqu’au' if limit.tolerance else 'avant le'} {day(limit.said)}"
    some, one = ("en retard", "en retard") if late else ("attendus", "attendu")
    if not stands.sent:
        if awaited == 1:
            return f"Le bilan {year} n’est pas encore arrivé : il est {one}{until}."
        return f"Aucun des {awaited} bilans {year} n’est encore arrivé : ils sont {some}{until}."
    if not lacking:
        return f"Les {awaited} bilans {year} sont arrivés." if awaited > 1 else f"Le bilan {year} est arrivé."
    rest = f"les {lacking} autres sont {some}" if lacking > 1 else f"le dernier est {one}"
    came = f"{stands.sent} bilans {year} sur {awaited} sont arrivés"
    if stands.sent == 1:
        came = f"1 bilan {year} sur {awaited} est arrivé"
    return f"{came} ; {rest}{until}."


def _spoken(words: str) -> str:
    """« Tenu » after a colon: « objectif tenu »; what is missing, with how it is counted."""
    if words == "Tenu":
        return "objectif tenu"
    return words[0].lower() + words[1:] + (", au même nombre de baux" if words.startswith("Il manque") else "")
