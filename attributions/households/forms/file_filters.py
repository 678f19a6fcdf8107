"""Filters of the units whose candidates one follows, in the address. No filter holds a name, nor a numéro unique."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.text import capfirst

from attributions.households.models import UnitStage
from attributions.households.pages.stage import NAMES
from attributions.households.queries.file_list import at, followed, seen_in, to_propose
from attributions.households.queries.stage import OVER, Stage
from flux.forms.filters import HolderFilter, of_typology
from flux.models import Unit
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
    commune = django_filters.ModelChoiceFilter(field_name="commune", label="Commune", empty_label="Toutes")
    typology = django_filters.ChoiceFilter(
        method="of_typology", label="Typologie", empty_label="Toutes", choices=[(t, t) for t in TYPOLOGIES]
    )
    q = django_filters.CharFilter(method="search", label="Référence, adresse, programme")

    class Meta:
        model = UnitStage
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any], *, member: Membership, today: date) -> None:
        super().__init__(data, followed(member, today=today))
        self.member, self.today = member, today
        self.filters["commune"].queryset = Territory.objects.filter(seen_in(member, "commune"))
        if member.is_landlord:
            del self.filters["landlord"]
            holders = ReservationHolder.objects.select_related("organisation")
            self.filters["holder"].queryset = holders.filter(seen_in(member, "holder"))
        else:
            del self.filters["holder"]
            landlords = Landlord.objects.select_related("organisation")
            self.filters["landlord"].queryset = landlords.filter(seen_in(member, "landlord"))

    def filter_queryset(self, queryset: QuerySet[UnitStage]) -> QuerySet[UnitStage]:
        """What is over is shown when its stage is asked for: the latest first, since nothing of it is awaited."""
        stage = self.form.cleaned_data.get("etape") or ""
        found = at(super().filter_queryset(queryset), self.member, stage)
        return found.order_by("-vacancy") if stage in OVER else found

    def of_stage(self, stages: QuerySet[UnitStage], name: str, stage: str) -> QuerySet[UnitStage]:
        return stages  # by `at`, with or without one

    def of_due(self, stages: QuerySet[UnitStage], name: str, when: str) -> QuerySet[UnitStage]:
        week = self.today + timedelta(days=7)
        kept = {
            LATE: Q(due__lt=self.today),
            WEEK: Q(due__gte=self.today, due__lte=week),
            LATER: Q(due__gt=week),
            NONE: Q(due=None),
        }
        return stages.filter(kept[when])

    def of_holder(self, stages: QuerySet[UnitStage], name: str, holder: ReservationHolder) -> QuerySet[UnitStage]:
        return stages.filter(holder=holder)

    def of_typology(self, stages: QuerySet[UnitStage], name: str, typology: str) -> QuerySet[UnitStage]:
        return stages.filter(of_typology(typology, path="vacancy__unit__"))

    def search(self, stages: QuerySet[UnitStage], name: str, text: str) -> QuerySet[UnitStage]:
        return stages.filter(vacancy__unit__in=matching(Unit.objects.all(), text).order_by().values("pk"))


class OfferedFilters(FileFilters):
    """The same, of the units alone that await candidates of a holder."""

    def __init__(self, data: Mapping[str, Any], *, member: Membership, today: date) -> None:
        super().__init__(data, member=member, today=today)
        del self.filters["etape"]

    def filter_queryset(self, queryset: QuerySet[UnitStage]) -> QuerySet[UnitStage]:
        found = django_filters.FilterSet.filter_queryset(self, queryset)
        return to_propose(found, self.member)
