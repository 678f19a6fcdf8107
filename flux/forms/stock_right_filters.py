"""Filters of the titles of the stock, in the address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from flux.forms.filters import HolderFilter
from flux.pages.inventory import NAMES
from flux.queries.inventory import InventoryStanding, with_standing
from reservations.models import Landlord, Membership, ReservationHolder, StockRight

SOON = "bientot"


class StockRightFilters(django_filters.FilterSet):
    """Filters of the titles that the member may read, with where each stands. `warning`: days before an end."""

    landlord = django_filters.ModelChoiceFilter(label="Bailleur", empty_label="Tous")
    holder = HolderFilter(label="Réservataire", empty_label="Tous")
    ground = django_filters.ChoiceFilter(label="Fondement", empty_label="Tous", choices=StockRight.Ground.choices)
    standing = django_filters.ChoiceFilter(
        method="of_standing",
        label="État",
        empty_label="Tous",
        choices=[*((standing.value, name) for standing, name in NAMES.items()), (SOON, "finit bientôt")],
    )

    class Meta:
        model = StockRight
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any], *, member: Membership, today: date, warning: int | None) -> None:
        seen = StockRight.objects.visible_to(member)
        super().__init__(data, with_standing(seen, on=today))
        self.today, self.warning = today, warning
        ids = seen.order_by()
        self.filters["landlord"].queryset = Landlord.objects.select_related("organisation").filter(
            pk__in=ids.values("landlord")
        )
        self.filters["holder"].queryset = ReservationHolder.objects.select_related("organisation").filter(
            pk__in=ids.values("holder")
        )
        if member.is_landlord:
            del self.filters["landlord"]

    def of_standing(self, rights: QuerySet[StockRight], name: str, wanted: str) -> QuerySet[StockRight]:
        if wanted != SOON:
            return rights.filter(Q(standing=wanted))
        if self.warning is None:
            return rights.none()
        return rights.filter(
            Q(standing=InventoryStanding.LIVING.value), ends_on__lte=self.today + timedelta(days=self.warning)
        )
