"""The candidates of a landlord that a member reads by name, for the file that one takes away."""

from __future__ import annotations

from attributions.households.models import Proposal
from reservations.models import Landlord, Membership


def exported(member: Membership, landlord: Landlord) -> list[Proposal]:
    """Its candidatures that the member may read, unit by unit, but those whose identity is erased. One query."""
    found = (
        Proposal.objects.visible_to(member)
        .filter(vacancy__landlord=landlord, application__pseudonymised_on=None)
        .select_related(
            "application__merged_into",
            "priority",
            "proposer",
            "routing__holder__organisation",
            "vacancy__unit__commune",
        )
    )
    return list(found.order_by("vacancy__unit__reference", "vacancy", "position", "pk"))
