"""Cancelling a declared vacancy, or declaring it again otherwise: what it changes, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.forms import Form
from django.urls import reverse
from django.utils.html import format_html

from flux.models import Routing, StockAssignment, Vacancy
from flux.pages.dwelling import headline
from flux.queries.cancellation import TakenBack
from flux.words import gap
from reservations.pages.choices import Choices
from reservations.pages.pieces import beside, bold, link, muted
from reservations.words import day, integer, plural, to, towards

AGAIN = (
    "La déclaration est annulée, et une autre, aux mêmes dates, est enregistrée maintenant : elle prend sa place dans "
    "l’ordre d’aujourd’hui"
)


def answer(vacancy: Vacancy, routing: Routing | None, accounts: int) -> str:
    """Which unit it is, and how many accounts are corrected."""
    unit = vacancy.unit
    what = f"{headline(unit)}, {to(unit.commune)}, enregistré le {day(vacancy.registered_on)}"
    routed = f", orienté vers {towards(routing.holder)}" if routing else ""
    corrected = plural(accounts, "compte corrigé,comptes corrigés") if accounts else "compte à corriger"
    return format_html("{}, {}{} : {} {}.", what, vacancy.get_kind_display(), routed, bold(accounts), corrected)


def prevented(vacancy: Vacancy, *, allocated: bool, followed_here: bool) -> str:
    """What is to be undone first, of a unit that is allocated; empty for the others."""
    if followed_here:
        there = link(reverse("letting", args=[vacancy.pk]), "Offres et bail")
        return format_html(
            "Un candidat est retenu, ou le bail est signé : annulez le bail, ou enregistrez son désistement, sur la "
            "page {}.",
            there,
        )
    if allocated:
        there = link(reverse("vacancy-outcome", args=[vacancy.pk]), "annulez d’abord l’attribution et le bail")
        return format_html("Ce logement est attribué ou loué : {}.", there)
    return ""


def ways(form: Form, vacancy: Vacancy, moves_to: int | None) -> Choices:
    """Cancel, or declare again as what; `moves_to`: the year in which it would count then, when that changes."""
    moved = f", et passe de l’exercice {vacancy.registered_on.year} à l’exercice {moves_to}" if moves_to else ""
    kinds = {Vacancy.Kind.EXCLUDED.value: form["exclusion"]}
    if "stock_right" in form.fields:
        kinds[Vacancy.Kind.STOCK.value] = form["stock_right"]
    again = Vacancy.Cancellation.RECLASSIFIED.value
    return Choices(
        form["reason"],
        "Que voulez-vous faire ?",
        hints={again: f"{AGAIN}{moved}."},
        then={again: Choices(form["kind"], "Nouveau classement", then=kinds, is_big=False)},
    )


def taken_words(taken: Iterable[TakenBack]) -> list[str]:
    """Of each account that is corrected: « Ville de Narbonne : dû −0,25, reçu −1 (flux annuel 2026) »."""
    return [
        beside(
            f"{each.holder} : {', '.join(_sums(each))}",
            muted(f"({each.ledger.get_kind_display()} {each.ledger.exercise})"),
        )
        for each in taken
    ]


def _sums(taken: TakenBack) -> Iterator[str]:
    if taken.due:
        yield f"dû {gap(taken.due)}"
    if taken.received:
        yield f"reçu {integer(taken.received)}"


def besides(vacancy: Vacancy, routing: Routing | None, stock: StockAssignment | None) -> Iterator[str]:
    """What else it changes: a right in stock, a part of a programme, a routing."""
    if vacancy.stock_right_id:
        yield "Le droit en stock qu’il a servi redevient libre."
    if vacancy.allotment_id:
        yield "La part du programme qu’il a prise redevient libre."
    if stock is not None and vacancy.kind == Vacancy.Kind.STOCK:
        right = link(reverse("stock-right-detail", args=[stock.right_id]), "Lire ce droit")
        yield beside("Il porte un droit en stock : tant qu’il le porte, il ne se reclasse pas.", right)
    if routing is not None:
        yield f"L’orientation vers {towards(routing.holder)} sera close : prévenez ce réservataire."
