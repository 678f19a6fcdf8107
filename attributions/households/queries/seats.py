"""Where a person sits: the committees it reads, and the cases that each seat opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import BooleanField, Func, Q, QuerySet
from django.utils import timezone

from attributions.households.models import AgendaItem, Committee, CommitteeMember, CommitteeSession, Recusal
from attributions.households.queries.committee import appointed_limit
from reservations.models import Membership

Capacity = CommitteeMember.Capacity


def committees_of(member: Membership) -> QuerySet[Committee]:
    """Those of the landlord whose staff the person is, and those where the person sits under this organisation."""
    if member.is_administrator:
        return Committee.objects.none()
    seen = Q(pk__in=seats_held(member).order_by().values("committee"))
    if member.is_landlord:
        seen |= Q(landlord__organisation=member.organisation_id)
    return Committee.objects.filter(seen).select_related("landlord__organisation", "territory").order_by("name", "pk")


def seats_held(member: Membership, *, on: date | None = None) -> QuerySet[CommitteeMember]:
    """Every seat of the person under the organisation it acts for, with a vote or without, on the day of a session; by
    default today."""
    seats = CommitteeMember.objects.filter(user=member.user_id).sitting(on or timezone.localdate())
    return seats.filter(Q(organisation=None) | Q(organisation=member.organisation_id)).order_by("pk")


class OpenedToSeat(Func):
    """Does a seat of this person (id), under this organisation (id), open the cases of an item (id) on this day? The
    second wall asks the same (docs/second-wall.md)."""

    function, output_field = "attributions_opened_to_seat", BooleanField()


def items_read(member: Membership, session: CommitteeSession) -> set[int]:
    """The items (ids) of a session whose cases this person may read.

    The landlord's staff instruct them. A seat opens those that it has to decide, until `MINUTES_READ_MONTHS` after the
    minutes are sealed: not an item that it left for a conflict of interest, nor, of a mayor or an EPCI's president, one
    out of its territory, nor, of a holder, one that is not its own. One query.
    """
    items = AgendaItem.objects.filter(session=session).order_by().values_list("pk", flat=True)
    if member.is_landlord and member.organisation_id == session.committee.landlord.organisation_id:
        seats = seats_held(member, on=session.day).filter(committee=session.committee_id)
        left = Recusal.objects.filter(item__session=session, member__in=seats.order_by().values("pk"))
        return set(items.exclude(pk__in=left.order_by().values("item")))
    return set(items.filter(OpenedToSeat("pk", member.user_id, member.organisation_id, timezone.localdate())))


class Seat(StrEnum):
    """What a lawful committee has (CCH, R441-9 II)."""

    APPOINTED = "APPOINTED"
    TENANTS = "TENANTS"
    PRESIDENT = "PRESIDENT"
    PREFECT = "PREFECT"
    SECRETARY = "SECRETARY"


@dataclass(frozen=True, slots=True)
class Composition:
    """Who sits on a day: with a vote, to advise, to keep the minutes; and what the law still wants.

    `wanted`: how many members the board appoints, by the law of that day (0: no figure in force).
    """

    wanted: int
    voting: list[CommitteeMember]
    advisory: list[CommitteeMember]
    secretaries: list[CommitteeMember]

    @property
    def everybody(self) -> list[CommitteeMember]:
        return [*self.voting, *self.advisory, *self.secretaries]

    @property
    def appointed(self) -> int:
        """How many of the six that the board appoints."""
        return sum(each.capacity == Capacity.APPOINTED for each in self.voting)

    @property
    def president(self) -> CommitteeMember | None:
        return next((each for each in self.voting if each.presides), None)

    @property
    def tenants(self) -> CommitteeMember | None:
        """Who represents the tenants."""
        return next((each for each in self.voting if each.represents_tenants), None)

    @property
    def missing(self) -> list[Seat]:
        """What it lacks to be lawful."""
        filled = {
            Seat.APPOINTED: self.appointed >= self.wanted,
            Seat.TENANTS: self.tenants is not None,
            Seat.PRESIDENT: self.president is not None,
            Seat.PREFECT: any(each.capacity == Capacity.PREFECT for each in self.voting),
            Seat.SECRETARY: bool(self.secretaries),
        }
        return [seat for seat, is_filled in filled.items() if not is_filled]


def composition(committee: Committee, on: date) -> Composition:
    """Who sits on that day. Two queries."""
    sitting = list(
        CommitteeMember.objects.filter(committee=committee)
        .sitting(on)
        .select_related("organisation", "territory", "user")
        .order_by("-presides", "capacity", "full_name", "pk")
    )
    advisory = (Capacity.ADVISER, Capacity.HOLDER)
    return Composition(
        wanted=appointed_limit(on) or 0,
        voting=[each for each in sitting if each.votes],
        advisory=[each for each in sitting if each.capacity in advisory],
        secretaries=[each for each in sitting if each.capacity == Capacity.SECRETARY],
    )


def casting_member(item: AgendaItem) -> CommitteeMember | None:
    """The mayor whose vote breaks a tie on this unit, who sits on the day of the session. One query."""
    mayors = CommitteeMember.objects.filter(
        committee=item.session.committee_id,
        capacity=Capacity.MAYOR,
        territory__in=item.vacancy.unit.commune.covering_ids(),
    )
    return mayors.sitting(item.session.day).select_related("territory").order_by("pk").first()
