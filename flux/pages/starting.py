"""What pages say of the first days.

* « Mise en service », as its page says it: each line with what there is, and what comes next.
* The landlord's choice of how many known departures are planned together, in words: what it costs and brings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from statistics import median
from typing import Protocol

from django.urls import reverse

from flux.models import DecisionWindow
from flux.queries.opening import Progress
from flux.words import counted, units
from reservations.pages.table import Number, Rows, Shown, Table, Text
from reservations.words import day, integer, near_day, plural

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


def choice_words(window: DecisionWindow) -> str:
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


#: State of a line, in words, and the colour of its pill.
DONE, TO_DO, OPEN = ("fait", "ok"), ("à faire", "todo"), ("au choix", "wait")

#: One line: what, its state, what there is, the next step in words, its address.
Line = tuple[str, tuple[str, str], str, str, str]


def lines(found: Progress, *, today: date) -> list[Line]:
    """What a landlord does before it routes, in the order in which it is done."""
    return [
        _stock(found),
        _references(found),
        _titles(found),
        _conventions(found),
        _people(found),
        _openings(found),
        _past(found),
        *_trial(found, today),
    ]


def checklist(found: Progress, *, today: date, leads: bool) -> Table:
    """The same as a table; it `leads` to the pages of whoever does it."""
    return as_table("Avant d’orienter", lines(found, today=today), leads=leads)


def as_table(title: str, steps: Iterable[Line], *, leads: bool = True) -> Table:
    """Lines of a start, whoever begins: what, its state, what there is, what comes next; for whoever only looks on, no
    link to what another does."""
    others = "" if leads else " Un responsable de votre organisation fait ces étapes."
    return Rows(
        steps,
        Shown("Étape", lambda each: each[0]),
        Shown("État", lambda each: Text(each[1][0], pill=each[1][1])),
        Shown("Ce qu’il y a", lambda each: each[2]),
        Shown("Suite", lambda each: Text(each[3], link=each[4] if leads else "")),
    ).titled("t-service", title, f"Ce que l’application lit de vos données, maintenant.{others}")


def left(found: Progress, *, today: date) -> int:
    """How many lines are still to do."""
    return sum(state == TO_DO for _, state, _, _, _ in lines(found, today=today))


def _count(number: int, forms: str) -> str:
    return f"{integer(number)} {plural(number, forms)}"


def _stock(found: Progress) -> Line:
    state = DONE if found.units else TO_DO
    return (
        "Parc",
        state,
        _count(found.units, "logement,logements"),
        "Importer le parc",
        reverse("file-import-new", args=["logements"]),
    )


def _references(found: Progress) -> Line:
    """One may keep those given here: files and software then have to know them."""
    has = f"{integer(found.referenced)} de votre logiciel, sur {integer(found.units)}"
    state = DONE if found.units and found.referenced == found.units else OPEN
    return "Références des logements", state, has, "Voir le parc", reverse("unit-list")


def _titles(found: Progress) -> Line:
    """Rights in stock may not exist: what there is can only be looked at, unless the RPLS says that units have some."""
    has = _count(found.titles, "titre,titres") if found.titles else "aucun titre enregistré"
    if found.to_check:
        has += f" ; {_count(found.to_check, 'logement réservé,logements réservés')} selon le RPLS, à vérifier"
        return "Droits en stock vérifiés", TO_DO, has, "Vérifier les droits", reverse("told-rights")
    state = DONE if found.titles else OPEN
    return "Droits en stock vérifiés", state, has, "Relire les droits", reverse("stock-right-list")


def _conventions(found: Progress) -> Line:
    has = f"{_count(found.signed, 'convention en vigueur,conventions en vigueur')}"
    if found.unsigned:
        has += f", {integer(found.unsigned)} à faire signer"
    if found.uncovered:
        places = ", ".join(str(each.departement) for each in found.uncovered)
        has += f" ; rien en vigueur, en tout ou en partie : {places}"
    done = found.signed and not found.unsigned and not found.uncovered
    return "Conventions signées par tous", DONE if done else TO_DO, has, "Voir qui a signé", reverse("compliance")


def _people(found: Progress) -> Line:
    has = f"{_count(found.managers, 'responsable,responsables')}, {_count(found.staff, 'chargé,chargés')} d’attribution"
    return "Personnes", DONE if found.managers and found.staff else TO_DO, has, "Inviter", reverse("person-list")


def _openings(found: Progress) -> Line:
    """None is a choice: an account may begin with its first unit."""
    has = f"{integer(found.accepted)} {plural(found.accepted, 'accepté,acceptés')} sur {integer(found.openings)}"
    state = OPEN if not found.openings else DONE if found.accepted == found.openings else TO_DO
    found_words = has if found.openings else "aucun proposé"
    return "Soldes d’ouverture acceptés", state, found_words, "Soldes d’ouverture", reverse("opening-list")


def _past(found: Progress) -> Line:
    """None is a choice too: an opening balance says as much, in totals."""
    has = _count(found.past, "orientation passée reprise,orientations passées reprises") if found.past else "aucune"
    state = DONE if found.past else OPEN
    return "Orientations passées", state, has, "Reprendre une orientation", reverse("vacancy-past")


def _trial(found: Progress, today: date) -> list[Line]:
    tried = found.rehearsal
    trial_words = f"le {near_day(tried.tried_at)}, {tried.unit}" if tried else "aucun essai"
    mode = "orientation automatique" if found.automatic else "une personne confirme chaque orientation"
    starts = found.starts_on
    chosen = "aucune : ce qui est enregistré est orienté aussitôt" if starts is None else f"le {day(starts)}"
    return [
        ("Essai d’un logement", DONE if tried else TO_DO, trial_words, "Essayer", "#essai"),
        (
            "Mode d’orientation",
            DONE if found.policy_chosen else OPEN,
            mode,
            "Choisir le mode",
            reverse("routing-policy"),
        ),
        (
            "Départs connus",
            OPEN if found.window.pk is None else DONE,
            together(found.window),
            "Choisir combien ensemble",
            reverse("decision-window"),
        ),
        ("Date de mise en service", DONE if starts else OPEN, chosen, "Choisir la date", "#date"),
    ]


def answer(found: Progress, *, today: date) -> str:
    """Where the landlord stands, in a sentence."""
    remaining = left(found, today=today)
    todo = f"{integer(remaining)} {plural(remaining, 'étape reste à faire,étapes restent à faire')}"
    if found.starts_on is not None and found.starts_on > today:
        waits = f"{_count(found.waiting, 'logement enregistré attend,logements enregistrés attendent')} ce jour"
        return f"L’orientation commence le {day(found.starts_on)} : {waits}. {todo if remaining else 'Tout est prêt'}."
    if found.decided:
        decided = _count(found.decided, "logement est décidé,logements sont décidés")
        return f"L’orientation a commencé : {decided}. {todo}."
    return f"Rien n’est encore décidé ici. {todo}."
