"""Declaring a unit that falls vacant: what each classification means, in words."""

from __future__ import annotations

from django.forms import Form
from django.utils.html import format_html

from flux.models import OutsideFlow, StockAssignment, Unit, Vacancy
from flux.pages.dwelling import headline
from reservations.pages.choices import Choices
from reservations.pages.pieces import bold
from reservations.words import to

Kind = Vacancy.Kind


def answer(unit: Unit, exercise: int | None) -> str:
    """Which unit it is; `exercise`: the account in which it would take its place, None of one classed already."""
    what = f"{headline(unit)}, {unit.address}, {unit.commune.name}."
    if exercise is None:
        return what
    return (
        f"{what} Déclaré dans le flux, il prend aussitôt sa place dans l’ordre d’enregistrement du compte {exercise}."
    )


def classed(stock: StockAssignment | None, outside: OutsideFlow | None) -> str:
    """What its own right in stock, or what keeps it out of the shares, makes of it; empty of one to class."""
    if stock is not None:
        return format_html(
            "{} ({}). Libéré, il va directement {}, hors du flux : il n’est dû à personne d’autre.",
            bold("Ce logement est en stock"),
            stock.right.get_ground_display(),
            to(stock.right.holder),
        )
    if outside is not None:
        return format_html(
            "{} : {} ({}). Libéré, il n’entre dans aucun compte.",
            bold("Ce logement est hors de l’assiette du flux"),
            outside.get_reason_display(),
            outside.source,
        )
    return ""


def kinds(form: Form, *, covered: bool) -> Choices:
    """What each kind of vacancy means; `covered`: is a convention in force where it is?"""
    ordinary = "chaque réservataire est crédité de sa part"
    if not covered:
        ordinary = "sans convention en vigueur ici, il attend sans être orienté"
    then = {Kind.EXCLUDED.value: form["exclusion"]}
    if "stock_right" in form.fields:
        then[Kind.STOCK.value] = form["stock_right"]
    hints = {
        Kind.IN_FLOW.value: f"Le cas ordinaire : {ordinary}.",
        Kind.EXCLUDED.value: "L’un des motifs de la loi : il ne compte pas.",
        Kind.STOCK.value: "Le programme porte un droit en stock : il va à son titulaire, hors du flux.",
        Kind.FIRST_LETTING.value: "Logement neuf ou acquis, jamais loué par vous.",
        Kind.TECHNICAL.value: "Travaux, vente, démolition : il ne se loue pas.",
    }
    return Choices(form["kind"], "Classement", hints=hints, then=then)
