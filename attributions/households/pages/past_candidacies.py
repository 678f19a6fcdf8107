"""Past candidates, in words: of a unit, or of a request."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from attributions.households.models import PastCandidacy
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.words import day, upper_first

NOTE = "Repris d’un fichier, à leurs dates : rien n’en a été voté ni compté ici."


def _decision(each: PastCandidacy) -> Said:
    """« Attribution, avec un rang : 2 », on which day."""
    if not each.kind:
        return Said("Non examiné")
    rank = f" : {each.rank}" if each.rank is not None else ""
    awaited = f", {each.get_document_display()}" if each.document else ""
    awaited += f", reçue le {day(each.document_on)}" if each.document_on else ""
    return Said(f"{upper_first(each.get_kind_display())}{rank}{awaited}", hint=f"le {day(each.decided_on)}")


def _sequel(each: PastCandidacy) -> Said:
    """The last thing that happened, and why it went no further."""
    if each.leased_on is not None:
        return Said("Bail signé", hint=f"le {day(each.leased_on)}")
    why = upper_first(each.get_reason_display()) if each.reason else ""
    if each.answer:
        said = f"Offre {each.get_answer_display()}, le {day(each.answered_on)}"
        return Said(said, hint=why)
    return Said(why or "–")


SEQUEL: tuple[Shown[PastCandidacy], ...] = (Shown("Décision de la CALEOL", _decision), Shown("Suite", _sequel))


def past_of_unit(found: Sequence[PastCandidacy], *, leads: bool) -> Table | None:
    """Who was proposed for a unit; `leads`: the reader may open their requests. None when nobody was."""
    who = Shown[PastCandidacy]("Candidat", lambda each: _who(each, leads=leads))
    return Rows(found, who, *SEQUEL).titled("candidats-passes", "Candidats passés.", NOTE) if found else None


def past_of_household(found: Sequence[PastCandidacy]) -> Table | None:
    """The units that a household was proposed for. None when there is none."""
    rows = Rows(found, Shown("Logement", _where), *SEQUEL)
    return rows.titled("candidatures-passees", "Candidatures passées.", NOTE) if found else None


def _who(each: PastCandidacy, *, leads: bool) -> Said:
    asked = each.application
    if asked.pseudonymised_on is not None:
        return Said("Identité effacée")
    link = reverse("application-detail", args=[asked.pk]) if leads else ""
    return Said(asked.name or "nom non renseigné", hint=f"n° se termine par {asked.ending}", link=link)


def _where(each: PastCandidacy) -> Said:
    unit = each.vacancy.unit
    return Said(unit.reference, hint=unit.commune.name, link=reverse("file", args=[each.vacancy_id]))
