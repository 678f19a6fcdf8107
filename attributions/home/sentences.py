"""What the first page of each role says: what is to be done of candidates, what waits for a holder’s candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import format_html, format_html_join

from attributions.home.pages import on_behalf
from attributions.home.queries import Awaited, HolderHome
from attributions.home.to_do import Task, ToDo
from attributions.households.queries.stage import Stage
from attributions.inbox.entries import PUT_OFF, WHOSE
from flux.models import Routing, Unit
from flux.pages.statement import in_course, to_you, with_carry_over
from flux.pages.units import floor, qpv, sized
from flux.queries.returns import Clock
from flux.queries.vacancies import VacancyRow
from reservations.models import Membership
from reservations.pages.clauses import days_left
from reservations.pages.pieces import beside, bold, link, pill
from reservations.words import day, euros, integer, plural, weekday

#: What each stage asks of the landlord, and how it stands; those that nothing follows are not there.
STAGES = {
    Stage.TO_FIND: ("Candidats à trouver par vous", "todo"),
    Stage.TO_PROPOSE: ("Candidats attendus d’un réservataire", "wait"),
    Stage.RECEIVED: ("Candidats suivis ailleurs", "wait"),
    Stage.TO_INSTRUCT: ("Dossiers à instruire", "todo"),
    Stage.TO_CONVENE: ("Prêts pour la CALEOL", "todo"),
    Stage.ON_AGENDA: ("À l’ordre du jour", "wait"),
    Stage.TO_OFFER: ("Offres à envoyer", "todo"),
    Stage.OFFERED: ("Réponses attendues", "wait"),
    Stage.DOCUMENT: ("Pièces attendues", "wait"),
    Stage.TO_SIGN: ("Baux à signer", "todo"),
    Stage.NOBODY_LEFT: ("Plus aucun candidat", "late"),
}
#: Where those that are not a filter of the candidates’ list are worked on.
PLACES = {
    Stage.TO_CONVENE: "session-list",
    Stage.TO_OFFER: "offer-list",
    Stage.OFFERED: "offer-list",
    Stage.TO_SIGN: "offer-list",
}
NOTHING_TO_DO = format_html("Rien : {} chose à faire, et rien n’est attendu de personne.", bold(0))
NEXT_UNIT = beside(NOTHING_TO_DO, "Le prochain logement libéré apparaîtra ici dès que son congé sera enregistré.")
NO_VACANCY_THERE = (
    "Aucun logement libéré sur votre territoire pour l’instant. Chaque bailleur apparaîtra ici avec son premier "
    "logement."
)
NO_LANDLORD_THERE = (
    "Aucun bailleur n’a de logement sur votre territoire pour l’instant. Chacun apparaîtra ici avec son premier "
    "programme."
)
SINCE_JANUARY, LATELY = "depuis le 1er janvier", "depuis 30 jours"
#: Days left from which a delay is to be looked at.
SOON = 5


def until_the_lease(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Between the routing and the lease: a link to what is to be done, and of how many units."""
    return [
        (link(_where(stage), words), pill(f"{integer(count)} {plural(count, 'logement,logements')}", kind))
        for stage, (words, kind) in STAGES.items()
        if (count := counts.get(stage, 0))
    ]


def _where(stage: Stage) -> str:
    return reverse(PLACES[stage]) if stage in PLACES else f"{reverse('file-list')}?etape={stage}"


def awaited_heading(unit: Unit) -> str:
    """« T3 de 62 m², 3 rue Voltaire »."""
    return f"{sized(unit)}, {unit.address}"


def left(clock: Clock | None) -> str:
    """How much of a delay is left, as a pill."""
    if clock is not None and clock.late:
        return pill("Délai dépassé", "late")
    if clock is not None and clock.last_day:
        return pill("Dernier jour", "late")
    if clock is None or not clock.runs:
        return pill("Sans délai convenu", "wait")
    words = f"{days_left(clock.left, clock.how.unit)} {plural(clock.left, 'restant,restants')}"
    return pill(words, "todo" if clock.left <= SOON else "wait")


def still(clock: Clock) -> str:
    """What is left of a delay, in a sentence; nothing once it is over, or when none runs."""
    if not clock.runs or clock.late or clock.until is None:
        return ""
    if clock.last_day:
        return format_html("C’est {}.", bold("aujourd’hui le dernier jour"))
    return format_html(
        "Il vous reste {}, jusqu’au {}.", bold(days_left(clock.left, clock.how.unit)), weekday(clock.until)
    )


def awaited_words(row: VacancyRow, member: Membership) -> str:
    """In whose name the unit is, what it is, since when it is free, and whose."""
    unit, vacancy = row.vacancy.unit, row.vacancy
    where = f"{unit.programme}, {unit.commune}{f', {floor(unit.floor)}' if unit.floor is not None else ''}."
    rent = f", loyer {euros(unit.rent)} hors charges" if unit.rent is not None else ""
    energy = f", étiquette {unit.energy_class}" if unit.energy_class else ""
    what = f"{unit.financing_group or 'Financement non renseigné'}{rent}, {qpv(unit)}{energy}."
    free = f"Libre le {day(vacancy.available_on)}. Bailleur : {unit.landlord}, référence"
    named = link(reverse("vacancy-detail", args=[vacancy.pk]), unit.reference)
    return format_html("{}.", beside(_whose(row.routing, member), where, what, free, named))


def _whose(routing: Routing | None, member: Membership) -> str:
    if routing is None:
        return ""
    if routing.acting_id == member.organisation_id:
        return format_html("{}.", on_behalf(routing))
    return format_html("{}.", bold(routing.holder)) if member.is_overseer else ""


@dataclass(frozen=True, slots=True)
class AwaitedWords:
    """A unit that waits for the reader’s candidates, as its home says it."""

    awaited: Awaited
    heading: str
    left: str
    words: str
    still: str


def awaited_sentences(awaited: Awaited, member: Membership) -> AwaitedWords:
    """What it is, whose, and how long is left."""
    row = awaited.row
    return AwaitedWords(
        awaited,
        heading=awaited_heading(row.vacancy.unit),
        left=left(row.clock),
        words=awaited_words(row, member),
        still=still(row.clock) if row.clock else "",
    )


def to_do_words(to_do: ToDo, *, put_off: int, otherwise: str = "") -> str:
    """Everything that awaits the reader, in one sentence each; `otherwise`, when nothing does, and no row is put
    off."""
    later = (
        link(
            f"{reverse('inbox')}?{WHOSE}={PUT_OFF}",
            f"{integer(put_off)} {plural(put_off, 'ligne reportée,lignes reportées')}",
        )
        if put_off
        else ""
    )
    if not to_do:
        return format_html("Rien aujourd’hui : {} chose à faire ; {}.", bold(0), later) if later else otherwise
    rows: list[str] = []
    if len(to_do.tasks) > 1:
        rows.append(
            format_html("{} :", bold(f"{integer(to_do.number)} {plural(to_do.number, 'chose,choses')} à faire"))
        )
    rows.append(_listed(to_do.tasks) if to_do.tasks else "Rien de votre côté.")
    if to_do.waits:
        rows.append(format_html("En attente : {}", _listed(to_do.waits)))
    if later:
        rows.append(format_html("{}.", later))
    return beside(*rows)


def _listed(tasks: Sequence[Task]) -> str:
    """« 3 logements à confirmer (le premier demain), 1 bilan à lire. »."""
    each = (
        (link(task.where, f"{integer(task.number)} {task.words}"), f" ({task.hurry})" if task.hurry else "")
        for task in tasks
    )
    return format_html("{}.", format_html_join(", ", "{}{}", each))


def received_words(holder: HolderHome, today: date) -> str:
    """How many units a holder was routed since January, and where else some are counted."""
    count = holder.since_january
    orienting = plural(count, "logement orienté,logements orientés")
    routed = bold(f"{integer(count)} {orienting} {SINCE_JANUARY}")
    account = f", {integer(holder.in_account)} dans le compte de {today.year}" if holder.in_account != count else ""
    stock = f" ; {integer(holder.in_stock)} en stock, hors du compte" if holder.in_stock else ""
    state = ""
    if holder.on_behalf:
        counted = plural(holder.on_behalf, "compté,comptés")
        state = f" ; {integer(holder.on_behalf)} par délégation, {counted} à leur réservataire"
    here = f"{plural(count, 'est,sont')} chez vous aujourd’hui{account} ; {integer(holder.recent)} {LATELY}"
    return format_html("{} {}{}{}.", routed, here, stock, state)


def state_words(holder: HolderHome, today: date) -> str:
    """Where a holder stands in the year: its gap, what is due and received, what of it is with it today."""
    figures, gone = holder.figures, holder.gone
    received = f"{integer(figures.received)} {plural(figures.received, 'reçu,reçus')}{in_course(figures)}"
    now = ""
    if figures.awaiting or gone > 0:
        now = f" : {integer(holder.in_account)} chez vous aujourd’hui"
    if figures.awaiting:
        now += f", {integer(figures.awaiting)} que le bailleur doit encore confirmer"
    if gone > 0:
        now += (
            f", {integer(gone)} {plural(gone, 'reparti,repartis')} et {plural(gone, 'compté,comptés')} quand même "
            f"comme {plural(gone, 'reçu,reçus')}"
        )
    return format_html(
        "En {}, {} : {} {} depuis le 1er janvier{}.",
        today.year,
        to_you(figures.gap),
        with_carry_over(figures),
        received,
        now,
    )


def none_routed(holder: HolderHome) -> str:
    """What a holder reads where no other unit is routed to it."""
    if holder.awaiting:
        return "Rien d’autre : les logements orientés vers vous attendent tous vos candidats."
    return (
        "Aucun logement ne vous est orienté pour l’instant. Le prochain apparaîtra ici, avec son adresse et la raison "
        "de son orientation."
    )
