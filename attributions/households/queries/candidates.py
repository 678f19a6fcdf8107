"""The candidates of a landlord that a member reads by name, for the file that one takes away."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, Subquery

from attributions.households.models import Proposal
from flux.models import RoutingCount, Vacancy
from reservations.models import Landlord, Membership, ReservationHolder
from reservations.models.territory import OneOf
from reservations.queries.ids_first import ids_first


def landlords_read(member: Membership) -> list[int]:
    """The landlords (ids) of whom the member reads a candidature by name. One query: of its own, of those where it
    proposed and of those where a unit is routed to it, the latest units are asked until one has such a candidature."""
    own = member.organisation_id
    seen = Proposal.objects.visible_to(member).filter(application__pseudonymised_on=None)
    of_each = seen.filter(vacancy__landlord=OuterRef("pk")).order_by("-vacancy__registered_on", "-vacancy")
    proposed = Proposal.objects.filter(proposer=own).order_by().values("vacancy")
    there = Vacancy.declared.filter(pk__in=ids_first(proposed)).order_by().values("landlord")
    holders = ReservationHolder.objects.filter(organisation=own).order_by().values("pk")
    # Each by its index: what is routed to the holders of a country is not looked at.
    mine = Q(OneOf(F("holder_id"), ArraySubquery(holders))) | Q(acting=own)
    came = RoutingCount.objects.filter(mine, units__gt=0).order_by()
    among = Landlord.objects.filter(Q(organisation=own) | Q(pk__in=there) | Q(pk__in=came.values("landlord")))
    found = among.annotate(latest=Subquery(of_each.values("pk")[:1])).filter(latest__isnull=False)
    return list(found.order_by().values_list("pk", flat=True))


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


def candidacies_adrift() -> list[int]:
    """The candidacies (ids) in the running, or housed, whose household the database does not keep: it is there twice.
    One query, over those."""
    followed = Proposal.objects.exclude(status__in=(Proposal.Status.ENDED, Proposal.Status.RELEASED))
    return list(followed.filter(candidacy=None).order_by("pk").values_list("pk", flat=True))
