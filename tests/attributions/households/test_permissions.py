"""Who sees a session, keeps its minutes and votes in it: seats are dated, and of one organisation."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from attributions.households.models import CommitteeMember, CommitteeSession
from attributions.households.operations.committee import seat_member, unseat_member
from attributions.households.permissions import can_convene, can_keep_minutes, can_manage_committee, can_vote, seats_of
from tests.attributions.households.sittings import DAY, SINCE, House, house
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(world: World) -> House:
    return house(world)


def who(at: House, allowed: object) -> set[str]:
    names = ("alice", "aline", "bob", "chloe", "emma", "adam", "zoe")
    return {name for name in names if allowed(at.world.member(name))}


def test_each_has_its_part(at: House) -> None:
    session = at.session()
    assert who(at, lambda member: can_manage_committee(member, at.world.landlord)) == {"alice"}
    assert who(at, lambda member: can_convene(member, at.committee)) == {"alice", "aline"}
    assert who(at, lambda member: can_keep_minutes(member, at.committee)) == {"aline"}
    assert who(at, lambda member: can_vote(member, session)) == {"bob", "chloe", "emma"}
    seen = who(at, lambda member: CommitteeSession.objects.visible_to(member).exists())
    assert seen == {"alice", "aline", "bob", "chloe", "emma"}
    assert not can_vote(None, session)
    assert not can_keep_minutes(None, at.committee)


def test_a_seat_that_is_not_the_secretary_s_keeps_no_minutes(at: House) -> None:
    """Of the landlord and in the room, but there to advise."""
    alice = at.world.people["alice"]
    seat = {"committee": at.committee, "full_name": "Alice", "starts_on": SINCE, "user": alice, "by": alice}
    seat_member(capacity=CommitteeMember.Capacity.ADVISER, **seat)
    assert can_convene(at.world.member("alice"), at.committee)
    assert not can_keep_minutes(at.world.member("alice"), at.committee)


def test_whoever_leaves_later_still_votes_until_then(at: House) -> None:
    session = at.session()
    by, today = at.world.people["alice"], timezone.localdate()
    unseat_member(member=at.members["Bob"], ends_on=max(today, session.day), by=by)
    unseat_member(member=at.members["Aline"], ends_on=max(today, session.day), by=by)
    unseat_member(member=at.members["Chloé"], ends_on=date(2026, 11, 23), by=by)
    bob, chloe = at.world.member("bob"), at.world.member("chloe")
    assert (can_vote(bob, session), can_vote(chloe, session)) == (True, False)
    assert can_keep_minutes(at.world.member("aline"), at.committee)
    assert seats_of(bob, at.committee).exists()
    assert CommitteeSession.objects.visible_to(bob).exists()
    assert not CommitteeSession.objects.visible_to(chloe).exists()


def test_a_remote_session_is_seen_by_who_votes_on_the_day_it_closes(at: House) -> None:
    """Whoever left before votes no more; whoever came since votes, and must read it."""
    session, by = at.session(mode="REMOTE"), at.world.people["alice"]
    unseat_member(member=at.members["Bob"], ends_on=session.day - DAY, by=by)
    unseat_member(member=at.members["Chloé"], ends_on=session.day - DAY, by=by)
    chloe = at.members["Chloé"]
    seat_member(
        committee=at.committee,
        capacity=chloe.capacity,
        full_name="Chloé",
        organisation=chloe.organisation,
        territory=chloe.territory,
        user=chloe.user,
        starts_on=session.day,
        by=by,
    )
    assert who(at, lambda member: can_vote(member, session)) == {"chloe", "emma"}
    seen = who(at, lambda member: CommitteeSession.objects.visible_to(member).exists())
    assert seen == {"alice", "aline", "chloe", "emma"}
