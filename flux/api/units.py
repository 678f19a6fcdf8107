"""The stock: its units, one of them, and what its landlord says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from flux import financing
from flux.api.acts import IDEMPOTENCY_KEY, IF_MATCH, AskedShape, asked, once
from flux.api.door import MemberView, Pages, Scope, expect, respond
from flux.api.problems import Problem
from flux.api.shapes import ListedShape, PlaceShape
from flux.api.vacancies import KnownFilters
from flux.exports.lists import UNITS
from flux.imports.addresses import street, street_number
from flux.models import Programme, Unit
from flux.models.unit import LONGEST_REFERENCE, UNIT_BOUNDS, unusual_unit
from flux.operations.units import CLASSED_BY, Alike, UnitFacts, create_units, describe_unit, identify_unit
from flux.permissions import can_declare_vacancy
from flux.queries.units import written_alike
from flux.words import written_so
from reservations.bounds import LONGEST_ANSWER, answer_to
from reservations.http import refuse_unless
from reservations.models import Landlord, Membership, User
from reservations.models.guards import in_order

BOUNDS = {bound.field: (int(bound.least), int(bound.most)) for bound in UNIT_BOUNDS}


#: Where values that are seldom true are asked once, in the description of an address.
ASKED_ONCE = (
    "Comme à l’écran, une valeur inhabituelle est demandée une fois : la réponse 409 « valeurs-a-confirmer » donne "
    "`confirmation`, à renvoyer dans `confirmed` si c’est bien cela."
)


class ConfirmedInput(serializers.CharField):
    """What confirms values that are seldom true: `confirmation` of the answer that asks."""

    def __init__(self) -> None:
        super().__init__(
            required=False, allow_blank=True, max_length=LONGEST_ANSWER, help_text="`confirmation` de la réponse 409"
        )


class ProgrammeShape(serializers.Serializer[Any]):
    """Le programme d’un logement."""

    id = serializers.IntegerField()
    name = serializers.CharField(source="__str__")


class UnitSheetShape(ListedShape[Unit]):
    """Un logement du parc, tel que sa fiche le dit ; ce qui n’est pas renseigné est nul, ou vide."""

    listing = UNITS

    id = serializers.IntegerField()
    programme = ProgrammeShape()
    commune = PlaceShape()
    financing_code = serializers.CharField(help_text="rubrique 32 du RPLS")
    in_qpv = serializers.BooleanField(allow_null=True)
    energy_class = serializers.CharField()
    floor = serializers.IntegerField(allow_null=True)
    has_lift = serializers.BooleanField(allow_null=True)
    is_accessible = serializers.BooleanField(allow_null=True)
    rent = serializers.DecimalField(max_digits=7, decimal_places=2, allow_null=True)
    charges = serializers.DecimalField(max_digits=7, decimal_places=2, allow_null=True)
    is_adapted_plai = serializers.BooleanField()


class UnitInput(AskedShape):
    """Ce que le bailleur sait d’un logement : ce qui n’est pas envoyé reste comme il était."""

    reference = serializers.CharField(
        required=False,
        max_length=LONGEST_REFERENCE,
        help_text="la vôtre ; celle d’avant reste dans son histoire",
    )
    rpls_id = serializers.CharField(required=False, allow_blank=True, max_length=14, help_text="identifiant RPLS")
    floor = serializers.IntegerField(
        required=False, allow_null=True, min_value=BOUNDS["floor"][0], max_value=BOUNDS["floor"][1]
    )
    has_lift = serializers.BooleanField(required=False, allow_null=True)
    is_accessible = serializers.BooleanField(required=False, allow_null=True)
    rent = serializers.DecimalField(
        required=False, allow_null=True, max_digits=6, decimal_places=2, min_value=0, max_value=BOUNDS["rent"][1]
    )
    charges = serializers.DecimalField(
        required=False, allow_null=True, max_digits=6, decimal_places=2, min_value=0, max_value=BOUNDS["charges"][1]
    )
    is_adapted_plai = serializers.BooleanField(required=False)
    financing_code = serializers.ChoiceField(
        required=False,
        choices=[(code, financing.label_of(code)) for code in financing.codes()],
        help_text="quand il n’était pas renseigné : un fait connu se corrige, ou change, dans la description datée",
    )
    in_qpv = serializers.BooleanField(required=False, help_text="de même")
    construction_year = serializers.IntegerField(
        required=False,
        min_value=BOUNDS["construction_year"][0],
        max_value=BOUNDS["construction_year"][1],
        help_text="de même",
    )

    confirmed = ConfirmedInput()


class NewUnitInput(UnitInput):
    """Un logement d’un programme, avant que le RPLS le connaisse."""

    programme = serializers.IntegerField(
        min_value=1, help_text="numéro ici du programme, celui que les logements donnent"
    )
    rooms = serializers.IntegerField(min_value=BOUNDS["rooms"][0], max_value=BOUNDS["rooms"][1], help_text="pièces")
    financing_code = serializers.ChoiceField(
        choices=[(code, financing.label_of(code)) for code in financing.codes()], help_text="rubrique 32 du RPLS"
    )
    number = serializers.CharField(required=False, allow_blank=True, max_length=10, help_text="numéro dans la voie")
    street = serializers.CharField(max_length=120, help_text="voie, comme « rue Voltaire »")
    surface = serializers.DecimalField(
        required=False, allow_null=True, max_digits=6, decimal_places=2, min_value=1, max_value=BOUNDS["surface"][1]
    )


#: By what a unit is known elsewhere.
IDENTITY = ("reference", "rpls_id")


class UnitFilter(django_filters.FilterSet):
    """By what other systems know of a unit."""

    reference = django_filters.CharFilter(label="votre référence, entière")
    rpls_id = django_filters.CharFilter(label="identifiant RPLS")
    commune = django_filters.CharFilter(field_name="commune__code", label="code INSEE de la commune")

    class Meta:
        model = Unit
        fields: list[str] = []


def _seen(member: Membership) -> QuerySet[Unit]:
    return Unit.objects.visible_to(member).select_related("commune", "programme", "landlord__organisation")


class UnitList(MemberView, ListAPIView):
    """The landlord's stock, or the units routed to a holder. A new one enters by a POST."""

    scopes = {"POST": (Scope.UNITS,)}
    serializer_class = UnitSheetShape
    pagination_class = Pages
    filter_backends = [KnownFilters]
    filterset_class = UnitFilter
    queryset = Unit.objects.none()  # for the description of the API; what is read is below

    def get_queryset(self) -> QuerySet[Unit]:
        return _seen(self.member)

    @extend_schema(
        operation_id="create-unit",
        summary="Créer un logement",
        description="Dans un programme du bailleur, avant que le RPLS le connaisse ; sans votre référence, il en "
        f"reçoit une, à remplacer. Le fichier RPLS le reconnaîtra à son adresse. {ASKED_ONCE}",
        parameters=[IDEMPOTENCY_KEY],
        request=NewUnitInput,
        responses={201: UnitSheetShape},
    )
    def post(self, request: Request) -> Response:
        member, given = self.member, asked(NewUnitInput, request)
        landlord = member.landlord
        # On the screens its manager's act: who gives a token its scope is the manager.
        refuse_unless(landlord is not None and can_declare_vacancy(member, landlord))

        def create() -> Response:
            facts = dict(given)
            assert landlord is not None  # refused above
            ask_values(landlord, facts, answer=facts.pop("confirmed", ""))
            made = UnitSheetShape(_created(member, facts, by=request.user)).data
            address = request.build_absolute_uri(reverse("api-unit", args=[made["id"]]))
            return respond(request, made, status=201, headers={"Location": address})

        return once(request, create)

    @extend_schema(
        operation_id="units",
        summary="Les logements du parc",
        description="Ceux du bailleur ; un réservataire lit ceux qui lui sont orientés.",
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        answer: Response = self.get_paginated_response(UnitSheetShape(page, many=True).data)
        return answer


def ask_values(
    landlord: Landlord, values: Mapping[str, Any], *, answer: str, rooms: int | None = None, but: int | None = None
) -> None:
    """Raise a Problem for what is seldom true among what is stated of a unit, unless it is confirmed, as on the
    screens."""
    doubts = unusual_unit({"rooms": rooms} | dict(values), today=timezone.localdate())
    if reference := values.get("reference"):
        alike = written_alike(landlord.pk, [reference], but=but)
        doubts |= {"reference": written_so(alike[reference])} if alike else {}
    wanted = answer_to(doubts, values)
    if doubts and answer != wanted:
        errors = [{"field": field, "detail": sentence} for field, sentence in doubts.items()]
        raise Problem("valeurs-a-confirmer", " ".join(doubts.values()), confirmation=wanted, errors=errors)


def _created(member: Membership, given: dict[str, Any], *, by: User) -> Unit:
    """The act of the screen for one unit, then what its landlord says of it. Raises ValidationError on a programme
    that is not the landlord's."""
    programmes = Programme.objects.filter(landlord__organisation=member.organisation_id)
    programme = programmes.select_related("landlord__organisation", "commune").filter(pk=given.pop("programme")).first()
    if programme is None:
        raise ValidationError({"programme": ["Aucun de vos programmes n’a ce numéro."]})
    identity = {name: given.pop(name) for name in IDENTITY if name in given}
    number, index = street_number(given.pop("number", ""), "")
    kind, name = street("", given.pop("street"))
    facts: dict[str, Any] = {field: given.pop(field) for field in ALIKE if field in given}
    facts |= {"street_number": number, "street_index": index[:10], "street_type": kind[:30], "street_name": name[:120]}
    [reference] = create_units(programme=programme, count=1, alike=Alike(**facts), by=by)
    unit = _seen(member).get(landlord=programme.landlord_id, reference=reference)
    if identity:
        known = {name: identity.get(name, getattr(unit, name)) for name in IDENTITY}
        identify_unit(unit=unit, software=unit.software, by=by, **known)
    if given:
        held = UnitFacts(**{name: getattr(unit, name) for name in UnitFacts.__dataclass_fields__})
        describe_unit(unit=unit, facts=replace(held, **given), classed={}, by=by)
    return _seen(member).get(pk=unit.pk)


#: What new units have in common, of what is sent.
ALIKE = ("rooms", "financing_code", "surface", "construction_year", "in_qpv")


class UnitDetail(MemberView):
    """One unit, and what its landlord's staff say of it."""

    scopes = {"PATCH": (Scope.UNITS,)}

    @extend_schema(
        operation_id="unit",
        summary="Un logement du parc",
        description="Sa fiche, avec l’ETag que demande sa correction.",
        responses=UnitSheetShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        return respond(request, UnitSheetShape(get_object_or_404(_seen(self.member), pk=pk)).data)

    @extend_schema(
        operation_id="correct-unit",
        summary="Compléter un logement",
        description="Ce qui est envoyé remplace ce qui était ; qui a changé quoi est gardé sur sa fiche.",
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        request=UnitInput,
        responses=UnitSheetShape,
    )
    def patch(self, request: Request, pk: int) -> Response:
        unit = get_object_or_404(_seen(self.member), pk=pk)
        refuse_unless(can_declare_vacancy(self.member, unit.landlord))
        given = asked(UnitInput, request)

        def correct() -> Response:
            held = self._held(pk)
            expect(request, UnitSheetShape(held).data)
            facts_given = dict(given)
            new = {name: each for name, each in given.items() if getattr(held, name, each) != each}
            ask_values(held.landlord, new, answer=facts_given.pop("confirmed", ""), rooms=held.rooms, but=held.pk)
            known = {name: facts_given.pop(name, getattr(held, name)) for name in IDENTITY}
            identify_unit(unit=held, software=held.software, by=request.user, **known)
            classed = {name: facts_given.pop(name) for name in CLASSED_BY if name in facts_given}
            facts = UnitFacts(**{name: getattr(held, name) for name in UnitFacts.__dataclass_fields__})
            describe_unit(unit=held, facts=replace(facts, **facts_given), classed=classed, by=request.user)
            return respond(request, UnitSheetShape(_seen(self.member).get(pk=pk)).data)

        return once(request, correct)

    @transaction.atomic
    def _held(self, pk: int) -> Unit:
        """The unit, locked: nobody changes it between what is compared and what is written."""
        in_order(Unit.objects.all()).get(pk=pk)
        return _seen(self.member).get(pk=pk)
