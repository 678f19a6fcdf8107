"""What is read of parties.

* Parties beside a convention: who may take over, who is reserved for, who may become one.
* Who may sign in on a demonstration: listed by its command, and on the sign-in page when `settings.DEMO` is on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from reservations.models import (
    Convention,
    HistoryEntry,
    Invitation,
    Membership,
    Organisation,
    ReservationHolder,
    StockRight,
    Territory,
    User,
)
from reservations.models.person import HOLDING
from reservations.models.territory import within
from reservations.permissions import looked_after


def successors(convention: Convention) -> QuerySet[Organisation]:
    """Who may take over what a convention leaves due: the landlord's other signatories, by name."""
    others = Convention.objects.binding().filter(landlord=convention.landlord_id, ends_on__gte=convention.starts_on)
    return (
        Organisation.objects.filter(pk__in=others.order_by().values("organisation"))
        .exclude(pk=convention.organisation_id)
        .order_by("name", "pk")
    )


def takes_over(organisation: Organisation, convention: Convention, on: date) -> bool:
    """Does a convention of this organisation with the same landlord, in force that day, bear in each département where
    this one bears? What it leaves due is counted there, département by département."""
    own = Convention.objects.in_force(on).filter(landlord=convention.landlord_id, organisation=organisation)
    perimeters = list(own.select_related("perimeter").order_by("pk"))
    reached = {place for each in perimeters for place in _departements(each.perimeter)}
    return bool(perimeters) and _departements(convention.perimeter) <= reached


def _departements(perimeter: Territory) -> set[int | None]:
    communes = Territory.objects.communes_within(perimeter).order_by()
    return set(communes.values_list("departement", flat=True).distinct())


def covering(convention: Convention, organisation: Organisation, on: date) -> Convention | None:
    """The convention of this organisation with the same landlord, in force that day, that bears in place of this one:
    over the same perimeter or, where an organisation signs on its own territory only, over one that holds it all."""
    own = Convention.objects.in_force(on).filter(landlord=convention.landlord_id, organisation=organisation)
    same = own.filter(perimeter=convention.perimeter_id).order_by("pk").first()
    if same is not None or organisation.kind not in Organisation.OWN_TERRITORY:
        return same
    communes = Territory.objects.communes_within(convention.perimeter)
    around = own.select_related("perimeter").order_by("pk")
    return next((each for each in around if not communes.exclude(within(each.perimeter_id)).exists()), None)


def organisation_now(organisation: Organisation, on: date) -> Organisation:
    """Who has the place of an organisation that day: itself, or the last of those to which it was united by then. One
    query for each that closed."""
    while organisation.merged_into is not None and organisation.closed_on is not None and organisation.closed_on <= on:
        organisation = organisation.merged_into
    return organisation


def contingent_now(holder: ReservationHolder, on: date) -> ReservationHolder:
    """The contingent that has the rights of this one that day: itself, or that of the same code of the organisation to
    which its own was united. No query for one that takes part still."""
    now = organisation_now(holder.organisation, on)
    if now == holder.organisation:
        return holder
    return now.contingents.select_related("organisation").get(contingent=holder.contingent)


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


#: Public, and the same for everybody: a demonstration has nothing to hide and nobody real in it.
DEMO_PASSWORD = "demonstration-2026"  # noqa: S105

#: Addresses of the demonstration end with it: a domain reserved for examples (RFC 2606), so never a real person's.
DEMO_DOMAIN = ".example"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One person of the demonstration. `role` and `organisation` are words to show, the first of each leading.

    `first_role` is the code of the role under which the person starts.
    """

    login: str
    name: str
    role: str
    organisation: str
    first_role: str


def demo_accounts() -> list[DemoAccount]:
    """People of the demonstration who may sign in, in the order of the story: landlords first. Two queries."""
    people = (
        User.objects.filter(email__endswith=DEMO_DOMAIN, is_active=True)
        .exclude(memberships=None)
        .prefetch_related("memberships__organisation")
    )
    order = {role: place for place, role in enumerate(Membership.Role.values)}
    accounts = [_account(person) for person in people]
    return sorted(accounts, key=lambda account: (order[account.first_role], account.organisation, account.login))


def _account(person: User) -> DemoAccount:
    memberships = list(person.memberships.all())
    return DemoAccount(
        login=person.email,
        name=person.full_name,
        role=", ".join(membership.get_role_display() for membership in memberships),
        organisation=", ".join({membership.organisation.name: None for membership in memberships}),
        first_role=memberships[0].role,
    )
