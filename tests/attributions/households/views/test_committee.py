"""Committees on screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from attributions.households.models import Committee, CommitteeMember, CommitteeRules
from tests.attributions.households.sittings import House
from tests.flux.views.pages import text_of
from tests.world import World

SignIn = Callable[[str], Client]
LIST = reverse("committee-list")
RULES = {"quorum": "4", "remote_allowed": "on", "source": "Délibération du 3 novembre", "starts_on": "25/11/2026"}


def test_manager_founds_a_committee_then_seats_and_unseats_a_member(world: World, sign_in: SignIn) -> None:
    client = sign_in("alice")
    page = client.post(reverse("committee-found"), {"name": "CALEOL", "territory": "Narbonne", **RULES}, follow=True)
    committee = Committee.objects.get()
    assert page.redirect_chain == [(reverse("committee-detail", args=[committee.pk]), 302)]
    assert (committee.name, committee.territory) == ("CALEOL", world.places["Narbonne"])
    assert "Il manque à cette commission" in text_of(page)

    seat = reverse("committee-seat", args=[committee.pk])
    mayor = {"full_name": "Jeanne Martin", "capacity": "MAYOR", "starts_on": "25/11/2026"}
    refused = client.post(seat, mayor | {"user": "personne@exemple.test"})
    assert refused.status_code == 422
    assert "Dites pour quel territoire cette personne vote." in text_of(refused)
    assert "Personne ne se connecte avec cette adresse." in text_of(refused)
    holder = client.post(seat, mayor | {"capacity": "HOLDER"})
    assert holder.status_code == 422
    assert "Dites pour quel réservataire cette personne siège." in text_of(holder)
    given = mayor | {"territory": "Narbonne", "organisation": world.city.pk, "user": "chloe@exemple.test"}
    assert client.post(seat, given).status_code == 302
    member = CommitteeMember.objects.get()
    assert (member.user, member.territory) == (world.people["chloe"], world.places["Narbonne"])

    unseat = reverse("committee-unseat", args=[committee.pk, member.pk])
    assert client.post(unseat, {"ends_on": "24/11/2026"}).status_code == 422  # before it began
    assert client.post(unseat, {"ends_on": "30/11/2026"}).status_code == 302
    member.refresh_from_db()
    assert f"{member.ends_on:%d/%m/%Y}" == "30/11/2026"


def test_rules_that_nobody_could_reach_are_refused(home: House, sign_in: SignIn) -> None:
    address = reverse("committee-rules", args=[home.committee.pk])
    client = sign_in("alice")
    page = client.post(address, RULES | {"quorum": "9"})
    assert page.status_code == 422
    assert "le quorum ne peut pas dépasser 6" in text_of(page)
    assert client.post(address, RULES).status_code == 302
    assert CommitteeRules.objects.count() == 2


def test_page_states_who_votes_who_advises_and_the_rules(home: House, sign_in: SignIn) -> None:
    page = text_of(sign_in("chloe").get(reverse("committee-detail", args=[home.committee.pk])))
    assert "9 membres votent, 1 avec voix consultative. Quorum : 3 membres désignés sur 6." in page
    assert "Conseil d’administration du 12 décembre 2025" in page
    assert "le représentant des locataires" in page  # nobody represents them yet
    assert "Enregistrer un membre" not in page


@pytest.mark.parametrize(
    ("person", "seen", "done"),
    [("alice", 200, 422), ("aline", 200, 403), ("chloe", 200, 403), ("zoe", 404, 404), ("adam", 404, 404)],
)
def test_only_the_landlords_manager_changes_it(home: House, sign_in: SignIn, person: str, seen: int, done: int) -> None:
    client = sign_in(person)
    assert client.get(reverse("committee-detail", args=[home.committee.pk])).status_code == seen
    assert client.post(reverse("committee-seat", args=[home.committee.pk]), {}).status_code == done


@pytest.mark.parametrize("count", [1, 12])
def test_list_costs_the_same_queries_whatever_its_length(
    home: House, sign_in: SignIn, count: int, django_assert_num_queries
) -> None:
    for number in range(1, count):
        Committee.objects.create(landlord=home.world.landlord, name=f"Commission {number}")
    client = sign_in("alice")
    with django_assert_num_queries(4):
        assert len(client.get(LIST).context["table"].lines) == count
