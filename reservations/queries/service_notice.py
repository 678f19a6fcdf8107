"""The legal notice in force."""

from __future__ import annotations

from reservations.models import ServiceNotice


def service_notice() -> ServiceNotice | None:
    """The latest that the operator published; None before the first. One query."""
    return ServiceNotice.objects.select_related("by").first()
