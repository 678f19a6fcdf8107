"""« Mise en service », as its page says it: each line with what there is, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from flux.pages.window import together
from flux.queries.starting import Progress
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.words import day, integer, near_day, plural

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
        Shown("État", lambda each: Said(each[1][0], pill=each[1][1])),
        Shown("Ce qu’il y a", lambda each: each[2]),
        Shown("Suite", lambda each: Said(each[3], link=each[4] if leads else "")),
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
    told = has if found.openings else "aucun proposé"
    return "Soldes d’ouverture acceptés", state, told, "Soldes d’ouverture", reverse("opening-list")


def _past(found: Progress) -> Line:
    """None is a choice too: an opening balance says as much, in totals."""
    has = _count(found.past, "orientation passée reprise,orientations passées reprises") if found.past else "aucune"
    state = DONE if found.past else OPEN
    return "Orientations passées", state, has, "Reprendre une orientation", reverse("vacancy-past")


def _trial(found: Progress, today: date) -> list[Line]:
    tried = found.rehearsal
    told = f"le {near_day(tried.tried_at)}, {tried.unit}" if tried else "aucun essai"
    mode = "orientation automatique" if found.automatic else "une personne confirme chaque orientation"
    starts = found.starts_on
    chosen = "aucune : ce qui est enregistré est orienté aussitôt" if starts is None else f"le {day(starts)}"
    return [
        ("Essai d’un logement", DONE if tried else TO_DO, told, "Essayer", "#essai"),
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
