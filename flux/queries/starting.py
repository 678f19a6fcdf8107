"""How far a landlord is on the way to routing here: what there is of each thing, counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, Sum

from flux.models import (
    DecisionWindow,
    FlowCount,
    GoLive,
    Ledger,
    OpeningBalance,
    Recommendation,
    Rehearsal,
    RoutingPolicy,
    Unit,
    Vacancy,
)
from flux.queries.told_rights import told_codes
from flux.queries.without_convention import Uncovered, uncovered_of
from reservations.models import Convention, Landlord, Membership, ReservationHolder, StockRight
from reservations.queries.rights import rights

#: The roles of a landlord that settle what the others do.
MANAGING = [role for role in Membership.LANDLORD_ROLES if Membership.ROLES[role].is_manager]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a landlord has here, in counts. `starts_on` is None for one that never chose a day: it routes already."""

    units: int
    referenced: int
    titles: int
    to_check: int
    signed: int
    unsigned: int
    uncovered: tuple[Uncovered, ...]
    managers: int
    staff: int
    openings: int
    accepted: int
    decided: int
    waiting: int
    automatic: bool
    policy_chosen: bool
    window: DecisionWindow
    past: int
    rehearsal: Rehearsal | None
    starts_on: date | None


def progress(landlord: Landlord, *, today: date) -> Progress:
    """Count what a landlord has here. A fixed number of queries."""
    here = Membership.objects.filter(organisation=landlord.organisation_id, user__is_active=True)
    people = here.aggregate(
        managers=Count("user", distinct=True, filter=Q(role__in=MANAGING)),
        staff=Count("user", distinct=True, filter=~Q(role__in=MANAGING)),
    )
    openings = OpeningBalance.objects.standing().filter(ledger__landlord=landlord)
    flow = Vacancy.objects.filter(ledger__in=Ledger.objects.filter(landlord=landlord).order_by().values("pk"))
    stock = Unit.objects.filter(landlord=landlord).aggregate(
        units=Count("pk"), referenced=Count("pk", filter=Q(is_own_reference=True))
    )
    past = flow.filter(source=Vacancy.Source.PAST).aggregate(
        units=Count("pk"), decided=Count("pk", filter=Exists(Recommendation.objects.filter(vacancy=OuterRef("pk"))))
    )
    counted = FlowCount.objects.filter(landlord=landlord, kind=Vacancy.Kind.IN_FLOW).aggregate(sum=Sum("decided"))
    drafts = Convention.objects.filter(landlord=landlord).exclude(status__in=Convention.BINDING)
    tried = Rehearsal.objects.filter(unit__landlord=landlord).select_related("unit", "holder__organisation")
    return Progress(
        **stock,
        titles=StockRight.objects.filter(landlord=landlord).count(),
        to_check=sum(each.to_check for each in told_codes(landlord)),
        signed=Convention.objects.in_force(today).filter(landlord=landlord).count(),
        unsigned=drafts.filter(ends_on__gte=today).count(),
        uncovered=tuple(uncovered_of(landlord, on=today)),
        managers=people["managers"],
        staff=people["staff"],
        openings=openings.count(),
        accepted=openings.accepted().count(),
        decided=(counted["sum"] or 0) - past["decided"],
        waiting=flow.filter(entered_as__isnull=True).waiting().count(),  # by their own index
        automatic=RoutingPolicy.objects.is_automatic(landlord, today),
        policy_chosen=RoutingPolicy.objects.filter(landlord=landlord, starts_on__lte=today).exists(),
        window=DecisionWindow.objects.of(landlord, today),
        past=past["units"],
        rehearsal=tried.order_by("-pk").first(),
        starts_on=GoLive.objects.starts_on(landlord),
    )


def past_holders(landlord: Landlord, today: date) -> list[ReservationHolder]:
    """Who may have had a unit of the last three years: the holders with a right there since, and the landlord itself.
    Two queries."""
    held = rights(landlord, since=date(today.year - 3, 1, 1), until=today)
    own = ReservationHolder.objects.select_related("organisation").get(
        organisation=landlord.organisation_id, contingent=ReservationHolder.Contingent.NOT_RESERVED
    )
    found = {right.holder.pk: right.holder for right in held}
    return [*sorted(found.values(), key=lambda holder: (str(holder), holder.pk)), own]
