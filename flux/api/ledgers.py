"""Accounts: the list, and one of them on a date."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from flux.api.door import MemberView, Pages, told
from flux.api.shapes import AccountShape, LedgerShape
from flux.models import Ledger
from flux.queries.account import account
from reservations.models import Membership


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
        return told(request, AccountShape(account(ledger, _day(request.query_params.get("on", "")))).data)


def _day(asked: str) -> date:
    """The date asked for, today when there is none."""
    try:
        return date.fromisoformat(asked) if asked else timezone.localdate()
    except ValueError as wrong:
        said = f"« {asked} » n’est pas une date : écrivez l’année, le mois et le jour, comme 2026-11-24."
        raise ValidationError({"on": [said]}) from wrong
