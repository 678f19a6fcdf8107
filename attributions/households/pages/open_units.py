"""The units that await candidates beside one household, in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.households.fitting import Fitting, Judgement
from attributions.households.models import Application
from attributions.households.pages.matching import check_words, reasons_words
from attributions.households.queries.open_units import ComingUnit, OpenUnit, Weighed
from flux.models import Unit
from flux.pages.dwelling import headline
from reservations.pages.pieces import below, beside, bold, button, link, muted, pill
from reservations.pages.table import Head, Rows, Shown, Table, acting
from reservations.words import euros, integer, near_day, plural


def units_answer(found: Sequence[Weighed]) -> SafeString:
    """How many fit."""
    fit = sum(each.found.fits for each in found)
    whole = bold(f"{integer(fit)} {plural(fit, 'logement convient,logements conviennent')}")
    return format_html(
        "{} sur {} {} vos candidats.", whole, integer(len(found)), plural(len(found), "qui attend,qui attendent")
    )


def units_table(household: Application, found: Sequence[Weighed]) -> Table:
    """A unit a row: those that fit, then the others with every reason."""
    return Rows(
        found,
        Shown(Head("À proposer avant le", "nw"), lambda each: proposed_by(each.open)),
        Shown(Head("Logement", "all unit"), lambda each: open_unit(each.open)),
        Shown(Head("Bailleur", ""), lambda each: str(each.open.vacancy.unit.landlord)),
        Shown(Head("Loyer", ""), _rent),
        Shown(Head("Convient ?", ""), lambda each: fits_words(household, each.asked, each.found)),
        Shown(acting("Choisir", hidden=True), _choose),
    ).titled("liste", "Logements", "D’abord ceux qui conviennent, par échéance.", head_at=1)


def proposed_by(each: OpenUnit) -> str:
    """The last day to propose for a unit."""
    return bold(near_day(each.due)) if each.due else muted("sans")


def open_unit(each: OpenUnit) -> str:
    """Its reference, what it is, its address."""
    unit = each.vacancy.unit
    return below(
        beside(link(reverse("file", args=[each.vacancy.pk]), bold(unit.reference)), headline(unit)),
        muted(f"{unit.address}, {unit.commune.name}"),
    )


def _choose(each: Weighed) -> str:
    vacancy = each.open.vacancy
    return button(reverse("proposal-choose", args=[vacancy.pk]), "Choisir", also=f" pour {vacancy.unit.reference}")


def coming_table(household: Application, found: Sequence[ComingUnit]) -> Table | None:
    """The departures forecast, without their address; None when there is none."""
    if not found:
        return None
    note = "Une prévision, jamais une promesse : seuls la typologie, le financement et la commune sont comparés."
    return Rows(
        found,
        Shown(Head("Décidé au plus tard le", "nw"), lambda each: near_day(each.expected.firm_on)),
        Shown("Logement", lambda each: below(headline(_unit(each)), muted(_unit(each).commune.name))),
        Shown(Head("Bailleur", ""), lambda each: str(_unit(each).landlord)),
        Shown(Head("Convient ?", ""), lambda each: fits_words(household, each.asked, each.found)),
    ).titled("a-venir", "Départs connus, prévus pour vous", note, head_at=1)


def _unit(each: ComingUnit) -> Unit:
    return each.expected.vacancy.unit


def fits_words(household: Application, asked: Fitting, found: Judgement) -> str:
    """« Convient », or every reason why not; then what is to be checked."""
    check = check_words(found)
    return below(
        pill("Convient", "ok") if found.fits else "",
        *reasons_words(household, asked, found),
        muted(check, "small") if check else "",
    )


def _rent(each: Weighed) -> str:
    unit = each.open.vacancy.unit
    if unit.rent is None:
        return muted("non renseigné")
    return below(euros(unit.rent))
