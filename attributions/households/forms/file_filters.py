"""Filters of the units whose candidates one follows, in the address. No filter holds a name, nor a numéro unique."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.text import capfirst

from attributions.households.pages.stage import NAMES
from attributions.households.queries.file_list import followed
from attributions.households.queries.stage import OVER, Stage
from flux.forms.filters import HolderFilter, of_typology
from flux.models import Routing, Unit, Vacancy
from flux.models.unit import TYPOLOGIES
from flux.queries.units import matching
from reservations.models import Landlord, Membership, ReservationHolder, Territory

LATE, WEEK, LATER, NONE = "depassee", "semaine", "ensuite", "sans"
DUE = ((LATE, "dépassée"), (WEEK, "dans les 7 jours"), (LATER, "plus tard"), (NONE, "sans échéance"))


class FileFilters(django_filters.FilterSet):
    """What the member follows, by what calls first. Without `etape`, all of it but what is over."""

    etape = django_filters.ChoiceFilter(
        method="of_stage",
        label="Étape",
        empty_label="Toutes, sauf terminées",
        choices=[(stage.value, capfirst(NAMES[stage])) for stage in Stage],
    )
    due = django_filters.ChoiceFilter(method="of_due", label="Échéance", empty_label="Toutes", choices=DUE)
    holder = HolderFilter(method="of_holder", label="Réservataire", empty_label="Tous")
    landlord = django_filters.ModelChoiceFilter(field_name="landlord", label="Bailleur", empty_label="Tous")
    commune = django_filters.ModelChoiceFilter(field_name="unit__commune", label="Commune", empty_label="Toutes")
    typology = django_filters.ChoiceFilter(
        method="of_typology", label="Typologie", empty_label="Toutes", choices=[(t, t) for t in TYPOLOGIES]
    )
    q = django_filters.CharFilter(method="search", label="Référence, adresse, programme")

    class Meta:
        model = Vacancy
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any], *, member: Membership, today: date) -> None:
        mine = followed(member, today=today)
        super().__init__(data, mine)
        self.today, seen = today, mine.order_by()
        self.filters["commune"].queryset = Territory.objects.filter(pk__in=seen.values("unit__commune"))
        if member.is_landlord:
            del self.filters["landlord"]
            routings = Routing.objects.filter(vacancy__in=seen.values("pk"), closed_at=None)
            self.filters["holder"].queryset = ReservationHolder.objects.select_related("organisation").filter(
                pk__in=routings.order_by().values("holder")
            )
        else:
            del self.filters["holder"]
            self.filters["landlord"].queryset = Landlord.objects.select_related("organisation").filter(
                pk__in=seen.values("landlord")
            )

    def filter_queryset(self, queryset: QuerySet[Vacancy]) -> QuerySet[Vacancy]:
        """What is over is shown when its stage is asked for."""
        found = super().filter_queryset(queryset)
        stage = self.form.cleaned_data.get("etape")
        if stage != Stage.LET:  # what is let stays out of sight, by an index
            found = found.filter(is_let=False)
        return found if stage else found.exclude(stage__in=OVER)

    def of_stage(self, vacancies: QuerySet[Vacancy], name: str, stage: str) -> QuerySet[Vacancy]:
        return vacancies.filter(Q(stage=stage))

    def of_due(self, vacancies: QuerySet[Vacancy], name: str, when: str) -> QuerySet[Vacancy]:
        week = self.today + timedelta(days=7)
        kept = {
            LATE: Q(due__lt=self.today),
            WEEK: Q(due__gte=self.today, due__lte=week),
            LATER: Q(due__gt=week),
            NONE: Q(due=None),
        }
        return vacancies.filter(kept[when])

    def of_holder(self, vacancies: QuerySet[Vacancy], name: str, holder: ReservationHolder) -> QuerySet[Vacancy]:
        return vacancies.filter(routings__holder=holder, routings__closed_at=None)

    def of_typology(self, vacancies: QuerySet[Vacancy], name: str, typology: str) -> QuerySet[Vacancy]:
        return vacancies.filter(of_typology(typology, path="unit__"))

    def search(self, vacancies: QuerySet[Vacancy], name: str, text: str) -> QuerySet[Vacancy]:
        return vacancies.filter(unit__in=matching(Unit.objects.all(), text).order_by().values("pk"))
