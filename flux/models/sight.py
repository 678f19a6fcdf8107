"""The tables of sight.

* Where a convention promises an organisation a part of what falls vacant.
* Whose a vacancy is to see and to read, as conditions of the database that `VacancyQuerySet` puts together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from reservations.models import Convention, ReservationHolder
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


if TYPE_CHECKING:
    from reservations.models import Membership


def seen_by_holder(member: Membership) -> Q:
    """What a holder that oversees nothing sees: all that lies where it was promised a part that year, and what came to
    it elsewhere. What was cancelled is counted nowhere, and may have been placed elsewhere since: it is asked alone."""
    own = member.organisation_id
    cancelled = Q(cancelled_at__isnull=False) & Q(promised_to(own, year="registered_on__year"))
    return Q(in_promised_place(own)) | cancelled | routed_to(member)


def file_open_to(member: Membership) -> Q:
    if member.is_landlord:
        return Q(landlord=member.landlord)
    return routed_to(member) if member.is_holder else Q(pk__in=[])


def routed_to(member: Membership) -> Q:
    """Routed now to this organisation, or to the State that it acts for. Asked apart, each is found by an index of its
    own. Of the landlords from whom it has nothing, nothing is asked."""
    here, own = open_routings(), member.organisation_id
    counts = apps.get_model("flux", "RoutingCount")._default_manager  # by name: its module imports this one
    theirs = Q(OneOf(F("holder"), ArraySubquery(ReservationHolder.objects.filter(organisation=own).values("pk"))))
    held = counts.filter(theirs, units__gt=0).order_by().values("landlord")
    return Q(landlord__in=held) & Q(Exists(here.filter(theirs))) | Q(Exists(here.filter(acting=own)))


def came_to(member: Membership) -> Q:
    """The same, as a condition on routings."""
    return Q(holder__organisation=member.organisation_id) | Q(acting=member.organisation_id)


def open_routings() -> models.QuerySet[Any]:
    """That of the outer vacancy, if it is routed now."""
    routings = apps.get_model("flux", "Routing")._default_manager  # by name: its module imports this one
    return routings.filter(vacancy=OuterRef("pk"), closed_at=None)
