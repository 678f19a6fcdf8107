"""Objectives in tables: the leases behind one, the rates that somebody recorded."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.safestring import SafeString

from attributions.bilan.models import Objective
from attributions.households.models import Lease
from reservations.models import Territory
from reservations.pages.pieces import button, link, muted
from reservations.pages.table import Head, Number, Rows, Said, Shown, Table
from reservations.words import day, of, percent, upper_first

UNKNOWN = muted("non renseigné")
PAST = muted("compté avec d’autres, au terme")

#: How a lease stands in an objective.
STANDINGS = {"counted": Said("compté", pill="ok"), "unknown": Said("non renseigné", pill="wait")}
NOT_COUNTED = Said("non compté", pill="no")


def leases_table(objective: Objective.Code, found: Iterable[Lease]) -> Table:
    """A lease a row, with the facts of the day it was signed, and how it stands. Units and holders: fetched."""
    return Rows(
        found,
        Shown(
            "Logement",
            lambda each: link(reverse("vacancy-detail", args=[each.vacancy_id]), each.vacancy.unit.reference),
        ),
        Shown(Head("Commune", ""), lambda each: str(commune_of(each))),
        Shown(Head("Réservataire", ""), lambda each: str(each.holder or "hors du flux")),
        Shown(Head("Signé le", "nw"), lambda each: day(each.signed_on)),
        Shown(Head("Quartier", ""), _district),
        Shown(Head("Quartile", ""), _quartile),
        Shown(Head("Prioritaire", ""), _priority),
        Shown(Head("Dans l’objectif", ""), _stands),
    ).titled("t-baux", upper_first(objective.label), "Faits du jour de la signature.")


def _stands(lease: Lease) -> Said | str:
    """`stands` is set by `leases_behind`."""
    found: str = vars(lease).get("stands", "")
    return PAST if lease.facts_among is not None else STANDINGS.get(found, NOT_COUNTED)


def district_of(lease: Lease) -> bool | None:
    """As `leases_behind` reads it, for a year that is sealed."""
    found: bool | None = vars(lease).get("district", lease.in_qpv)
    return found


def commune_of(lease: Lease) -> Territory:
    """Where the unit was when it fell vacant."""
    return (lease.vacancy.description or lease.vacancy.unit).commune


def _district(lease: Lease) -> SafeString | str:
    found = district_of(lease)
    return UNKNOWN if found is None else "en QPV" if found else "hors QPV"


def _priority(lease: Lease) -> str:
    """Was the household of priority? At its term nothing is given of it alone."""
    if lease.facts_among is not None:
        return PAST
    return UNKNOWN if lease.has_priority is None else "oui" if lease.has_priority else "non"


def _quartile(lease: Lease) -> str:
    """Of the household, as its priority is."""
    if lease.facts_among is not None:
        return PAST
    said = UNKNOWN if lease.income_quartile is None else str(lease.income_quartile)
    return said + ", renouvellement urbain" if lease.urban_renewal else said


def rates_table(found: Iterable[Objective]) -> Table:
    """The latest rates that may be taken back, one by one."""
    title = "Le plus récent de chaque objectif et de chaque territoire"
    return Rows(
        found,
        Shown("Objectif", lambda each: upper_first(each.get_code_display())),
        Shown(
            Head("Territoire", ""),
            lambda each: f"{each.territory} · {each.landlord}" if each.landlord else str(each.territory),
        ),
        Number("Taux", lambda each: percent(each.share)),
        Shown(Head("Depuis le", "nw"), lambda each: day(each.starts_on)),
        Shown("Source", lambda each: each.source),
        Shown(
            Head("Corriger", ""),
            lambda each: button(
                reverse("objective-withdraw", args=[each.pk]), "Retirer", also=f" ce taux {of(each.territory)}"
            ),
        ),
    ).titled("t-enregistres", title, "Retiré, il reste dans l’historique avec son motif.")
