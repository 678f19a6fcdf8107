"""What pages say of statement lines.

* A line of a statement in words: what credited the holder, or what happened to one unit.
* What precedes the signature of a convention, in words: before it is signed, on its page, in the accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.models import Ledger, SettledDue, Vacancy
from flux.pages.sheet_words import clause_of
from flux.pages.units import headline
from flux.queries.statement_lines import RETURNS, Event, StatementLine
from flux.words import counted, gap, units
from reservations.models import Convention, ReservationHolder
from reservations.pages.pieces import beside, bold, hint, link
from reservations.words import day, integer, of, percent, plural, upper_first

Dues = Convention.EarlierDues

#: An account, then what it would have owed one holder: the holder, how much, of how many units, from when to when.
type Owed = tuple[Ledger, ReservationHolder, int, int, date, date]


def before_signing(convention: Convention, found: Sequence[Owed]) -> str:
    """What is read before signing, where the first day is past: what would have been due, and what becomes of it."""
    if not found:
        return (
            f"La convention prend effet le {day(convention.starts_on)} : aucun logement entré dans le flux depuis ne "
            "lui aurait rien donné, rien n’est à régler."
        )
    then = {
        Dues.SETTLED: "Si la dernière signature est donnée aujourd’hui, ce sera dû en une écriture du compte, prise "
        "sur la part non réservée.",
        Dues.LEFT: "La convention dit que rien n’en est dû ; les logements qui suivent une signature donnée sur papier "
        "seront dus, même enregistrée plus tard.",
        "": "La convention ne dit pas ce qu’il devient : il faut l’écrire avant de signer. Signée sur papier ce "
        "jour-là au plus tard, elle le doit.",
    }[convention.earlier_dues]
    return f"{would_owe(convention, found)} {then}"


def once_signed(convention: Convention, rows: Iterable[SettledDue]) -> str:
    """What precedes its signature, as soon as it binds, where its first day is past."""
    if settled := settled_on_page(rows):
        return settled
    if convention.earlier_dues == Dues.LEFT:
        return "Comme elle le dit, rien n’est dû des logements entrés dans le flux avant sa signature."
    return "Aucun logement entré dans le flux depuis son premier jour ne reste à régler."


def would_owe(convention: Convention, found: Sequence[Owed]) -> str:
    """The figure, and what it is made of."""
    parts = " ; ".join(
        f"{holder}, {units(amount)} pour {_entered(number, since, until)} ({ledger})"
        for ledger, holder, amount, number, since, until in found
    )
    total = units(sum(amount for _, _, amount, *_ in found))
    what = "L’arrêté" if convention.is_order else "La convention"
    return f"{what} prend effet le {day(convention.starts_on)}. Ce qui aurait été dû : {total} ({parts})."


def settled_on_page(rows: Iterable[SettledDue]) -> str:
    """What was settled, on the page of the convention; "" where nothing was."""
    parts = [
        f"{row.entry.holder}, {counted(row.entry.quantity)} pour {_entered(row.units, row.since, row.until)}, "
        f"le {day(row.entry.on)} ({row.entry.ledger})"
        for row in rows
    ]
    return f"Réglé d’avant la signature : {' ; '.join(parts)}." if parts else ""


def settled_in_account(row: SettledDue) -> str:
    """One sentence a settlement, on the page of an account."""
    holder = str(row.entry.holder)
    return (
        f"Le {day(row.entry.on)}, le dû {of(holder)} est augmenté de {counted(row.entry.quantity)} en une écriture, "
        f"prise sur la part non réservée : {settled_line(row)}."
    )


def settled_line(row: SettledDue) -> str:
    """What an entry settles, after its heading on a statement."""
    convention = row.convention
    done = "enregistré" if convention.is_order else f"signée le {day(convention.signed_on or row.entry.on)}"
    return f"{_entered(row.units, row.since, row.until)}, avant la signature ({convention}, {done})"


def _entered(number: int, since: date, until: date) -> str:
    days = f"le {day(since)}" if since == until else f"du {day(since)} au {day(until)}"
    return f"{integer(number)} {plural(number, 'logement entré,logements entrés')} dans le flux {days}"


#: What credits a holder, after how many units.
CREDITED = {
    Event.VACATED: "logement libéré,logements libérés",
    Event.OFFERED_AGAIN: (
        "logement rendu par un autre et proposé de nouveau,logements rendus par d’autres et proposés de nouveau"
    ),
}


def line_words(line: StatementLine, *, own: bool, outside: bool) -> SafeString:
    """What a line states. `own`: are the units the reader’s? `outside`: is it the account of what nobody reserves,
    where a first letting of somebody else has a line of its own?"""
    if line.event in CREDITED:
        return _credited(line)
    if line.event == Event.TRANSFERRED:
        return _transferred(line)
    act, more = _act(line, own=own)
    apart = " hors part : elle va à un réservataire dont la convention ne la compte pas"
    text = format_html("{}{} : {}", bold(act), more, _unit(line.vacancy))
    text = format_html("{}{}", text, apart) if outside and line.vacancy and line.vacancy.allotment_id else text
    return beside(text, hint(clause) if (clause := _by_clause(line)) else "")


def _by_clause(line: StatementLine) -> str:
    """By which clause a unit given back counts, or not, for the holder of the account; empty for the other lines."""
    given = line.returned
    if given is None or line.event == Event.RETURNED_ONE_TURN:
        return ""
    clause = clause_of(given.routing)
    if line.event in RETURNS:
        return upper_first(clause)
    if given.counted or given.routing.one_turn:
        return f"{upper_first(given.who)}, passé pour un tour : {clause}"
    return f"{upper_first(given.who)}, il compte pour qui le prend : {clause}"


def _credited(line: StatementLine) -> SafeString:
    text = f"{integer(line.count)} {plural(line.count, CREDITED[Event(line.event)])}"
    if line.share:
        text += f", {percent(line.share)}{' chacun' if line.count > 1 else ''}"
    return beside(text, hint(f"dont {gap(line.carried)} de report") if line.carried else "")


def _transferred(line: StatementLine) -> SafeString:
    if line.settled is not None:
        who = "Réglé à un réservataire" if line.due < 0 else "Réglé"
        return format_html("{} : {}", bold(who), settled_line(line.settled))
    if line.landlord and line.gave:
        return format_html("{}, qui a absorbé ce bailleur", bold(f"Solde passé au compte {of(line.landlord)}"))
    if line.landlord:
        return format_html("{}, bailleur absorbé", bold(f"Solde repris {of(line.landlord)}"))
    return format_html("{} à la fin d’un droit", bold("Reste dû transféré" if line.due < 0 else "Reste dû repris"))


def _act(line: StatementLine, *, own: bool) -> tuple[str, str]:
    """What was done, and what follows it; then comes the unit."""
    towards_you = " vers vous" if own else ""
    given_back = f"Rendu{' sans candidat au terme du délai' if line.lapsed else ''}"
    refused = (
        f"{integer(line.candidates)} {plural(line.candidates, 'candidature,candidatures')} "
        f"{plural(line.candidates, 'non aboutie,non abouties')}"
    )
    forfeited = "Dû abandonné au bailleur" if line.due < 0 else "Dû abandonné par un réservataire"
    return {
        Event.FORFEITED: (forfeited, ", au-delà du plafond de sa convention, pour un logement rendu sans compter"),
        Event.RECOMMENDED: (f"Recommandé{' pour vous' if own else ''}", ", à confirmer par le bailleur"),
        Event.ROUTED: (f"Orienté{towards_you}", ""),
        Event.CONFIRMED: ("Confirmé", f" par le bailleur, orienté{towards_you}"),
        Event.WITHDRAWN: ("Orienté vers un autre réservataire", ", motif sur la fiche"),
        Event.RETURNED_COUNTED: (f"{given_back}, compté", " quand même comme reçu, raison sur la fiche"),
        Event.RETURNED_ONE_TURN: (f"{given_back}, reçu pour un tour", ", hors de ce compte, raison sur la fiche"),
        Event.RETURNED_UNCOUNTED: (f"{given_back}, non compté", " comme reçu, raison sur la fiche"),
        Event.DESIGNATED: ("Candidats désignés", ""),
        Event.UNDESIGNATED: ("Désignation reprise", ""),
        Event.REFUSED: (refused, f" ({line.whose})"),
        Event.UNREFUSED: (refused, f", {plural(line.candidates, 'reprise,reprises')} ({line.whose})"),
        Event.ALLOCATED: ("Attribué", " par la commission"),
        Event.LEASED: ("Bail signé", ""),
        Event.CANCELLED: (
            "Sorti pour travaux" if line.vacancy is not None and not line.vacancy.is_cancelled else "Annulé",
            " : ce que ce logement avait compté est repris, raison sur la fiche",
        ),
        Event.CORRECTED: ("Attribution ou bail annulé", ", corrigé par le bailleur"),
        Event.REROUTED: ("Réorienté vers un autre réservataire", ", motif sur la fiche"),
        Event.SAME_DAY: ("Recommandé puis orienté ailleurs", " le même jour, motif sur la fiche"),
    }[Event(line.event)]


def _unit(vacancy: Vacancy | None) -> str:
    if vacancy is None:
        return "un logement hors de votre territoire"
    unit, first = vacancy.unit, ", première location" if vacancy.kind == Vacancy.Kind.FIRST_LETTING else ""
    address = reverse("vacancy-detail", args=[vacancy.pk])
    if vacancy.file_open:
        where = f"{headline(unit)}, {unit.address}, {unit.commune}{first}"
        return format_html("{}, {}", link(address, unit.reference), where)
    return format_html("{}, {}{}", link(address, headline(unit)), unit.commune, first)
