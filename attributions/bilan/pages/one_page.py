"""One page for an elected member: what was promised to us and came, where, what is decided next.

In plain words; no name but those of organisations and places.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil

from attributions.bilan.pages.cil import Pack
from attributions.bilan.pages.states import widest_gap
from attributions.bilan.pages.territory_board import counted_words, verdict_words
from attributions.bilan.queries.landlord_figures import CommuneLine, Comparison, LandlordFigures, total
from attributions.bilan.queries.matrix import MatrixState
from attributions.bilan.queries.objectives import Score
from attributions.bilan.queries.territory_board import Board, Elected, ScoreLine
from reservations.models.convention import UNIT
from reservations.rounding import adding_up, nearest
from reservations.words import day, percent, plural, signed, to, towards, upper_first

#: Lines of each table, and decisions: what one page holds. What is beyond is counted together.
LANDLORDS, COMMUNES, DECISIONS = 6, 8, 5

#: The chart: pixels of a commune's row, of its bars, of the names before them, and of the widest bar.
ROW, NAMES, WIDE = 15, 175, 330


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A landlord, a commune, or the others together: what our own contingent and every holder was due and received, and
    how many units were let. `promised`: what both were due, in whole units, since nobody is housed in a hundredth of
    one; the lines of a table add up to what is written of all together."""

    words: str
    own: LandlordFigures
    reserved: LandlordFigures
    leased: int
    promised: tuple[int, int] = (0, 0)

    @property
    def gaps(self) -> tuple[str, str]:
        """What is shown on the left less what is shown on the right, so that anybody finds it again."""
        ours, others = self.promised
        return signed(ours - self.own.received), signed(others - self.reserved.received)


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
    """`answer` is the first sentence, `kept` and `housed` those beside the first table, `more` the decisions that are
    not on the page. The chart is `width` by `height` pixels, its `names` on the left."""

    read: Elected
    answer: str
    kept: str
    housed: str
    landlords: tuple[SheetRow, ...]
    communes: tuple[SheetRow, ...]
    decisions: tuple[str, ...]
    more: int
    next_step: str
    bars: tuple[Bar, ...]

    @property
    def board(self) -> Board:
        return self.read.board

    @property
    def width(self) -> int:
        return NAMES + WIDE + 2

    @property
    def names(self) -> int:
        return NAMES

    @property
    def height(self) -> int:
        return ROW * len(self.bars) + 4

    @property
    def whole(self) -> SheetRow:
        comparison = self.board.comparison
        return _alone("Ensemble", self.read.own_total, comparison.reserved, comparison.total.leased)

    @property
    def before(self) -> SheetRow:
        """The same, the year before."""
        before = self.read.before
        return _alone(str(self.board.year - 1), self.read.own_before, before.reserved, before.total.leased)


def whole(figures: LandlordFigures) -> int:
    """What was promised, to the nearest unit."""
    return nearest(figures.due, UNIT)


def lacking(figures: LandlordFigures) -> int:
    """Promised less received, in whole units."""
    return whole(figures) - figures.received


def about(shares: int) -> str:
    """The size of a gap, in whole units: « 2 logements », « moins d’un logement »."""
    units = abs(nearest(shares, UNIT))
    return f"{units} {plural(units, 'logement,logements')}" if units else "moins d’un logement"


def sheet(read: Elected, pack: Pack) -> Sheet:
    """Made of what was read: no query."""
    board = read.board
    communes = _communes(read, pack.communes)
    questions = pack.questions
    return Sheet(
        read=read,
        answer=_answer(read),
        kept=_kept(board.comparison),
        housed=_housed(board.first_quartile.whole),
        landlords=_landlords(read),
        communes=communes,
        decisions=tuple(questions[:DECISIONS]),
        more=max(0, len(questions) - DECISIONS),
        next_step=_sent(board.state),
        bars=_bars(communes),
    )


def _landlords(read: Elected) -> tuple[SheetRow, ...]:
    lines = read.board.comparison.lines
    ranked = sorted(lines, key=lambda line: (-line.figures.net, line.landlord.organisation.search_name))
    rows = [SheetRow(str(each.landlord), read.own_of(each), each.reserved, each.figures.leased) for each in ranked]
    return _rounded(_first(rows, LANDLORDS))


def _communes(read: Elected, lines: Iterable[CommuneLine]) -> tuple[SheetRow, ...]:
    """The communes where most is due or let, by name; the others together; last, what bears on no commune."""
    rows: dict[str, SheetRow] = {}
    nowhere: list[SheetRow] = []
    for each in lines:
        own = read.own.get(each.commune.pk if each.commune else None, LandlordFigures())
        if each.commune is None:
            nowhere.append(SheetRow("Sans commune : dû transféré", own, each.reserved, each.figures.leased))
        else:
            rows[each.commune.code] = SheetRow(each.commune.name, own, each.reserved, each.figures.leased)
    ranked = sorted(rows.items(), key=lambda pair: (-pair[1].reserved.due - UNIT * pair[1].leased, pair[0]))
    return _rounded((*_first([row for _, row in ranked], COMMUNES), *nowhere))


def _alone(words: str, own: LandlordFigures, reserved: LandlordFigures, leased: int) -> SheetRow:
    return SheetRow(words, own, reserved, leased, (whole(own), whole(reserved)))


def _rounded(rows: tuple[SheetRow, ...]) -> tuple[SheetRow, ...]:
    ours = adding_up([row.own.due for row in rows], UNIT)
    others = adding_up([row.reserved.due for row in rows], UNIT)
    return tuple(replace(row, promised=(own, every)) for row, own, every in zip(rows, ours, others, strict=True))


def _first(rows: list[SheetRow], most: int) -> tuple[SheetRow, ...]:
    """The first ones, and the others on one line."""
    if len(rows) <= most:
        return tuple(rows)
    others = rows[most - 1 :]
    words = f"Les {len(others)} autres"
    together = SheetRow(
        words,
        total(row.own for row in others),
        total(row.reserved for row in others),
        sum(row.leased for row in others),
    )
    return (*rows[: most - 1], together)


def _bars(rows: Iterable[SheetRow]) -> tuple[Bar, ...]:
    shown = [row for row in rows if row.reserved.due > 0 or row.reserved.received > 0]
    high = max([UNIT, *(max(row.reserved.due, UNIT * row.reserved.received) for row in shown)])
    return tuple(
        Bar(
            row.words if len(row.words) <= 28 else f"{row.words[:27]}…",
            ROW * place + 11,
            ROW * place + 2,
            ROW * place + 8,
            max(0, UNIT * row.reserved.received) * WIDE // high,
            max(0, row.reserved.due) * WIDE // high,
        )
        for place, row in enumerate(shown)
    )


def _answer(read: Elected) -> str:
    """What was promised to us and came, this year and the year before; to all the holders, when we have no
    contingent."""
    board, ours = read.board, read.has_contingent
    now = read.own_total if ours else board.comparison.reserved
    before = read.own_before if ours else read.before.reserved
    whom = to(read.organisation) if ours else "à l’ensemble des réservataires"
    year, so_far = board.year, " à ce jour" if board.is_running else ""
    sentence = (
        f"En {year}, {_promised(now)} {plural(whole(now), 'était promis,étaient promis')} {whom} ; {now.received} "
        f"{plural(now.received, 'est venu,sont venus')}{so_far}"
        f"{f', {now.in_course} en cours' if now.in_course else ''} : {_balance(now)}."
    )
    if not ours:
        sentence = f"{upper_first(str(read.organisation))} n’a pas de contingent à son nom. {sentence}"
    if not before.due and not before.received:
        return f"{sentence} Rien n’était compté en {year - 1}."
    return (
        f"{sentence} En {year - 1} : {_promised(before)}, et {before.received} {plural(before.received, 'venu,venus')}."
    )


def _promised(figures: LandlordFigures) -> str:
    return f"{whole(figures)} {plural(whole(figures), 'logement,logements')}"


def _balance(figures: LandlordFigures) -> str:
    """The gap, in the sense that every page gives it: dû − reçus."""
    missing = lacking(figures)
    if not missing:
        return "le compte y est"
    return f"il en manque {missing}" if missing > 0 else f"{-missing} d’avance"


def _housed(quartile: ScoreLine) -> str:
    """How many leases went to those with the least, of all; why not, when it may not be shown."""
    score = quartile.score
    if not score.denominator:
        return "Aucun bail hors quartiers prioritaires : rien à dire encore des ménages aux plus faibles ressources."
    outside = "bail hors quartiers prioritaires,baux hors quartiers prioritaires"
    leases = f"{score.denominator} {plural(score.denominator, outside)}"
    if score.ends is None:
        return (
            f"Ménages aux plus faibles ressources, sur {leases} : non communiqué, trop peu de ménages d’un côté, ou de "
            f"quoi en déduire quelques-uns par soustraction. {_objective(score)}"
        )
    went = (
        f"Sur {leases}, {counted_words(score)} {plural(score.ends[1], 'est allé,sont allés')} à des ménages aux plus "
        "faibles ressources"
    )
    return f"{went} : {_spoken(verdict_words(quartile.verdict))}. {_objective(score)}"


def _objective(score: Score) -> str:
    """What the year is measured against, in leases as well as in per cent."""
    if score.share_asked is None:
        return "Aucun objectif n’est en vigueur ici."
    asked = ceil(score.asked)
    return (
        f"L’objectif de l’année : au moins {percent(score.share_asked)} de ces baux, soit {asked} sur "
        f"{score.denominator}."
    )


def _kept(read: Comparison) -> str:
    """Are promises kept? Reported by whole accounts, as the home page states the widest gap: the same sentence ends
    both."""
    if read.widest is None:
        return "Aucun réservataire n’a encore de mouvement dans les comptes."
    late = read.latest
    if late is not None and late == read.widest:
        verdict = "ne sont pas toutes servies"
    elif late is not None:
        verdict = (
            f"ne sont pas toutes servies : le plus grand retard est de {about(late.gap)}, dû {to(late.holder)} "
            f"par {towards(late.landlord)} sur tout son compte du département"
        )
    elif read.made_up:
        verdict = "sont servies : ce qui manque sur ce territoire est rendu ailleurs, sur le compte du département"
    else:
        verdict = "sont servies : sur les comptes du département, il ne manque un logement entier à aucun réservataire"
    return f"Les réservations {verdict}. {widest_gap(read.widest, sized=about)}"


def _sent(stands: MatrixState) -> str:
    """How many balances came, and until when the others are awaited, or since when they are late."""
    awaited, lacking, year = stands.awaited, len(stands.lacking), stands.exercise
    if not awaited:
        return f"Aucun bilan n’est à envoyer pour {year} : aucun logement ne s’est libéré."
    limit = stands.deadline
    late = len(stands.absent) == lacking > 0
    until = ""
    if limit and limit.last and late:
        until = f" depuis le {day(limit.last + timedelta(days=1))}"
    elif limit and limit.named and not stands.absent:
        until = f" {'jusqu’au' if limit.tolerance else 'avant le'} {day(limit.named)}"
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
