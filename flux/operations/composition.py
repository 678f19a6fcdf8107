"""A convention is proposed: what its landlord's stock is that day is kept with it, for the State."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from flux.models import ConventionStock
from flux.queries.composition import composition
from reservations.models import Convention, Organisation, User
from reservations.models.acting import atomic
from reservations.operations.convention import propose_convention


@atomic
def propose(*, convention: Convention, by: User, today: date | None = None) -> Convention:
    """Propose a draft, with what is counted of the stock that day. Raises as `propose_convention`."""
    proposed = propose_convention(convention=convention, by=by, today=today)
    keep_stock(proposed, on=today or timezone.localdate())
    return proposed


def keep_stock(convention: Convention, *, on: date) -> ConventionStock | None:
    """Count the stock that a convention with the State bears on, once for each time that it is proposed (arrêté of
    10 March 2011, 1° and 2°; docs/decisions/0120). None of the others."""
    if convention.organisation.kind != Organisation.Kind.STATE or convention.is_order:
        return None
    last = ConventionStock.objects.filter(convention=convention).order_by("pk").last()
    if last is not None and last.counted_on == (convention.proposed_on or on):
        return last
    return ConventionStock.objects.create(
        convention=convention, counted_on=convention.proposed_on or on, content=composition(convention, on)
    )
