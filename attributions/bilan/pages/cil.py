"""What pages say of the conference.

* The agenda pack of the conference of housing (CIL, CCH L441-1-5): what its members read before they decide.
* No name of a household, and no free text: remarks are listed by the line and the figure they bear on.
* The agenda pack of the conference in tables, on a page to print.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.bilan.models import BalanceRemark, Objective
from attributions.bilan.pages.figures import Words
from attributions.bilan.pages.scores import CEILING
from attributions.bilan.pages.states import Missing, missing_conventions
from attributions.bilan.pages.territory_board import NOWHERE, counted_words, verdict_words
from attributions.bilan.queries.content import place_of
from attributions.bilan.queries.figures import DUE
from attributions.bilan.queries.landlord_figures import (
    CommuneLine,
    HolderLine,
    LandlordFigures,
    LandlordLine,
    by_commune,
)
from attributions.bilan.queries.matrix import MatrixRow, MatrixState
from attributions.bilan.queries.objectives import Score
from attributions.bilan.queries.review import sent
from attributions.bilan.queries.territory_board import Board, ScoreLine, ScoreTable, remarks_of
from flux.pages.accounts import more_than_offered, on_the_way
from flux.words import gap, units
from reservations.deadlines import working_days
from reservations.models import Landlord, Membership, Organisation
from reservations.models.together import Steps, stepwise, together
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.rounding import ENOUGH
from reservations.words import day, integer, near_day, percent, plural, short_day, towards, upper_first


@dataclass(frozen=True, slots=True)
class Remark:
    """One contested line. `days`: working days that it has waited for its answer, or waited for it."""

    landlord: Landlord
    organisation: Organisation
    about: str
    shown: str
    claimed: str
    made_on: date
    answer: str
    days: int


@dataclass(frozen=True, slots=True)
class Pack:
    """`missing`: conventions in flow that are not in force, and what is to be done."""

    board: Board
    communes: tuple[CommuneLine, ...]
    opened: tuple[Remark, ...]
    answered: tuple[Remark, ...]
    missing: tuple[Missing, ...]

    @property
    def questions(self) -> list[str]:
        """What there is to decide, in the order of the sections; one sentence each."""
        return [*_questions(self)]


@stepwise
def pack(read: Board, *, member: Membership) -> Steps[Pack]:
    """As many queries, beside those of the board, whatever there is to read."""
    owners = [(row.landlord.pk, row.departement.pk) for row in read.state.rows]
    communes, rows, missing = yield from together(
        by_commune.steps(read.comparison, read.territory),
        remarks_of(read, member=member),
        missing_conventions.steps(member, owners, on=read.today),
    )
    found = _remarks(read, rows)
    return Pack(
        read,
        communes,
        tuple(remark for remark in found if not remark.answer),
        tuple(remark for remark in found if remark.answer),
        missing,
    )


def _remarks(read: Board, rows: Iterable[BalanceRemark]) -> list[Remark]:
    versions = {row.version_id: row.version for row in rows}
    words = {pk: Words(sent(version).content) for pk, version in versions.items()}
    return [_remark(each, words, read.today) for each in rows]


def _remark(each: BalanceRemark, words: Mapping[int, Words], today: date) -> Remark:
    made_on = timezone.localdate(each.made_at)
    until = timezone.localdate(each.answered_at) if each.answered_at else today
    return Remark(
        each.version.balance.landlord,
        each.organisation,
        words[each.version_id](place_of(each)),
        _figure(each, each.shown),
        "" if each.claimed is None else _figure(each, each.claimed),
        made_on,
        str(each.get_answer_display()) if each.answer else "",
        working_days(made_on, until),
    )


def _figure(each: BalanceRemark, value: int) -> str:
    """A contested figure as its balance writes it: due in hundredths of a unit, the others whole."""
    return units(value) if each.measure == DUE else integer(value)


def _questions(read: Pack) -> Iterable[str]:
    stands, board = read.board.state, read.board
    if stands.absent:
        names = ", ".join(str(row.landlord) for row in stands.absent)
        yield f"Bilan {board.year} absent ({names}) : quelle suite, et pour quelle date ?"
    if stands.unanswered:
        yield f"Remarques sans réponse ({stands.unanswered}) : quel délai demander aux bailleurs ?"
    for table in board.missed:
        yield f"{upper_first(table.words)} – {verdict_words(table.whole.verdict).lower()} : quels engagements ?"
    if late := board.comparison.unused:
        names = ", ".join(
            f"{line.holder} chez {towards(line.landlord)} : "
            f"{line.lacking} {plural(line.lacking, 'logement entier,logements entiers')}"
            for line in late[:SHOWN]
        )
        yield (
            f"Droits dus et non reçus, sur tout le compte du département ({names}) : rattraper, reporter ou convenir "
            "d’un échange ?"
        )
    if read.missing:
        yield f"Conventions en flux qui ne sont pas en vigueur ({len(read.missing)}) : qui relance, et pour quand ?"


#: How many holders one sentence names.
SHOWN = 4


def sent_table(state: MatrixState, year: int) -> Table:
    """Who sent what: a balance a row."""
    sent = f"{integer(state.sent)} {plural(state.sent, 'bilan envoyé,bilans envoyés')}"
    signed = f"{integer(state.signed)} {plural(state.signed, 'signature,signatures')}"
    title = (
        f"Bilans {year} et prévisionnels {state.next_exercise} : {sent} sur {integer(state.awaited)}, {signed} "
        f"sur {integer(state.expected)}"
    )
    nobody = not state.rows
    return Rows(
        state.rows,
        Shown(
            Head("Bailleur", ""),
            lambda row: f"{row.landlord}, {row.departement}" if state.several_departements else str(row.landlord),
            below="Aucun bailleur" if nobody else None,
        ),
        Shown(
            Head("Bilan", ""),
            lambda row: _balance(row, state),
            below=Text("Aucun programme sur ce territoire.", span=5) if nobody else None,
        ),
        Shown(Head("Prévisionnel", ""), _forecast),
        Shown(Head("Complet", ""), _complete),
        Number("Signatures, bailleur compris", lambda row: f"{integer(row.signed)} sur {len(row.signatures)}"),
        Number("Remarques ouvertes", lambda row: row.open_remarks),
    ).titled("t1", title, css="")


def _balance(row: MatrixRow, state: MatrixState) -> str:
    interim = f", point d’étape reçu le {day(row.interim)}" if row.interim else ""
    return f"{_arrived(row, state)}{interim}"


def _arrived(row: MatrixRow, state: MatrixState) -> str:
    if row.balance:
        late = row.balance.late
        after = f", {integer(late)} {plural(late, 'jour,jours')} après l’échéance" if late else ""
        return f"{short_day(row.balance.on)}{after}{', scellé' if row.sealed_on else ''}"
    if state.is_over and not row.owed:
        return "rien à envoyer, aucun logement libéré"
    if row.is_absent:
        return f"absent, attendu avant le {day(row.deadline.named)}"
    if not state.is_over:
        return "à venir"
    left = f", échéance dans {integer(row.left)} {plural(row.left, 'jour,jours')}"
    return f"attendu{left if row.deadline.named else ''}"


def _forecast(row: MatrixRow) -> str:
    if row.forecast:
        return f"{short_day(row.forecast.on)}{', en retard' if row.forecast.late else ''}"
    return "absent" if row.forecast_is_late else "à venir"


def _complete(row: MatrixRow) -> str:
    if row.units <= 0:
        return "aucun logement proposé"
    return f"{integer(row.complete)} sur {integer(row.units)} {plural(row.units, 'proposé,proposés')}"


def figures_table(
    key: str,
    title: str,
    first: str,
    lines: Iterable[LandlordLine | CommuneLine],
    total: tuple[LandlordFigures, LandlordFigures],
) -> Table:
    """The same figures for each landlord, or each commune. `total`: of all, then of the holders alone."""
    whole, reserved = total
    return Rows(
        lines,
        Shown(Head(first, ""), _whose, "Ensemble"),
        Number("Flux net", lambda line: line.figures.net, whole.net),
        Number("Dû aux réservataires", lambda line: units(line.reserved.due), units(reserved.due)),
        Number("Reçus", lambda line: _received(line.figures, line.reserved), _received(whole, reserved)),
        Number("Écart", lambda line: gap(line.reserved.gap), gap(reserved.gap)),
        Number("Proposés", lambda line: line.figures.offered, whole.offered),
        Number("Attribués", lambda line: line.figures.allocated, whole.allocated),
        Number("Loués", lambda line: line.figures.leased, whole.leased),
    ).titled(key, title, css="")


def _whose(line: LandlordLine | CommuneLine) -> str:
    return str(line.landlord) if isinstance(line, LandlordLine) else str(line.commune or NOWHERE)


def _received(figures: LandlordFigures, reserved: LandlordFigures) -> SafeString:
    more = more_than_offered(reserved.received, figures.offered, reserved.awaiting)
    return format_html("{}{}{}", integer(reserved.received), on_the_way(reserved), more)


def objectives_table(tables: Iterable[ScoreTable]) -> Table:
    """An objective a row, on the territory."""
    note = f"{upper_first(Objective.Code.STATE_AGENTS.label)} : {CEILING}."
    rows = [(upper_first(each.words), each.whole) for each in tables]
    return Rows(rows, *_scored("Objectif")).titled("t2", "Les objectifs, sur le territoire", note, css="")


def landlords_tables(tables: Iterable[ScoreTable]) -> list[Table]:
    """Each objective that has leases, landlord by landlord."""
    return [
        Rows([(line.words, line) for line in each.lines], *_scored("Bailleur")).titled(
            f"o{place}", f"{upper_first(each.words)}, par bailleur", css=""
        )
        for place, each in enumerate(tables, start=1)
        if each.lines and each.is_worth_reading
    ]


def _scored(first: str) -> tuple[Shown[tuple[str, ScoreLine]], ...]:
    """A score under its name."""
    return (
        Shown(Head(first, ""), lambda each: each[0]),
        Number("Comptés sur baux", lambda each: _counted(each[1].score)),
        Number("Taux", lambda each: _rate(each[1].score)),
        Number("Cible", lambda each: "–" if each[1].score.share_asked is None else percent(each[1].score.share_asked)),
        Shown(Head("Lecture", ""), lambda each: verdict_words(each[1].verdict)),
    )


def _rate(score: Score) -> str:
    return percent(score.rate) if score.rate is not None and score.denominator >= ENOUGH else "–"


def _counted(score: Score) -> str:
    """Numerator and denominator: whole, between two bounds, or absent."""
    return f"{counted_words(score)}{'' if score.ends else ','} sur {integer(score.denominator)}"


def remarks_table(pack: Pack) -> Table:
    """Contested lines: those without an answer first."""
    opened, answered = len(pack.opened), len(pack.answered)
    title = (
        f"{opened} {plural(opened, 'remarque ouverte,remarques ouvertes')}, {answered} "
        f"{plural(answered, 'répondue,répondues')}"
    )
    return Rows(
        [
            *((each, "sans réponse") for each in pack.opened),
            *((each, f"{each.answer}, en {_days(each)}") for each in pack.answered),
        ],
        Shown(Head("De", ""), lambda each: f"{each[0].organisation}, {near_day(each[0].made_on)}"),
        Shown(Head("À", ""), lambda each: str(each[0].landlord)),
        Shown(Head("Sur quoi", ""), lambda each: each[0].about),
        Number("Bilan", lambda each: each[0].shown),
        Number("Demandé", lambda each: each[0].claimed or "–"),
        Shown(Head("Réponse", ""), lambda each: each[1]),
    ).titled("t4", title, css="")


def _days(each: Remark) -> str:
    return f"{integer(each.days)} {plural(each.days, 'jour ouvré,jours ouvrés')}"


def unused_table(lines: Iterable[HolderLine]) -> Table:
    """What is due and did not come, of a whole unit or more."""
    title = "Droits dus et non reçus, d’un logement entier ou plus sur tout le compte du bailleur dans le département"
    return Rows(
        lines,
        Shown(Head("Réservataire", ""), lambda line: str(line.holder)),
        Shown(Head("Bailleur", ""), lambda line: str(line.landlord)),
        Number("Dû ici", lambda line: units(line.figures.due)),
        Number("Reçus ici", lambda line: format_html("{}{}", integer(line.figures.received), on_the_way(line.figures))),
        Number("Écart ici", lambda line: gap(line.figures.gap)),
        Number("Logements entiers qui manquent, sur tout le compte", lambda line: line.lacking),
        Number("Rendus ici", lambda line: line.figures.returned),
    ).titled("t5", title, css="")


def missing_table(missing: Iterable[Missing], today: date) -> Table:
    """Conventions that are not in force, and what is to be done."""
    return Rows(
        missing,
        Shown(Head("Bailleur", ""), lambda each: str(each.landlord)),
        Shown(Head("Réservataire", ""), lambda each: each.holder),
        Shown(Head("Où elle en est", ""), lambda each: upper_first(each.stands)),
        Shown(Head("À faire", ""), lambda each: each.todo),
    ).titled("t6", f"Conventions en flux qui ne sont pas en vigueur le {day(today)}", css="")


def cil_tables(pack: Pack) -> dict[str, object]:
    """The tables of the pack, by what its page calls them."""
    board, compared = pack.board, pack.board.comparison
    flow = "Logements du flux annuel"
    total = (compared.total, compared.reserved)
    return {
        "sent": sent_table(board.state, board.year),
        "by_landlord": figures_table(
            "t-bailleurs", f"{flow}, mêmes définitions pour tous", "Bailleur", compared.lines, total
        ),
        "by_commune": figures_table("t-communes", f"{flow}, tous bailleurs", "Commune", pack.communes, total),
        "objectives": objectives_table(board.tables),
        "objectives_by_landlord": landlords_tables(board.tables),
        "remarks": remarks_table(pack) if pack.opened or pack.answered else None,
        "unused": unused_table(compared.unused) if compared.unused else None,
        "missing": missing_table(pack.missing, board.today) if pack.missing else None,
    }
