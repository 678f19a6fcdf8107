"""Parties beside a convention: who may take over, who is reserved for, who may become one."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from reservations.models import (
    Convention,
    HistoryEntry,
    Invitation,
    Membership,
    Organisation,
    ReservationHolder,
    StockRight,
)
from reservations.models.person import HOLDING
from reservations.permissions import looked_after


def successors(convention: Convention) -> QuerySet[Organisation]:
    """Who may take over what a convention leaves due: the landlord's other signatories, by name."""
    others = Convention.objects.binding().filter(landlord=convention.landlord_id, ends_on__gte=convention.starts_on)
    return (
        Organisation.objects.filter(pk__in=others.order_by().values("organisation"))
        .exclude(pk=convention.organisation_id)
        .order_by("name", "pk")
    )


def holders_of(member: Membership, *, now: datetime) -> QuerySet[Organisation]:
    """Those with whom the member’s landlord signs or prepares a convention, for whom it keeps units, or that it
    recorded; with `people`, how many act for each, `invited`, the address of a link that waits, and `mine`, whether the
    landlord looks after it."""
    own = member.organisation_id
    recorded = HistoryEntry.objects.filter(
        subject=Organisation._meta.label_lower, act=HistoryEntry.Act.RECORDED, organisations__contains=[own]
    )
    dealing = Convention.objects.filter(organisation=OuterRef("pk"), landlord__organisation=own).order_by()
    kept = StockRight.objects.filter(holder__organisation=OuterRef("pk"), landlord__organisation=own).order_by()
    waiting = Invitation.objects.awaiting(now).filter(organisation=OuterRef("pk")).order_by("-pk")
    return (
        Organisation.objects.filter(
            Q(pk__in=recorded.order_by().values("subject_id")) | Exists(dealing) | Exists(kept), kind__in=HOLDING
        )
        .select_related("territory", "merged_into")
        .annotate(
            people=Count("memberships__user", distinct=True),
            invited=Subquery(waiting.values("email")[:1]),
            mine=Exists(looked_after(member).filter(pk=OuterRef("pk")).order_by()),
        )
        .order_by("name", "siren")
    )


def named_in_files(member: Membership, *, now: datetime) -> list[ReservationHolder]:
    """Whom the files of a landlord may name: each contingent of those it deals with, and itself for what it keeps."""
    dealing = holders_of(member, now=now).order_by().values("pk")
    own = Q(organisation=member.organisation_id, contingent=ReservationHolder.Contingent.NOT_RESERVED)
    found = ReservationHolder.objects.filter(Q(organisation__in=dealing) | own).select_related("organisation")
    return sorted(found.order_by("pk"), key=lambda holder: (holder.is_not_reserved, str(holder), holder.pk))


def merging_with(organisation: Organisation, member: Membership | None) -> QuerySet[Organisation]:
    """Those that may take its place: of its nature, and open; for a landlord, those it deals with."""
    same = Organisation.objects.open().filter(kind=organisation.kind).exclude(pk=organisation.pk)
    if member is not None and member.is_manager:
        dealing = Convention.objects.filter(landlord__organisation=member.organisation_id).order_by()
        same = same.filter(Q(pk__in=dealing.values("organisation")) | Q(pk__in=looked_after(member).values("pk")))
    return same.order_by("name", "siren")
