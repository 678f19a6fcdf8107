"""One's own households, in the words of their list."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from attributions.households.models import Application
from attributions.households.pages.applications import UNKNOWN, household
from attributions.households.queries.pool import PoolRow
from reservations.pages.pieces import below, beside, bold, button, link, muted, pill
from reservations.pages.table import Head, Rows, Shown, Table, acting
from reservations.words import day, euros, integer, plural

Documents = Application.Documents

#: The pill of each state of the papers.
PAPERS = {Documents.COMPLETE: "ok", Documents.LACKING: "todo"}


def pool_table(rows: Iterable[PoolRow]) -> Table:
    """A household a row, who has waited longest first."""
    return Rows(
        rows,
        Shown(Head("Ménage", "all unit"), lambda row: _who(row.household)),
        Shown(Head("Demande depuis", "nw"), lambda row: _since(row.household)),
        Shown(Head("Revenu", ""), _income),
        Shown(Head("Recherche", ""), _looks_for),
        Shown(Head("Priorité", ""), lambda row: below(row.household.priority_words, *_label(row.household))),
        Shown(Head("Dossier", ""), lambda row: _papers(row.household)),
        Shown(Head("Candidat à", ""), _candidacies),
        Shown(acting("Agir", hidden=True), lambda row: _units(row.household)),
    ).titled("liste", "Ménages", "Du plus ancien demandeur au plus récent.")


def _who(each: Application) -> str:
    return below(_name(each), beside(household(each), muted(f"n° …{each.ending}", "small")))


def _since(each: Application) -> str:
    return day(each.requested_on) if each.requested_on else UNKNOWN


def _papers(each: Application) -> str:
    return pill(each.get_documents_display(), PAPERS[Documents(each.documents)]) if each.documents else UNKNOWN


def _units(each: Application) -> str:
    return button(reverse("household-units", args=[each.pk]), "Logements", also=f" pour {_called(each)}")


def _called(each: Application) -> str:
    return each.name or f"la demande qui se termine par {each.ending}"


def _name(each: Application) -> str:
    return link(reverse("application-detail", args=[each.pk]), bold(each.name or "nom non renseigné"))


def _income(row: PoolRow) -> str:
    income = row.household.income
    if income is None:
        return UNKNOWN
    if row.under is None:
        return below(euros(income), muted("au-dessus du plafond PLS", "small"))
    return below(euros(income), muted(f"sous le plafond {row.under}", "small") if row.under else "")


def _looks_for(row: PoolRow) -> str:
    rooms = row.household.least_rooms
    words = f"{integer(rooms)} {plural(rooms, 'pièce,pièces')} au moins" if rooms else ""
    accessible = pill("Accessible", "part") if row.household.needs_accessible else ""
    return below(", ".join(row.communes), words, accessible) or UNKNOWN


def _label(each: Application) -> Iterable[str]:
    if each.labelled_on:
        yield muted(f"labellisé le {day(each.labelled_on)}", "small")
    if each.labelled_until:
        yield muted(f"jusqu’au {day(each.labelled_until)}", "small")


def _candidacies(row: PoolRow) -> str:
    links = (
        beside(link(reverse("file", args=[each.vacancy_id]), each.vacancy.unit.reference), muted(each.standing_words))
        for each in row.candidacies
    )
    return below(*links) or muted("aucun logement")
