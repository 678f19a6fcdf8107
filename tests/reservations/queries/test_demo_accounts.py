"""The accounts of a demonstration."""

from __future__ import annotations

import pytest

from reservations.models import Membership, User
from reservations.operations.person import grant_membership
from reservations.queries.parties import DemoAccount, demo_accounts
from tests.world import World


def test_only_people_of_the_example_domain_with_a_role_are_listed(world: World, django_assert_num_queries) -> None:
    for name in ("emma", "alice", "driss", "chloe"):
        User.objects.filter(pk=world.people[name].pk).update(email=f"{name}@narbonne.example")
    User.objects.filter(pk=world.people["chloe"].pk).update(is_active=False)
    grant_membership(user=world.people["emma"], organisation=world.epci, role=Membership.Role.HOLDER_STAFF)
    with django_assert_num_queries(3):
        accounts = demo_accounts()
    assert accounts == [
        DemoAccount(
            login="alice@narbonne.example",
            name="Alice",
            role="responsable chez le bailleur",
            organisation="Robine Habitat",
            first_role="LANDLORD_MANAGER",
        ),
        DemoAccount(
            login="emma@narbonne.example",
            name="Emma",
            role="agent de l’intercommunalité, réservataire",
            organisation="Le Grand Narbonne",
            first_role="EPCI_OFFICER",
        ),
    ]


@pytest.mark.usefixtures("world")
def test_without_the_example_domain_nobody_is_listed() -> None:
    assert demo_accounts() == []
