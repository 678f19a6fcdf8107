"""What every request asks first is one statement, and gives what Django reads by several."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.auth import SESSION_KEY as WHO
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reservations.middleware import memberships_of
from reservations.models import Membership, Organisation, Session, User
from reservations.queries.open_session import open_session
from tests.world import World

SignIn = Callable[[str], Client]


@pytest.mark.parametrize("name", ["alice", "bob", "chloe", "emma", "adam"])
def test_one_statement_gives_the_session_its_person_and_the_memberships(
    world: World, sign_in: SignIn, django_assert_num_queries: Any, name: str
) -> None:
    """Of every kind of organisation: with a landlord, with a territory, with neither; and nothing is read again."""
    key, now = sign_in(name).session.session_key, timezone.now()
    operator = Organisation.objects.exclude(pk=world.member(name).organisation_id).filter(kind="OPERATOR").first()
    if operator is not None:
        Membership.objects.create(user=world.people[name], organisation=operator, role=Membership.Role.ADMINISTRATOR)
    expected = memberships_of(world.people[name])
    with django_assert_num_queries(1):
        found = open_session(key, now)
        assert found is not None
        assert found.person is not None
        mine = [
            (each, each.role, each.user, each.organisation, each.landlord, each.organisation.territory)
            for each in found.memberships
        ]
        assert [hasattr(each.organisation, "landlord") for each in found.memberships] == [
            each.landlord is not None for each in expected
        ]
    assert mine == [
        (each, each.role, each.user, each.organisation, each.landlord, each.organisation.territory) for each in expected
    ]
    for one, other in zip(found.memberships, expected, strict=True):
        for read, asked in ((one.organisation, other.organisation), (one.user, other.user)):
            assert {**vars(read), "_state": None} == {**vars(asked), "_state": None}
        if one.organisation.territory is not None and other.organisation.territory is not None:
            assert one.organisation.territory.postal_codes == other.organisation.territory.postal_codes
    assert found.row == Session.objects.get(pk=key)


def test_a_session_that_ended_or_of_nobody_gives_nobody(world: World, sign_in: SignIn) -> None:
    key = sign_in("alice").session.session_key
    row = Session.objects.get(pk=key)
    assert open_session(key, row.expire_date) is None
    assert open_session("unknown", timezone.now()) is None
    Session.objects.filter(pk=key).update(user=None)
    found = open_session(key, row.expire_date - timedelta(seconds=1))
    assert found is not None
    assert (found.person, found.memberships) == (None, [])


def test_whoever_has_no_membership_is_known_all_the_same(world: World, sign_in: SignIn) -> None:
    key = sign_in("driss").session.session_key
    found = open_session(key, timezone.now())
    assert found is not None
    assert (found.person, found.memberships) == (world.people["driss"], [])


def test_a_page_asks_who_reads_by_one_statement(world: World, sign_in: SignIn) -> None:
    client = sign_in("chloe")
    with CaptureQueriesContext(connection) as heard:
        assert client.get(reverse("glossary")).status_code == 200
    who = [each["sql"] for each in heard if "reservations_user" in each["sql"] or "reservations_session" in each["sql"]]
    assert len(who) == 1


@pytest.mark.parametrize(
    ("key", "value"), [(HASH_SESSION_KEY, "forged"), (WHO, "0"), (BACKEND_SESSION_KEY, "nobody's door")]
)
def test_a_session_that_does_not_prove_its_person_lets_nobody_in(
    world: World, sign_in: SignIn, key: str, value: str
) -> None:
    client = sign_in("chloe")
    session = client.session
    session[key] = value
    session.save()
    Session.objects.update(user=world.people["chloe"])
    assert client.get(reverse("convention-list")).status_code == 302


def test_a_person_who_was_shut_out_is_not_let_in(world: World, sign_in: SignIn) -> None:
    client = sign_in("chloe")
    User.objects.filter(pk=world.people["chloe"].pk).update(is_active=False)
    assert client.get(reverse("convention-list")).status_code == 302


def test_whoever_acts_for_two_united_organisations_acts_first_for_the_one_that_is_open(
    world: World, sign_in: SignIn
) -> None:
    """Of whatever name: an absorbed landlord may come first in the alphabet."""
    client, own = sign_in("alice"), world.member("alice").organisation
    absorbed = Organisation.objects.create(
        name="Aaron Habitat", kind=own.kind, siren="999000991", closed_on=date(2026, 1, 1), merged_into=own
    )
    Membership.objects.create(user=world.people["alice"], organisation=absorbed, role=Membership.Role.LANDLORD_MANAGER)
    found = open_session(client.session.session_key, timezone.now())
    assert found is not None
    assert [each.organisation for each in found.memberships] == [own, absorbed]
    assert [each.organisation for each in memberships_of(world.people["alice"])] == [own, absorbed]
