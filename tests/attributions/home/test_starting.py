"""« Premiers pas »: each role reads what it does first, and where it stands, from what there is."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from flux.operations.openings import OpeningFigures, propose_opening
from reservations.models import Membership
from reservations.operations.invitation import invite
from reservations.operations.party import register_landlord
from tests.world import World, siren, unsign

SignIn = Callable[[str], Client]
URL = reverse("first-steps")


def lines(client: Client) -> dict[str, str]:
    """Each line of the page: what, then its state and what there is."""
    page = html.unescape(client.get(URL).content.decode())
    rows = re.findall(r"<tr[^>]*><th scope=\"row\"[^>]*>(.*?)</th>(.*?)</tr>", page, re.DOTALL)
    return {what.strip(): " ".join(re.sub(r"<[^>]+>", " ", rest).split()) for what, rest in rows}


def test_a_holders_manager_reads_its_people_its_convention_its_opening_and_its_candidates(
    world: World, sign_in: SignIn
) -> None:
    Membership.objects.filter(user=world.people["chloe"]).update(role=Membership.Role.HOLDER_MANAGER)
    chloe, today = sign_in("chloe"), timezone.localdate()
    assert f'href="{URL}"' in chloe.get(reverse("home")).content.decode()
    assert lines(chloe) == {
        "Personnes": "au choix 1 personne agit Inviter",
        "Convention": "fait 1 convention en vigueur Lire les conventions",
        "Soldes d’ouverture": "au choix aucun proposé Accepter ou contester",
        "Premier candidat": "au choix 0 candidature Proposer",
    }
    invite(
        email="x@exemple.test",
        full_name="X",
        organisation=world.city,
        role="HOLDER_STAFF",
        by=world.people["chloe"],
        now=timezone.now(),
    )
    propose_opening(
        landlord=world.landlord,
        departement=world.places["Aude"],
        holder=world.holders["city"],
        since=today.replace(month=1, day=1),
        opened_on=today,
        figures=OpeningFigures(units=100, due=12_000_000, received=10),
        source="suivi",
        by=world.people["alice"],
    )
    unsign(world.conventions["city"], "PROPOSED")
    found = lines(chloe)
    assert found["Personnes"] == "au choix 1 personne agit, 1 invitation attend Inviter"
    assert found["Soldes d’ouverture"] == "à faire 1 attend votre réponse, sur 1 Accepter ou contester"
    assert found["Convention"] == "à faire 0 convention en vigueur, 1 à signer Lire les conventions"
    assert "2 étapes restent à faire" in chloe.get(URL).content.decode()


def test_the_state_and_the_epci_read_what_they_follow_too(world: World, sign_in: SignIn) -> None:
    assert list(lines(sign_in("bob"))) == [
        "Personnes",
        "Convention",
        "Soldes d’ouverture",
        "Premier candidat",
        "Objectifs du territoire",
        "Bilans reçus",
    ]
    emma = lines(sign_in("emma"))
    assert list(emma) == ["Personnes", "Convention", "Objectifs du territoire", "Bilans reçus"]
    assert emma["Bilans reçus"] == "au choix 0 bilan transmis Lire les bilans"


def test_the_operator_of_an_empty_installation_reads_what_is_missing(world: World, sign_in: SignIn) -> None:
    """A landlord without a manager waits for the operator; with one, it does the rest alone."""
    adam = sign_in("adam")
    assert lines(adam)["Responsable de chaque bailleur"] == "fait 0 bailleur sans responsable Inviter"
    register_landlord(siren=siren(75), name="Toits neufs", acronym="TN")
    found = lines(adam)
    assert found["Responsable de chaque bailleur"] == "à faire 1 bailleur sans responsable Inviter"
    assert found["Bailleurs"] == "fait 3 bailleurs Enregistrer"
    assert found["Répertoire des territoires"] == "fait 4 communes Chercher un lieu"
    assert sign_in("alice").get(URL)["Location"] == reverse("starting")
