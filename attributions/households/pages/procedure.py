"""What pages say of procedure.

* What a committee asks of a refusal, and how it sums up what it decided, in words.
* The dated steps of a unit, in words.
* What to do of a case whose label is missing, or comes after the committee.
* What each letter to an applicant is about, as its first line says.
* What is stated of the minutes that another tool sealed.
* A unit that a committee examines: what it is, where it stands, whose vote casts; and what its vote has come to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from attributions.households.models import AgendaItem, CommitteeMember, CommitteeSession, Offer, Proposal, ProposalEnd
from attributions.households.queries.applications import LateLabel
from attributions.households.queries.file_steps import needs_reason
from attributions.households.queries.journey import StepKind, UnitStep
from attributions.households.queries.letting import Letter
from flux.models import Return, Routing, Unit, Vacancy
from flux.pages.units import qpv
from reservations.models import KeptElsewhere
from reservations.pages.table import Rows, Shown, Table, Text
from reservations.words import day, euros, hour, of, tenths, towards, weekday


def unexplained(refused: Iterable[tuple[str, Proposal]], routing: Routing | None) -> dict[str, str]:
    """Of these candidates, refused without a sentence, by the letter of their case: what to do for those whose refusal
    the convention applied asks to be stated (arrêté of 10 March 2011, article 1, 7° and 9°)."""
    return {
        letter: f"Dossier {letter} : c’est un ménage DALO, et la convention demande que son refus soit motivé. Écrivez "
        "en une phrase pourquoi il n’est pas retenu."
        for letter, proposal in refused
        if needs_reason(proposal, routing)
    }


def to_say(cases: Iterable[tuple[str, Proposal]], routing: Routing | None) -> frozenset[str]:
    """The letters of those whose refusal the convention applied asks to be stated, so that the page asks it first."""
    return frozenset(letter for letter, proposal in cases if needs_reason(proposal, routing))


def summary(kept: int, others: int) -> str:
    """What a notice says of the decisions: « 1 candidat retenu, 2 non retenus. »"""
    first = f"{kept} candidat retenu" if kept < 2 else f"{kept} candidats retenus"
    return f"{first}, {others} non retenu{'s' if others > 1 else ''}."


NAMES = {
    StepKind.NOTICE: "congé reçu",
    StepKind.REGISTERED: "logement enregistré",
    StepKind.ROUTED: "logement orienté",
    StepKind.SENT: "candidats transmis",
    StepKind.READY: "dossiers instruits",
    StepKind.COMMITTEE: "examen en CALEOL",
    StepKind.DECIDED: "décision de la CALEOL",
    StepKind.OFFERED: "offre envoyée",
    StepKind.ANSWERED: "réponse à l’offre",
    StepKind.ENDED: "fin d’une candidature",
    StepKind.LEASED: "bail signé",
    StepKind.RETURNED: "logement rendu",
    StepKind.LAPSED: "délai écoulé sans candidat",
}


def reason_words(step: UnitStep) -> str:
    """The reason of a step as screens say it; "" without one."""
    for choices in (ProposalEnd.Reason, Return.Reason, Offer.Answer):
        if step.reason in choices.values:
            return str(choices(step.reason).label)
    return ""


@dataclass(frozen=True, slots=True)
class ToLabel:
    """A case on a page: its unit, its letter, what to do. It names no household."""

    vacancy: Vacancy
    letter: str
    words: str


def to_label(late: LateLabel) -> ToLabel:
    """A case with its sentence."""
    return ToLabel(late.vacancy, late.letter, words(late))


def words(late: LateLabel) -> str:
    """What to do, in a sentence."""
    todo = f"faites labelliser dans SYPLO avant le {late.before:%d/%m/%Y}, ou reportez ce point."
    if late.labelled_on is None:
        return f"Sans label : {todo}"
    return f"Label du {late.labelled_on:%d/%m/%Y}, après la séance : {todo}"


TITLES = {
    Letter.OFFER: "offre de logement",
    Letter.NOT_ALLOCATED: "non-attribution",
    Letter.INELIGIBLE: "rejet de la demande",
    Letter.RELEASED: "logement loué à un autre ménage",
}


def minutes_title(kept: KeptElsewhere) -> str:
    """« CALEOL de Robine Habitat, séance du 3 mars 2025 »."""
    return f"{kept.said['commission']}, séance du {day(kept.held_on)}"


def minutes_table(found: Iterable[KeptElsewhere]) -> Table:
    """Each with its page, where one says why one takes it."""
    note = "Gardés octet pour octet, leur empreinte vérifiée ; les ménages y sont des empreintes."
    return Rows(
        found,
        Shown(
            "Séance",
            lambda each: Text(
                minutes_title(each), each.said.get("lieu", ""), reverse("minutes-elsewhere", args=[each.pk])
            ),
        ),
        Shown("Tenu ailleurs", lambda each: f"tenu dans : {each.kept_in}"),
        Shown("Scellé le", lambda each: day(each.sealed_on) if each.sealed_on else ""),
    ).titled(
        "tenus-ailleurs",
        "Procès-verbaux tenus ailleurs",
        note,
        none="Aucun procès-verbal tenu ailleurs n’a été redonné ici.",
    )


def item_heading(unit: Unit) -> str:
    """« T3 PLUS, 3 rue Voltaire, Narbonne »."""
    return (
        f"{unit.typology} {unit.financing_group or 'de financement non renseigné'}, {unit.address}, {unit.commune.name}"
    )


def item_words(item: AgendaItem, casting: CommitteeMember | None) -> str:
    """The unit, its rent, its destination and who has the casting vote, in sentences."""
    unit = item.vacancy.unit
    return " ".join((_dwelling(unit), _rent(unit), _destination(item.routing), _casting(casting, unit)))


def _dwelling(unit: Unit) -> str:
    surface = f"{tenths(unit.surface)} m², " if unit.surface else ""
    accessible = ", accessible en fauteuil roulant" if unit.is_accessible else ""
    energy = f", étiquette énergie {unit.energy_class}" if unit.energy_class else ""
    return f"{surface}{_storey(unit)}{accessible}, {unit.programme}, {qpv(unit)}{energy}."


def _storey(unit: Unit) -> str:
    if unit.floor is None:
        return "étage non renseigné"
    if unit.floor == 0:
        return "rez-de-chaussée"
    lift = {True: " avec ascenseur", False: " sans ascenseur", None: ""}[unit.has_lift]
    return f"étage {unit.floor}{lift}"


def _rent(unit: Unit) -> str:
    if unit.rent is None:
        return "Loyer non renseigné."
    charges = "" if unit.charges is None else f", charges {euros(unit.charges)}"
    return f"Loyer {euros(unit.rent)} hors charges{charges}."


def _destination(routing: Routing | None) -> str:
    if routing is None:
        return "Soustrait du flux."
    answered = f", candidats proposés le {day(routing.answered_on)}" if routing.answered_on else ""
    return f"Orienté vers {towards(routing.holder)} le {day(routing.routed_at)}{answered}."


def _casting(member: CommitteeMember | None, unit: Unit) -> str:
    if member is None or member.territory is None:
        return f"Aucun maire ne siège pour {unit.commune.name} : une égalité ne décide rien."
    return f"Voix prépondérante : maire {of(member.territory)} ({member.full_name})."


def vote_answer(session: CommitteeSession, result: str | None, *, may_vote: bool, closed: bool, voted: bool) -> str:
    """What the page of a remote vote says first; `result`: what its ballot came to, None without one."""
    closes = session.vote_closes_at
    if may_vote and closes is not None:
        return f"Le vote est ouvert jusqu’au {weekday(closes)}, {hour(closes)}."
    if closes is None or not session.is_remote:
        return "Cette séance se tient en salle : le secrétariat y note les votes."
    if result is None:
        return "Aucun scrutin n’est encore ouvert sur ce logement."
    if closed:
        return result
    if voted:
        return f"Votre vote est enregistré. Le résultat s’affichera après la clôture, le {day(closes)}, {hour(closes)}."
    return "Vous ne votez pas sur ce logement, ou le temps du vote est passé."
