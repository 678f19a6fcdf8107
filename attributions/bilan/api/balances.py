"""Annual balances: which there are, and all the figures of one, by act and by cohort."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from attributions.bilan.exports.json_file import as_json
from attributions.bilan.models import BalanceDownload
from attributions.bilan.operations.layout import record_balance_download
from attributions.bilan.queries.scope import balances_of, sees_whole, territories, territory_of
from attributions.bilan.queries.transmissions import whole_balance
from flux.api.door import MemberView, Scope, respond
from flux.api.shapes import PartyShape
from reservations.models import Landlord, Membership, Territory


class BalancePlaceShape(serializers.Serializer[Any]):
    """Un bilan que vous pouvez lire : un bailleur, une année."""

    landlord = PartyShape()
    year = serializers.IntegerField()


class BalanceList(MemberView):
    """Every balance that one may read."""

    scopes = {"GET": (Scope.BALANCES,)}

    @extend_schema(
        operation_id="balances",
        summary="Les bilans que vous pouvez lire",
        description="Un bilan : un bailleur, une année, du plus récent au plus ancien.",
        responses=BalancePlaceShape(many=True),
    )
    def get(self, request: Request) -> Response:
        places = balances_of(self.member)
        landlords = Landlord.objects.select_related("organisation").in_bulk({landlord for landlord, _ in places})
        found = [{"landlord": landlords[pk], "year": year} for pk, year in places]
        return respond(request, BalancePlaceShape(found, many=True).data)


class BalanceFigures(MemberView):
    """The figures of one balance, as `balance.json`; who takes them is kept, as on the screen."""

    scopes = {"GET": (Scope.BALANCES,)}

    @extend_schema(
        operation_id="balance",
        summary="Un bilan annuel, par acte et par cohorte",
        description="Celui du fichier JSON de l’écran (docs/balance.md), tel que vous pouvez le lire. Le journal des "
        "téléchargements garde que votre organisation l’a pris.",
        parameters=[
            OpenApiParameter("territory", OpenApiTypes.INT, description="limité à ce territoire, par son numéro ici")
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request, siren: str, year: int) -> Response:
        member = self.member
        landlord = get_object_or_404(Landlord.objects.select_related("organisation"), organisation__siren=siren)
        if (landlord.pk, year) not in balances_of(member):
            raise Http404
        place = _place(request.query_params.get("territory", ""), landlord, year, member)
        content = whole_balance(landlord, year, place, member=member, on=timezone.localdate())
        if request.method == "GET":
            record_balance_download(
                member=member, landlord=landlord, year=year, territory=place, form=BalanceDownload.Form.JSON
            )
        return respond(request, as_json(content))


def _place(asked: str, landlord: Landlord, year: int, member: Membership) -> Territory | None:
    """The territory asked for, else the reader's own; None for all. Http404 on another one."""
    own = territory_of(member)
    places = [*territories(landlord, year, member=member), *([own] if own else [])]
    if not asked:
        return None if sees_whole(member) and own is None else own
    chosen = next((place for place in places if str(place.pk) == asked), None)
    if chosen is None:
        raise Http404
    return chosen
