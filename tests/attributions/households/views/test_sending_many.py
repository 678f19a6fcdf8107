"""Several units, one act: the households that fit each, nobody twice, a unit whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from attributions.households.models import AccessRecord, Application, Proposal
from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.proposal import prepare_proposals
from attributions.households.operations.sending import Chosen, propose_and_send, send_to_many
from flux.models import Routing, Unit
from flux.operations.routing import route_elsewhere
from tests.attributions.households.candidates import routed
from tests.attributions.households.named import household
from tests.attributions.households.sne_files import number
from tests.flux.operations.test_returning import delegate
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
PAGE = "household-send"


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def offered(world: World, number: int) -> list[Routing]:
    """Units routed to the city, each for two to four persons."""
    made = [routed(world) for _ in range(number)]
    Unit.objects.filter(vacancies__routings__in=made).update(rooms=3, surface=34)
    return made


def waiting(world: World, number: int) -> list[Application]:
    """Households of three, the first of whom has waited longest."""
    made = [household(world, rank) for rank in range(1, number + 1)]
    for rank, each in enumerate(made):
        Application.objects.filter(pk=each.pk).update(requested_on=date(2020, 1, 1 + rank), name=f"Ménage {rank:02}")
    return made


def ticked(client: Client, address: str) -> tuple[list[str], list[str]]:
    """The boxes that are ticked on the page, and the routings that it read."""
    content = client.get(address).content.decode()
    boxes = [
        part.split('"')[0]
        for part in content.split('name="menage" value="')[1:]
        if part.split(">")[0].endswith("checked")
    ]
    return boxes, [part.split('"')[0] for part in content.split('name="routing" value="')[1:]]


def test_those_who_have_waited_longest_are_ticked_then_sent_in_one_act(world: World, sign_in: SignIn) -> None:
    one, two = offered(world, 2)
    made, client = waiting(world, 8), sign_in("chloe")
    plain = text_of(client.get(reverse(PAGE)))
    assert "2 attendent vos candidats" in plain
    assert "il en manque 3" in plain
    assert "Cocher les plus anciens qui conviennent" in plain
    assert plain.count("3 suivants") == 2  # six are shown of each: what lacks, then those who come after, folded
    boxes, routings = ticked(client, f"{reverse(PAGE)}?cocher=oui")
    assert "6 ménages cochés, aucun deux fois" in text_of(client.get(f"{reverse(PAGE)}?cocher=oui"))
    by_unit = {
        pk: [int(box.split(":")[1]) for box in boxes if box.startswith(f"{pk}:")]
        for pk in (one.vacancy_id, two.vacancy_id)
    }
    assert sorted(pk for several in by_unit.values() for pk in several) == [each.pk for each in made[:6]]
    [record] = AccessRecord.objects.filter(subject="ménages à proposer")[:1]
    assert (record.files, record.keeper) == (8, world.city)
    sent = client.post(f"{reverse(PAGE)}?cocher=oui", {"menage": boxes, "routing": routings})
    assert sent.status_code == 302
    after = client.get(sent.url)
    assert messages_of(after) == ["2 logements, 6 ménages transmis."]
    assert "Aucun logement n’attend de candidats de votre organisation." in text_of(after)
    rows = Proposal.objects.order_by("position").values_list("vacancy", "application", "status")
    assert {pk: [a for v, a, s in rows if v == pk and s == "SENT"] for pk in by_unit} == by_unit


def test_all_the_households_are_compared_however_many_have_waited_longer(world: World, sign_in: SignIn) -> None:
    """CCH, R441-3 asks for three: those who fit are found behind 320 larger households that have waited for longer."""
    [one] = offered(world, 1)
    made = waiting(world, 4)
    Application.objects.filter(pk__in=[each.pk for each in made]).update(requested_on=date(2025, 1, 1))
    older = Application.objects.bulk_create(
        Application(number=number(100 + rank), adults=9, children=0, requested_on=date(2015, 1, 1))
        for rank in range(320)
    )
    kept = Application.organisations.through
    kept.objects.bulk_create(kept(application=each, organisation=world.city) for each in older)
    client = sign_in("chloe")
    boxes, _ = ticked(client, f"{reverse(PAGE)}?cocher=oui")
    assert boxes == [f"{one.vacancy_id}:{each.pk}" for each in made[:3]]
    assert "parmi tous ceux qui ne sont candidats nulle part" in text_of(client.get(reverse(PAGE)))


def test_a_household_for_two_units_stops_everything_and_both_lines_say_it(world: World, sign_in: SignIn) -> None:
    one, two = offered(world, 2)
    made, client = waiting(world, 4), sign_in("chloe")
    pairs = [f"{each.vacancy_id}:{made[0].pk}" for each in (one, two)]
    refused = client.post(reverse(PAGE), {"menage": pairs})
    assert refused.status_code == 422
    text = text_of(refused)
    assert "Un même ménage est choisi pour deux logements" in text
    references = sorted(each.vacancy.unit.reference for each in (one, two))
    assert (
        text.count(f"Choisi pour {', '.join(references)}")
        + text.count(f"Choisi pour {', '.join(reversed(references))}")
        == 2
    )
    assert not Proposal.objects.exists()
    with pytest.raises(ProposalRefused, match="pour deux logements"):
        send_to_many(
            chosen=[Chosen(each.vacancy, each, [made[0].pk]) for each in (one, two)],
            sender=world.city,
            by=world.people["chloe"],
        )


def test_a_household_that_became_a_candidate_elsewhere_since_keeps_its_unit_back(world: World) -> None:
    """Two clerks tick the oldest on two pages: nobody is sent to two units unread."""
    one, two = offered(world, 2)
    made, act = waiting(world, 6), {"sender": world.city, "by": world.people["chloe"]}
    first = [each.pk for each in made[:3]]
    propose_and_send(chosen=Chosen(one.vacancy, one, first), **act)
    with pytest.raises(ProposalRefused, match=f"devenu candidat à {one.vacancy.unit.reference}"):
        propose_and_send(chosen=Chosen(two.vacancy, two, [made[0].pk, made[3].pk, made[4].pk]), **act)
    assert not Proposal.objects.filter(vacancy=two.vacancy).exists()


def test_units_that_a_delegate_proposes_for_are_neither_counted_nor_paged(world: World, sign_in: SignIn) -> None:
    delegate(world, world.holders["priority"], "city")
    routed(world, "priority")
    own = routed(world, "agents")
    text = text_of(sign_in("bob").get(reverse(PAGE)))
    assert "1 attend vos candidats" in text
    assert own.vacancy.unit.reference in text


def test_boxes_stay_ticked_where_no_unit_was_sent(world: World, sign_in: SignIn) -> None:
    [one] = offered(world, 1)
    made, client = waiting(world, 2), sign_in("chloe")
    kept = client.post(reverse(PAGE), {"menage": [f"{one.vacancy_id}:{made[0].pk}"]})
    assert kept.status_code == 422
    assert "Aucun logement n’est transmis" in text_of(kept)
    assert f'value="{one.vacancy_id}:{made[0].pk}" checked' in kept.content.decode()


def test_what_one_unit_refuses_is_stated_and_the_others_are_sent(world: World, sign_in: SignIn) -> None:
    """Too few, and no exception: nothing of that unit is written. One was routed elsewhere since the page was read."""
    one, two, three = offered(world, 3)
    made, client = waiting(world, 7), sign_in("chloe")
    pairs = [f"{one.vacancy_id}:{each.pk}" for each in made[:3]]
    pairs += [f"{two.vacancy_id}:{made[3].pk}", f"{three.vacancy_id}:{made[4].pk}"]
    route_elsewhere(
        vacancy=three.vacancy,
        holder=world.holders["als"],
        motive="OTHER",
        motive_text="Test.",
        by=world.people["aline"],
        now=MORNING,
    )
    routings = [f"{each.vacancy_id}:{each.pk}" for each in (one, two, three)]
    sent = client.post(reverse(PAGE), {"menage": pairs, "routing": routings})
    rows = messages_of(client.get(sent.url))
    assert rows[0] == "1 logement, 3 ménages transmis."
    assert rows[1].startswith(f"{two.vacancy.unit.reference} : Il manque 2 candidats")
    assert rows[2] == "1 logement n’attend plus vos candidats. Rechargez la page."
    assert set(Proposal.objects.values_list("vacancy", flat=True)) == {one.vacancy_id}
    few = {"menage": pairs[3:4], "exemption": "TOO_FEW", "exemption_text": "Peu de demandes."}
    assert messages_of(client.get(client.post(reverse(PAGE), few).url)) == ["1 logement, 1 ménage transmis."]


def test_those_that_were_prepared_go_with_them(world: World, sign_in: SignIn) -> None:
    [one] = offered(world, 1)
    made, client = waiting(world, 3), sign_in("chloe")
    prepare_proposals(
        vacancy=one.vacancy, routing=one, applications=[made[0].pk], proposer=world.city, by=world.people["chloe"]
    )
    text = text_of(client.get(f"{reverse(PAGE)}?cocher=oui"))
    assert "1 préparé" in text
    assert "2 ménages cochés" in text
    boxes, routings = ticked(client, f"{reverse(PAGE)}?cocher=oui")
    assert boxes == [f"{one.vacancy_id}:{each.pk}" for each in made[1:]]
    client.post(reverse(PAGE), {"menage": boxes, "routing": routings})
    assert Proposal.objects.sent().count() == 3


def test_what_no_page_wrote_is_refused(world: World, sign_in: SignIn) -> None:
    [one] = offered(world, 1)
    client, other = sign_in("chloe"), household(world, 9, organisation=world.als)
    assert "aucun d’eux ne convient" in text_of(client.get(reverse(PAGE)))
    for posted, words in (
        ({}, "Cochez au moins un ménage."),
        ({"menage": ["x"]}, "Rechargez la page."),
        ({"menage": ["1:2:3"]}, "Rechargez la page."),
        (
            {"menage": [f"{one.vacancy_id}:{other.pk}"], "exemption": "NONE"},
            "Choisissez l’une des exceptions de la loi.",
        ),
    ):
        refused = client.post(reverse(PAGE), posted)
        assert refused.status_code == 422
        assert words in text_of(refused)
    sent = client.post(reverse(PAGE), {"menage": [f"{one.vacancy_id}:{other.pk}"]})
    assert sent.status_code == 422
    assert messages_of(sent) == [
        f"{one.vacancy.unit.reference} : L’un de ces ménages n’est pas de votre organisation : rechargez la page."
    ]
    assert not Proposal.objects.exists()


def test_the_order_given_is_the_rank(world: World) -> None:
    [one] = offered(world, 1)
    made = waiting(world, 3)
    ranked = [made[2].pk, made[0].pk, made[1].pk]
    propose_and_send(chosen=Chosen(one.vacancy, one, ranked), sender=world.city, by=world.people["chloe"])
    assert list(Proposal.objects.order_by("position").values_list("application", flat=True)) == ranked


def test_filters_keep_a_landlord_or_a_commune(world: World, sign_in: SignIn) -> None:
    offered(world, 1)
    page = text_of(sign_in("chloe").get(f"{reverse(PAGE)}?typology=T1"))
    assert "Aucun logement n’attend de candidats de votre organisation." in page
    assert "avec ces filtres" in page


@pytest.mark.parametrize("number", [2, 12])
def test_a_page_costs_the_same_whatever_it_shows(
    world: World, sign_in: SignIn, number: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    offered(world, number)
    waiting(world, number)
    client = sign_in("chloe")
    client.get(f"{reverse(PAGE)}?cocher=oui")
    with django_assert_num_queries(14):
        client.get(f"{reverse(PAGE)}?cocher=oui")
