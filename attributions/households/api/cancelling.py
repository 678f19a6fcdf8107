"""A notice withdrawn, or a unit declared by mistake."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from attributions.households.operations.cancelling import cancel_followed
from flux.api.acts import IDEMPOTENCY_KEY, IF_MATCH, AskedShape, asked, once
from flux.api.door import MemberView, Scope, expect, told
from flux.api.problems import Problem
from flux.api.shapes import VacancyShape
from flux.api.vacancies import shown
from flux.models import Unit, Vacancy
from flux.operations.decision import already_cancelled
from flux.permissions import can_cancel_vacancy
from reservations.http import refuse_unless

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
        member = self.member
        found = Vacancy.declared.visible_to(member).select_related(
            "unit__landlord__organisation", "unit__commune", "unit__programme"
        )
        vacancy = get_object_or_404(found, pk=pk)
        refuse_unless(can_cancel_vacancy(member, vacancy))
        given = asked(CancellationInput, request)

        def cancel() -> Response:
            list(Unit.objects.select_for_update(of=("self",), no_key=True).filter(pk=vacancy.unit_id).order_by("pk"))
            if found.get(pk=pk).is_cancelled:
                raise Problem("etat-incompatible", already_cancelled(found.get(pk=pk)))
            expect(request, shown(member, pk))
            cancel_followed(vacancy=vacancy, by=request.user, **given)
            return told(request, shown(member, pk))

        return once(request, cancel)
