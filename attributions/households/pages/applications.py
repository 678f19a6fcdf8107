"""Requests and their candidatures, as who registers them reads them."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from attributions.households.models import Application, Proposal
from attributions.households.queries.applications import ApplicationRow
from reservations.pages.pieces import below, beside, link, muted, pill
from reservations.pages.table import FIGURE, Head, Said, Table, table
from reservations.words import day, integer, plural, upper_first

HEADINGS = (
    *(Head("Numéro unique", "all nw"), Head("Ménage", ""), Head("Demande depuis", "nw"), Head("Quartile", "")),
    *("Priorité", f"Candidatures en cours{FIGURE}", "Conservation de l’identité"),
)
UNKNOWN = muted("non renseigné")


def requests_table(rows: Iterable[ApplicationRow]) -> Table:
    """A request a row, the latest recorded first."""
    told = [
        (
            link(reverse("application-detail", args=[each.pk]), each.number),
            household(each),
            day(each.requested_on) if each.requested_on else UNKNOWN,
            quartile(each.income_quartile) if each.income_quartile else UNKNOWN,
            each.priority.get_group_display() if each.priority else muted(each.priority_words),
            integer(row.live),
            _kept(row),
        )
        for row in rows
        for each in [row.application]
    ]
    note = "De la dernière enregistrée à la première. Un numéro de plus mène à la même demande."
    return table("liste", "Demandes", note, HEADINGS, told)


def household(facts: Application | Proposal) -> str:
    """Who lives there, in a few words, without a name: « 2 adultes, 1 enfant »."""
    if facts.adults is None:
        return UNKNOWN
    adults = f"{facts.adults} {plural(facts.adults, 'adulte,adultes')}"
    return f"{adults}, {facts.children} {plural(facts.children, 'enfant,enfants')}" if facts.children else adults


def quartile(number: int) -> str:
    """« 1er », « 3e »."""
    return f"{number}{'er' if number == 1 else 'e'}"


def _kept(row: ApplicationRow) -> str:
    """Until when the identity is kept, once the request is closed."""
    if not row.kept_until:
        return muted("tant que la demande est active")
    return beside(pill("Radiée", "no"), f"identité conservée jusqu’au {day(row.kept_until)}")


def candidatures_table(found: Iterable[Proposal]) -> Table:
    """What became of each candidature of one request, for those that the reader may open."""
    rows = [
        (
            below(
                link(reverse("proposal-detail", args=[each.pk]), each.vacancy.unit.reference),
                muted(each.vacancy.unit.commune.name),
            ),
            each.vacancy.unit.landlord.organisation.name,
            Said(
                upper_first(each.standing_words),
                pill="part" if each.is_live else "ok" if each.status == Proposal.Status.HOUSED else "no",
            ),
            day(each.since),
        )
        for each in found
    ]
    headings = ("Logement", Head("Bailleur", ""), Head("État", ""), Head("Depuis le", "nw"))
    return table("", "Candidatures de cette demande que vous pouvez lire", "", headings, rows, quiet=True)
