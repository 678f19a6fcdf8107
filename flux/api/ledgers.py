"""Ledgers.

* Accounts: the list, and one of them on a date.
* Acts of the landlord on its vacancies: follow the recommendation, or send elsewhere with a motive.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from flux.api.acts import IDEMPOTENCY_KEY, IF_MATCH, AskedShape, asked, once
from flux.api.door import MemberView, Pages, Scope, expect, respond
from flux.api.shapes import AccountShape, LedgerShape, VacancyShape
from flux.api.vacancies import shown
from flux.models import Ledger, Routing, Vacancy
from flux.operations.decision import lock
from flux.operations.routing import confirm_recommendations, route_elsewhere
from flux.permissions import can_route
from flux.queries.accounts import account
from reservations.http import refuse_unless
from reservations.models import Membership, ReservationHolder


def _seen(member: Membership) -> QuerySet[Ledger]:
    return Ledger.objects.visible_to(member).select_related("landlord__organisation", "departement")


class LedgerList(MemberView, ListAPIView):
    """Every ledger the person may read, the latest one first."""

    serializer_class = LedgerShape
    pagination_class = Pages
    queryset = Ledger.objects.none()  # for the description of the API; what is read is below

    def get_queryset(self) -> QuerySet[Ledger]:
        return _seen(self.member)

    @extend_schema(
        operation_id="ledgers",
        summary="Les comptes que vous pouvez lire",
        description="Un compte : un bailleur, un département, une année.",
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        answer: Response = self.get_paginated_response(LedgerShape(page, many=True).data)
        return answer


class LedgerAccount(MemberView):
    """One ledger on a date, with all its holders: counts are common."""

    @extend_schema(
        operation_id="account",
        summary="Un compte, à une date",
        description="Un compte à une date, avec tous ses réservataires : les comptes sont communs.",
        parameters=[OpenApiParameter("on", OpenApiTypes.DATE, description="aujourd’hui quand rien n’est dit")],
        responses=AccountShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        ledger = get_object_or_404(_seen(self.member), pk=pk)
        return respond(request, AccountShape(account(ledger, _day(request.query_params.get("on", "")))).data)


def _day(asked: str) -> date:
    """The date asked for, today when there is none."""
    try:
        return date.fromisoformat(asked) if asked else timezone.localdate()
    except ValueError as wrong:
        text = f"« {asked} » n’est pas une date : écrivez l’année, le mois et le jour, comme 2026-11-24."
        raise ValidationError({"on": [text]}) from wrong


class OverrideInput(AskedShape):
    """Une autre destination que celle de la règle, avec le motif que les réservataires liront."""

    holder = serializers.IntegerField(min_value=1, help_text="le réservataire choisi, par son numéro")
    motive = serializers.ChoiceField(choices=Routing.Motive.choices, help_text="le motif du bailleur")
    motive_text = serializers.CharField(max_length=500, help_text="une phrase, sans nom ni information personnelle")


def routed(request: Request, member: Membership, pk: int, act: Callable[[Vacancy], Any]) -> Response:
    """An act on one vacancy as it was read: its ledger is locked first, then its state is compared, then it is done."""
    found: QuerySet[Vacancy] = Vacancy.objects.visible_to(member).select_related("unit__landlord")
    vacancy = get_object_or_404(found, pk=pk)
    refuse_unless(can_route(member, vacancy))

    def acted() -> Response:
        lock([vacancy.pk])
        expect(request, shown(member, vacancy.pk))
        act(vacancy)
        return respond(request, shown(member, vacancy.pk))

    return once(request, acted)


class VacancyConfirm(MemberView):
    """Follow the recommendation of one vacancy."""

    scopes = {"POST": (Scope.ROUTINGS,)}

    @extend_schema(
        operation_id="confirm-routing",
        summary="Suivre la recommandation",
        description="Le logement est orienté vers le réservataire recommandé. Rien n’est à envoyer : l’ETag dit ce que "
        "vous avez lu, et une recommandation qui a changé depuis n’est pas suivie.",
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        request=None,
        responses=VacancyShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        return routed(
            request,
            self.member,
            pk,
            lambda vacancy: confirm_recommendations(vacancies=[vacancy.pk], by=request.user),
        )


class VacancyOverride(MemberView):
    """Send one vacancy elsewhere than recommended, or than it is routed to."""

    scopes = {"POST": (Scope.ROUTINGS,)}

    @extend_schema(
        operation_id="override-routing",
        summary="Orienter ailleurs, avec un motif",
        description="Vers un autre réservataire du classement : `table` de l’explication les donne. Le motif et la "
        "phrase sont lus par tous les réservataires.",
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        request=OverrideInput,
        responses=VacancyShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        given = asked(OverrideInput, request)
        holder = ReservationHolder.objects.select_related("organisation").filter(pk=given.pop("holder")).first()
        if holder is None:
            raise ValidationError({"holder": ["Aucun réservataire n’a ce numéro."]})
        return routed(
            request,
            self.member,
            pk,
            lambda vacancy: route_elsewhere(vacancy=vacancy, holder=holder, by=request.user, **given),
        )
