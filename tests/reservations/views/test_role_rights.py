"""Who may do what in one's organisation, who gave and took back which role, and when."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from reservations.operations.person import change_role, grant_membership, revoke_membership
from tests.world import World

SignIn = Callable[[str], Client]
RIGHTS = reverse("people-rights")


def test_a_manager_reads_who_may_do_what_who_gave_and_who_took_back_each_role(
    world: World, sign_in: SignIn, django_assert_num_queries: Callable
) -> None:
    """The acts of the roles of its organisation alone, as the predicates answered."""
    alice, driss = world.people["alice"], world.people["driss"]
    client = sign_in("alice")
    assert "Aucun rôle n’a encore été retiré." in client.get(RIGHTS).content.decode()
    given = grant_membership(user=driss, organisation=world.landlord.organisation, role="LANDLORD_STAFF", by=alice)
    given = change_role(membership=given, role="LANDLORD_MANAGER", by=alice)
    people = client.get(reverse("person-list")).content.decode()
    assert "par Alice" in people
    assert "par le serveur" in people, "who came with the first command"
    revoke_membership(membership=given, by=alice)
    elsewhere = grant_membership(user=driss, organisation=world.city, role="HOLDER_STAFF")
    revoke_membership(membership=elsewhere, by=world.people["adam"])
    with django_assert_num_queries(3):
        page = client.get(RIGHTS)
    rows = {
        line.cells[0].content.text: [cell.content.text for cell in line.cells[1:]]
        for table in page.context["tables"]
        for line in table.lines
    }
    found = [each.text for each in page.context["tables"][0].heads[1:]]
    assert found == ["Chargé d’attribution", "Responsable chez le bailleur"]
    assert rows["Orienter un logement"] == ["oui", "oui"]
    assert rows["Transmettre un bilan"] == ["non", "oui"]
    assert "Tenir les organisations et les paramètres de droit" not in rows, "nobody there may"
    gone = [[cell.content.text for cell in line.cells] for line in page.context["gone"].lines]
    assert [[whose, role, by] for whose, role, _, by in gone] == [
        ["Driss", "responsable chez le bailleur", "Alice"],
        ["Driss", "chargé d’attribution", "Alice"],
    ]
    operators = sign_in("adam").get(RIGHTS).context
    assert [line.cells[3].content.text for line in operators["gone"].lines] == ["Adam", "Alice", "Alice"]


@pytest.mark.parametrize("person", ["aline", "bob", "chloe", "driss", "emma"])
def test_others_do_not(sign_in: SignIn, person: str) -> None:
    assert sign_in(person).get(RIGHTS).status_code == 403
