"""What happened to a unit since its routing, in words: its candidates counted, never named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from attributions.households.models import Designation, Offer, ProposalEnd
from attributions.households.queries.file_steps import FileEvent, FileStep
from flux.queries.returning import Effects
from reservations.models.terms import Side
from reservations.words import day, towards


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of the story of a unit. `effects`: what the end of a candidate does to the account."""

    on: date
    words: str
    detail: str
    effects: Effects | None


def file_line(step: FileStep) -> FileLine:
    """A step as its page tells it."""
    return FileLine(step.on, words(step), _detail(step), step.effects)


def words(step: FileStep) -> str:
    """« 3 candidats transmis par la Ville de Narbonne », « CALEOL du 26/11/2026 : 2 candidats retenus »."""
    return WORDS[step.event](step)


def _sent(step: FileStep) -> str:
    whose = towards(step.whose)
    if not step.number:
        return f"Exception demandée par {whose}"
    return f"{_counted(step.number, 'candidat transmis', 'candidats transmis')} par {whose}"


def _concluded(step: FileStep) -> str:
    kept = _counted(step.number, "candidat retenu", "candidats retenus") if step.number else "aucun retenu"
    return f"{_session(step)} : {kept}"


def _ended(step: FileStep) -> str:
    whose = Side(step.side).label
    if not step.code:
        return f"Fin d’une candidature ({whose})"
    return f"Candidat n° {step.number} : {ProposalEnd.Reason(step.code).label} ({whose})"


def _session(step: FileStep) -> str:
    return f"CALEOL du {step.day:%d/%m/%Y}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number < 2 else many}"


WORDS: Mapping[FileEvent, Callable[[FileStep], str]] = {
    FileEvent.SENT: _sent,
    FileEvent.READY: lambda step: _counted(step.number, "dossier instruit", "dossiers instruits"),
    FileEvent.CONVENED: lambda step: f"À l’ordre du jour de la {_session(step)}",
    FileEvent.POSTPONED: lambda step: f"{_session(step)} : examen reporté",
    FileEvent.CONCLUDED: _concluded,
    FileEvent.OFFERED: lambda _: "Offre envoyée",
    FileEvent.ANSWERED: lambda step: f"Offre {Offer.Answer(step.code).label}",
    FileEvent.ENDED: _ended,
    FileEvent.LEASED: lambda _: "Bail signé",
    FileEvent.LEASE_CANCELLED: lambda _: "Bail annulé",
}


def _detail(step: FileStep) -> str:
    """What is told beside it, "" for nothing."""
    if step.event == FileEvent.OFFERED:
        return f"réponse jusqu’au {day(step.day)} inclus"
    if step.event == FileEvent.SENT and step.code:
        return f"exception : {Designation.Exemption(step.code).label}"
    return step.text
