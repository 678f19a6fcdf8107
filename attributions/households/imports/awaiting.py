"""The units that lines of a file name, of those that await candidates of the organisation that gives it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from flux.imports.named_units import UNIT
from flux.models import Routing, Vacancy
from reservations.imports.kinds import FileLine
from reservations.models import Organisation

LANDLORD = "bailleur"


def open_to(organisation: Organisation) -> QuerySet[Vacancy]:
    """The units freed whose candidates this organisation may look for: routed to it, or its own."""
    mine = Q(holder__organisation=organisation.pk) | Q(acting=organisation.pk)
    routed = Routing.objects.filter(mine, closed_at=None).order_by().values("vacancy")
    own = Q(unit__landlord__organisation=organisation.pk) & (
        Q(kind=Vacancy.Kind.EXCLUDED) | Q(pk__in=Routing.objects.filter(closed_at=None).order_by().values("vacancy"))
    )
    return Vacancy.objects.filter(Q(pk__in=routed) | own)


def named_units(lines: Sequence[FileLine], organisation: Organisation) -> dict[int, Vacancy]:
    """By number of line, the freed unit that it names; a line that names none, or several, is refused."""
    names = {line.values[UNIT] for line in lines}
    found = list(
        open_to(organisation)
        .filter(Q(unit__reference__in=names) | Q(unit__rpls_id__in=names))
        .select_related("unit__landlord__organisation", "unit__commune", "unit__programme")
        .prefetch_related("routings__holder__organisation", "routings__acting", "routings__convention")
        .order_by("pk")
    )
    places: dict[int, Vacancy] = {}
    for line in lines:
        name, of = line.values[UNIT], line.values.get(LANDLORD)
        latest = {
            each.unit_id: each
            for each in found
            if name in (each.unit.reference, each.unit.rpls_id) and of in (None, each.unit.landlord.organisation.siren)
        }
        if len(latest) == 1:
            [places[line.number]] = latest.values()
        elif latest:
            line.refuse(LANDLORD, "deux bailleurs ont cette référence : écrivez le SIREN du sien.", value="")
        else:
            line.refuse(UNIT, "aucun logement libéré de cette référence n’attend de candidats de vous.")
    return places


def routing_of(vacancy: Vacancy) -> Routing | None:
    """The one that is open, of a vacancy that `named_units` gave. No query."""
    return next((each for each in vacancy.routings.all() if each.closed_at is None), None)
