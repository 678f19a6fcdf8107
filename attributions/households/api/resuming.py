"""A unit that can be let again: works are over, or the technical vacancy is."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from attributions.households.api.vacancy_acts import acted
from flux.api.acts import IDEMPOTENCY_KEY, IF_MATCH, AskedShape
from flux.api.door import MemberView, Scope
from flux.api.shapes import VacancyShape
from flux.models import Vacancy
from flux.operations.resuming import resume_vacancy
from flux.permissions import can_declare_vacancy


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
