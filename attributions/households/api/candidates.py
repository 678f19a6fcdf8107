"""Candidates of a unit: proposed and sent by whoever it is for, followed step by step. No answer names a household."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from attributions.households.models import Application, Designation, PriorityCategory, Proposal
from attributions.households.operations.application import Identity
from attributions.households.operations.proposal import add_candidate
from attributions.households.operations.sending import send_proposals
from attributions.households.queries.file import found, open_routing
from flux.api.acts import IDEMPOTENCY_KEY, AskedShape, asked, once
from flux.api.door import MemberView, Pages, Scope, respond
from flux.models import Routing, Vacancy
from flux.permissions import proposes_under
from reservations.http import refuse_unless
from reservations.models import Membership


class CandidateShape(serializers.Serializer[Proposal]):
    """Un candidat, par son numéro ici : ni son nom, ni son numéro unique."""

    id = serializers.IntegerField()
    vacancy = serializers.IntegerField(source="vacancy_id")
    position = serializers.IntegerField(help_text="son rang parmi les candidats du logement")
    status = serializers.ChoiceField(source="status_now", choices=Proposal.Status.choices)
    since = serializers.DateTimeField(help_text="depuis quand il en est là")
    proposer = serializers.CharField(source="proposer.siren", help_text="SIREN de qui le propose")


class CandidateInput(AskedShape):
    """Un ménage proposé : sa demande, et ce qui décide de sa candidature."""

    number = serializers.CharField(max_length=18, help_text="numéro unique de la demande (SNE)")
    name = serializers.CharField(max_length=120)
    birth_date = serializers.DateField(required=False, allow_null=True)
    nationality = serializers.ChoiceField(choices=Application.Nationality.choices, required=False, allow_blank=True)
    requested_on = serializers.DateField(required=False, allow_null=True)
    adults = serializers.IntegerField(required=False, min_value=1, max_value=20)
    children = serializers.IntegerField(required=False, min_value=0, max_value=20)
    income = serializers.IntegerField(required=False, min_value=0, max_value=1_000_000)
    priority = serializers.CharField(required=False, max_length=24, help_text="code de la catégorie prioritaire")
    dalo_designated = serializers.BooleanField(required=False, default=False)


class DesignationInput(AskedShape):
    """Transmettre les candidats préparés ; moins que le minimum, l’exception de la loi qui le permet."""

    exemption = serializers.ChoiceField(choices=Designation.Exemption.choices, required=False, allow_blank=True)
    exemption_text = serializers.CharField(max_length=500, required=False, allow_blank=True)


def _place(member: Membership, pk: int) -> tuple[Vacancy, Routing | None]:
    vacancy = found(member, pk)
    if vacancy is None:
        raise Http404
    return vacancy, open_routing(vacancy)


def _listed(member: Membership, vacancy: Vacancy) -> QuerySet[Proposal]:
    return Proposal.objects.visible_to(member).filter(vacancy=vacancy).select_related("proposer")


class CandidateList(MemberView, ListAPIView):
    """The candidates of a unit, by number: those that this organisation proposes or instructs."""

    scopes = {"GET": (Scope.PROPOSALS,), "POST": (Scope.PROPOSALS,)}
    serializer_class = CandidateShape
    pagination_class = Pages
    queryset = Proposal.objects.none()  # for the description of the API; what is read is below

    @extend_schema(
        operation_id="candidates",
        summary="Les candidats d’un logement, par leur numéro",
        description="Où en est chacun, sans le nommer : préparé, transmis, instruit, retenu, logé, ou terminé.",
    )
    def get(self, request: Request, pk: int) -> Response:
        vacancy, _ = _place(self.member, pk)
        page = self.paginate_queryset(_listed(self.member, vacancy))
        answer: Response = self.get_paginated_response(CandidateShape(page, many=True).data)
        return answer

    @extend_schema(
        operation_id="add-candidate",
        summary="Préparer un candidat",
        description="Le ménage est ajouté aux candidats du logement ; le bailleur ne le voit qu’une fois transmis.",
        parameters=[IDEMPOTENCY_KEY],
        request=CandidateInput,
        responses={201: CandidateShape},
    )
    def post(self, request: Request, pk: int) -> Response:
        member = self.member
        vacancy, routing = _place(member, pk)
        refuse_unless(proposes_under(member, vacancy, routing))
        given = asked(CandidateInput, request)

        def add() -> Response:
            added = add_candidate(
                vacancy=vacancy,
                routing=routing,
                number=given["number"],
                identity=Identity(**{name: given[name] for name in IDENTITY if name in given}),
                facts=_facts(given),
                dalo_designated=given["dalo_designated"],
                proposer=member.organisation,
                by=request.user,
            )
            return respond(request, CandidateShape(_listed(member, vacancy).get(pk=added.pk)).data, status=201)

        return once(request, add)


IDENTITY = ("name", "birth_date", "nationality", "requested_on")


def _facts(given: dict[str, Any]) -> dict[str, object]:
    """The facts of the household that were sent. Raises ValidationError on a category that the law does not know."""
    facts: dict[str, object] = {name: given[name] for name in ("adults", "children", "income") if name in given}
    if code := given.get("priority", ""):
        facts["priority"] = PriorityCategory.objects.in_force(timezone.localdate()).filter(code=code).first()
        if facts["priority"] is None:
            raise ValidationError({"priority": ["Aucune catégorie prioritaire en vigueur n’a ce code."]})
    return facts


class CandidateSending(MemberView):
    """Send the candidates that the organisation prepared: the holder's clock stops."""

    scopes = {"POST": (Scope.PROPOSALS,)}

    @extend_schema(
        operation_id="send-candidates",
        summary="Transmettre les candidats préparés",
        description="Tous ceux que votre organisation a préparés pour ce logement : trois au moins, ou l’exception de "
        "la loi (CCH, R441-3).",
        parameters=[IDEMPOTENCY_KEY],
        request=DesignationInput,
        responses={201: CandidateShape(many=True)},
    )
    def post(self, request: Request, pk: int) -> Response:
        member = self.member
        vacancy, routing = _place(member, pk)
        refuse_unless(proposes_under(member, vacancy, routing))
        given = asked(DesignationInput, request)

        def send() -> Response:
            sent = send_proposals(
                vacancy=vacancy, routing=routing, sender=member.organisation, by=request.user, **given
            )
            proposals = _listed(member, vacancy).filter(designation=sent).order_by("position", "pk")
            return Response(CandidateShape(proposals, many=True).data, status=201)

        return once(request, send)
