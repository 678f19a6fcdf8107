"""A notice withdrawn, or a unit declared by mistake."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from attributions.households.api.vacancy_acts import acted
from attributions.households.operations.cancelling import cancel_followed
from flux.api.acts import IDEMPOTENCY_KEY, IF_MATCH, AskedShape
from flux.api.door import MemberView, Scope
from flux.api.shapes import VacancyShape
from flux.models import Vacancy
from flux.permissions import can_cancel_vacancy

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
