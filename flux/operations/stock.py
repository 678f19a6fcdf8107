"""Acts on the landlord's stock: units kept in stock, attractiveness of programmes, routing mode."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from flux.models import Programme, RoutingPolicy, StockAssignment, Unit
from reservations.models import Landlord, ReservationHolder, StockRight
from reservations.refusals import Refusal, constraints_speak


@transaction.atomic
def keep_in_stock(
    *, unit: Unit, holder: ReservationHolder, ground: str, starts_on: date, ends_on: date | None = None
) -> StockAssignment:
    """Record a stock right and the unit that bears it: its vacancies go to that holder, outside the flow.

    Raises Refusal when the unit already bears one, the period ends before it starts, or the ground is unknown.
    """
    if holder.is_not_reserved:
        raise Refusal("Un droit en stock revient à un réservataire : choisissez lequel.", field="holder")
    if ground not in StockRight.Ground.values:
        raise Refusal("Choisissez l’un des fondements de la liste.", field="ground")
    with constraints_speak(StockRight, StockAssignment):
        right = StockRight.objects.create(
            landlord=unit.landlord, holder=holder, ground=ground, starts_on=starts_on, ends_on=ends_on
        )
        return StockAssignment.objects.create(right=right, unit=unit, starts_on=starts_on, ends_on=ends_on)


@transaction.atomic
def classify_programme(*, programme: Programme, attractiveness: str) -> Programme:
    """Give a programme its attractiveness class, or none: later recommendations count it, earlier ones stand."""
    if attractiveness not in ("", *Programme.Attractiveness.values):
        raise Refusal("Choisissez une classe de la grille, ou « non classé ».", field="attractiveness")
    programme.attractiveness = attractiveness
    programme.save(update_fields=["attractiveness"])
    return programme


@transaction.atomic
def set_routing_policy(*, landlord: Landlord, mode: str, starts_on: date, today: date) -> RoutingPolicy:
    """Choose whether a person confirms each routing, from a date on. What is already recommended does not change.

    A choice for the same day, not yet gone by, is put right: the last one counts.
    Raises Refusal for an unknown mode or a date gone by.
    """
    if mode not in RoutingPolicy.Mode.values:
        raise Refusal("Choisissez l’un des deux modes d’orientation.", field="mode")
    if starts_on < today:
        raise Refusal("Choisissez une date à partir d’aujourd’hui : le passé ne change pas.", field="starts_on")
    policy, _ = RoutingPolicy.objects.update_or_create(landlord=landlord, starts_on=starts_on, defaults={"mode": mode})
    return policy
