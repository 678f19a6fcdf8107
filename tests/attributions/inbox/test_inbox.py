"""« À faire »: one row an act that awaits the person, in the order of what lapses first; the counts are the list's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from attributions.inbox.declared import KINDS
from attributions.inbox.entries import MINE, NOBODY, PAGE, PUT_OFF, Filters
from attributions.inbox.models import RowMark
from attributions.inbox.queries import _LISTED, _PLACED, Inbox, _listed, _placed
from attributions.inbox.reader import Reader
from flux.models import Recommendation, Routing
from flux.operations.routing import route_waiting_vacancies
from reservations.queries.composed import _composed as composed
from tests.attributions.home.test_to_do import one_at_each_stage
from tests.attributions.households.candidates import agree, routed
from tests.flux.views.pages import text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
INBOX = reverse("inbox")


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def rows(page: Any) -> list[str]:
    """The rows of a page, each by the code of its act and what it is about."""
    return page.context["page"].object_list


def numbers(world: World, person: str) -> dict[str, int]:
    found = Inbox(Reader(world.member(person), now=MORNING))
    return {each.kind.code: each.number for each in found.counted()}


def acting(world: World) -> list[str]:
    """Those who act for somebody."""
    return [name for name, person in world.people.items() if person.memberships.exists()]


def to_confirm(world: World, count: int) -> None:
    for number in range(count):
        fresh = world.vacancy(now=MORNING - timedelta(minutes=200 - number))
    route_waiting_vacancies(ledger_id=fresh.ledger_id, now=MORNING)


def test_every_act_that_awaits_is_one_row_and_the_counts_are_those_of_the_list(world: World, sign_in: SignIn) -> None:
    one_at_each_stage(world)
    to_confirm(world, 2)
    people = acting(world)
    for person in people:
        client, expected = sign_in(person), numbers(world, person)
        page = client.get(INBOX)
        number = sum(expected.values())
        assert page.context["page"].paginator.count == number == page.context["awaiting"], person
        menu = re.search(r'href="/a-faire/"[^>]*>À faire\s*(?:\((\d+)\))?', page.content.decode())
        assert int(menu[1] or 0) == number, person
        for code, number in expected.items():
            kept = client.get(INBOX, {"genre": code}).context["page"]
            assert {each.kind.code for each in kept.object_list} == {code}
            assert kept.paginator.count == number == len(kept.object_list), (person, code)
    assert {"aline", "alice", "chloe", "bob", "emma", "adam", "zoe"} <= {*people}
    assert numbers(world, "aline") | {"avis": 0} == {
        "orienter": 2,
        "trouver": 2,
        "instruire": 1,
        "offrir": 1,
        "bail": 1,
        "sans-candidat": 1,
        "avis": 0,
    }
    assert numbers(world, "chloe")["proposer"] == 2


def test_what_awaits_another_landlord_is_in_no_other_inbox(world: World, sign_in: SignIn) -> None:
    """Zoe acts for another landlord: neither the units to confirm nor those at a stage are hers."""
    one_at_each_stage(world)
    to_confirm(world, 1)
    assert numbers(world, "aline")["orienter"] == 1
    assert {"orienter", "trouver", "instruire", "offrir", "bail"}.isdisjoint(numbers(world, "zoe"))
    assert sign_in("zoe").get(INBOX, {"genre": "orienter"}).context["page"].paginator.count == 0


def test_what_lapses_first_is_first_with_its_day_and_what_happens_then(world: World, sign_in: SignIn) -> None:
    routed(world)
    agree(world.conventions["city"], proposal_days=3)
    routed(world)
    page = sign_in("chloe").get(INBOX)
    days = [each.due_on for each in page.context["page"].object_list]
    dated = [each for each in days if each]
    assert dated == sorted(dated)
    assert days == [*dated, *[None] * (len(days) - len(dated))]
    assert "le logement repart la nuit suivante : ce n’est le refus de personne" in text_of(page)


def test_a_place_keeps_the_units_that_are_there_and_groups_say_it(world: World, sign_in: SignIn) -> None:
    here, there = world.vacancy(), world.vacancy(commune="Coursan")
    route_waiting_vacancies(ledger_id=here.ledger_id, now=MORNING)
    aline = sign_in("aline")
    kept = aline.get(INBOX, {"commune": there.unit.commune_id})
    assert [each.key for each in kept.context["page"].object_list] == [there.pk]
    kept = aline.get(INBOX, {"programme": here.unit.programme_id})
    assert here.pk in [each.key for each in kept.context["page"].object_list]
    by_commune = aline.get(INBOX, {"par": "commune"})
    headings = [group.heading for group in by_commune.context["groups"]]
    assert headings[:2] == ["Coursan", "Narbonne"]
    by_kind = aline.get(INBOX, {"par": "genre"})
    assert by_kind.context["groups"][0].heading == "Logements à orienter"
    for unknown in ({"genre": "rien"}, {"commune": "x"}, {"par": "x"}, {"page": "0"}):
        assert aline.get(INBOX, unknown).context["page"].paginator.count == kept.context["awaiting"]
    nothing = aline.get(INBOX, {"commune": world.places["Béziers"].pk})
    assert "Rien ne correspond à ces filtres." in text_of(nothing)


def test_nothing_awaits(world: World, sign_in: SignIn) -> None:
    page = sign_in("emma").get(INBOX)
    assert page.context["awaiting"] == 0
    assert "Rien ne vous attend." in text_of(page)


def test_a_row_is_confirmed_where_it_is_and_the_next_takes_its_place(world: World, sign_in: SignIn) -> None:
    to_confirm(world, 3)
    aline = sign_in("aline")
    page = aline.get(INBOX, {"genre": "orienter"})
    first, second, _ = page.context["page"].object_list
    recommendation = Recommendation.objects.get(vacancy=first.key)
    assert recommendation.holder.__str__() in text_of(page)
    assert "Confirmé, son écart passe de " in text_of(page)
    address = f"{reverse('vacancies-confirm')}?de=a-faire&genre=orienter&rang=1"
    assert address.replace("&", "&amp;") in page.content.decode()
    answer = aline.post(address, {"seul": f"{first.key}-{recommendation.pk}", "logement": [second.key]})
    assert answer["Location"] == f"{INBOX}?genre=orienter#rang-1"
    assert list(Routing.objects.values_list("vacancy", flat=True)) == [first.key]
    page = aline.get(INBOX, {"genre": "orienter"})
    assert page.context["page"].object_list[0].key == second.key
    assert 'id="rang-1"' in page.content.decode()


def test_a_batch_says_a_figure_and_comes_back_to_the_list(world: World, sign_in: SignIn) -> None:
    to_confirm(world, 3)
    aline = sign_in("aline")
    page = aline.get(INBOX, {"check": "all"})
    assert page.content.decode().count(" checked></label>") == 3
    keys = [each.key for each in page.context["page"].object_list if each.kind.code == "orienter"]
    seen = [f"{each.vacancy_id}-{each.pk}" for each in Recommendation.objects.all()]
    answer = aline.post(f"{reverse('vacancies-confirm')}?de=a-faire", {"logement": keys, "lu": seen}, follow=True)
    assert answer.redirect_chain[0][0] == INBOX
    assert "3 logements orientés" in text_of(answer)
    assert numbers(world, "aline").get("orienter") is None


@pytest.mark.parametrize("count", [3, 30])
def test_a_page_costs_what_it_shows(
    *, world: World, sign_in: SignIn, count: int, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    to_confirm(world, count)
    aline = sign_in("aline")
    with django_assert_max_num_queries(14):
        page = aline.get(INBOX)
    assert len(page.context["page"].object_list) == min(PAGE, page.context["awaiting"])


def test_each_kind_has_its_own_code() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)
    assert Filters.read({"genre": KINDS[0].code}).kind is KINDS[0]


def test_what_is_composed_once_is_what_each_person_would_be_given(world: World) -> None:
    """Every person, by the statement of its role and by one composed for it alone; asked twice, nothing is composed."""
    one_at_each_stage(world)
    to_confirm(world, 2)
    everybody = [world.member(name) for name in acting(world)]
    later = (MORNING + timedelta(days=1)).date()
    for member in everybody:
        for rank, each in enumerate(Inbox(Reader(member, now=MORNING)).entries(Filters(), start=0, stop=4)):
            mark = {"taken_by": member.user} if rank % 2 else {"put_off_until": later, "reason": "."}
            RowMark.objects.get_or_create(
                organisation=member.organisation, kind=each.kind.code, key=each.key, defaults=mark | {"at": MORNING}
            )
    follows = (("", False), *((whose, True) for whose in ("", MINE, NOBODY, PUT_OFF)))
    sizes = set()
    for again in (False, True):
        before = composed.cache_info().misses
        for member, follow in product(everybody, follows):
            reader = Reader(member, now=MORNING)
            for kept, compose, of in ((_PLACED, _placed, None), (_LISTED, _listed, (None, "", frozenset[Any]()))):
                alone = compose(member, MORNING, (reader.files, follow, of), blocked=reader.blocked)
                found = kept.rows(member, MORNING, (reader.files, follow, of), blocked=reader.blocked)
                assert sorted(map(repr, found)) == sorted(map(repr, alone.order_by())), member
                sizes.add((follow, bool(found)))
        if again:
            assert composed.cache_info().misses == before
    assert {(follow, True) for follow in follows} <= sizes


def test_people_of_one_role_read_each_their_own(world: World, sign_in: SignIn) -> None:
    """Chloe's town shares the statement of its role with other holders: none reads what awaits it."""
    routed(world)
    mine = {each.key for each in sign_in("chloe").get(INBOX).context["page"].object_list}
    assert mine
    for name in acting(world):
        member = world.member(name)
        if member.organisation_id != world.member("chloe").organisation_id:
            rows = Inbox(Reader(member, now=MORNING)).entries(Filters(), start=0, stop=PAGE)
            assert not mine & {each.key for each in rows if each.kind.code == "proposer"}, name
