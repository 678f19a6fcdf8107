"""A line of a statement in words: what credited the holder, or what happened to one unit."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.models import Vacancy
from flux.pages.dwelling import headline
from flux.pages.earlier_dues import settled_line
from flux.pages.returning import clause_of
from flux.queries.statement_lines import RETURNS, Event, StatementLine
from flux.words import gap
from reservations.pages.pieces import beside, bold, hint, link
from reservations.words import integer, of, percent, plural, upper_first

#: What credits a holder, after how many units.
CREDITED = {
    Event.VACATED: "logement libéré,logements libérés",
    Event.OFFERED_AGAIN: (
        "logement rendu par un autre et proposé de nouveau,logements rendus par d’autres et proposés de nouveau"
    ),
}


def said_line(line: StatementLine, *, own: bool, outside: bool) -> SafeString:
    """What a line tells. `own`: are the units the reader’s? `outside`: is it the account of what nobody reserves, where
    a first letting of somebody else is told apart?"""
    if line.event in CREDITED:
        return _credited(line)
    if line.event == Event.TRANSFERRED:
        return _transferred(line)
    act, more = _act(line, own=own)
    apart = " hors part : elle va à un réservataire dont la convention ne la compte pas"
    said = format_html("{}{} : {}", bold(act), more, _unit(line.vacancy))
    said = format_html("{}{}", said, apart) if outside and line.vacancy and line.vacancy.allotment_id else said
    return beside(said, hint(clause) if (clause := _by_clause(line)) else "")


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
    said = f"{integer(line.count)} {plural(line.count, CREDITED[Event(line.event)])}"
    if line.share:
        said += f", {percent(line.share)}{' chacun' if line.count > 1 else ''}"
    return beside(said, hint(f"dont {gap(line.carried)} de report") if line.carried else "")


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
