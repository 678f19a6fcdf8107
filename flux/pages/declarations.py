"""What pages say of declarations.

* Where units may be sent instead, and what it does to each account: the choices of a form.
* Declaring a unit that falls vacant: what each classification means, in words.
* Letting a unit again, in words: what it does, to whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.forms import Form
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.models import OutsideFlow, StockAssignment, Unit, Vacancy
from flux.pages.units import headline
from flux.queries.queue import Destination
from flux.queries.sheet import Sheet
from flux.queries.vacancies import latest_routing
from flux.words import gap
from reservations.models.convention import UNIT
from reservations.pages.pieces import Choices, below, beside, bold, hint, muted
from reservations.words import day, integer, plural, to


def destination_choices(ways: Iterable[Destination], units: int) -> list[tuple[int, str]]:
    """Each destination, and what taking these `units` does to it."""
    return [
        (way.row.holder_id, format_html("{}{}", beside(bold(way.row.name), _some(way, units)), hint(_effect(way))))
        for way in ways
    ]


def ticked_lines(vacancies: Iterable[Vacancy]) -> list[SafeString]:
    """Each unit that was ticked, of vacancies `with_destinations`, and to whom it is recommended."""
    found = []
    for vacancy in vacancies:
        recommendation, _ = latest_routing(vacancy)
        to = muted(f"recommandé : {recommendation.holder}", "small") if recommendation else ""
        words = below(f"{vacancy.unit.reference}, {headline(vacancy.unit)}", to)
        found.append(format_html("<span>{}</span>", words))
    return found


def _some(way: Destination, units: int) -> str:
    """How many of them may go there, when not all may."""
    if way.units == units:
        return ""
    return f"({integer(way.units)} {plural(way.units, 'logement possible,logements possibles')} sur {integer(units)})"


def _effect(way: Destination) -> str:
    """Its gap before and after, at the moment of the calculation; what it breaks, in a few words."""
    breaks = way.row.if_chosen is not None and not way.row.if_chosen.safe
    risk = f" ; {way.row.if_chosen_brief}" if breaks else ""
    return f"écart : {gap(way.row.gap)} avant, {gap(way.row.gap - UNIT * way.units)} après{risk}"


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


@dataclass(frozen=True, slots=True)
class Resuming:
    """What letting again the unit of a sheet does, `on` a day."""

    read: Sheet
    on: date

    @property
    def answer(self) -> str:
        """Which unit it is, and since when it is out."""
        vacancy = self.read.vacancy
        what = f"{headline(vacancy.unit)}, {to(vacancy.unit.commune)}"
        if self._technical:
            return f"{what}, vacance technique depuis le {day(vacancy.registered_on)}."
        if self.read.state == "OUT":
            return f"{what}, sorti pour travaux depuis le {day(self.read.returns[-1].returned_at)}."
        return f"{what}, n’est pas sorti de la location."

    @property
    def points(self) -> Iterator[str]:
        """What it keeps, where it enters, who may have it."""
        vacancy = self.read.vacancy
        yield f"Il garde son congé, du {day(vacancy.notice_on)}, et son histoire : rien n’est à déclarer de nouveau."
        if self._technical:
            yield (
                f"Il n’était dans aucun compte : il entre dans celui de {self.on.year}, à la suite des logements déjà "
                "enregistrés ; s’il porte un droit en stock, il va à son titulaire."
            )
            return
        ledger = vacancy.ledger
        if ledger is not None and ledger.credits_once:
            yield (
                f"Il rentre dans son compte, celui de {ledger.exercise} : chaque réservataire est crédité de sa part, "
                "et qui le prend est débité, une seule fois."
            )
        else:
            yield "Ce qui était dû à chacun l’est resté : personne n’est crédité de nouveau, qui le prend est débité."
        yield "La règle décide aussitôt, entre tous ceux qui y ont un droit : qui l’avait avant les travaux aussi."

    @property
    def _technical(self) -> bool:
        return self.read.vacancy.kind == Vacancy.Kind.TECHNICAL
