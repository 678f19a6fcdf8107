"""Units whose candidates are before a committee: those that a session may examine, and what keeps the others."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html

from attributions.households.pages.agenda import why_not
from attributions.households.queries.agenda import ReadyUnit
from flux.pages.dwelling import headline
from reservations.pages.pieces import below, beside, bold, link, muted, pill, small
from reservations.words import plural, upper_first


def sessions_question(*, by_landlord: bool) -> str:
    """What who convenes, or who sits, looks for."""
    return "Que doit examiner la commission ?" if by_landlord else "À quelles séances siégez-vous ?"


def sessions_answer(in_progress: int, to_come: int, ready: int | None) -> str:
    """How many sessions; `ready`: how many units wait for one, told to who convenes."""
    going = ""
    if in_progress:
        going = format_html("{} {}, ", bold(in_progress), plural(in_progress, "séance en cours,séances en cours"))
    waiting = ""
    if ready is not None:
        words = plural(ready, "logement prêt,logements prêts")
        waiting = format_html(", {} {} à mettre à l’ordre du jour", bold(ready), words)
    return format_html("{}{} à venir{}.", going, bold(to_come), waiting)


def ready_words(ready: int, to_come: int) -> str:
    """What those ready have, and where they are put."""
    said = "Tous leurs dossiers sont instruits, et aucune séance ne les a à son ordre du jour."
    there = " Choisissez une séance à venir : vous les y mettrez depuis sa page."
    return f"{said}{there}" if ready and to_come else said


def ready_lines(units: Sequence[ReadyUnit]) -> list[str]:
    """Each of those ready, with how many candidates it has."""
    return [beside(_unit(each), pill(_ready(each), "ok")) for each in units]


def prevented_lines(units: Sequence[ReadyUnit]) -> list[str]:
    """Each of the others, with why."""
    return [beside(_unit(each), small(upper_first(why_not(each.blocked)))) for each in units if each.blocked]


def _unit(ready: ReadyUnit) -> str:
    unit = ready.vacancy.unit
    words = f"{headline(unit)}, {unit.commune.name}, {unit.reference}"
    there = link(reverse("file", args=[ready.vacancy.pk]), words)
    return format_html("<span>{}</span>", below(there, muted(_whose(ready), "small")))


def _whose(ready: ReadyUnit) -> str:
    return str(ready.routing.holder) if ready.routing else "Soustrait du flux"


def _ready(unit: ReadyUnit) -> str:
    return f"{unit.ready} {plural(unit.ready, 'dossier prêt,dossiers prêts')}"


@dataclass(frozen=True, slots=True)
class ReadyBox:
    """A unit to tick, and whether it was."""

    value: int
    said: str
    hint: str
    is_ticked: bool


def ready_boxes(units: Sequence[ReadyUnit], ticked: Container[str]) -> Iterator[ReadyBox]:
    """Those that may be put on the agenda; `ticked`: what was typed, when it was refused."""
    for each in units:
        unit, key = each.vacancy.unit, each.vacancy.pk
        said = f"{headline(unit)}, {unit.address}, {unit.commune.name}"
        yield ReadyBox(key, said, f"{_whose(each)} · {_ready(each)}", str(key) in ticked)
