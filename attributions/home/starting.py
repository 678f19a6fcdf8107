"""« Premiers pas »: what each role other than the landlord's does first, read from what there is."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from attributions.bilan.models import BalanceDispatch, Objective
from attributions.households.models import Proposal
from flux.models import OpeningBalance
from flux.pages.starting import DONE, OPEN, TO_DO, Line
from reservations.models import (
    Convention,
    Invitation,
    Landlord,
    LegalParameter,
    Membership,
    Territory,
)
from reservations.words import integer, plural


def first_steps(member: Membership, *, today: date) -> list[Line]:
    """What this person does first, and where it stands. A fixed number of queries."""
    if member.is_administrator:
        return [_territories(), _parameters(today), _landlords(), _managers()]
    steps = [_people(member), _conventions(member, today)]
    if member.is_holder:
        steps += [_openings(member), _candidates(member)]
    if member.is_overseer:
        steps += [_objectives(today), _balances(member)]
    return steps


def _count(number: int, forms: str) -> str:
    return f"{integer(number)} {plural(number, forms)}"


def _territories() -> Line:
    communes = Territory.objects.filter(kind=Territory.Kind.COMMUNE).count()
    has = _count(communes, "commune,communes")
    return (
        "Répertoire des territoires",
        DONE if communes else TO_DO,
        has,
        "Chercher un lieu",
        reverse("territory-search"),
    )


def _parameters(today: date) -> Line:
    held = LegalParameter.objects.filter(starts_on__lte=today).count()
    state = DONE if held else TO_DO
    return "Paramètres de droit", state, _count(held, "valeur,valeurs"), "Les relire", reverse("legal-parameter-list")


def _landlords() -> Line:
    held = Landlord.objects.count()
    state = DONE if held else TO_DO
    return "Bailleurs", state, _count(held, "bailleur,bailleurs"), "Enregistrer", reverse("organisation-new")


def _managers() -> Line:
    """Each landlord has somebody who does the rest without the operator."""
    managers = Membership.objects.filter(organisation=OuterRef("organisation"), user__is_active=True)
    roles = [role for role, part in Membership.ROLES.items() if part.is_manager]
    alone = Landlord.objects.filter(~Exists(managers.filter(role__in=roles).order_by())).count()
    state = TO_DO if alone or not Landlord.objects.exists() else DONE
    has = f"{_count(alone, 'bailleur,bailleurs')} sans responsable"
    return "Responsable de chaque bailleur", state, has, "Inviter", reverse("person-new")


def _people(member: Membership) -> Line:
    here = Membership.objects.filter(organisation=member.organisation_id, user__is_active=True)
    people = here.order_by().values("user").distinct().count()
    waiting = Invitation.objects.awaiting(timezone.now()).filter(organisation=member.organisation_id).count()
    has = _count(people, "personne agit,personnes agissent")
    if waiting:
        has += f", {_count(waiting, 'invitation attend,invitations attendent')}"
    if member.part.manages_people:
        return "Personnes", DONE if people > 1 else OPEN, has, "Inviter", reverse("person-list")
    return "Personnes", DONE, has, "Lire l’historique", reverse("people-history")


def _conventions(member: Membership, today: date) -> Line:
    mine = Convention.objects.visible_to(member).filter(organisation=member.organisation_id)
    signed = mine.in_force(today).count()
    proposed = mine.filter(status=Convention.Status.PROPOSED).count()
    has = _count(signed, "convention en vigueur,conventions en vigueur")
    if proposed:
        has += f", {integer(proposed)} à signer"
    state = TO_DO if proposed or not signed else DONE
    return "Convention", state, has, "Lire les conventions", reverse("convention-list")


def _openings(member: Membership) -> Line:
    mine = OpeningBalance.objects.active().filter(holder__organisation=member.organisation_id)
    held, waiting = mine.count(), mine.awaiting("HOLDER").count()
    has = f"{_count(waiting, 'attend,attendent')} votre réponse, sur {integer(held)}" if held else "aucun proposé"
    state = OPEN if not held else TO_DO if waiting else DONE
    return "Soldes d’ouverture", state, has, "Accepter ou contester", reverse("opening-list")


def _candidates(member: Membership) -> Line:
    held = Proposal.objects.filter(proposer=member.organisation_id).count()
    has = _count(held, "candidature,candidatures")
    return "Premier candidat", DONE if held else OPEN, has, "Proposer", reverse("file-list")


def _objectives(today: date) -> Line:
    held = Objective.objects.filter(starts_on__lte=today).count()
    has = _count(held, "objectif enregistré,objectifs enregistrés")
    return "Objectifs du territoire", DONE if held else OPEN, has, "Les lire", reverse("objective-list")


def _balances(member: Membership) -> Line:
    held = BalanceDispatch.objects.filter(organisation=member.organisation_id).count()
    has = _count(held, "bilan transmis,bilans transmis")
    return "Bilans reçus", DONE if held else OPEN, has, "Lire les bilans", reverse("balance-list")
