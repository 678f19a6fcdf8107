"""Requests and their candidatures, as who registers them reads them."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from attributions.households.models import Application, Proposal
from attributions.households.queries.applications import ApplicationRow
from reservations.pages.pieces import below, beside, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Said, Shown, Table
from reservations.words import day, plural, upper_first

UNKNOWN = muted("non renseigné")


def requests_table(rows: Iterable[ApplicationRow]) -> Table:
    """A request a row, the latest recorded first."""
    note = "De la dernière enregistrée à la première. Un numéro de plus mène à la même demande."
    return Rows(
        rows,
        Shown(
            Head("Numéro unique", "all nw"),
            lambda row: link(reverse("application-detail", args=[row.application.pk]), row.application.number),
        ),
        Shown(Head("Ménage", ""), lambda row: household(row.application)),
        Shown(
            Head("Demande depuis", "nw"),
            lambda row: day(row.application.requested_on) if row.application.requested_on else UNKNOWN,
        ),
        Shown(
            Head("Quartile", ""),
            lambda row: quartile(row.application.income_quartile) if row.application.income_quartile else UNKNOWN,
        ),
        Shown(
            "Priorité",
            lambda row: (
                row.application.priority.get_group_display()
                if row.application.priority
                else muted(row.application.priority_words)
            ),
        ),
        Number("Candidatures en cours", lambda row: row.live),
        Shown("Conservation de l’identité", _kept),
    ).titled("liste", "Demandes", note)


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
    return Rows(
        found,
        Shown(
            "Logement",
            lambda each: below(
                link(reverse("proposal-detail", args=[each.pk]), each.vacancy.unit.reference),
                muted(each.vacancy.unit.commune.name),
            ),
        ),
        Shown(Head("Bailleur", ""), lambda each: each.vacancy.unit.landlord.organisation.name),
        Shown(
            Head("État", ""),
            lambda each: Said(
                upper_first(each.standing_words),
                pill="part" if each.is_live else "ok" if each.status == Proposal.Status.HOUSED else "no",
            ),
        ),
        Shown(Head("Depuis le", "nw"), lambda each: day(each.since)),
    ).titled("", "Candidatures de cette demande que vous pouvez lire", quiet=True)
