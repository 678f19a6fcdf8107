"""What binds a landlord that another absorbs, and what binds the other already."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from reservations.models import Convention, Landlord


def bound(gone: Landlord, last: date) -> QuerySet[Convention]:
    """The signed conventions that run on after a day, or begin after it."""
    signed = Convention.objects.filter(landlord=gone, status=Convention.Status.SIGNED, ends_on__gt=last)
    return signed.select_related("landlord__organisation", "organisation", "perimeter").order_by("pk")


def twin(convention: Convention, stays: Landlord, on: date) -> Convention | None:
    """The convention that the other landlord has that day with the same holder over the same perimeter: it binds."""
    same = Convention.objects.in_force(on).filter(
        landlord=stays, organisation=convention.organisation_id, perimeter=convention.perimeter_id
    )
    return same.order_by("pk").first()
