"""The destinations of a unit, in order, and what another choice would change: tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.pages.accounts import gap_cell, gap_key
from flux.queries.recommendations import Ranking, RankRow
from flux.queries.sheet import Alternative, Sheet, SheetChange
from flux.words import counted, gap, rounded_percent, units
from reservations.pages.pieces import beside, bold, hint, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import integer, plural, towards, upper_first

#: Above the lacks of a unit’s categories.
LACKS = "Manque dans les catégories de ce logement"


@dataclass(frozen=True, slots=True)
class Choosing:
    """How the reader may choose among destinations: `may_route` at all, `asked` the one that is ticked (its id)."""

    may_route: bool
    asked: str

    def may_choose(self, row: RankRow, sheet: Sheet) -> bool:
        """May this one be ticked: it has not given the unit back, and has it not yet?"""
        held = sheet.held_by.pk if sheet.held_by else None
        return self.may_route and not row.returned and row.holder_id != held


def ranking_table(sheet: Sheet, ranking: Ranking, choosing: Choosing, carried_from: str) -> Table:
    """A destination a row, as the calculation saw it."""
    note = (
        "Destinations possibles de ce logement : part, dû, reçu, écart, manques et risque, au moment du calcul, en "
        "logements"
    )
    return Rows(
        ranking.rows,
        Shown[RankRow](Head("Destination", "all unit"), lambda row: _destination(row, sheet, choosing)),
        Number("Part ici", lambda row: _share(row, carried_from)),
        Number("Dû", lambda row: units(row.due)),
        Number("Reçu", lambda row: row.received),
        Shown("Écart", lambda row: gap_cell(row.gap, format_html('<b class="n">{}</b>', gap(row.gap)))),
        *(
            Shown[RankRow](Head(label, "n" if at else "n grp", group=LACKS), partial(_lack, at=at))
            for at, label in enumerate(ranking.labels)
        ),
        Shown(Head("Priorité", "n grp"), lambda row: bold(gap(row.priority))),
        Shown(Head("À servir", "grp"), lambda row: _yes(holds=row.must_soon) if ranking.guarded else "–"),
        Shown(Head("Écart voisin", ""), lambda row: _yes(holds=row.in_band)),
        Shown(Head("Si choisi", "grp all small"), lambda row: row.if_chosen_brief or "–"),
    ).titled(
        "t-destinations",
        "Tableau des destinations",
        note,
        mark=lambda row: "first" if row.recommended else "",
        quiet=True,
        css="stack dense",
        under=_under(several=choosing.may_route and len(ranking.rows) > 1),
    )


def _lack(row: RankRow, *, at: int) -> str:
    """What a destination lacks in one of the unit’s categories."""
    return gap(row.lacks[at][1])


def _yes(*, holds: bool) -> str:
    return "oui" if holds else "non"


def _under(*, several: bool) -> SafeString:
    see = '<button class="btn" type="submit">Voir ce que change la destination cochée</button>' if several else ""
    return format_html('<div class="row">{} {}</div>', SafeString(see), gap_key())


def _destination(row: RankRow, sheet: Sheet, choosing: Choosing) -> SafeString:
    here = sheet.routing is not None and row.holder_id == sheet.routing.holder_id
    words = format_html(
        "{}{}",
        beside(bold(f"{row.position}. {row.name}"), risk(row), pill("Orienté ici", "ok") if here else ""),
        hint(row.hint),
    )
    if not choosing.may_choose(row, sheet):
        return words
    checked = SafeString(" checked") if choosing.asked == str(row.holder_id) else ""
    return format_html(
        '<label class="pick"><input type="radio" name="destination" required value="{}"{}> <span>{}</span></label>',
        row.holder_id,
        checked,
        words,
    )


def risk(row: RankRow) -> SafeString:
    """What choosing this destination cost, in two words."""
    if row.returned:
        return pill("Déjà passé", "no")
    if row.if_chosen is None:
        return pill("Hors jeu", "no")
    return pill("Sans risque", "ok") if row.if_chosen.safe else pill("Avec risque", "no")


def _share(row: RankRow, carried_from: str) -> SafeString:
    promised = rounded_percent(row.promised)
    if not row.carried:
        return format_html("{}", promised)
    words = f"{_carried(row, carried_from)} ; crédité : {rounded_percent(row.share)}"
    return format_html("{}{}", promised, hint(words))


def _carried(row: RankRow, carried_from: str) -> str:
    size = rounded_percent(row.carried)
    if row.remainder:
        how = f"plus {size} que rendent les autres" if row.carried > 0 else f"moins {size} rendus aux autres"
        return f"{how}, report de {carried_from}"
    if row.carried < 0:
        return f"dont {size} rendus de l’avance de {carried_from}"
    return f"plus {size} du reste dû de {carried_from}"


def alternative_words(other: Alternative) -> tuple[SafeString, ...]:
    """What the other destination would do: to whom it takes in, to whom it leaves, to what is guaranteed."""
    safe = other.taker.if_chosen is not None and other.taker.if_chosen.safe
    then = " La règle corrigera avec les logements suivants."
    if safe:
        moved = " Depuis, d’autres choix ont déplacé les comptes, et le repère d’un logement est dépassé."
        then = moved if other.taker_beyond or other.giver_beyond else ""
    calculated = format_html("Au moment du calcul : {}{}", bold(other.taker.if_chosen_words), then)
    return _taker(other), _giver(other), calculated


def warns(other: Alternative) -> bool:
    """Does the other destination break anything, or pass the mark of one unit?"""
    safe = other.taker.if_chosen is not None and other.taker.if_chosen.safe
    return not safe or other.taker_beyond or other.giver_beyond


def _taker(other: Alternative) -> SafeString:
    taker = towards(other.taker)
    if other.taker_ahead:
        words = f"{taker} aurait {counted(other.taker_ahead)} d’avance"
    elif not other.taker_then:
        words = f"{taker} serait à jour"
    else:
        words = f"{taker} aurait encore {counted(other.taker_then)} à recevoir"
    mark = "au-delà du" if other.taker_beyond else "en deçà du"
    return format_html("Au compte d’aujourd’hui, {}, {} repère d’un logement.", bold(words), mark)


def _giver(other: Alternative) -> SafeString:
    giver = upper_first(towards(other.giver))
    beyond = ", au-delà du repère d’un logement" if other.giver_beyond else ""
    if other.giver_then > 0:
        left = f"{counted(other.giver_then)} à recevoir{beyond} ; son tour reviendra avec les logements suivants."
        return format_html("{} aurait {}", giver, left)
    if other.giver_ahead:
        return format_html("{} garderait {} d’avance{}.", giver, counted(other.giver_ahead), beyond)
    return format_html("{} serait à jour.", giver)


def changes_table(other: Alternative, typology: str) -> Table:
    """An account a row, as it stands and as it would stand."""
    giver, taker = towards(other.giver), towards(other.taker)
    gaps, lacks = "Écart juste après, aujourd’hui", f"{typology} manquants juste après, aujourd’hui"
    entered = f"{integer(other.entered)} {plural(other.entered, 'logement entré,logements entrés')}"
    note = (
        f"En logements, au compte d’aujourd’hui : {entered}, les orientations en attente, ou en cours quand la "
        "convention compte plus tard, comptées comme reçues."
    )
    return Rows(
        other.changes,
        Shown("Compte", lambda change: change.name),
        Shown(
            Head(f"si {giver}", "grp all", label=f"Écart si {giver}", group=gaps), lambda change: gap_cell(change.gap)
        ),
        Shown(Head(f"si {taker}", label=f"Écart si {taker}", group=gaps), _gap_then),
        Shown(
            Head(f"si {giver}", "n grp", label=f"{typology} si {giver}", group=lacks), lambda change: gap(change.lack)
        ),
        Shown(Head(f"si {taker}", "n", label=f"{typology} si {taker}", group=lacks), _lack_then),
    ).titled("change", "Ce que cela change, compte par compte", note)


def _gap_then(change: SheetChange) -> SafeString:
    shown = '<b class="n">{}</b>' if change.moves else '<span class="n muted">{}</span>'
    return gap_cell(change.gap_then, format_html(shown, gap(change.gap_then)))


def _lack_then(change: SheetChange) -> SafeString:
    return bold(gap(change.lack_then)) if change.moves else muted(gap(change.lack_then))
