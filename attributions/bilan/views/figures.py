"""Figures of a balance as its pages write them, each with the address of the units behind it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from attributions.bilan.pages.opened import Figure
from attributions.bilan.queries.balance import Balance
from attributions.bilan.views.scope import WHOLE
from flux.queries.cells import Axis

#: The axes in addresses.
SLUGS = {
    Axis.TYPOLOGY: "typologie",
    Axis.FINANCING: "financement",
    Axis.QPV: "qpv",
    Axis.COMMUNE: "commune",
    Axis.PERIOD: "construction",
}
#: In the address: what became of the units registered in the year, and not what was done in it.
COHORT = "cohort"
AXES = {slug: axis for axis, slug in SLUGS.items()}

#: What a measure is called in a sentence: one, several.
WORDS = {
    "offered": ("logement proposé", "logements proposés"),
    "designated": ("logement avec candidats désignés", "logements avec candidats désignés"),
    "returned": ("logement rendu", "logements rendus"),
    "lapsed": ("délai écoulé sans candidat", "délais écoulés sans candidat"),
    "refused": ("candidature non aboutie", "candidatures non abouties"),
    "allocated": ("logement attribué", "logements attribués"),
    "leased": ("logement loué", "logements loués"),
    "first_lettings": ("première mise en location", "premières mises en location"),
    "first_allocated": ("première mise en location attribuée", "premières mises en location attribuées"),
    "first_leased": ("première mise en location louée", "premières mises en location louées"),
}


def opened(
    read: Balance,
    measure: str,
    value: int,
    *,
    holder: int | None = None,
    axis: Axis | None = None,
    category: str = "",
    by_cohort: bool = False,
) -> Figure:
    """A figure of a balance and the address of its units: of one holder (id) or all, of one category or all; done in
    the year, or `by_cohort`, whenever, to the units registered in it."""
    if not value:
        return Figure(value, "")
    query = {"measure": measure, "territory": read.territory.pk if read.territory else WHOLE}
    query |= {} if holder is None else {"holder": holder}
    query |= {"reading": COHORT} if by_cohort else {}
    query |= {} if axis is None else {"axis": SLUGS[axis], "category": category}
    return Figure(value, f"{reverse('balance-units', args=[read.landlord.pk, read.year])}?{urlencode(query)}")
