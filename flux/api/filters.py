"""What a list of vacancies may be asked for. Unlike on a screen, a wrong value or an unknown name is refused."""

from __future__ import annotations

from typing import Any, cast

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from flux.api.door import Pages
from flux.forms.filters import STATUSES, VacancyFilters, of_typology
from flux.models import Vacancy
from flux.models.unit import TYPOLOGIES

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
