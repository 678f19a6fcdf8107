"""What pages say of territory board.

* What is stated of the scores of a territory.
* Who sent which balance on a territory, and where each holder stands with it, in words.
* The communes of a territory in order, by what is owed there and by what fell vacant there.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from functools import partial

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.bilan.queries.landlord_figures import CommuneLine, LandlordFigures, total
from attributions.bilan.queries.matrix import HolderState, MatrixCell, MatrixRow, MatrixState, Others, Sent
from attributions.bilan.queries.objectives import Score
from attributions.bilan.queries.territory_board import Judgement, ScoreLine, Verdict
from flux.pages.accounts import gap_cell, gap_key, on_the_way, part_bar
from flux.pages.checks import verdict_name, verdict_pill
from flux.queries.state_cap import Verdict as CapVerdict
from flux.words import gap, units
from reservations.models import Territory
from reservations.models.convention import UNIT
from reservations.pages.pieces import below, beside, bold, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import day, integer, near_day, plural, upper_first

#: What is stated, then how many leases where they count, and the class of the pill.
VERDICTS = {
    Judgement.KEPT: ("Tenu", "ok"),
    Judgement.UNDER: ("Sous le plafond", "ok"),
    Judgement.ROUNDING: (upper_first(verdict_name(CapVerdict.ROUNDING)), verdict_pill(CapVerdict.ROUNDING)),
    Judgement.OVER: ("Dépassé de", "late"),
    Judgement.SHORT: ("Il manque", "todo"),
    Judgement.AWAITED: ("Bilan attendu", "wait"),
    Judgement.ABSENT: ("Bilan absent", "late"),
    Judgement.NO_LEASE: ("Aucun bail", "wait"),
    Judgement.NOT_SHARED: ("Non communiqué", ""),
    Judgement.UNDECIDED: ("Non tranché", "wait"),
    Judgement.NO_TARGET: ("Aucun taux en vigueur", "wait"),
    Judgement.FEW: ("Petit effectif", ""),
}


def verdict_words(verdict: Verdict) -> str:
    """« Tenu », « Il manque 8 baux », « Il manque 3 à 8 baux », « Petit effectif »…"""
    words, _ = VERDICTS[verdict.judgement]
    if verdict.judgement not in (Judgement.OVER, Judgement.SHORT):
        return words
    leases = f"{verdict.leases} à {verdict.most}" if verdict.most > verdict.leases else str(verdict.leases)
    return f"{words} {leases} {plural(max(verdict.leases, verdict.most), 'bail,baux')}"


def counted_words(score: Score) -> str:
    """« 12 », « entre 53 et 58 », « non communiqué »: how many leases are counted, as this reader may have it."""
    if score.ends is None:
        return "non communiqué"
    least, most = map(integer, score.ends)
    return least if least == most else f"entre {least} et {most}"


def score_pill(verdict: Verdict) -> str:
    """The class of its pill."""
    return VERDICTS[verdict.judgement][1]


WITHOUT = Text(muted("sans convention", "small"))

#: Where a holder stands, when there is no more to say of it.
PLAIN = {
    HolderState.NONE: WITHOUT,
    HolderState.AWAITED: Text("Attendu", pill="wait"),
    HolderState.NOT_SENT: Text("Pas reçu", "signée depuis l’envoi", pill="part"),
}


def answer(state: MatrixState, whole: ScoreLine) -> SafeString:
    """« 2 bilans sur 3 sont envoyés ; il en manque un »; then the first objective of the territory, `whole`."""
    return beside(_sent(state), _first_objective(whole))


def _sent(state: MatrixState) -> SafeString | str:
    if not state.rows:
        return format_html("Aucun bailleur n’a de logement sur votre territoire : {} bilan attendu.", bold("0"))
    if state.is_to_come:
        return f"L’année {state.exercise} n’a pas commencé."
    if state.is_over and not state.awaited:
        return f"Aucun bailleur n’avait de logement à compter en {state.exercise} ici."
    sent, awaited, limit = integer(state.sent), integer(state.awaited), state.deadline
    if not state.is_over:
        count = bold(f"{sent} {plural(state.sent, 'bilan envoyé,bilans envoyés')} sur {awaited}")
        until = f", à envoyer avant le {day(limit.named)}" if limit else ""
        return format_html("L’année {} court encore : {}{}.", state.exercise, count, until)
    count = bold(f"{sent} {plural(state.sent, 'bilan,bilans')} {state.exercise} sur {awaited}")
    return format_html("{} {}{}.", count, plural(state.sent, "est envoyé,sont envoyés"), _lacking(state))


def _lacking(state: MatrixState) -> str:
    if not state.lacking:
        return ""
    sentence = f" ; il en manque {plural(len(state.lacking), 'un,plusieurs')}"
    if not state.deadline:
        return sentence
    left = state.days_left
    return f"{sentence} à {integer(left)} {plural(left, 'jour,jours')} de l’échéance" if left else f"{sentence}, {PAST}"


PAST = "l’échéance est passée"


def _first_objective(whole: ScoreLine) -> str:
    score = whole.score
    if not score.ends or not score.denominator:
        return ""
    leases = f"{counted_words(score)} {plural(score.ends[1], 'bail,baux')}"
    stands = {
        "ok": ", objectif tenu",
        "todo": f" ; {verdict_words(whole.verdict).lower()}, au même nombre de baux, pour tenir l’objectif",
    }.get(score_pill(whole.verdict), "")
    return f"Premier quartile hors QPV : {leases} sur {integer(score.denominator)}{stands}."


#: What the columns of the matrix stand under.
LANDLORD, HOLDERS = "Le bailleur", "Les réservataires"

#: A balance, where each holder with a column stands with it, then the holders without one.
type _Line = tuple[MatrixRow, list[MatrixCell], Others]


def matrix_table(state: MatrixState, readable: Container[int]) -> Table:
    """A balance a row: when it came, then each holder. `readable`: the landlords (ids) whose balance opens."""
    others = f"{len(state.others)} {plural(len(state.others), 'autre,autres')}"
    title = f"Bilans {state.exercise}, bailleur par bailleur et réservataire par réservataire"
    note = f"{_until(state)} Complet : logements proposés dont rien de ce que demande le décret ne manque."
    return Rows(
        state.lines,
        Shown[_Line](
            Head("Bailleur", ""),
            lambda line: _landlord(line[0], state, opens=line[0].landlord.pk in readable),
        ),
        Shown(Head(f"Bilan {state.exercise}", "grp", group=LANDLORD), lambda line: _balance(line[0], state)),
        Shown(
            Head(f"Prévisionnel {state.next_exercise}", "", group=LANDLORD),
            lambda line: _forecast(line[0], state),
        ),
        Shown(Head("Complet", "", group=LANDLORD), lambda line: _complete(line[0])),
        *(
            Shown[_Line](Head(str(each), "" if at else "grp", group=HOLDERS), partial(_held, state=state, at=at))
            for at, each in enumerate(state.columns)
        ),
        Shown(
            Head(others, "" if state.columns else "grp", group=HOLDERS),
            lambda line: _others(line[2]),
            when=bool(state.others),
        ),
    ).titled("t-transmis", title, note, css="wide")


def _held(line: _Line, state: MatrixState, *, at: int) -> Text:
    return _holder(line[1][at], state)


def _until(state: MatrixState) -> str:
    limit = state.deadline
    if limit is None:
        return "Aucune échéance n’est enregistrée aux paramètres de droit."
    if limit.tolerance:
        return f"Toléré jusqu’au {day(limit.named)} ({limit.tolerance.source})."
    return f"À envoyer avant le {day(limit.named)} (CCH, R441-5 et R441-5-1)."


def _landlord(row: MatrixRow, state: MatrixState, *, opens: bool) -> SafeString:
    name = bold(row.landlord)
    if opens:
        address = reverse("balance", args=[row.landlord.pk, state.exercise])
        also = f" : lire le bilan {state.exercise}"
        name = link(f"{address}?territory={state.territory.pk}", name, also=also)
    return below(name, muted(row.departement, "small") if state.several_departements else "")


def _balance(row: MatrixRow, state: MatrixState) -> Text:
    return Text(below(_stands(row, state), _interim(row, state) if row.interim else ""))


def _stands(row: MatrixRow, state: MatrixState) -> SafeString:
    """Sent, awaited, absent; or why there is nothing to send."""
    if row.balance:
        return _came(row.balance, " · scellé" if row.sealed_on else "")
    if not state.is_over:
        return pill("À venir", "wait")
    if not row.owed:
        return muted(f"rien à envoyer : aucun logement libéré en {state.exercise}", "small")
    reminded = f"relancé le {near_day(row.reminded)}" if row.reminded else ""
    return below(_awaited(late=row.is_absent), muted(below(_days(row), reminded), "small"))


def _came(sent: Sent, more: str = "") -> SafeString:
    """On time or late, and when."""
    late = f", {integer(sent.late)} j après" if sent.late else ""
    when = muted(f"{near_day(sent.on)}{late}{more}", "small nw")
    return below(pill("En retard", "late") if sent.late else pill("À l’heure", "ok"), when)


def _awaited(*, late: bool) -> SafeString:
    return pill("Absent", "late") if late else pill("Attendu", "wait")


def _days(row: MatrixRow) -> str:
    if row.late:
        return f"attendu avant le {day(row.deadline.named)}"
    return f"échéance dans {integer(row.left)} {plural(row.left, 'jour,jours')}" if row.deadline.named else ""


def _interim(row: MatrixRow, state: MatrixState) -> SafeString:
    """The « point d’étape » that stands for no balance."""
    address = reverse("balance-review", args=[row.landlord.pk, state.exercise, row.departement.code])
    text = f"Point d’étape reçu le {day(row.interim)}"
    return link(address, text, also=f", {row.landlord} ({row.departement})", css="small")


def _forecast(row: MatrixRow, state: MatrixState) -> Text:
    if row.forecast:
        return Text(_came(row.forecast))
    if not state.is_over:
        return Text("À venir", pill="wait")
    return Text(_awaited(late=row.forecast_is_late))


def _complete(row: MatrixRow) -> Text:
    if row.units <= 0:
        return Text(muted("aucun logement proposé", "small"))
    missing = row.missing
    lacking = f"{integer(missing)} {plural(missing, 'logement incomplet,logements incomplets')}" if missing else ""
    return Text(f"{integer(row.complete)} sur {integer(row.units)}", lacking, pill="part" if missing else "ok")


def _holder(cell: MatrixCell, state: MatrixState) -> Text:
    """Where a holder stands with a balance; of the reader’s own, who signs it."""
    if cell.state in PLAIN:
        return PLAIN[cell.state]
    if cell.state == HolderState.SIGNED and cell.on is not None:
        return Text(below(pill("Signé", "ok"), muted(near_day(cell.on), "small nw")))
    if cell.state == HolderState.REMARK and cell.on is not None:
        return Text("Remarque", f"du {near_day(cell.on)}, sans réponse", pill="talk")
    if cell.own:
        by = "par vous" if state.reader_signs else "par votre service réservataire"
        return Text("À signer", by, pill="todo")
    return Text("Lu, à signer", pill="part") if cell.state == HolderState.READ else Text("Pas ouvert", pill="wait")


def _others(others: Others) -> Text:
    """The holders without a column of their own."""
    if not others.expected:
        return WITHOUT
    signed = f"{integer(others.signed)} {plural(others.signed, 'signé,signés')} sur {integer(others.expected)}"
    remarks = f"{integer(others.remarks)} {plural(others.remarks, 'remarque,remarques')}"
    return Text(below(signed, pill(remarks, "talk") if others.remarks else ""))


#: Dues that bear on no commune.
NOWHERE = "Sans commune : dû transféré à la fin d’un droit"

#: Communes of an ordered table, each on its row; the next ones stand together.
COMMUNES = 15

#: A commune, or several together, and its figures.
type _Place = tuple[str, LandlordFigures]


def communes_answer(lines: Sequence[CommuneLine], year: int) -> SafeString | str:
    """The commune where the most is owed, then that where the most fell vacant, one sentence each."""
    if not lines:
        return f"Aucun logement n’est dû ni libéré ici en {year}."
    owed = max(lines, key=lambda each: each.reserved.gap)
    entered = max(lines, key=lambda each: each.figures.net)
    first: SafeString | str = "Aucune commune n’attend de logement."
    if owed.reserved.gap > 0:
        first = format_html(
            "Il reste le plus à recevoir à {} : {}.", owed.commune or NOWHERE, bold(gap(owed.reserved.gap))
        )
    if entered.figures.net <= 0:
        return first
    net = f"{integer(entered.figures.net)} {plural(entered.figures.net, 'logement,logements')}"
    return beside(first, format_html("On libère le plus à {} : {} en {}.", entered.commune, bold(net), year))


def communes_tables(lines: Iterable[CommuneLine], territory: Territory, year: int) -> tuple[Table, Table]:
    """The communes by what is still owed to the holders there, then by what fell vacant there: bars in order, where a
    map would need contours (docs/decisions/0166-bars-rather-than-a-map.md)."""
    read = [(str(line.commune or NOWHERE), line) for line in lines]
    owed = _ordered(((name, line.reserved) for name, line in read), lambda each: each.gap)
    entered = _ordered(((name, line.figures) for name, line in read if line.figures.net), lambda each: each.net)
    scale = max(2, *(-(-abs(each.gap) // UNIT) for _, each in owed), 0)
    largest = max((each.net for _, each in entered), default=1)
    where = f"{territory}, exercice {year}, tous bailleurs, sans la part non réservée"
    return (
        Rows(
            owed,
            Shown[_Place](Head("Commune", ""), lambda row: row[0], "Ensemble"),
            Number("Dû", lambda row: units(row[1].due), units(total(each for _, each in owed).due)),
            Number("Reçus", _received, total(each for _, each in owed).received),
            Shown("Écart", lambda row: gap_cell(row[1].gap, scale=scale), gap(total(each for _, each in owed).gap)),
        ).titled("t-ecarts", "Par écart : où il reste le plus à recevoir", f"{where}.", under=gap_key()),
        Rows(
            entered,
            Shown[_Place](Head("Commune", ""), lambda row: row[0], "Ensemble"),
            Number("Flux net", lambda row: row[1].net, total(each for _, each in entered).net),
            Shown(Head("Barre", hidden=True, label=""), lambda row: part_bar(row[1].net, largest), ""),
        ).titled("t-flux", "Par flux : où l’on libère le plus", f"Logements entrés dans le flux en {year}.", css=""),
    )


def _received(row: _Place) -> str:
    return format_html("{}{}", integer(row[1].received), on_the_way(row[1]))


def _ordered(rows: Iterable[_Place], size: Callable[[LandlordFigures], int]) -> list[_Place]:
    """The largest first, and those that a page would not hold together; a lone one keeps its name."""
    ranked = sorted(rows, key=lambda row: (-size(row[1]), row[0]))
    rest = ranked[COMMUNES:] if len(ranked) > COMMUNES + 1 else []
    together = [(f"Les {len(rest)} autres", total(each for _, each in rest))] if rest else []
    return [*ranked[: len(ranked) - len(rest)], *together]
