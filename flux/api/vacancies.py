"""Vacancies.

* Vacancies: the list, one of them, why each went where it went, why not to a holder, and a notice that comes in.
* What a list of vacancies may be asked for. Unlike on a screen, a wrong value or an unknown name is refused.
* What each act is asked with. The docstring of a shape is published: it is in French for that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from flux.api.acts import IDEMPOTENCY_KEY, AskedShape, asked, once
from flux.api.door import MemberView, Pages, Scope, respond
from flux.api.problems import Problem
from flux.api.shapes import ExplanationShape, VacancyShape, WhyNotShape
from flux.forms.filters import STATUSES, VacancyFilters, of_typology
from flux.models import Unit, Vacancy
from flux.models.unit import TYPOLOGIES
from flux.operations.vacancy import declare_vacancy
from flux.operations.vacancy_dates import DatesToConfirm
from flux.pages.vacancies import VacancyLine, vacancy_lines
from flux.permissions import can_declare_vacancy, can_read_why_not
from flux.queries.recommendations import places
from flux.queries.sheet import Sheet, sheet, with_carried
from flux.queries.vacancies import latest_routing, rows, with_destinations
from flux.queries.why_not import line as why_line
from flux.queries.why_not import with_outcome
from reservations.http import refuse_unless
from reservations.models import Membership, ReservationHolder, StockRight

#: Days outside are slips of the keyboard, as on the screens.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)


class DayInput(serializers.DateField):
    """A day, as AAAA-MM-JJ; refused where no one lived it."""

    def to_internal_value(self, value: Any) -> date:
        """Raises ValidationError for what is no day, or one out of the bounds of the screens."""
        day: date = super().to_internal_value(value)
        if not FIRST_DAY <= day <= LAST_DAY:
            raise serializers.ValidationError("Vérifiez l’année : cette date est trop ancienne ou trop lointaine.")
        return day


class NoticeInput(AskedShape):
    """Un congé : le logement, les deux dates, et son classement."""

    unit = serializers.CharField(max_length=60, help_text="votre référence du logement")
    kind = serializers.ChoiceField(
        choices=Vacancy.Kind.choices, default=Vacancy.Kind.IN_FLOW, help_text="dans le flux si rien n’est dit"
    )
    exclusion = serializers.ChoiceField(
        choices=Vacancy.Exclusion.choices,
        required=False,
        allow_blank=True,
        help_text="le motif de la loi, quand le logement est soustrait du flux (CCH, R441-5)",
    )
    notice_on = DayInput(help_text="congé reçu le")
    available_on = DayInput(help_text="libre le")
    works_end_on = DayInput(required=False, allow_null=True, help_text="fin des travaux, s’il en faut avant de relouer")
    stock_right = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="le titre à servir, pour un logement gardé en stock"
    )
    confirmed = serializers.CharField(
        required=False, allow_blank=True, max_length=40, help_text="`confirmation` de la réponse 409, telle quelle"
    )


ISO = ["%Y-%m-%d"]


class VacancyFilter(django_filters.FilterSet):
    """By codes that other systems know: SIREN of the landlord, INSEE code of the commune."""

    landlord = django_filters.CharFilter(field_name="unit__landlord__organisation__siren", label="SIREN du bailleur")
    commune = django_filters.CharFilter(field_name="unit__commune__code", label="code INSEE de la commune")
    typology = django_filters.ChoiceFilter(
        method="of_typology", label="typologie", choices=[(name, name) for name in TYPOLOGIES]
    )
    kind = django_filters.ChoiceFilter(label="classement", choices=Vacancy.Kind.choices)
    status = django_filters.ChoiceFilter(method="of_status", label="état", choices=STATUSES)
    registered_since = django_filters.DateFilter(
        field_name="registered_on", lookup_expr="gte", label="enregistré depuis le", input_formats=ISO
    )
    registered_until = django_filters.DateFilter(
        field_name="registered_on", lookup_expr="lte", label="enregistré jusqu’au", input_formats=ISO
    )

    class Meta:
        model = Vacancy
        fields: list[str] = []

    def of_typology(self, vacancies: QuerySet[Vacancy], name: str, typology: str) -> QuerySet[Vacancy]:
        return vacancies.filter(of_typology(typology, path="unit__"))

    of_status = VacancyFilters.of_status


class KnownFilters(DjangoFilterBackend):
    """Refuses a name that filters nothing: a slip would read as « everything »."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        offered = cast("Any", view).filterset_class.base_filters
        known = {*offered, Pages.cursor_query_param, Pages.page_size_query_param}
        if unknown := sorted(set(request.query_params) - known):
            raise ValidationError(
                {name: [f"Filtre inconnu. Filtres : {', '.join(sorted(known))}."] for name in unknown}
            )
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found


@dataclass(frozen=True, slots=True)
class Explanation:
    """A vacancy as a list shows it, and its sheet."""

    line: VacancyLine
    sheet: Sheet


def seen(member: Membership) -> QuerySet[Vacancy]:
    """What this person may see listed, as the screens read it."""
    return with_destinations(Vacancy.objects.visible_to(member).with_file_access(member))


def _lines(found: Iterable[Vacancy], member: Membership) -> list[VacancyLine]:
    """As this person reads them. Why a calculation does not come by itself is not read here."""
    return vacancy_lines(rows(found, member=member, today=timezone.localdate()), {})


def shown(member: Membership, pk: int) -> dict[str, Any]:
    """One vacancy as the API states it to this person, cancelled since or not. Http404 for what it may not see."""
    declared = with_destinations(Vacancy.declared.visible_to(member).with_file_access(member))
    vacancy = get_object_or_404(declared, pk=pk)
    return dict(VacancyShape(*_lines([vacancy], member)).data)


class VacancyList(MemberView, ListAPIView):
    """Where vacancies went, for each as far as they may see: the list of the screens. A notice enters by a POST."""

    scopes = {"POST": (Scope.NOTICES,)}
    serializer_class = VacancyShape
    pagination_class = Pages
    filter_backends = [KnownFilters]
    filterset_class = VacancyFilter
    queryset = Vacancy.objects.none()  # for the description of the API; what is read is below

    def get_queryset(self) -> QuerySet[Vacancy]:
        return seen(self.member)

    @extend_schema(
        operation_id="vacancies",
        summary="Les logements libérés que vous pouvez lire, du plus récent au plus ancien",
        description="Chacun avec sa destination et la raison en une phrase. `unit` (référence, adresse) est nul tant "
        "que le dossier ne vous est pas ouvert.",
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        lines = _lines(page, self.member)
        answer: Response = self.get_paginated_response(VacancyShape(lines, many=True).data)
        return answer

    @extend_schema(
        operation_id="declare-vacancy",
        summary="Enregistrer un congé",
        description="Le logement est connu par votre référence. Comme à l’écran, des dates d’une autre année ou "
        "anciennes sont demandées : la réponse 409 « dates-a-confirmer » donne `confirmation`, à renvoyer dans "
        "`confirmed` si ces dates sont bien celles-là.",
        parameters=[IDEMPOTENCY_KEY],
        request=NoticeInput,
        responses={201: VacancyShape},
    )
    def post(self, request: Request) -> Response:
        member, given = self.member, asked(NoticeInput, request)
        landlord = member.landlord
        refuse_unless(landlord is not None and can_declare_vacancy(member, landlord))

        def declare() -> Response:
            vacancy = _declared(request, member, dict(given))
            made = shown(member, vacancy.pk)
            address = reverse("api-vacancy", args=[vacancy.pk])
            return respond(request, made, status=201, headers={"Location": request.build_absolute_uri(address)})

        return once(request, declare)


def _declared(request: Request, member: Membership, given: dict[str, Any]) -> Vacancy:
    """The act of the screen, with what was sent."""
    reference, right, confirmed = given.pop("unit"), given.pop("stock_right", None), given.pop("confirmed", "")
    units = Unit.objects.visible_to(member).select_related("commune", "programme", "landlord__organisation")
    unit = units.filter(reference=reference).order_by("pk").first()
    if unit is None:
        raise ValidationError({"unit": [f"Aucun de vos logements n’a la référence « {reference} »."]})
    if right is not None:
        given["stock_right"] = StockRight.objects.filter(pk=right, landlord=unit.landlord_id).first()
        if given["stock_right"] is None:
            raise ValidationError({"stock_right": ["Aucun de vos droits en stock n’a ce numéro."]})
    days = f"{given['notice_on'].isoformat()} {given['available_on'].isoformat()}"
    try:
        return declare_vacancy(unit=unit, by=request.user, confirmed=confirmed == days, **given)
    except DatesToConfirm as doubt:
        errors = [{"field": "confirmed", "detail": str(doubt)}]
        raise Problem("dates-a-confirmer", str(doubt), confirmation=days, errors=errors) from doubt


class VacancyDetail(MemberView):
    """One vacancy, as the list shows it, with its ETag."""

    @extend_schema(
        operation_id="vacancy",
        summary="Un logement libéré",
        description="Comme dans la liste, avec l’ETag que demandent les actes qui dépendent de son état.",
        responses=VacancyShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        return respond(request, shown(self.member, pk))


class VacancyExplanation(MemberView):
    """The routing sheet of one vacancy: sentence, whole table, what another choice breaks, and what replays it."""

    @extend_schema(
        operation_id="explanation",
        summary="Pourquoi ce logement est allé là",
        description="La phrase, le tableau complet tel que le calcul l’a lu, ce qui ne tient plus si une autre "
        "destination est choisie, et la situation figée, qui suffit à refaire le calcul.",
        responses=ExplanationShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        vacancy = get_object_or_404(with_carried(seen(self.member)), pk=pk)
        [line] = _lines([vacancy], self.member)
        read = sheet(vacancy, today=timezone.localdate())
        return respond(request, ExplanationShape(Explanation(line, read)).data)


class VacancyWhyNot(MemberView):
    """Why one vacancy of the flow did not go to one holder; for those who may read that holder's page."""

    @extend_schema(
        operation_id="why-not",
        summary="Pourquoi pas ce réservataire ?",
        description="Lisible par le réservataire lui-même, le bailleur, l’État et l’intercommunalité. 404 quand le "
        "réservataire n’a pas de droit là où se trouve le logement, ou que rien n’est encore recommandé.",
        responses=WhyNotShape,
    )
    def get(self, request: Request, pk: int, holder: int) -> Response:
        found = get_object_or_404(ReservationHolder.objects.select_related("organisation"), pk=holder)
        if not can_read_why_not(self.member, found):
            raise Http404
        vacancy = get_object_or_404(with_outcome(seen(self.member), found), pk=pk)
        recommendation, _ = latest_routing(vacancy)
        if recommendation is None or not places(recommendation, [found.pk]):
            raise Http404
        return respond(request, WhyNotShape(why_line(vacancy, found), context={"holder": found}).data)
