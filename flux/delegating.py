"""Who proposes candidates for a unit that is routed: one organisation, and nobody who is no longer a delegate."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from flux.models import Routing
from reservations.models import Convention, Delegation, Organisation, ReservationHolder
from reservations.models.convention import ConventionQuerySet
from reservations.models.once_a_request import once_a_request
from reservations.queries.parties import organisation_now


def proposing(routing: Routing, on: date | None = None) -> Organisation:
    """Who prepares and sends candidates that day, or gives the unit back: whoever acts for the holder, as long as it
    does, else the holder itself. Two queries at most, none where nobody acts for it."""
    acting = routing.acting
    if acting is None or is_revoked(routing, on or timezone.localdate()):
        return routing.holder.organisation
    return acting


def proposer(routing: Routing, on: date | None = None) -> Organisation | ReservationHolder:
    """The same as people name it: the contingent, where its holder proposes itself."""
    who = proposing(routing, on)
    return who if routing.acting_id is not None and who.pk == routing.acting_id else routing.holder


@once_a_request
def is_revoked(routing: Routing, on: date) -> bool:
    """Is who acts for a holder no longer its delegate that day: its days are over, or the version in force names it
    no more (CCH, L441-1)? What a convention that ran out had routed, with nothing after it, ends as it was routed.

    Never on the landlord's part: a commune proposes there for that letting, and by no delegation. Two queries.
    """
    if routing.acting_id is None or routing.convention is None or routing.holder.is_not_reserved:
        return False
    convention = routing.convention
    if under_order(routing):  # until the holder has a convention of its own
        return _bound(convention, on).filter(prefect_order="").exists()
    running = _bound(convention, on)
    named = Delegation.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), quota__holder=routing.holder_id)
    rows = named.filter(quota__convention__in=list(running.values_list("pk", flat=True)) or [convention.pk])
    known = rows.select_related("delegate__merged_into").order_by("pk")
    return not any(routing.acting_id in (each.delegate_id, organisation_now(each.delegate, on).pk) for each in known)


def proposed_by(organisation: int, on: date) -> Q:
    """`proposing`, as a condition on routings: those for which an organisation (id) proposes that day. Of a delegate,
    the organisation to which it was united is read, not what that one was united to in its turn."""
    over = revoked(on)
    return Q(acting=organisation) & ~over | Q(holder__organisation=organisation) & (Q(acting=None) | over)


def revoked(on: date) -> Q:
    """`is_revoked`, as a condition on routings."""
    same = {name: OuterRef(f"convention__{name}") for name in ("landlord", "organisation", "perimeter")}
    bound = Convention.objects.in_force(on).filter(**same)
    named = Delegation.objects.filter(
        Q(delegate=OuterRef("acting")) | Q(delegate__merged_into=OuterRef("acting"), delegate__closed_on__lte=on),
        Q(ends_on=None) | Q(ends_on__gte=on),
        quota__holder=OuterRef("holder"),
    )
    running = named.filter(
        quota__convention__in=Convention.objects.in_force(on).values("pk"),
        **{f"quota__convention__{name}": value for name, value in same.items()},
    )
    lost = ~Exists(running) & (Exists(bound) | ~Exists(named.filter(quota__convention=OuterRef("convention"))))
    order = Q(acting__kind=Organisation.Kind.STATE) & ~Q(holder__contingent__in=ReservationHolder.STATE)
    theirs = Q(acting__isnull=False, convention__isnull=False)
    theirs &= ~Q(holder__contingent=ReservationHolder.Contingent.NOT_RESERVED)
    return theirs & (order & Exists(bound.filter(prefect_order="")) | ~order & lost)


def under_order(routing: Routing) -> bool:
    """Do the State's services propose for another holder, by the préfet's order? A delegate of another is never the
    State. No query where who acts is read."""
    if routing.holder.contingent in (*ReservationHolder.STATE, ReservationHolder.Contingent.NOT_RESERVED):
        return False
    acting = routing.acting
    return acting is not None and acting.kind == Organisation.Kind.STATE


def instead(routing: Routing) -> str:
    """Why another proposes in the place of the holder, in words."""
    if routing.holder.is_not_reserved:
        return "pour cette location"
    return "arrêté du préfet, à défaut de convention" if under_order(routing) else "délégation"


def _bound(convention: Convention, on: date) -> ConventionQuerySet:
    return Convention.objects.in_force(on).filter(
        landlord=convention.landlord_id, organisation=convention.organisation_id, perimeter=convention.perimeter_id
    )
