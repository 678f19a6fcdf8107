"""Parties beside a convention."""

from __future__ import annotations

from django.db.models import QuerySet

from reservations.models import Convention, Organisation


def successors(convention: Convention) -> QuerySet[Organisation]:
    """Who may take over what a convention leaves due: the landlord's other signatories, by name."""
    others = Convention.objects.binding().filter(landlord=convention.landlord_id, ends_on__gte=convention.starts_on)
    return (
        Organisation.objects.filter(pk__in=others.order_by().values("organisation"))
        .exclude(pk=convention.organisation_id)
        .order_by("name", "pk")
    )
