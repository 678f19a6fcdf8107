"""Which rate holds for a lease: that of the law, or the one that a CIA set for its place (CCH, L441-1-6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from attributions.bilan.models import Objective
from reservations.models import Membership, Territory
from reservations.models.territory import within

Code = Objective.Code


def in_force(on: date) -> list[Objective]:
    """Every rate in force on a day. One query."""
    dated = Objective.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)
    return list(dated.select_related("territory").order_by("code", "pk"))


def withdrawable(member: Membership) -> QuerySet[Objective]:
    """The latest rate of each place, or of each landlord there, where a person records them (`can_set_objective`); the
    last recorded first."""
    same = Objective.objects.annotate(whose=Coalesce("landlord", 0)).filter(
        code=OuterRef("code"), territory=OuterRef("territory"), whose=OuterRef("whose")
    )
    own = member.organisation.territory_id
    places = Q() if member.is_administrator else Q(territory=own)
    if own is not None and member.is_state:
        inside = Territory.objects.filter(kind__in=Territory.COMMUNAL).filter(within(own)).order_by()
        places |= Q(territory__in=inside.values("epci")) | Q(territory__in=inside.values("ept"))
    rates = Objective.objects.exclude(territory=None).annotate(whose=Coalesce("landlord", 0))
    last = rates.filter(places).exclude(Exists(same.filter(starts_on__gt=OuterRef("starts_on"))))
    return last.select_related("territory", "landlord__organisation").order_by("-pk")


@dataclass(frozen=True, slots=True)
class Target:
    """A rate that holds for some of the leases: `leases` of them. The law, or what a CIA set for a place."""

    objective: Objective
    leases: int

    @property
    def percent(self) -> int:
        """Its rate as a share, in millionths."""
        return self.objective.share


def narrowing(place: Territory) -> list[int]:
    """Ids of a place and of those that contain it, the closest first."""
    around = (place.pk, place.parent_commune_id, place.ept_id, place.epci_id, place.departement_id, place.region_id)
    return [pk for pk in around if pk is not None]


def closest(
    code: Code, in_force: Iterable[Objective], *, landlord: int | None, places: Collection[int]
) -> Objective | None:
    """The rate of an objective that holds for a landlord in a place: its own there, then that of the place, then that
    of the law; of two places, the narrower. `places`: ids, the narrowest first."""
    order = {pk: near for near, pk in enumerate(places)}
    holding = [
        each
        for each in in_force
        if each.code == code
        and (each.territory_id is None or each.territory_id in order)
        and each.landlord_id in (None, landlord)
    ]
    return min(
        holding,
        key=lambda each: (each.landlord_id is None, order.get(each.territory_id or 0, len(order))),
        default=None,
    )
