"""The landlord's choice of how many known departures are planned together, in words: what it costs and brings."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Protocol

from flux.models import DecisionWindow
from flux.words import counted, units
from reservations.pages.table import Number, Rows, Shown, Table
from reservations.words import day, integer, plural

#: What was measured on instances apart from those that the rule was chosen on (docs/engine.md).
BRINGS = (
    "Sur huit départs connus, le plus grand écart d’un réservataire passe de 1,05 à 0,86 logement en moyenne, là où "
    "les droits se recoupent ; les genres de logements sont mieux répartis. Qui garde un congé pour le déclarer au bon "
    "moment n’y gagne presque plus rien."
)
COSTS = (
    "Un départ attend : moins de trois jours ouvrés en moyenne à 500 départs par an, moins d’un jour à 2 000. Le "
    "préavis court un à trois mois, et une prévision se lit dès la première minute."
)


def chosen(window: DecisionWindow) -> str:
    """What is in force, in one sentence."""
    if not window.plans:
        return "Chaque départ est décidé seul, dès son enregistrement : version 1 de la règle."
    wait = (
        f"chacun en attend d’autres {integer(window.days)} {plural(window.days, 'jour ouvré,jours ouvrés')} au plus"
        if window.days
        else "aucun n’en attend d’autres"
    )
    return f"{integer(window.length)} départs connus au plus sont planifiés ensemble, {wait} : version 2 de la règle."


def together(window: DecisionWindow) -> str:
    """The same in a cell: what is in force, chosen or not."""
    how = f"{integer(window.length)} planifiés ensemble" if window.plans else "chacun décidé seul"
    return how if window.pk is not None else f"{how}, tant que rien n’est choisi"


def told(window: DecisionWindow) -> str:
    """After it was chosen."""
    return f"À partir du {day(window.starts_on)} : {chosen(window)[:1].lower()}{chosen(window)[1:]}"


def lived(then: int, now: int, mix_then: int, mix: int) -> str:
    """« Le plus grand écart serait passé de 1,25 à 0,90 logement »: figures in millionths."""
    return (
        f"Le plus grand écart d’un réservataire serait passé de {units(then)} à {counted(now)}, et le plus grand "
        f"manque dans un genre de {units(mix_then)} à {counted(mix)}."
    )


def waited(days: Sequence[int], known: Sequence[int]) -> str:
    """How long departures would have waited, and how many would have been known; there was one at least."""
    middle = int(median(days))
    return (
        f"Un départ sur deux aurait attendu {integer(middle)} {plural(middle, 'jour ouvré,jours ouvrés')} ou moins ; "
        f"{units(sum(known) * 1_000_000 // len(known))} départs connus en moyenne à chaque décision."
    )


class LivedLine(Protocol):
    """One holder of a year replayed under both versions (`flux.whatif.SwitchLine`)."""

    @property
    def holder(self) -> object: ...
    @property
    def due(self) -> int: ...
    @property
    def received_then(self) -> int: ...
    @property
    def received(self) -> int: ...
    @property
    def worst_then(self) -> int: ...
    @property
    def worst(self) -> int: ...
    @property
    def difference(self) -> int: ...


def lived_table(lines: Sequence[LivedLine], exercise: int) -> Table:
    """What each holder would have received, and how far it would have been from its due, under each version."""
    note = "En logements. La règle est rejouée des deux façons : personne ne choisit autrement, ne rend, ni n’annule."
    return Rows(
        lines,
        Shown("Réservataire", lambda line: str(line.holder)),
        Number("Dû", lambda line: units(line.due)),
        Number("Reçus, chacun seul", lambda line: line.received_then),
        Number("Reçus, planifiés", lambda line: line.received),
        Number("Différence", lambda line: f"{line.difference:+d}".replace("-", "−") if line.difference else "0"),
        Number("Plus grand écart, chacun seul", lambda line: units(line.worst_then)),
        Number("Plus grand écart, planifiés", lambda line: units(line.worst)),
    ).titled("t-annee", f"L’année {exercise}, des deux façons", note)


def nothing_lived(exercise: int, *, decided: bool) -> str:
    """Why there is no year to look at."""
    if decided:
        return f"Trop de logements en {exercise} pour rejouer l’année sur cette page."
    return f"Aucun logement n’a été décidé en {exercise} : il n’y a pas d’année à rejouer."


def left_out(places: Sequence[str]) -> str:
    """The accounts that the replay leaves out."""
    return (
        f"{plural(len(places), 'Compte laissé,Comptes laissés')} de côté, où les conventions promettaient plus de "
        f"100 % : {', '.join(places)}."
    )
