"""A household that an organisation keeps appears to nobody else before it is sent: pages, search, files, software, and
the wall of the database; then it goes at its term as every request does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import time_machine
from django.test import Client
from django.urls import reverse

from attributions.households.models import Application
from attributions.households.operations.needs import note_needs
from attributions.households.operations.past_candidacies import close_application
from attributions.households.operations.sending import Chosen, propose_and_send
from attributions.retention import pseudonymise_due
from reservations.models import Membership, User
from reservations.operations.person import grant_membership
from tests.attributions.households.candidates import routed
from tests.attributions.households.named import NAMES, household
from tests.flux.api.software import Software
from tests.walled import walled
from tests.world import MORNING, PASSWORD, World

SignIn = Callable[[str], Client]


def another_holder(world: World) -> User:
    anna = User(email="anna@exemple.test", full_name="Anna")
    anna.set_password(PASSWORD)
    anna.save()
    world.people["anna"] = anna
    grant_membership(user=anna, organisation=world.als, role=Membership.Role.HOLDER_STAFF)
    return anna


def everything(client: Client, one: Application, vacancy: int) -> str:
    """All that a person may ask for that could name the household, whatever it answers."""
    addresses = [
        *(reverse(name) for name in ("application-list", "file-list", "household-list", "household-send")),
        *(reverse(name, args=[one.pk]) for name in ("application-detail", "household-units", "household-needs")),
        *(reverse(name, args=[vacancy]) for name in ("file", "proposal-choose", "vacancy-detail", "letting")),
        f"{reverse('application-list')}?fichier=csv",
        f"{reverse('file-list')}?fichier=csv",
        f"{reverse('household-send')}?cocher=oui",
        f"{reverse('search')}?q=delorme",
    ]
    rows = [client.get(address, follow=True) for address in addresses]
    rows.append(client.post(reverse("application-list"), {"number": one.number}, follow=True))
    return "".join(b"".join(each.streaming_content if each.streaming else [each.content]).decode() for each in rows)


def test_nobody_else_reads_a_household_before_it_is_sent(world: World, sign_in: SignIn) -> None:
    with time_machine.travel(MORNING, tick=False):
        another_holder(world)
        routing, one = routed(world), household(world, 1)
        note_needs(
            application=one,
            needs={"needs_accessible": True},
            organisation=world.city,
            by=world.people["chloe"],
            now=MORNING,
        )
        seen = []
        for person in ("alice", "bob", "anna"):
            result = everything(sign_in(person), one, routing.vacancy_id)
            seen += [person] if NAMES[0] in result or one.ending in result else []
        with walled():
            for person in ("aline", "emma", "anna", "zoe"):
                result = everything(sign_in(person), one, routing.vacancy_id)
                seen += [f"{person}, walled"] if NAMES[0] in result or one.ending in result else []
        assert seen == []
        assert NAMES[0] in everything(sign_in("chloe"), one, routing.vacancy_id)
        path = f"/vacancies/{routing.vacancy_id}/candidates/"
        assert Software(world).get(path).json()["results"] == []
        few = {"exemption": "TOO_FEW", "exemption_text": "Peu de demandes."}
        propose_and_send(
            chosen=Chosen(routing.vacancy, routing, [one.pk]), sender=world.city, by=world.people["chloe"], **few
        )
        assert NAMES[0] in everything(sign_in("aline"), one, routing.vacancy_id)
        assert NAMES[0] not in everything(sign_in("anna"), one, routing.vacancy_id)


def test_what_it_looks_for_goes_at_its_term_with_its_identity(world: World) -> None:
    """Code of data: `attributions_erase_facts` (docs/personal-data.md)."""
    one = household(world, 1)
    note_needs(
        application=one,
        needs={
            "wanted_communes": [world.places["Narbonne"].code],
            "least_rooms": 3,
            "needs_accessible": True,
            "labelled_until": MORNING.date(),
            "documents": "COMPLETE",
        },
        organisation=world.city,
        by=world.people["chloe"],
        now=MORNING,
    )
    close_application(application=one, cause="WAIVED", on=MORNING.date(), by=world.people["chloe"], now=MORNING)
    assert pseudonymise_due(now=datetime(2040, 1, 2, 8, tzinfo=UTC)) == 1
    one.refresh_from_db()
    assert (one.wanted_communes, one.least_rooms, one.needs_accessible) == ([], None, None)
    assert (one.labelled_until, one.documents, one.name) == (None, "", "")
