"""The units that await candidates beside one household, in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.households.fitting import Fitting, Judgement
from attributions.households.models import Application
from attributions.households.pages.matching import check_words, reasons_words
from attributions.households.queries.open_units import ComingUnit, Weighed
from flux.pages.dwelling import headline
from reservations.pages.pieces import below, beside, bold, button, link, muted, pill
from reservations.pages.table import Head, Table, acting, table
from reservations.words import euros, integer, near_day, plural

HEADINGS = (
    *(Head("À proposer avant le", "nw"), Head("Logement", "all unit"), Head("Bailleur", ""), Head("Loyer", "")),
    *(Head("Convient ?", ""), acting("Choisir", hidden=True)),
)


def units_answer(found: Sequence[Weighed]) -> SafeString:
    """How many fit."""
    fit = sum(each.found.fits for each in found)
    whole = bold(f"{integer(fit)} {plural(fit, 'logement convient,logements conviennent')}")
    return format_html(
        "{} sur {} {} vos candidats.", whole, integer(len(found)), plural(len(found), "qui attend,qui attendent")
    )


def units_table(household: Application, found: Sequence[Weighed]) -> Table:
    """A unit a row: those that fit, then the others with every reason."""
    rows = [
        (
            bold(near_day(each.open.due)) if each.open.due else muted("sans"),
            below(
                beside(link(reverse("file", args=[each.open.vacancy.pk]), bold(unit.reference)), headline(unit)),
                muted(f"{unit.address}, {unit.commune.name}"),
            ),
            str(unit.landlord),
            _rent(each),
            fits_words(household, each.asked, each.found),
            button(reverse("proposal-choose", args=[each.open.vacancy.pk]), "Choisir", also=f" pour {unit.reference}"),
        )
        for each in found
        for unit in [each.open.vacancy.unit]
    ]
    return table("liste", "Logements", "D’abord ceux qui conviennent, par échéance.", HEADINGS, rows, head_at=1)


def coming_table(household: Application, found: Sequence[ComingUnit]) -> Table | None:
    """The departures forecast, without their address; None when there is none."""
    if not found:
        return None
    rows = [
        (
            near_day(each.expected.firm_on),
            below(headline(unit), muted(unit.commune.name)),
            str(unit.landlord),
            fits_words(household, each.asked, each.found),
        )
        for each in found
        for unit in [each.expected.vacancy.unit]
    ]
    headings = (Head("Décidé au plus tard le", "nw"), "Logement", Head("Bailleur", ""), Head("Convient ?", ""))
    note = "Une prévision, jamais une promesse : seuls la typologie, le financement et la commune sont comparés."
    return table("a-venir", "Départs connus, prévus pour vous", note, headings, rows, head_at=1)


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
