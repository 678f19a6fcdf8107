"""How files name a holder, so that they say all that they say without a database."""

from __future__ import annotations

from collections.abc import Iterable

from attributions.bilan.queries.figures import EVERYBODY
from reservations.models import ReservationHolder


def key_of(holder: ReservationHolder) -> str:
    """« 215102629-4 »: the SIREN of a holder's organisation and its contingent."""
    return f"{holder.organisation.siren}-{holder.contingent}"


def holders_of(keys: Iterable[str]) -> dict[str, ReservationHolder]:
    """The holders that a content names, by their key. One query."""
    wanted = set(keys) - {EVERYBODY}
    found = ReservationHolder.objects.filter(organisation__siren__in={key.split("-")[0] for key in wanted})
    named = {key_of(holder): holder for holder in found.select_related("organisation").order_by("pk")}
    return {key: named[key] for key in sorted(wanted) if key in named}
