"""Every organisation, as whoever administers the service reads them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from django.urls import reverse

from reservations.models import Organisation
from reservations.pages.pieces import below, beside, bold, link, muted
from reservations.pages.table import Head, Number, Rows, Said, Shown, Table
from reservations.words import day, integer, of, plural


def organisations_table(found: Iterable[Organisation]) -> Table:
    """An organisation a row: what it is, what its nature gives it, who acts for it. Their territories, contingents and
    counts are fetched."""
    return Rows(
        found,
        Shown(
            "Organisation",
            lambda each: Said(
                below(bold(link(reverse("organisation-correct", args=[each.pk]), each.name)), _closed(each))
            ),
        ),
        Shown(Head("SIREN", "nw"), lambda each: each.siren),
        Shown("Nature", _nature),
        Shown(
            Head("Territoire", ""),
            lambda each: (
                beside(each.territory.name, muted(each.territory.code, "small")) if each.territory else muted("aucun")
            ),
        ),
        Shown(
            Head("Contingents", ""),
            lambda each: (
                below(*(holder.get_contingent_display() for holder in each.contingents.all())) or muted("aucun")
            ),
        ),
        Number("Personnes", _people),
    ).titled(
        "liste",
        "Organisations",
        "Les contingents suivent la nature (RPLS, rubrique 63).",
        none=beside(
            "Aucune organisation ne répond à cette recherche.", link(reverse("organisation-list"), "Tout afficher")
        ),
    )


def _closed(organisation: Organisation) -> str:
    return muted(f"fermée le {day(organisation.closed_on)}", "small") if organisation.closed_on else ""


def _nature(organisation: Organisation) -> str:
    """What it is; with its short name, for a landlord."""
    kind = organisation.get_kind_display()
    is_landlord = organisation.kind == Organisation.Kind.LANDLORD
    return f"{kind}, sigle {organisation.landlord.acronym}" if is_landlord else kind


def _people(organisation: Organisation) -> str:
    """How many act for it, which leads to them."""
    count = organisation.people  # type: ignore[attr-defined]  # set by `organisations`
    also = f" {plural(count, 'personne,personnes')} {of(organisation)}"
    return link(f"{reverse('person-list')}?mots={quote(organisation.name)}", integer(count), also=also)
