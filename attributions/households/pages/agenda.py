"""What pages say of agenda.

* Why a unit cannot be put on an agenda, and what to do.
* Units whose candidates are before a committee: those that a session may examine, and what keeps the others.
* The page of one unit of an agenda, in words: what is asked, what recording does, what else may be done of it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.forms import Form
from django.urls import reverse
from django.utils.html import format_html

from attributions.households.models import AgendaItem, CommitteeMember, CommitteeSession
from attributions.households.pages.minutes import BallotWords
from attributions.households.pages.sessions import ItemRow
from attributions.households.queries.minimum import Obstacle, ReadyUnit, Why
from flux.pages.sheet_words import refusal_words
from flux.pages.units import headline
from flux.queries.returns import Effects
from reservations.pages.pieces import Act, below, beside, bold, link, muted, pill, small
from reservations.words import day, hour, plural, short_day, upper_first


def why_not(obstacle: Obstacle) -> str:
    """« 2 dossiers restent à instruire. »: the end of a sentence, without its capital."""
    match obstacle.why:
        case Why.ON_AGENDA:
            return f"déjà à l’ordre du jour de la séance du {obstacle.day:%d/%m/%Y}."
        case Why.KEPT:
            return "la commission a déjà retenu un candidat. Attendez la réponse à son offre."
        case Why.TO_INSTRUCT:
            number = obstacle.number
            return "un dossier reste à instruire." if number == 1 else f"{number} dossiers restent à instruire."
        case Why.NONE_READY:
            return "aucun dossier n’est prêt. Instruisez d’abord ses candidatures."
        case Why.TOO_FEW:
            return too_few(obstacle.number)


def too_few(minimum: int) -> str:
    """Why the committee cannot examine fewer, and what to do."""
    return (
        f"la commission examine au moins {minimum} candidat{'s' * (minimum > 1)} (CCH, R441-3). "
        "Demandez-en d’autres, ou l’exception qui en dispense."
    )


def sessions_question(*, by_landlord: bool) -> str:
    """What who convenes, or who sits, looks for."""
    return "Que doit examiner la commission ?" if by_landlord else "À quelles séances siégez-vous ?"


def sessions_answer(in_progress: int, to_come: int, ready: int | None) -> str:
    """How many sessions; `ready`: how many units wait for one, shown to who convenes."""
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
    text = "Tous leurs dossiers sont instruits, et aucune séance ne les a à son ordre du jour."
    there = " Choisissez une séance à venir : vous les y mettrez depuis sa page."
    return f"{text}{there}" if ready and to_come else text


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
    label: str
    hint: str
    is_ticked: bool


def ready_boxes(units: Sequence[ReadyUnit], ticked: Container[str]) -> Iterator[ReadyBox]:
    """Those that may be put on the agenda; `ticked`: what was typed, when it was refused."""
    for each in units:
        unit, key = each.vacancy.unit, each.vacancy.pk
        text = f"{headline(unit)}, {unit.address}, {unit.commune.name}"
        yield ReadyBox(key, text, f"{_whose(each)} · {_ready(each)}", str(key) in ticked)


def not_open(session: CommitteeSession) -> str:
    """Why the cases of an item are not read."""
    words = (
        "Les dossiers de ce logement ne vous sont pas ouverts : vous vous êtes déporté, ou ce logement n’est pas de "
        "ceux pour lesquels vous siégez"
    )
    if session.closed_at is None:
        return f"{words}."
    return f"{words}, ou le délai pour les lire est passé : procès-verbal scellé le {day(session.closed_at)}."


def question(item: AgendaItem) -> str:
    """Before, and after."""
    return "Qu’a décidé la commission ?" if item.concluded_at else "Que décide la commission ?"


@dataclass(frozen=True, slots=True)
class AgendaLink:
    """A unit of the agenda, where one goes from another; `is_here`: the one that is read."""

    address: str
    label: str
    is_here: bool


def agenda_links(lines: Iterable[ItemRow], here: AgendaItem, *, refused: bool) -> Iterator[AgendaLink]:
    """Each unit, for whom, its cases, and where it stands; `refused`: what was typed of this one is to be corrected."""
    for each in lines:
        item, unit, count = each.item, each.item.vacancy.unit, len(each.cases)
        is_here = item.pk == here.pk
        cases = f"{each.holder}, {count} {plural(count, 'dossier,dossiers')}{', DALO' if each.has_dalo else ''}"
        state = pill("À corriger", "late") if is_here and refused else pill(each.words, each.pill)
        text = below(bold(f"{item.position}. {unit.typology}, {unit.address}"), cases, state)
        yield AgendaLink(reverse("agenda-item", args=[item.pk]), text, is_here)


def elsewhere(item: AgendaItem) -> str:
    """Where who convenes follows its candidates."""
    there = link(reverse("file", args=[item.vacancy_id]), "Candidats, étape par étape")
    if item.concluded_at is None:
        return there
    return beside(there, link(reverse("letting", args=[item.vacancy_id]), "Offres et bail", css="btn"))


def recused_words(members: Sequence[CommitteeMember]) -> str:
    """Who leaves the item, and what that means; empty for nobody."""
    if not members:
        return ""
    names = ", ".join(each.full_name for each in members)
    alone = "s’est déporté : ce membre ne lit pas les dossiers et ne vote pas."
    several = "se sont déportés : ils ne lisent pas les dossiers et ne votent pas."
    return f"{names} {several if len(members) > 1 else alone}"


def voter_words(member: CommitteeMember) -> str:
    """What a member votes as."""
    casting = ", voix prépondérante" if member.capacity == CommitteeMember.Capacity.MAYOR else ""
    return f"{member.get_capacity_display()}{casting}"


def effect_words(item: AgendaItem, effects: Effects) -> str:
    """What a refusal of the committee does to the account."""
    applied = ", selon la convention appliquée" if item.routing and item.routing.convention else ""
    text = f"Non-attribution ou rejet, la décision est celle de la CALEOL : {refusal_words(effects)}"
    return f"{text}{applied}."


def recording_words(session: CommitteeSession) -> str:
    """What comes of recording: at once in the room, by a vote elsewhere."""
    if not session.is_remote or session.vote_closes_at is None:
        return format_html("{} :", bold("Si vous enregistrez"))
    closes = session.vote_closes_at
    return format_html(
        "{} : les décisions proposées sont mises au vote des membres jusqu’au {}, {}. Adoptées :",
        bold("Si vous enregistrez"),
        day(closes),
        hour(closes),
    )


def record_button(session: CommitteeSession, following: AgendaItem | None) -> str:
    """The act, and where it leads: to the unit that follows, when one is to be decided."""
    if session.is_remote:
        return "Mettre au vote"
    if following is not None:
        return f"Enregistrer et passer au logement {following.position}"
    return "Enregistrer la décision"


def votes_held(results: Sequence[BallotWords]) -> Iterator[tuple[str, str]]:
    """What came of each vote, its rank when there were several, and when it was closed; not of one in progress."""
    for each in results:
        rank = f"Tour {each.ballot.ordinal}. " if len(results) > 1 else ""
        closed = each.ballot.closed_at
        yield f"{rank}{each.sentence}", f"{short_day(closed)}, {hour(closed)}" if closed else ""


def item_acts(item: AgendaItem, recusal: Form | None, postponing: Form | None) -> Iterator[Act]:
    """What may be done of a unit other than deciding, by who has its form."""
    if recusal is not None:
        yield Act(
            "Noter un déport",
            reverse("item-recuse", args=[item.pk]),
            "En cas de conflit d’intérêts, le membre ne lit pas les dossiers de ce logement et ne vote pas.",
            "Noter le déport",
            fields=(recusal["member"],),
            opens=bool(recusal.errors),
        )
    if postponing is not None:
        yield Act(
            "Reporter l’examen à une autre séance",
            reverse("item-postpone", args=[item.pk]),
            "Ce n’est pas une décision : les dossiers restent prêts pour une autre séance.",
            "Reporter ce logement",
            fields=(postponing["why"],),
            opens=bool(postponing.errors),
        )


def secretariat_words(act: str, secretaries: Sequence[CommitteeMember], committee: int) -> str:
    """That only the secretariat does this, who holds it, and who else may be given it: for whoever else works on the
    session."""
    there = link(reverse("committee-detail", args=[committee]), "la page de la commission")
    who = ", et personne ne le tient."
    if secretaries:
        who = f" : {', '.join(each.full_name for each in secretaries)}. Quelqu’un d’autre s’en charge ?"
    return format_html(
        "Le secrétariat de la commission {}{} Le responsable chez le bailleur l’enregistre sur {}.", act, who, there
    )
