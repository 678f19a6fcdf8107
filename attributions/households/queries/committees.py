"""What is read of committees.

* A committee on a day: its rules, who sits, who votes on which unit.
* Which units await the vote of a person, of the sessions that vote remotely now.
* Who is at a session, and whether they are enough.
* Whose votes a remote session waits for.
* Where a person sits: the committees it reads, and the cases that each seat opens.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import BooleanField, Func, Q, QuerySet
from django.utils import timezone

from attributions.households.models import (
    AgendaItem,
    Attendance,
    Ballot,
    BallotVote,
    Committee,
    CommitteeMember,
    CommitteeRules,
    CommitteeSession,
    Recusal,
)
from flux.models import Unit
from reservations.models import Convention, Landlord, LegalParameter, Membership, Territory, User
from reservations.models.once_a_request import once_in_steps
from reservations.models.territory import within
from reservations.models.together import Steps, counting, given, stepwise, together, whole

Capacity = CommitteeMember.Capacity


@once_in_steps
def rules_of(committee: Committee, on: date) -> Steps[CommitteeRules | None]:
    """The rules in force on a day: the latest that have started. One query."""
    started = CommitteeRules.objects.filter(committee=committee, starts_on__lte=on)
    found = yield from whole(started.order_by("-starts_on")[:1])
    return next(iter(found), None)


def appointed_limit(on: date) -> int | None:
    """Members that the landlord's board appoints, at most (CCH, R441-9 II); None when no figure is in force."""
    return _parameter(LegalParameter.Code.COMMITTEE_MEMBERS, on)


def minimum_candidates(on: date) -> int | None:
    """Candidates to examine for one unit, at least (CCH, R441-3); None when no figure is in force."""
    return _parameter(LegalParameter.Code.MINIMUM_CANDIDATES, on)


def _parameter(code: str, on: date) -> int | None:
    try:
        return int(LegalParameter.objects.value_on(code, on))
    except LegalParameter.DoesNotExist:
        return None


def in_reach(landlord: Landlord, territory: Territory, *, of: Territory | None = None) -> bool:
    """Has the landlord a unit, or a convention, in this territory? `of`: looked for within that one only."""
    communes = Territory.objects.communes_within(territory)
    if of is not None:
        communes = communes.filter(within(of.pk))
    if Unit.objects.filter(landlord=landlord, commune__in=communes).exists():
        return True
    perimeters = list(Convention.objects.filter(landlord=landlord).order_by().values_list("perimeter", flat=True))
    return communes.filter(within(perimeters)).exists()


def is_secretary(committee: Committee, user: User, on: date) -> bool:
    """Does this person keep the minutes of the committee on a day?"""
    seats = CommitteeMember.objects.filter(committee=committee, capacity=Capacity.SECRETARY, user=user)
    return seats.sitting(on).exists()


def may_vote(member: CommitteeMember, unit: Unit) -> bool:
    """Has the member a vote on this unit? A mayor and an EPCI's president have one in their territory only; the
    mayor of a commune votes for its municipal districts too."""
    if member.capacity in CommitteeMember.LOCAL:
        return member.territory_id in unit.commune.covering_ids()
    return member.votes


def voters(item: AgendaItem) -> list[CommitteeMember]:
    """Who votes on an item: present, with a vote on its unit, and not recused. Two queries."""
    recused = Recusal.objects.filter(item=item).order_by().values("member")
    there = Attendance.objects.filter(session=item.session_id).order_by().values("member")
    members = CommitteeMember.objects.filter(pk__in=there).exclude(pk__in=recused).select_related("territory")
    return [member for member in members.order_by("-presides", "pk") if may_vote(member, item.vacancy.unit)]


def awaited_votes(
    member: Membership, sessions: Iterable[CommitteeSession], *, now: datetime
) -> defaultdict[int, list[int]]:
    """By session, the items whose ballot is open now and awaits a vote of this person under this organisation, in the
    order of the agenda. Four queries."""
    mine = Q(member__user=member.user_id) & (
        Q(member__organisation=None) | Q(member__organisation=member.organisation_id)
    )
    asked = [each.pk for each in sessions]
    seats: dict[int, list[CommitteeMember]] = defaultdict(list)
    for attendance in Attendance.objects.filter(mine, session__in=asked).select_related("member").order_by("pk"):
        seats[attendance.session_id].append(attendance.member)
    ballots = list(
        Ballot.objects.filter(
            closed_at=None,
            item__session__in=asked,
            item__session__vote_opens_at__lte=now,
            item__session__vote_closes_at__gt=now,
        )
        .select_related("item__vacancy__unit__commune")
        .order_by("item__position", "pk")
    )
    voted = BallotVote.objects.filter(mine, ballot__in=[each.pk for each in ballots]).order_by()
    left = Recusal.objects.filter(mine, item__in=[each.item_id for each in ballots]).order_by()
    cast, gone = set(voted.values_list("ballot", "member")), set(left.values_list("item", "member"))
    found: defaultdict[int, list[int]] = defaultdict(list)
    for ballot in ballots:
        session = ballot.item.session_id
        if any(
            may_vote(seat, ballot.item.vacancy.unit)
            and (ballot.pk, seat.pk) not in cast
            and (ballot.item_id, seat.pk) not in gone
            for seat in seats[session]
        ):
            found[session].append(ballot.item_id)
    return found


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many of the appointed members are there, and how many the committee's rules ask for (None: no rules)."""

    needed: int | None
    appointed: int
    present: list[Attendance]

    @property
    def there(self) -> int:
        return sum(each.member.capacity == Capacity.APPOINTED for each in self.present)

    @property
    def is_met(self) -> bool:
        return self.needed is not None and self.there >= self.needed


@stepwise
def quorum_of(session: CommitteeSession) -> Steps[Quorum]:
    """Read the attendance of a session. One query."""
    present = Attendance.objects.filter(session=session).order_by("member__capacity", "pk")
    appointed = CommitteeMember.objects.filter(committee=session.committee, capacity=Capacity.APPOINTED)
    there, (members,), rules = yield from together(
        whole(present, "member__organisation", "member__territory"),
        counting(appointed.sitting(session.day)),
        rules_of.steps(session.committee, session.day) if session.quorum is None else given(None),
    )
    return Quorum(rules.quorum if rules else session.quorum, members, there)


def open_votes(*, now: datetime) -> QuerySet[CommitteeSession]:
    """The remote sessions whose vote is open now."""
    return CommitteeSession.objects.filter(
        opened_at__isnull=False,
        closed_at=None,
        cancelled_at=None,
        vote_opens_at__lte=now,
        vote_closes_at__gt=now,
    )


def votes_awaited_of(
    sessions: QuerySet[CommitteeSession] | Collection[CommitteeSession], *, now: datetime, whose: Q | None = None
) -> Counter[tuple[int, CommitteeMember]]:
    """By session and member (among those of `whose`), how many units wait for their vote now. Four queries."""
    ids = [each.pk for each in sessions]
    seats = CommitteeMember.objects.filter(whose or Q())
    there = Attendance.objects.filter(session__in=ids, member__in=seats.order_by().values("pk"))
    read = there.select_related("member__organisation", "member__user", "member__committee__landlord__organisation")
    present = [(each.session_id, each.member) for each in read]
    ballots = list(
        Ballot.objects.filter(closed_at=None, item__session__in=open_votes(now=now).filter(pk__in=ids).order_by())
        .select_related("item__vacancy__unit__commune")
        .order_by("pk")
    )
    voted = BallotVote.objects.filter(ballot__in=[each.pk for each in ballots]).order_by()
    left = Recusal.objects.filter(item__in=[each.item_id for each in ballots]).order_by()
    cast, gone = set(voted.values_list("ballot", "member")), set(left.values_list("item", "member"))
    found: Counter[tuple[int, CommitteeMember]] = Counter()
    for session, member in present:
        for ballot in ballots:
            if (
                ballot.item.session_id == session
                and may_vote(member, ballot.item.vacancy.unit)
                and (ballot.pk, member.pk) not in cast
                and (ballot.item_id, member.pk) not in gone
            ):
                found[session, member] += 1
    return found


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


@stepwise
def items_read(member: Membership, session: CommitteeSession) -> Steps[set[int]]:
    """The items (ids) of a session whose cases this person may read.

    The landlord's staff instruct them. A seat opens those that it has to decide, until `MINUTES_READ_MONTHS` after the
    minutes are sealed: not an item that it left for a conflict of interest, nor, of a mayor or an EPCI's president, one
    out of its territory, nor, of a holder, one that is not its own. One query.
    """
    items = AgendaItem.objects.filter(session=session).order_by().values_list("pk")
    if member.is_landlord and member.organisation_id == session.committee.landlord.organisation_id:
        seats = seats_held(member, on=session.day).filter(committee=session.committee_id)
        left = Recusal.objects.filter(item__session=session, member__in=seats.order_by().values("pk"))
        items = items.exclude(pk__in=left.order_by().values("item"))
    else:
        items = items.filter(OpenedToSeat("pk", member.user_id, member.organisation_id, timezone.localdate()))
    (rows,) = yield [items]
    return {item for (item,) in rows}


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


@stepwise
def composition(committee: Committee, on: date) -> Steps[Composition]:
    """Who sits on that day. Two queries."""
    seats = CommitteeMember.objects.filter(committee=committee).sitting(on)
    in_order = seats.order_by("-presides", "capacity", "full_name", "pk")
    sitting = yield from whole(in_order, "organisation", "territory", "user")
    advisory = (Capacity.ADVISER, Capacity.HOLDER)
    return Composition(
        wanted=appointed_limit(on) or 0,
        voting=[each for each in sitting if each.votes],
        advisory=[each for each in sitting if each.capacity in advisory],
        secretaries=[each for each in sitting if each.capacity == Capacity.SECRETARY],
    )


@stepwise
def casting_member(item: AgendaItem) -> Steps[CommitteeMember | None]:
    """The mayor whose vote breaks a tie on this unit, who sits on the day of the session. One query."""
    mayors = CommitteeMember.objects.filter(
        committee=item.session.committee_id,
        capacity=Capacity.MAYOR,
        territory__in=item.vacancy.unit.commune.covering_ids(),
    )
    found = yield from whole(mayors.sitting(item.session.day).order_by("pk")[:1], "territory")
    return next(iter(found), None)
