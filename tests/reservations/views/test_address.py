"""By e-mail, through a real server: invited, a lost password, another address, reported of each act on one’s
account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reservations.models import AddressChange, HistoryEntry, Invitation, PasswordRequest, Session, User
from reservations.operations.identity import answer_password_requests
from reservations.operations.mail_sending import send_mails
from tests.smtp import Server
from tests.world import PASSWORD, World

SIGN_IN, HOME, LOST = reverse("sign-in"), reverse("home"), reverse("lost-password")
NEW = "cheval agrafe pile correct"


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    opened = Server()
    settings.MAILERS, settings.EMAIL_URL = opened.mailers, "smtp://127.0.0.1"
    settings.SITE_URL = "http://testserver"
    yield opened
    opened.close()


def enter(email: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post(SIGN_IN, {"email": email, "password": password})
    return client


def read(server: Server, address: str) -> list[tuple[str, str]]:
    """(subject, text) of what this address has been reported, oldest first."""
    while send_mails():
        pass
    return [(each["Subject"], each.get_body(("plain",)).get_content()) for each in server.told(address)]  # type: ignore[union-attr]


def link_in(text: str) -> str:
    found = re.search(r"http://testserver(/\S+cle=[\w-]+)", text)
    assert found is not None, text
    return found[1]


def test_an_invitation_leaves_by_mail_and_its_link_is_shown_to_nobody(world: World, server: Server) -> None:
    alice = enter("alice@exemple.test")
    given = {"email": "fanny@exemple.test", "full_name": "Fanny", "role": "LANDLORD_STAFF"}
    page = alice.post(reverse("person-new"), given, follow=True).content.decode()
    assert "Le lien est parti à fanny@exemple.test." in page
    assert "cle=" not in page
    assert alice.post(reverse("invitation-links")).status_code == 403
    assert "Elle recevra un lien par courriel" in alice.get(reverse("person-new")).content.decode()
    [(subject, text)] = read(server, "fanny@exemple.test")
    assert subject == "Alice vous invite dans Équiflux"
    fanny = Client()
    fanny.get(link_in(text))
    assert fanny.post(reverse("invitation"), {"password": NEW})["Location"] == HOME
    assert fanny.get(HOME).status_code == 200
    adam = enter("adam@exemple.test")
    renew = reverse("person-password", args=[world.people["chloe"].pk])
    assert "Elle recevra un lien par courriel" in adam.get(renew).content.decode()
    adam.post(renew)
    [(subject, text)] = read(server, "chloe@exemple.test")
    assert "Adam vous propose de changer le mot de passe de votre compte." in text
    assert "pendant 72 heures" in text


def test_a_lost_password_is_chosen_again_by_a_link_and_nobody_learns_who_has_an_account(
    world: World, server: Server, django_assert_num_queries: Any
) -> None:
    assert f'href="{LOST}"' in Client().get(SIGN_IN).content.decode()
    assert Client().post(LOST, {}).status_code == 422
    answers = []
    for email in ("Chloe@exemple.test", "personne@exemple.test"):
        client = Client()
        client.get(LOST)
        with django_assert_num_queries(1):  # the same row for everybody: same answer, same time
            answers.append(client.post(LOST, {"email": email}).content)
    assert answers[0] == answers[1]
    assert answer_password_requests(now=timezone.now()) == 1
    assert answer_password_requests(now=timezone.now()) == 0
    assert read(server, "personne@exemple.test") == []
    [(subject, text)] = read(server, "chloe@exemple.test")
    assert subject == "Choisir un nouveau mot de passe"
    assert Invitation.objects.get().ends_at - Invitation.objects.get().made_at == timedelta(hours=2)
    elsewhere, chloe = enter("chloe@exemple.test"), enter("chloe@exemple.test")
    assert elsewhere.get(HOME).status_code == 200
    chloe.get(link_in(text))
    assert chloe.post(reverse("invitation"), {"password": NEW})["Location"] == HOME
    assert elsewhere.get(HOME).status_code == 302
    assert chloe.get(link_in(text), follow=True).status_code == 404, "once"
    assert "Votre mot de passe a été changé" in read(server, "chloe@exemple.test")[1][1]
    for _ in range(5):
        Client().post(LOST, {"email": "chloe@exemple.test"})
    assert answer_password_requests(now=timezone.now()) == 2, "three an hour"
    assert answer_password_requests(now=timezone.now() + timedelta(days=2)) == 0
    assert not PasswordRequest.objects.exists()


def test_another_address_is_taken_once_both_have_stated_so(world: World, server: Server) -> None:
    chloe, change = enter("chloe@exemple.test"), reverse("address-change")
    assert f'href="{change}"' in chloe.get(reverse("own-account")).content.decode()
    assert chloe.post(change, {"email": "CHLOE@exemple.test"}).status_code == 422
    assert chloe.post(change, {"email": "chloé@exemple.test"}).status_code == 422
    chloe.post(change, {"email": "dropped@exemple.test"})
    page = chloe.post(change, {"email": "mairie@exemple.test"}, follow=True).content.decode()
    assert "Confirmez maintenant aux deux adresses : chloe@exemple.test et mairie@exemple.test." in page
    assert "Le passage à mairie@exemple.test attend" in chloe.get(change).content.decode()
    old = link_in(read(server, "chloe@exemple.test")[-1][1])
    [(_, text)] = read(server, "mairie@exemple.test")
    [(_, dropped)] = read(server, "dropped@exemple.test")
    robot = Client()
    assert robot.get(link_in(dropped), follow=True).status_code == 404
    page = robot.get(link_in(text), follow=True).content.decode()
    assert "Changer l’adresse de ce compte ?" in page
    confirm = reverse("address-confirm")
    assert "Confirmez encore à chloe@exemple.test." in robot.post(confirm, follow=True).content.decode()
    assert User.objects.at("chloe@exemple.test").exists(), "one of the two is not enough"
    assert "l’adresse de votre compte".lower() not in page
    chloe.get(old)
    assert "Votre adresse est changée" in chloe.post(confirm, follow=True).content.decode()
    person = User.objects.get(pk=world.people["chloe"].pk)
    assert person.email == "mairie@exemple.test"
    assert not Session.objects.filter(user=person).exists()
    assert enter("mairie@exemple.test").get(HOME).status_code == 200
    row = HistoryEntry.objects.about(person).get(act=HistoryEntry.Act.ADDRESS)
    assert row.details == {"email": ["chloe@exemple.test", "mairie@exemple.test"]}
    assert read(server, "chloe@exemple.test")[-1][0] == "Votre compte a une autre adresse"
    assert "est devenue mairie@exemple.test" in read(server, "mairie@exemple.test")[-1][1]
    assert "Adresse électronique changée" in enter("adam@exemple.test").get(reverse("people-history")).content.decode()


def test_an_address_that_is_somebodys_is_never_reported_nor_taken(world: World, server: Server) -> None:
    chloe = enter("chloe@exemple.test")
    assert chloe.post(reverse("address-change"), {"email": "bob@exemple.test"}).status_code == 302
    for address in ("chloe@exemple.test", "bob@exemple.test"):
        client = Client()
        client.get(link_in(read(server, address)[-1][1]))
        page = client.post(reverse("address-confirm"), follow=True).content.decode()
    assert "Le changement n’a pas pu se faire" in page
    assert User.objects.get(pk=world.people["chloe"].pk).email == "chloe@exemple.test"
    assert AddressChange.objects.get().done_at is None


def test_each_act_on_an_account_is_reported_to_its_person(world: World, server: Server) -> None:
    chloe, adam = world.people["chloe"], enter("adam@exemple.test")
    role = chloe.memberships.get()
    adam.post(reverse("membership-role", args=[role.pk]), {"role": "HOLDER_MANAGER"})
    enter("chloe@exemple.test").post(
        reverse("person-password", args=[chloe.pk]), {"current": PASSWORD, "password": NEW}
    )
    read(server, chloe.email)
    adam.post(reverse("account-close", args=[chloe.pk]))
    result = read(server, chloe.email)
    assert sorted(subject for subject, _ in result) == [
        "Votre compte : fermeture",
        "Votre compte : mot de passe changé",
        "Votre compte : rôle donné",
        "Votre compte : rôle retiré",
    ], "what follows a closed account is told by its closing"
    assert any("Votre compte a été fermé" in text for _, text in result)


def test_without_a_mail_server_what_needs_one_is_not_there(world: World) -> None:
    assert Client().get(LOST).status_code == 404
    assert enter("chloe@exemple.test").get(reverse("address-change")).status_code == 404
    assert Client().get(reverse("address-confirm")).status_code == 404
