"""Where a convention promises an organisation a part of what falls vacant."""

from __future__ import annotations

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef

from reservations.models import Convention
from reservations.models.territory import OneOf


def promised_to(organisation: int, *, year: str, commune: str = "commune") -> Exists:
    """Condition on what has a landlord and a commune (a path): a convention that binds gives this organisation (id) a
    right there, on some day of the year that `year` says (a path)."""
    held = Convention.objects.binding().filter(
        organisation=organisation,
        landlord=OuterRef("landlord"),
        starts_on__year__lte=OuterRef(year),
        ends_on__year__gte=OuterRef(year),
    )
    return Exists(held.covering(commune))


def in_promised_place(organisation: int, *, year: str = "registered_on__year", commune: str = "commune") -> Exists:
    """The same of vacancies that stand, or of counts: of places where any did, those of such a right are found once."""
    places = apps.get_model("flux", "PlaceCount")._default_manager  # by name: its module imports this one
    return Exists(
        places.filter(
            # Of the landlords with whom it never signed, no place is looked at.
            OneOf(F("landlord"), ArraySubquery(Convention.objects.landlords_of(organisation))),
            promised_to(organisation, year="year"),
            landlord=OuterRef("landlord"),
            commune=OuterRef(commune),
            year=OuterRef(year),
        )
    )
