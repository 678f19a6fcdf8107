"""Acts.

* A notice withdrawn, or a unit declared by mistake.
* A unit that can be let again: works are over, or the technical vacancy is.
* An act on a unit whose candidates may be followed here, on the state that the software has read.
* What became of a unit whose candidates are followed in another tool: received, allocated, let, or stated by mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from attributions.households.forms.requests import LISTED
from attributions.households.models import Lease, PriorityCategory
from attributions.households.operations.calls import cancel_followed
from attributions.households.operations.lease import OUTSIDE, record_outside_lease, undo_lease
from attributions.households.operations.withdrawals import (
    date_outside_allocation,
    record_outside_allocation,
    record_outside_answer,
    undo_outside,
)
from attributions.households.permissions import can_instruct
from flux.api.acts import IDEMPOTENCY_KEY, IF_MATCH, AskedShape, asked, once
from flux.api.door import MemberView, Scope, expect, respond
from flux.api.problems import Problem
from flux.api.shapes import VacancyShape
from flux.api.vacancies import DayInput, shown
from flux.models import Unit, Vacancy
from flux.operations.decision import already_cancelled
from flux.operations.outcomes import resume_vacancy
from flux.permissions import can_cancel_vacancy, can_declare_vacancy
from reservations.http import refuse_unless
from reservations.models import Membership, User
from reservations.models.guards import in_order


def acted(
    request: Request,
    member: Membership,
    pk: int,
    *,
    may: Callable[[Membership, Vacancy], bool],
    shape: type[AskedShape],
    act: Callable[[Vacancy, dict[str, Any]], object],
) -> Response:
    """Do `act` with what was asked, in the form of `shape`, once for each key; answer the unit as it stands then,
    by the vacancy that goes on.

    Its unit is locked before the state is compared with the one that was read. Raises Http404 for a unit that the
    member does not see, PermissionDenied unless it `may`, Problem for a unit cancelled meanwhile or read in another
    state; and what the act refuses.
    """
    found = Vacancy.declared.visible_to(member).select_related(
        "unit__landlord__organisation", "unit__commune", "unit__programme"
    )
    vacancy = get_object_or_404(found, pk=pk)
    refuse_unless(may(member, vacancy))
    given = asked(shape, request)

    def done() -> Response:
        list(in_order(Unit.objects.all()).filter(pk=vacancy.unit_id).order_by("pk"))
        held = found.get(pk=pk)
        if held.is_cancelled:
            raise Problem("etat-incompatible", already_cancelled(held))
        expect(request, shown(member, pk))
        after = act(held, dict(given))
        return respond(request, shown(member, after.pk if isinstance(after, Vacancy) else pk))

    return once(request, done)


Reason = Vacancy.Cancellation


class CancellationInput(AskedShape):
    """Pourquoi la déclaration est annulée."""

    reason = serializers.ChoiceField(
        choices=[(each.value, each.label) for each in Reason if each != Reason.RECLASSIFIED]
    )
    text = serializers.CharField(max_length=500, help_text="une phrase, sans nom ni information personnelle")


class VacancyCancel(MemberView):
    """Take back a declaration: what it gave to the accounts is reversed, its candidates are released."""

    scopes = {"POST": (Scope.NOTICES,)}

    @extend_schema(
        operation_id="cancel-vacancy",
        summary="Annuler un congé",
        description="Le locataire l’a retiré, ou il a été déclaré par erreur : ce qu’il avait donné aux comptes est "
        "repris. Refusé une fois un candidat retenu, ou le bail signé.",
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        request=CancellationInput,
        responses=VacancyShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        def cancel(vacancy: Vacancy, given: dict[str, Any]) -> None:
            cancel_followed(vacancy=vacancy, by=request.user, **given)

        return acted(request, self.member, pk, may=can_cancel_vacancy, shape=CancellationInput, act=cancel)


class ResumptionInput(AskedShape):
    """Rien à préciser : le logement garde son congé."""


class VacancyResume(MemberView):
    """Let a unit again under its own notice."""

    scopes = {"POST": (Scope.NOTICES,)}

    @extend_schema(
        operation_id="resume-vacancy",
        summary="Remettre un logement en location",
        description="Les travaux sont finis, ou la vacance technique : le logement garde son congé, rentre dans le "
        "compte et est décidé aussitôt. Sorti pour travaux, il garde son identifiant ; après une vacance technique, la "
        "réponse porte celui de la déclaration qui la suit.",
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        request=ResumptionInput,
        responses=VacancyShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        def may(member: Any, vacancy: Vacancy) -> bool:
            return can_declare_vacancy(member, vacancy.unit.landlord)

        def resume(vacancy: Vacancy, given: dict[str, Any]) -> Vacancy:
            return resume_vacancy(vacancy=vacancy, by=request.user, **given)

        return acted(request, self.member, pk, may=may, shape=ResumptionInput, act=resume)


ANSWERED, ALLOCATED, LEASED, DATED, UNDONE = "ANSWERED", "ALLOCATED", "LEASED", "DATED", "UNDONE"


class OutcomeInput(AskedShape):
    """Ce qu’est devenu le logement ; pour un bail, ce que les objectifs comptent du ménage, sans le nommer."""

    outcome = serializers.ChoiceField(
        choices=[
            (ANSWERED, "des candidats sont reçus, leur dossier est suivi ailleurs"),
            (ALLOCATED, "la commission l’a attribué"),
            (LEASED, "le bail est signé"),
            (DATED, "le jour de l’attribution, connue jusque-là par son seul bail"),
            (UNDONE, "le dernier de ces faits était une erreur"),
        ]
    )
    on = DayInput(required=False, help_text="le jour de ce fait ; sans lui, pour une erreur")
    allocated_on = DayInput(
        required=False,
        help_text="pour un bail sans attribution enregistrée, le jour de la commission : sans lui, celui du bail",
    )
    why = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="pour une erreur, pourquoi, en une phrase"
    )
    income_quartile = serializers.IntegerField(required=False, min_value=1, max_value=4)
    has_priority = serializers.BooleanField(required=False)
    priority = serializers.CharField(required=False, max_length=24, help_text="code de la catégorie prioritaire")
    urban_renewal = serializers.BooleanField(required=False)
    state_agent = serializers.BooleanField(required=False)
    essential_worker = serializers.BooleanField(
        required=False, help_text="travailleur essentiel, au sens de la convention intercommunale (CIA)"
    )
    persons = serializers.IntegerField(required=False, min_value=1, max_value=40)
    in_mix_residence = serializers.BooleanField(required=False, help_text=LISTED)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """A fact has its day; raises ValidationError without one, or for a category that the law does not know."""
        if given["outcome"] != UNDONE and "on" not in given:
            raise ValidationError({"on": ["Écrivez le jour, comme 2026-11-24."]})
        if code := given.pop("priority", ""):
            given["priority"] = PriorityCategory.objects.in_force(timezone.localdate()).filter(code=code).first()
            if given["priority"] is None:
                raise ValidationError({"priority": ["Aucune catégorie prioritaire en vigueur n’a ce code."]})
        return given


def _leased(vacancy: Vacancy, given: dict[str, Any], by: User) -> None:
    facts = {name: given[name] for name in OUTSIDE if name in given}
    record_outside_lease(
        vacancy=vacancy, signed_on=given["on"], facts=facts, by=by, allocated_on=given.get("allocated_on")
    )


def _undone(vacancy: Vacancy, given: dict[str, Any], by: User) -> None:
    why, lease = given.get("why", ""), Lease.objects.filter(vacancy=vacancy, cancelled_at=None).order_by("pk").first()
    if lease is not None:
        undo_lease(lease=lease, why=why, by=by)
    else:
        undo_outside(vacancy=vacancy, why=why, by=by)


ACTS: dict[str, Callable[[Vacancy, dict[str, Any], User], object]] = {
    ANSWERED: lambda vacancy, given, by: record_outside_answer(vacancy=vacancy, on=given["on"], by=by),
    ALLOCATED: lambda vacancy, given, by: record_outside_allocation(vacancy=vacancy, on=given["on"], by=by),
    LEASED: _leased,
    DATED: lambda vacancy, given, by: date_outside_allocation(vacancy=vacancy, on=given["on"], by=by),
    UNDONE: _undone,
}


class VacancyOutcome(MemberView):
    """The act of the page « suite », on the state that was read."""

    scopes = {"POST": (Scope.PROPOSALS,)}

    @extend_schema(
        operation_id="record-outcome",
        summary="Dire la suite d’un logement suivi ailleurs",
        description="Candidats reçus, attribution de la commission, bail : quand les dossiers sont suivis dans un "
        "autre logiciel. Refusé quand des candidats sont suivis ici : leurs étapes se disent alors une à une.",
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        request=OutcomeInput,
        responses=VacancyShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        def record(vacancy: Vacancy, given: dict[str, Any]) -> None:
            ACTS[given["outcome"]](vacancy, given, request.user)

        return acted(request, self.member, pk, may=can_instruct, shape=OutcomeInput, act=record)
