"""What the page of a programme says beside its tables: its agreement, what may be done of it, what was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.forms import Form
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from flux.models import Programme
from flux.pages.programmes import programme_act
from flux.queries.programmes import GuaranteeWarning, ProgrammeSheet, Stage
from reservations.models import HistoryEntry
from reservations.pages.acts import Act
from reservations.pages.facts import Fact, facts
from reservations.pages.pieces import below, bold, link, muted
from reservations.words import day, integer, plural, tenths


def agreement_facts(programme: Programme) -> tuple[Fact, ...]:
    """How many homes, delivered and agreed when."""
    said, agreed = muted("à dire"), programme.allotment_agreed_on
    return facts(
        ("Commune", programme.commune.name),
        ("Logements prévus", integer(programme.expected_units) if programme.expected_units else said),
        ("Livraison", day(programme.delivered_on) if programme.delivered_on else said),
        ("Convenue le", day(agreed) if agreed else muted("pas encore")),
    )


def way_back(stage: Stage, *, by_landlord: bool) -> str:
    """The list that the programme is in."""
    listed = reverse("programme-list")
    if by_landlord and stage == Stage.STOCK:
        return link(listed, "Programmes")
    return link(f"{listed}?neufs=1", "Programmes neufs")


def none_shared(*, may_manage: bool) -> str:
    """Where there is no allotment."""
    more = " S’il est neuf, dites quand il sera livré, puis répartissez-le." if may_manage else ""
    return f"Ce programme n’a pas de répartition.{more}"


def warnings(read: ProgrammeSheet) -> list[str]:
    """What waits for the agreement, and what the law would not have."""
    return [
        *([_waiting(read.waiting)] if read.waiting else []),
        *([_guaranteed(read.warning)] if read.warning else []),
    ]


def _waiting(count: int) -> str:
    waits = plural(count, "première mise en location attend,premières mises en location attendent")
    then = plural(count, "elle sera orientée,elles seront orientées")
    return f"{integer(count)} {waits} la répartition : {then} le jour où l’accord est enregistré."


def _guaranteed(warning: GuaranteeWarning) -> str:
    held = bold(f"{integer(warning.held)} {plural(warning.held, 'logement,logements')} sur {integer(warning.units)}")
    return format_html(
        "Les collectivités ont ensemble {}. Ce qu’elles reçoivent pour une garantie d’emprunt ne dépasse pas {} % de "
        "chaque programme, ici {} ({}) ; le reste suppose un autre apport : terrain, subvention.",
        held,
        tenths(warning.parameter.value),
        integer(warning.most),
        warning.parameter.source,
    )


def programme_acts(read: ProgrammeSheet, agree: Form, reopen: Form, *, refused: bool) -> tuple[Act, ...]:
    """What its landlord may do of its first letting."""
    return tuple(_acts(read, agree, reopen, refused=refused))


def _acts(read: ProgrammeSheet, agree: Form, reopen: Form, *, refused: bool) -> Iterator[Act]:
    pk, stage = [read.programme.pk], read.stage
    if stage == Stage.DRAFT:
        yield Act(
            "Convenir de la répartition…",
            reverse("programme-agree", args=pk),
            "Ensuite, chaque première mise en location ira aussitôt à son réservataire. La répartition se rouvre, avec "
            "un motif, tant qu’aucun logement n’est loué.",
            "Convenir de la répartition",
            fields=(agree["agreed_on"], agree["why"]),
            first=True,
            opens=refused,
            printed=False,
        )
    if stage in (Stage.PLANNED, Stage.DRAFT):
        words = "Répartir le programme" if stage == Stage.PLANNED else "Modifier la répartition"
        there = reverse("programme-allotment", args=pk)
        yield Act(words, there, first=stage == Stage.PLANNED, printed=False)
    if read.may_be_planned:
        words = "Corriger la livraison" if read.programme.delivered_on else "Prévoir la livraison"
        yield Act(words, reverse("programme-plan", args=pk), css="btn sm", printed=False)
    if stage == Stage.AGREED:
        yield Act(
            "Rouvrir la répartition…",
            reverse("programme-reopen", args=pk),
            "La répartition redevient un projet, que vous corrigez puis convenez de nouveau. D’ici là, aucun logement "
            "du programme ne se met en location.",
            "Rouvrir la répartition",
            fields=(reopen["why"],),
            opens=refused,
            css="btn sm",
            printed=False,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """An act of its history, and what it says to this reader."""

    entry: HistoryEntry
    words: str


def history_told(entries: list[HistoryEntry], *, by_landlord: bool) -> list[Done]:
    """Each act, its author for the landlord alone, what it left and why."""
    return [Done(entry, _told(entry, by_landlord=by_landlord)) for entry in entries]


def _told(entry: HistoryEntry, *, by_landlord: bool) -> str:
    by = f", par {entry.by}" if by_landlord else ""
    left = f" : {act}" if (act := programme_act(entry)) else ""
    said = format_html("{}{}{}", bold(capfirst(entry.get_act_display())), by, left)
    return below(said, muted(f"« {entry.why} »") if entry.why else "")
