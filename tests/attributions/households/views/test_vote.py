"""The remote vote on screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from attributions.households.models import AgendaItem, Attendance, Ballot, BallotVote, CommitteeMember
from attributions.households.operations.ballot import cast_vote, open_ballot
from attributions.households.operations.candidate_state import SittingRefused
from attributions.households.operations.session import open_session
from tests.attributions.households.sittings import DAY, HOUR, House, lines
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING

SignIn = Callable[[str], Client]


def url(name: str, item: AgendaItem) -> str:
    return reverse(name, args=[item.pk])


@pytest.fixture
def item(home: House) -> AgendaItem:
    """A remote vote open on three cases."""
    found = home.opened(mode="REMOTE")
    terms = lines(found, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE")
    open_ballot(item=found, lines=terms, by=home.secretary, now=MORNING + HOUR)
    return found


def test_secretary_puts_decisions_to_the_vote(home: House, sign_in: SignIn) -> None:
    found = home.opened(mode="REMOTE")
    kinds = {f"kind_{letter}": "INELIGIBLE" for letter in "abc"} | {f"ineligible_{c}": "OVER_CEILING" for c in "abc"}
    client = sign_in("aline")
    page = client.post(url("agenda-item", found), kinds, follow=True)
    assert "Le vote est ouvert sur le logement 1" in messages_of(page)[0]
    assert "Vote en cours : 0 vote reçu." in text_of(page)
    assert Ballot.objects.get().outcome == ""
    early = client.post(url("ballot-close", found), follow=True)
    assert "Le vote reste ouvert jusqu’au" in messages_of(early)[0]


def test_member_reads_blind_then_votes_once(item: AgendaItem, home: House, sign_in: SignIn) -> None:
    client, address = sign_in("chloe"), url("vote", item)
    page = text_of(client.get(address))
    assert "Que votez-vous ?" in page
    assert "Attribution, avec un rang, 1er rang" in page
    assert "se termine par" in page
    assert [name for name in ("Ménage 1", "0110000001") if name in page] == []
    assert client.post(address, {}).status_code == 422
    done = client.post(address, {"choice": "FOR"}, follow=True)
    assert messages_of(done) == ["Votre vote est enregistré : pour."]
    assert "Vous avez voté : pour" in text_of(done)
    assert client.post(address, {"choice": "AGAINST"}).status_code == 403
    assert BallotVote.objects.get().choice == "FOR"


def test_a_vote_leads_to_the_next_unit_that_awaits_one(home: House, sign_in: SignIn) -> None:
    """From the vote of a row to the next one, in the order of the agenda; after the last, one reads the result."""
    session = home.session(mode="REMOTE")
    first, second = (home.item(session) for _ in range(2))
    open_session(session=session, present=list(home.members.values()), by=home.secretary, now=MORNING + HOUR)
    for each in (second, first):
        each.session.refresh_from_db()
        terms = lines(each, "RANKED 1", "RANKED 2", "RANKED 3")
        open_ballot(item=each, lines=terms, by=home.secretary, now=MORNING + HOUR)
    client = sign_in("chloe")
    assert f'href="{url("vote", first)}"' in client.get(reverse("home")).content.decode()
    on = client.post(url("vote", first), {"choice": "FOR"}, follow=True)
    assert on.redirect_chain == [(url("vote", second), 302)]
    assert messages_of(on) == ["Votre vote est enregistré : pour. Le suivant ; il en reste 1."]
    last = client.post(url("vote", second), {"choice": "FOR"}, follow=True)
    assert last.redirect_chain == [(url("vote", second), 302)]
    assert messages_of(last) == ["Votre vote est enregistré : pour."]


def test_two_seats_recorded_before_are_one_vote(item: AgendaItem, home: House, sign_in: SignIn) -> None:
    chloe = home.members["Chloé"]
    second = CommitteeMember.objects.create(
        committee=home.committee, capacity="OWNER", full_name="Chloé", user=chloe.user, starts_on=chloe.starts_on
    )
    Attendance.objects.create(session=item.session, member=second)
    client, address = sign_in("chloe"), url("vote", item)
    assert client.post(address, {"choice": "FOR"}).status_code == 302
    assert "Que votez-vous ?" not in text_of(client.get(address))
    assert client.post(address, {"choice": "FOR"}).status_code == 403
    seats = {chloe.pk: chloe, second.pk: second}
    left = (seats.keys() - {BallotVote.objects.get().member_id}).pop()
    with pytest.raises(SittingRefused, match="a déjà voté à un autre titre"):
        cast_vote(ballot=Ballot.objects.get(), member=seats[left], choice="FOR", by=chloe.user, now=MORNING + HOUR)
    assert BallotVote.objects.count() == 1


def test_nobody_votes_before_nor_after(item: AgendaItem, home: House, sign_in: SignIn, morning: Any) -> None:
    address = url("vote", item)
    morning.move_to(MORNING, tick=False)
    assert "Que votez-vous ?" not in text_of(sign_in("bob").get(address))
    morning.move_to(MORNING + 3 * DAY, tick=False)
    client = sign_in("bob")
    assert "le temps du vote est passé" in text_of(client.get(address))
    late = client.post(address, {"choice": "FOR"})
    assert late.status_code == 422
    assert "Le vote est clos depuis le" in text_of(late)


def test_after_closing_the_casting_vote_is_named(item: AgendaItem, home: House, sign_in: SignIn, morning: Any) -> None:
    ballot = Ballot.objects.get()
    sides = {"FOR": ("Paul", "Rosa", "Chloé"), "AGAINST": ("Henri", "Leïla", "Martin"), "ABSTAIN": ("Bob",)}
    for choice, names in sides.items():
        for member in home.users(*names):
            BallotVote.objects.create(
                ballot=ballot, member=member, choice=choice, cast_at=MORNING + HOUR, recorded_by=member.user
            )
    morning.move_to(MORNING + 3 * DAY, tick=False)
    closed = sign_in("aline").post(url("ballot-close", item), follow=True)
    text = "Proposition adoptée : 3 pour, 3 contre, 1 abstention. Voix prépondérante : Chloé, maire de Narbonne."
    assert messages_of(closed) == [f"Logement 1. {text}"]
    assert text in text_of(sign_in("bob").get(url("vote", item)))


@pytest.mark.parametrize(
    ("person", "seen"),
    [("bob", 200), ("chloe", 200), ("emma", 200), ("aline", 403), ("alice", 403), ("zoe", 404), ("adam", 404)],
)
def test_who_may(item: AgendaItem, home: House, sign_in: SignIn, person: str, seen: int) -> None:
    assert sign_in(person).get(url("vote", item)).status_code == seen
