"""What pages say of why not.

* « Pourquoi pas nous ? » in words: where units went, and why not to one holder.
* « Pourquoi pas nous ? » in tables and sentences: where every unit went, then each of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.models import Ledger, Vacancy
from flux.pages.accounts import part_bar
from flux.pages.units import headline
from flux.pages.vacancies import outside, undecided
from flux.queries.accounts import AccountLine
from flux.queries.why_not import LEFT, WAITING, Destination, Outcome, Totals, WhyNotLine
from flux.queries.why_not_file import FileLine
from flux.words import SUSPENDED, units
from reservations.pages.pieces import below, beside, bold, link, muted, pill
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import day, integer, plural, short_day, towards, upper_first

Kind = Vacancy.Kind

OUTCOMES = {
    Outcome.OURS: "chez nous",
    Outcome.ELSEWHERE: "ailleurs",
    Outcome.SET_ASIDE: "écarté par choix du bailleur",
    Outcome.UNDECIDED: "pas encore décidé",
    Outcome.OUTSIDE: "hors du flux",
}

#: What became of the units that no holder received, by the code of their destination.
DESTINATIONS: dict[str, str] = {
    WAITING: "pas encore décidés",
    LEFT: "sortis du flux après avoir été rendus",
    **{each.value: f"soustraits : {each.label}" for each in Vacancy.Exclusion},
    Kind.STOCK: "gardés en stock",
    Kind.FIRST_LETTING: "premières mises en location",
    Kind.TECHNICAL: "vacances techniques",
    Kind.OUTSIDE: str(Kind.OUTSIDE.label),
}


def destination_name(destination: Destination) -> str:
    """« Ville de Narbonne », « gardés en stock »."""
    return str(destination.holder) if destination.holder is not None else DESTINATIONS[destination.code]


def why_sentence(line: WhyNotLine | FileLine) -> str:
    """Why it went where it went, for this holder: what the rule saw, or the landlord's motive."""
    recommendation, routing = line.recommendation, line.routing
    if line.outcome == Outcome.OUTSIDE:
        return outside(line.vacancy)
    if recommendation is None:
        return undecided(line.vacancy)
    choice = ""
    if routing is not None and routing.motive:
        choice = f"choix du bailleur, {routing.get_motive_display()} : {routing.motive_text}"
    if routing is not None and routing.holder_id == line.holder.pk:
        return upper_first(choice) if choice else recommendation.sentence
    first = recommendation.holder_id == line.holder.pk
    if first and choice:
        return f"La règle le recommandait ici ; {choice}"
    if first and not line.left:
        return recommendation.sentence
    hint = line.hint
    why = hint if hint is not None else _no_right(line)
    return f"{why} Le bailleur a ensuite écarté la règle ; {choice}" if choice else why


def _no_right(line: WhyNotLine | FileLine) -> str:
    return SUSPENDED if line.paused else "N’a pas de droit là où se trouve ce logement."


#: Where a unit went that no holder has.
NOWHERE = {Outcome.OUTSIDE: "Hors du flux", Outcome.UNDECIDED: "Pas encore décidé"}


def answer(totals: Totals, line: AccountLine, ledger: Ledger, *, own: bool, hidden: int) -> SafeString:
    """How many units fell vacant, how many came, and what the share promised of them. `hidden`: out of the reader’s
    territory."""
    ground = "sur votre territoire" if own else "sur son territoire"
    if totals.units:
        vacated = f"{integer(totals.units)} {plural(totals.units, 'logement libéré,logements libérés')}"
        ours = f"{integer(totals.ours)} {'chez vous' if own else f'chez {towards(line.holder)}'}"
        sentence = format_html("{} {} : {}.", bold(vacated), ground, bold(ours))
        more = (_credited(totals, own=own), _set_aside(totals), _hidden(hidden))
        return beside(sentence, *more)
    none = f"Aucun logement n’a encore été libéré {ground} en {ledger.exercise}."
    return beside(none, _hidden(hidden))


def _credited(totals: Totals, *, own: bool) -> SafeString | str:
    if not totals.credited:
        return ""
    again = (
        f", plus {integer(totals.again)} {plural(totals.again, 'compté,comptés')} de nouveau après avoir été "
        f"{plural(totals.again, 'rendu,rendus')}"
    )
    entered = f"{integer(totals.credited)} {plural(totals.credited, 'est entré,sont entrés')}"
    whose = f"dans {'votre' if own else 'son'} compte{again if totals.again else ''}"
    share = "votre" if own else "sa"
    return format_html("{} {} : {} part en promettait {}.", entered, whose, share, bold(units(totals.promised)))


def _set_aside(totals: Totals) -> str:
    if not totals.set_aside:
        return ""
    went = plural(totals.set_aside, "recommandé ici est allé,recommandés ici sont allés")
    return f"{integer(totals.set_aside)} {went} ailleurs par choix du bailleur, avec son motif."


def _hidden(hidden: int) -> str:
    if not hidden:
        return ""
    where = f"{integer(hidden)} {plural(hidden, 'se trouve,se trouvent')} hors de votre territoire"
    return f"{where} : {plural(hidden, 'compté,comptés')}, sans être {plural(hidden, 'listé,listés')}."


def destinations_table(totals: Totals, ledger: Ledger, line: AccountLine) -> Table:
    """A destination a row; each number lists its units, below."""
    here = reverse("why-not-us", args=[ledger.pk, line.holder.pk])
    outside = f", dont {integer(totals.outside)} hors du flux" if totals.outside else ""
    title = f"Logements libérés en {ledger.exercise}, par destination"
    note = "Barres à l’échelle du plus grand nombre. Chaque nombre filtre la liste."
    return Rows(
        totals.destinations,
        Shown("Destination", _destination, total=f"Ensemble{outside}"),
        Shown(
            Head("Logements", "n", label=""),
            lambda each: _listed(each.units, f"{here}?destination={each.code}"),
            total=_listed(totals.units, here),
        ),
        Shown(Head("Barre", "", hidden=True, label=""), lambda each: part_bar(each.units, totals.largest), total=""),
    ).titled("", title, note, mark=lambda each: "first" if each.ours else "")


def _destination(each: Destination) -> str:
    if each.ours:
        return bold(destination_name(each))
    return upper_first(destination_name(each)) if each.in_flow else f"Hors du flux, {destination_name(each)}"


def _listed(count: int, address: str) -> str:
    return link(f"{address}#liste-libres", integer(count), also=" : lister") if count else "0"


def units_table(rows: Iterable[WhyNotLine], *, own: bool) -> Table:
    """A unit a row: where it went, and why not to this holder. `own`: is it the reader’s?"""
    why = "Pourquoi pas nous, ou pourquoi nous" if own else "Pourquoi"
    title = "Logements libérés, du plus récent au plus ancien"
    return Rows(
        rows,
        Shown(Head("Enregistré", "nw"), lambda row: short_day(row.vacancy.registered_on)),
        Shown("Logement", _unit),
        Shown("Où il est allé", lambda row: _went(row, own=own)),
        Shown(Head(why, "all said", label="Pourquoi"), why_sentence),
    ).titled("liste", title, head_at=1, quiet=True)


def _unit(row: WhyNotLine) -> str:
    vacancy, unit = row.vacancy, row.vacancy.unit
    is_open = vacancy.file_open
    name = format_html("{}{}", f"{unit.reference}, " if is_open else "", bold(headline(unit)))
    also = f", enregistré le {day(vacancy.registered_on)}"
    where = f"{unit.address}, {unit.commune.name}" if is_open else unit.commune.name
    return below(link(reverse("vacancy-detail", args=[vacancy.pk]), name, also=also), muted(where))


def _went(row: WhyNotLine, *, own: bool) -> str:
    where = muted(NOWHERE.get(row.outcome, "Sorti du flux"))
    if row.destination:
        acting = f", par {towards(row.routing.acting)}" if row.routing and row.routing.acting else ""
        where = format_html("{}{}", bold(row.destination), acting)
    if row.waiting:
        return below(where, pill("À confirmer par le bailleur", "wait"))
    if row.outcome == Outcome.OURS:
        return below(where, pill("Chez vous" if own else "Orienté ici", "ok"))
    return below(where, pill("Choix du bailleur", "late") if row.outcome == Outcome.SET_ASIDE else "")
