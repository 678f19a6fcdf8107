"""Objectives in tables: the leases behind one, the rates that somebody recorded."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.safestring import SafeString

from attributions.bilan.models import Objective
from attributions.households.models import Lease
from reservations.models import Territory
from reservations.pages.pieces import button, link, muted
from reservations.pages.table import Head, Number, Rows, Said, Shown, Table, table
from reservations.words import day, of, percent, upper_first

UNKNOWN = muted("non renseigné")
PAST = muted("compté avec d’autres, au terme")

#: How a lease stands in an objective.
STANDINGS = {"counted": Said("compté", pill="ok"), "unknown": Said("non renseigné", pill="wait")}
NOT_COUNTED = Said("non compté", pill="no")


def leases_table(objective: Objective.Code, found: Iterable[Lease]) -> Table:
    """A lease a row, with the facts of the day it was signed, and how it stands. Units and holders: fetched."""
    rows = [
        (
            link(reverse("vacancy-detail", args=[each.vacancy_id]), each.vacancy.unit.reference),
            str(commune_of(each)),
            str(each.holder or "hors du flux"),
            day(each.signed_on),
            _district(each),
            *_facts(each),
            # `stands` is set by `leases_behind`.
            PAST if each.facts_among is not None else STANDINGS.get(each.stands, NOT_COUNTED),  # type: ignore[attr-defined]
        )
        for each in found
    ]
    headings = (
        *("Logement", Head("Commune", ""), Head("Réservataire", ""), Head("Signé le", "nw"), Head("Quartier", "")),
        *(Head("Quartile", ""), Head("Prioritaire", ""), Head("Dans l’objectif", "")),
    )
    return table("t-baux", upper_first(objective.label), "Faits du jour de la signature.", headings, rows)


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


def _facts(lease: Lease) -> tuple[str, str]:
    """Quartile and priority of the household; at its term nothing is given of it alone."""
    if lease.facts_among is not None:
        return PAST, PAST
    return _quartile(lease), UNKNOWN if lease.has_priority is None else "oui" if lease.has_priority else "non"


def _quartile(lease: Lease) -> str:
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
