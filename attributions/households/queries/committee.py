"""A committee on a day: its rules, who sits, who votes on which unit."""

from __future__ import annotations

from datetime import date

from attributions.households.models import AgendaItem, Attendance, Committee, CommitteeMember, CommitteeRules, Recusal
from flux.models import Unit
from reservations.models import Convention, Landlord, LegalParameter, Territory, User
from reservations.models.territory import within

Capacity = CommitteeMember.Capacity


def rules_of(committee: Committee, on: date) -> CommitteeRules | None:
    """The rules in force on a day: the latest that have started. One query."""
    started = CommitteeRules.objects.filter(committee=committee, starts_on__lte=on)
    return started.order_by("-starts_on").first()


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
