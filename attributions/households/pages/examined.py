"""A unit that a committee examines: what it is, where it stands, whose vote casts; and what its vote has come to."""

from __future__ import annotations

from attributions.households.models import AgendaItem, CommitteeMember, CommitteeSession
from flux.models import Routing, Unit
from flux.pages.dwelling import qpv
from reservations.words import day, euros, hour, of, tenths, towards, weekday


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
