"""Which cases a seat opens, and until when: pages and the second wall ask the same function."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from attributions.households.models import AgendaItem, CommitteeSession
from attributions.households.operations.agenda import recuse
from attributions.households.operations.ballot import cast_vote, open_ballot
from attributions.households.operations.committee import seat_member
from attributions.households.operations.session import cancel_session, close_session
from attributions.households.queries.committees import awaited_votes, items_read
from reservations.models import LegalParameter, Membership
from tests.attributions.households.sittings import HOUR, SINCE, House, house, lines, person
from tests.flux.views.pages import text_of
from tests.walled import walled
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db

#: The landlord's staff, who instruct; the préfet, the president of the EPCI and the mayor.
EVERYBODY = {"alice", "aline", "bob", "emma", "chloe"}


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING + 5 * HOUR, tick=False)


@pytest.fixture
@kept
def at(world: World) -> House:
    return house(world)


def readers(world: World, item: AgendaItem) -> set[str]:
    """Who reads its cases, of those who work on it and of those who do not."""
    session = CommitteeSession.objects.select_related("committee__landlord").get(pk=item.session_id)
    people = {name: Membership.objects.filter(user=user).first() for name, user in world.people.items()}
    return {name for name, member in people.items() if member and item.pk in items_read(member, session)}


def test_a_seat_opens_what_it_has_to_decide(world: World, at: House) -> None:
    item = at.opened()
    assert readers(world, item) == EVERYBODY
    recuse(item=item, member=at.members["Chloé"], by=at.secretary, now=MORNING + 2 * HOUR)
    assert readers(world, item) == EVERYBODY - {"chloe"}, "not an item that it left"
    elsewhere = at.item(at.session(now=MORNING), vacancy=at.unit(commune="Coursan"))
    assert readers(world, elsewhere) == EVERYBODY - {"chloe"}, "nor those of another territory (CCH, L441-2 II)"
    recuse(item=elsewhere, member=at.members["Aline"], by=at.secretary, now=MORNING + 2 * HOUR)
    assert readers(world, elsewhere) == {"alice", "bob", "emma"}


def test_a_vote_is_awaited_of_whoever_has_not_cast_it_nor_left_its_item(world: World, at: House) -> None:
    first = at.opened(mode="REMOTE")
    chloe, noon = world.member("chloe"), MORNING + 2 * HOUR

    def awaited() -> dict[int, list[int]]:
        return dict(awaited_votes(chloe, [first.session], now=noon))

    assert awaited() == {}
    ballot = open_ballot(item=first, lines=lines(first, "RANKED 1", "RANKED 2", "RANKED 3"), by=at.secretary, now=noon)
    assert awaited() == {first.session_id: [first.pk]}
    recusal = recuse(item=first, member=at.members["Chloé"], by=at.secretary, now=noon)
    assert awaited() == {}
    recusal.delete()
    cast_vote(ballot=ballot, member=at.members["Chloé"], choice="FOR", by=world.people["chloe"], now=noon)
    assert awaited() == {}


def test_a_holder_reads_the_cases_of_its_own_units(world: World, at: House) -> None:
    world.people["anna"] = person("Anna")
    Membership.objects.create(user=world.people["anna"], organisation=world.als, role=Membership.Role.HOLDER_STAFF)
    own, other = at.item(vacancy=at.unit(holder="als")), at.item(vacancy=at.unit(holder="city"))
    seat = {"committee": at.committee, "capacity": "HOLDER", "starts_on": SINCE, "by": world.people["alice"]}
    seat_member(**seat, full_name="Anna", user=world.people["anna"], organisation=world.als)
    assert (readers(world, own), readers(world, other)) == (EVERYBODY | {"anna"}, EVERYBODY)


def test_a_seat_closes_with_the_session(world: World, at: House) -> None:
    item = at.item()
    cancel_session(session=item.session, why="Faute de quorum.", by=at.secretary, now=MORNING + HOUR)
    assert readers(world, item) == {"alice", "aline"}


def test_a_seat_reads_sealed_minutes_as_long_as_they_may_be_contested(
    world: World, at: House, time_machine: Any, sign_in: Any
) -> None:
    """Two months (CJA, R421-1), a dated parameter, from the day that they are sealed: to its last day, and no more."""
    item = at.opened()
    at.decide(item, *lines(item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE"))
    close_session(session=item.session, by=at.secretary, now=MORNING + 3 * HOUR)
    assert readers(world, item) == EVERYBODY
    last = MORNING.replace(year=2027, month=1)
    time_machine.move_to(last, tick=False)
    assert readers(world, item) == EVERYBODY
    assert "Ménage 1" in text_of(sign_in("bob").get(reverse("minutes", args=[item.session_id])))
    time_machine.move_to(last + timedelta(days=1), tick=False)
    assert readers(world, item) == {"alice", "aline"}
    assert "Ménage 1" not in text_of(sign_in("bob").get(reverse("minutes", args=[item.session_id])))
    with walled():
        page = text_of(sign_in("bob").get(reverse("agenda-item", args=[item.pk])))
        assert "3 dossiers" in text_of(sign_in("bob").get(reverse("session-detail", args=[item.session_id])))
    assert "Dossier B" in page, "what was decided stays, by letter"
    assert "le délai pour les lire est passé : procès-verbal scellé le 24 novembre 2026." in page
    LegalParameter.objects.filter(code="MINUTES_READ_MONTHS").update(value=3)
    assert readers(world, item) == EVERYBODY
    LegalParameter.objects.filter(code="MINUTES_READ_MONTHS").delete()
    assert readers(world, item) == {"alice", "aline"}, "no figure in force: until they are sealed"
