"""A unit of the State whose préfet delegates: one organisation proposes, and no longer once its delegation is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.proposal import prepare_proposal
from flux.delegating import proposed_by, proposing
from flux.models import Routing
from flux.permissions import can_propose, return_reasons
from reservations.models import Delegation, Organisation
from reservations.operations.convention import draft_convention
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.convention_terms import QuotaTerms
from tests.attributions.households.rows import application
from tests.flux.operations.test_returning import delegate, send
from tests.flux.views.pages import text_of
from tests.signing import sign_convention
from tests.world import MORNING, World

SignIn = Callable[[str], Client]

TODAY = MORNING.date()
LATER = MORNING + timedelta(days=9)


@pytest.fixture
def routed(world: World) -> Routing:
    delegate(world, world.holders["priority"], "city")
    return send(world, "priority")


def revoke(world: World, on: date) -> None:
    """By an amendment of the State's convention that names no delegate any more."""
    signed, alice = world.conventions["state"], world.people["alice"]
    draft = amend_convention(convention=signed, starts_on=on, by=alice, today=TODAY)
    quotas = [QuotaTerms(each.holder, each.share, each.rank) for each in signed.quotas.order_by("rank")]
    draft = draft_convention(
        landlord=world.landlord,
        organisation=world.state,
        perimeter=signed.perimeter,
        starts_on=on,
        ends_on=signed.ends_on,
        quotas=quotas,
        replaces=draft,
        by=alice,
    )
    sign_convention(convention=draft, signed_on=TODAY, by=alice, today=TODAY)


#: Who reads for whom a unit is, and who proposes: the lists of the landlord, the home of the State.
OVERSEEN = (("alice", "vacancy-list"), ("bob", "home"))


def by_another(client: Client, page: str) -> bool:
    return "par la Ville de Narbonne (délégation)" in text_of(client.get(reverse(page)))


def who(world: World, routing: Routing, on: date) -> Organisation:
    """Who proposes that day: one, the same asked of one routing and of the lists of both."""
    related = Routing.objects.select_related("convention", "acting", "holder__organisation")
    one = proposing(related.get(pk=routing.pk), on)
    listed = [each for each in (world.city, world.state) if related.filter(proposed_by(each.pk, on), pk=routing.pk)]
    assert listed == [one]
    return one


#: Pages where who proposes reads the units that wait for its candidates.
LISTS = ("home", "inbox")


def awaited(client: Client, address: str) -> list[bool]:
    """Does each of them link to the act?"""
    return [address in client.get(reverse(page)).content.decode() for page in LISTS]


def test_a_delegate_proposes_no_more_from_the_day_of_its_revocation(world: World, routed: Routing) -> None:
    """« Le représentant de l’État peut […] déléguer » (CCH, L441-1): what he takes back, nobody exercises."""
    revoke(world, date(2026, 12, 1))
    assert who(world, routed, date(2026, 11, 30)) == world.city
    assert who(world, routed, date(2026, 12, 1)) == world.state
    asked = {
        "vacancy": routed.vacancy,
        "routing": routed,
        "application": application(world),
        "by": world.people["chloe"],
    }
    with pytest.raises(ProposalRefused, match="La délégation de la Ville de Narbonne n’est plus en vigueur"):
        prepare_proposal(**asked, proposer=world.city, now=LATER)


def test_a_delegation_that_had_its_days_ends_with_them(world: World, routed: Routing) -> None:
    """« Sa durée » (model of delegation published in the Journal officiel)."""
    Delegation.objects.update(ends_on=date(2026, 12, 1))
    assert who(world, routed, date(2026, 12, 1)) == world.city
    assert who(world, routed, date(2026, 12, 2)) == world.state
    assert who(world, routed, date(2029, 1, 5)) == world.state, "the convention ran out too"


def test_a_delegate_that_was_united_to_another_has_its_place(world: World, routed: Routing) -> None:
    Delegation.objects.update(delegate=world.als)
    Organisation.objects.filter(pk=world.als.pk).update(merged_into=world.city, closed_on=date(2026, 12, 1))
    assert who(world, routed, date(2026, 11, 30)) == world.state
    assert who(world, routed, date(2026, 12, 1)) == world.city


def test_what_a_convention_that_ran_out_had_routed_ends_as_it_was_routed(world: World, routed: Routing) -> None:
    assert who(world, routed, date(2029, 1, 5)) == world.city


def test_one_party_has_the_buttons_and_each_page_says_which(world: World, sign_in: SignIn, routed: Routing) -> None:
    sheet, file = (reverse(name, args=[routed.vacancy_id]) for name in ("vacancy-detail", "file"))
    new = reverse("proposal-new", args=[routed.vacancy_id])
    with time_machine.travel(MORNING, tick=False):
        for name, proposes in (("chloe", True), ("bob", False)):
            member = world.member(name)
            assert can_propose(member, routed.vacancy, routed) is proposes, name
            assert bool(return_reasons(member, routed)) is proposes, name
            read = sign_in(name).get(sheet).content.decode()
            assert (new in read, "Je n’ai pas de candidat" in read) == (proposes, proposes), name
            assert awaited(sign_in(name), new) == [proposes] * len(LISTS), name
        text = text_of(sign_in("alice").get(sheet))
        assert "par la Ville de Narbonne (délégation)" in text
        assert "La Ville de Narbonne propose au moins 3 candidats" in text
        assert "La Ville de Narbonne propose les candidats, et le préfet non" in text
        assert "Ville de Narbonne, au nom de l’État (délégation)" in text_of(sign_in("alice").get(file))
        assert [by_another(sign_in(name), page) for name, page in OVERSEEN] == [True, True]
    revoke(world, date(2026, 12, 1))
    with time_machine.travel(LATER, tick=False):
        for name, proposes in (("chloe", False), ("bob", True)):
            assert can_propose(world.member(name), routed.vacancy, routed) is proposes, name
            assert (new in sign_in(name).get(sheet).content.decode()) is proposes, name
            assert awaited(sign_in(name), new) == [proposes] * len(LISTS), name
        text = text_of(sign_in("alice").get(sheet))
        assert "la délégation donnée à la Ville de Narbonne n’est plus en vigueur" in text
        assert "La Ville de Narbonne propose" not in text
        assert [by_another(sign_in(name), page) for name, page in OVERSEEN] == [False, False]
        [wait] = sign_in("chloe").get(reverse("home")).context["to_do"].waits
        assert wait.words == "logement dont un autre cherche les candidats"  # and not « votre délégataire »
        assert sign_in("chloe").post(new, {"routing": routed.pk}).status_code == 403
