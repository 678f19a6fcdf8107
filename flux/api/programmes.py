"""Programmes: recorded before their units exist, planned, and their units alike, before the RPLS knows them."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from flux import financing
from flux.api.acts import IDEMPOTENCY_KEY, IF_MATCH, AskedShape, asked, once
from flux.api.door import MemberView, Pages, Scope, expect, respond
from flux.api.shapes import PlaceShape
from flux.api.units import ASKED_ONCE, BOUNDS, ConfirmedInput, ask_values
from flux.api.vacancies import DayInput, KnownFilters
from flux.imports.addresses import street, street_number
from flux.models import Programme
from flux.operations.allotment import plan_delivery, register_programme
from flux.operations.units import MOST, Alike, create_units
from flux.permissions import can_declare_vacancy
from flux.queries.programmes import with_passage
from reservations.http import refuse_unless
from reservations.models import Membership, Territory
from reservations.models.guards import in_order

#: What a plan says.
PLAN = ("delivered_on", "expected_units")
#: As many as a programme has room for in the database.
MOST_UNITS = 32_767


class ProgrammeSheetShape(serializers.Serializer[Programme]):
    """Un programme : livré, ou prévu avant que ses logements existent."""

    id = serializers.IntegerField()
    name = serializers.CharField(source="__str__")
    commune = PlaceShape()
    delivered_on = serializers.DateField(allow_null=True, help_text="prévu ou réel, d’un programme neuf")
    expected_units = serializers.IntegerField(allow_null=True)
    allotment_agreed_on = serializers.DateField(
        allow_null=True, help_text="jour où la répartition des premières locations a été convenue"
    )
    given_on = serializers.DateField(
        source="gone_on", allow_null=True, help_text="jour où il est passé à un autre bailleur, qui seul y agit depuis"
    )
    given_to = serializers.CharField(source="gone_to", allow_null=True, help_text="ce bailleur")


class ReferencesShape(serializers.Serializer[Any]):
    """Les logements créés, par la référence que chacun a reçue."""

    references = serializers.ListField(child=serializers.CharField())


class PlanInput(AskedShape):
    """Quand un programme est livré, et de combien de logements ; ce qui n’est pas envoyé reste comme il était."""

    delivered_on = DayInput(required=False)
    expected_units = serializers.IntegerField(required=False, min_value=1, max_value=MOST_UNITS)


class NewProgrammeInput(AskedShape):
    """Un programme neuf, avant que ses logements existent."""

    delivered_on = DayInput()
    expected_units = serializers.IntegerField(min_value=1, max_value=MOST_UNITS)
    name = serializers.CharField(max_length=120, help_text="celui qu’il aura dans votre fichier RPLS")
    commune = serializers.CharField(max_length=5, help_text="code INSEE")


class AlikeInput(AskedShape):
    """Des logements semblables, à une même adresse ; chacun se complète ensuite."""

    count = serializers.IntegerField(min_value=1, max_value=MOST)
    rooms = serializers.IntegerField(min_value=BOUNDS["rooms"][0], max_value=BOUNDS["rooms"][1], help_text="pièces")
    financing_code = serializers.ChoiceField(
        choices=[(code, financing.label_of(code)) for code in financing.codes()], help_text="rubrique 32 du RPLS"
    )
    number = serializers.CharField(required=False, allow_blank=True, max_length=10, help_text="numéro dans la voie")
    street = serializers.CharField(max_length=120, help_text="voie, comme « rue Voltaire »")
    postal_code = serializers.RegexField(r"^[0-9]{5}$", required=False, allow_blank=True)
    surface = serializers.DecimalField(
        required=False, allow_null=True, max_digits=6, decimal_places=2, min_value=1, max_value=BOUNDS["surface"][1]
    )
    in_qpv = serializers.BooleanField(required=False, allow_null=True)
    is_house = serializers.BooleanField(required=False, allow_null=True)
    construction_year = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=BOUNDS["construction_year"][0],
        max_value=BOUNDS["construction_year"][1],
    )
    confirmed = ConfirmedInput()


class ProgrammeFilter(django_filters.FilterSet):
    """By where they are."""

    commune = django_filters.CharFilter(field_name="commune__code", label="code INSEE de la commune")

    class Meta:
        model = Programme
        fields: list[str] = []


def _seen(member: Membership) -> QuerySet[Programme]:
    return with_passage(Programme.objects.visible_to(member)).select_related("commune", "landlord__organisation")


class ProgrammeList(MemberView, ListAPIView):
    """The landlord's programmes; of a new one, those that have a share of it. One enters by a POST."""

    scopes = {"POST": (Scope.UNITS,)}
    serializer_class = ProgrammeSheetShape
    pagination_class = Pages
    filter_backends = [KnownFilters]
    filterset_class = ProgrammeFilter
    queryset = Programme.objects.none()  # for the description of the API; what is read is below

    @extend_schema(
        operation_id="programmes",
        summary="Les programmes",
        description="Ceux du bailleur ; un réservataire lit les programmes neufs dont il a une part.",
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(_seen(self.member)))
        answer: Response = self.get_paginated_response(ProgrammeSheetShape(page, many=True).data)
        return answer

    @extend_schema(
        operation_id="create-programme",
        summary="Enregistrer un programme neuf",
        description="Avant que ses logements existent : ils y entrent ensuite, ici ou par le fichier RPLS. La "
        "répartition de ses premières locations se convient sur les écrans.",
        parameters=[IDEMPOTENCY_KEY],
        request=NewProgrammeInput,
        responses={201: ProgrammeSheetShape},
    )
    def post(self, request: Request) -> Response:
        member, given = self.member, asked(NewProgrammeInput, request)
        landlord = member.landlord
        # On the screens its manager's act: who gives a token its scope is the manager.
        refuse_unless(landlord is not None and can_declare_vacancy(member, landlord))
        assert landlord is not None
        code = given.pop("commune")
        commune = Territory.objects.filter(kind__in=Territory.COMMUNAL, code=code).order_by("pk").first()
        if commune is None:
            raise ValidationError({"commune": ["Aucune commune n’a ce code INSEE."]})

        def create() -> Response:
            made = register_programme(landlord=landlord, commune=commune, by=request.user, **given)
            address = request.build_absolute_uri(reverse("api-programme", args=[made.pk]))
            sheet = ProgrammeSheetShape(_seen(member).get(pk=made.pk)).data
            return respond(request, sheet, status=201, headers={"Location": address})

        return once(request, create)


class ProgrammeDetail(MemberView):
    """One programme, and when it is delivered."""

    scopes = {"PATCH": (Scope.UNITS,)}

    @extend_schema(
        operation_id="programme",
        summary="Un programme",
        description="Avec l’ETag que demande sa correction.",
        responses=ProgrammeSheetShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        return respond(request, ProgrammeSheetShape(get_object_or_404(_seen(self.member), pk=pk)).data)

    @extend_schema(
        operation_id="plan-programme",
        summary="Dire la livraison d’un programme",
        description="Le jour, et le nombre de logements : celui-ci ne change plus une fois la répartition convenue.",
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        request=PlanInput,
        responses=ProgrammeSheetShape,
    )
    def patch(self, request: Request, pk: int) -> Response:
        programme = get_object_or_404(_seen(self.member), pk=pk)
        refuse_unless(can_declare_vacancy(self.member, programme.landlord))
        given = asked(PlanInput, request)

        def plan() -> Response:
            held = self._held(pk)
            expect(request, ProgrammeSheetShape(held).data)
            known = {name: given.get(name, getattr(held, name)) for name in PLAN}
            if missing := [name for name in PLAN if known[name] is None]:
                raise ValidationError({name: ["Pas encore dit pour ce programme : envoyez-le."] for name in missing})
            plan_delivery(programme=held, by=request.user, **known)
            return respond(request, ProgrammeSheetShape(_seen(self.member).get(pk=pk)).data)

        return once(request, plan)

    @transaction.atomic
    def _held(self, pk: int) -> Programme:
        """The programme, locked: nobody changes it between what is compared and what is written."""
        in_order(Programme.objects.all()).get(pk=pk)
        return _seen(self.member).get(pk=pk)


class ProgrammeUnits(MemberView):
    """So many units of a programme, alike, at one address."""

    scopes = {"POST": (Scope.UNITS,)}

    @extend_schema(
        operation_id="create-units",
        summary="Créer les logements d’un programme",
        description="Semblables, à une même adresse, avant que le RPLS les connaisse ; chacun reçoit une référence, à "
        f"remplacer par la vôtre. Au-delà, ou s’ils diffèrent, donnez un fichier. {ASKED_ONCE}",
        parameters=[IDEMPOTENCY_KEY],
        request=AlikeInput,
        responses={201: ReferencesShape},
    )
    def post(self, request: Request, pk: int) -> Response:
        programme = get_object_or_404(_seen(self.member), pk=pk)
        refuse_unless(can_declare_vacancy(self.member, programme.landlord))
        given = asked(AlikeInput, request)
        count, confirmed = given.pop("count"), given.pop("confirmed", "")
        number, index = street_number(given.pop("number", ""), "")
        kind, name = street("", given.pop("street"))
        place = {"street_number": number, "street_index": index[:10], "street_type": kind[:30], "street_name": name}

        def create() -> Response:
            ask_values(programme.landlord, given, answer=confirmed)
            alike = Alike(**{**given, **place})
            made = create_units(programme=programme, count=count, alike=alike, by=request.user)
            return Response({"references": made}, status=201)

        return once(request, create)
