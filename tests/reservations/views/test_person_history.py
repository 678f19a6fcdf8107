"""Acts on people leave a trace that those whom they concern read, through real sign-ins."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reservations.models import HistoryEntry, Membership, User
from reservations.operations.people_review import appoint_administrator
from reservations.operations.person import admit_person, grant_membership, revoke_membership, set_password
from tests.reader import Reader
from tests.world import PASSWORD, World, siren

SignIn = Callable[[str], Client]
Role = Membership.Role
HISTORY, READ, SIGN_IN, HOME = (reverse(n) for n in ("people-history", "people-history-read", "sign-in", "home"))
GIVEN, OWN = "quatre mots sans lien", "cheval agrafe pile correct"


def enter(name: str, password: str = PASSWORD) -> Client:
    client = Reader()
    answer = client.post(SIGN_IN, {"email": f"{name}@exemple.test", "password": password})
    assert answer.status_code == 302, answer.content.decode()
    return client


def history_rows(answer: HttpResponse) -> list[tuple[str, str, str]]:
    """(account, act, by), latest first."""
    rows = re.findall(r"<tr>\s*<td class=\"nw\".*?</tr>", answer.content.decode(), re.DOTALL)
    cells = [re.findall(r"<(?:th|td)[^>]*class=\"all\"[^>]*>(.*?)</(?:th|td)>", row, re.DOTALL) for row in rows]
    return [tuple(html.unescape(re.sub("<span.*?</span>|<[^>]+>", "", cell)).strip() for cell in row) for row in cells]


def read(client: Client) -> list[tuple[str, str, str]]:
    return history_rows(client.get(HISTORY))


@pytest.fixture
def lea(world: World) -> User:
    """Léa and Marc receive units for Action Logement."""
    for name in ("lea", "marc"):
        person = User(email=f"{name}@exemple.test", full_name=name.capitalize())
        person.set_password(PASSWORD)
        person.save()
        grant_membership(user=person, organisation=world.als, role=Role.HOLDER_STAFF)
        world.people[name] = person
    return world.people["lea"]


def test_an_operator_who_borrows_an_account_leaves_a_full_trace_that_its_organisation_reads(
    world: World, lea: User
) -> None:
    """Adam makes a link for Léa's password and uses it, and makes a second operator, whom he revokes."""
    adam = enter("adam")
    adam.post(reverse("person-password", args=[lea.pk]))
    take(adam, GIVEN)
    second = {"email": "second@exemple.test", "full_name": "Second", "organisation": world.operator.pk}
    adam.post(reverse("person-new"), second | {"role": "ADMINISTRATOR"})
    take(adam, GIVEN)
    adam.post(reverse("membership-revoke", args=[Membership.objects.get(user__email="second@exemple.test").pk]))
    expected = [
        ("Second", "Rôle retiré : administrateur (Équiflux)", "Adam"),
        ("Second", "Rôle donné : administrateur (Équiflux)", "Adam"),
        ("Second", "Compte ouvert", "une commande du serveur"),
        ("Équiflux", "Invitation de second@exemple.test (administrateur)", "Adam"),
        ("Lea", "Mot de passe choisi avec un lien donné par quelqu’un d’autre", "Adam"),
        ("Lea", "Lien donné pour un nouveau mot de passe", "Adam"),
    ]
    page = enter("marc").get(HISTORY)
    assert history_rows(page)[: len(expected)] == expected
    assert [(line.about_at, line.by_at) for line in page.context["lines"][:2]] == [
        ("second@exemple.test", "adam@exemple.test"),
        ("second@exemple.test", "adam@exemple.test"),
    ]  # two people may bear one name
    assert '<span class="hint">adam@exemple.test</span>' in page.content.decode()
    assert read(adam)[: len(expected)] == expected
    assert "avec un lien donné par Adam" in enter("lea", GIVEN).get(HOME).content.decode()


def take(maker: Client, password: str) -> Client:
    """Somebody opens the link that was just made, and chooses a password."""
    page = html.unescape(maker.get(reverse("invitation-link")).content.decode())
    [address] = re.findall(r'value="https?://[^/]+(/invitation/\?cle=[^"]+)"', page)
    client = Reader()
    client.get(address)
    assert client.post(reverse("invitation"), {"password": password})["Location"] == HOME
    return client


def test_the_person_is_reported_at_the_next_sign_in_until_they_say_to_have_read(
    world: World, lea: User, settings: LazySettings
) -> None:
    settings.SUPPORT_CONTACT = "aide@exemple.test"
    set_password(user=lea, password=GIVEN, by=world.people["adam"])
    client = enter("lea", GIVEN)
    own = reverse("person-password", args=[lea.pk])
    page = client.get(own).content.decode()
    assert re.search(r"Votre mot de passe a été changé le \d+ \w+ \d{4} à \d+ h \d\d par Adam\.", html.unescape(page))
    assert "Si ce n’est pas attendu, changez votre mot de passe" in page
    assert 'd’Équiflux (<a href="mailto:aide@exemple.test">aide@exemple.test</a>).' in page
    client.post(own, {"current": GIVEN, "password": OWN})
    assert "par Adam" in client.get(HOME).content.decode()
    again = enter("lea", OWN)
    assert "par Adam" in again.get(HOME).content.decode()
    assert again.post(READ)["Location"] == HOME
    assert "par Adam" not in again.get(HOME).content.decode()
    assert "par Adam" not in enter("lea", OWN).get(HOME).content.decode()


def test_roles_given_and_taken_back_by_others_are_reported_and_ones_own_acts_are_not(world: World, lea: User) -> None:
    adam = world.people["adam"]
    set_password(user=lea, password=OWN, by=lea)
    assert "alert warn flow" not in enter("lea", OWN).get(HOME).content.decode()
    given = grant_membership(user=lea, organisation=world.city, role=Role.HOLDER_STAFF, by=adam)
    revoke_membership(membership=given, by=adam)
    page = html.unescape(enter("lea", OWN).get(HOME).content.decode())
    assert re.search(r"Le rôle réservataire \(Ville de Narbonne\) vous a été donné le .* par Adam\.", page)
    assert re.search(r"Le rôle réservataire \(Ville de Narbonne\) vous a été retiré le .* par Adam\.", page)


def test_no_number_of_roles_pushes_out_what_was_done_to_the_password(world: World, lea: User) -> None:
    """« J’ai lu » says to have read what is not reported too: that is counted."""
    adam = world.people["adam"]
    set_password(user=lea, password=OWN, by=adam)
    set_password(user=lea, password=GIVEN, by=lea)
    for _ in range(6):
        revoke_membership(
            membership=grant_membership(user=lea, organisation=world.city, role=Role.HOLDER_STAFF, by=adam), by=adam
        )
    page = html.unescape(enter("lea", GIVEN).get(HOME).content.decode())
    assert page.count("Votre mot de passe a été changé le ") == 1
    assert page.count("Le rôle réservataire (Ville de Narbonne) vous a été ") == 5
    assert "Et 7 autres actes : l’historique les dit tous." in page
    grant_membership(user=lea, organisation=world.city, role=Role.HOLDER_STAFF, by=adam)
    again = enter("lea", GIVEN)
    assert "Et 8 autres actes" in html.unescape(again.get(HOME).content.decode())
    again.post(READ)
    assert "alert warn flow" not in enter("lea", GIVEN).get(HOME).content.decode()


def test_what_a_command_of_the_server_did_to_an_open_account_is_reported(
    world: World, lea: User, time_machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The role with which it was opened is not; a password given so must be changed, as any that is given."""
    assert "alert warn flow" not in enter("lea").get(HOME).content.decode()
    time_machine.move_to(timezone.now() + timedelta(days=2))
    appoint_administrator(siren=world.operator.siren, organisation_name="", email=lea.email, full_name="", password="")
    monkeypatch.setenv("EQUIFLUX_ADMIN_PASSWORD", GIVEN)
    out = StringIO()
    call_command("changepassword", lea.email.upper(), stdout=out)
    assert "Lea a un nouveau mot de passe, à changer en entrant" in out.getvalue()
    client = enter("lea", GIVEN)
    own = reverse("person-password", args=[lea.pk])
    assert client.get(HOME)["Location"] == own
    page = html.unescape(client.get(own).content.decode())
    assert re.search(r"Le rôle administrateur \(Équiflux\) vous a été donné le .* par une commande du serveur\.", page)
    assert re.search(r"Votre mot de passe a été changé le .* par une commande du serveur\.", page)
    assert read(client)[1] == ("Lea", "Mot de passe donné par quelqu’un d’autre", "une commande du serveur")


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("personne@exemple.test", GIVEN, "Personne n’a de compte"),
        ("lea@exemple.test", "court", "court"),
    ],
)
def test_a_command_that_is_refused_changes_no_password(
    lea: User, monkeypatch: pytest.MonkeyPatch, email: str, password: str, sentence: str
) -> None:
    monkeypatch.setenv("EQUIFLUX_ADMIN_PASSWORD", password)
    before = HistoryEntry.objects.count()
    with pytest.raises(CommandError, match=sentence):
        call_command("changepassword", email)
    assert HistoryEntry.objects.count() == before
    assert enter("lea").get(HOME).status_code == 200


def test_first_password_typed_by_somebody_else_is_changed_before_anything(world: World) -> None:
    """An account that a command of the server gave, or that was opened before links were."""
    admitted = admit_person(
        email="fanny@exemple.test",
        full_name="Fanny",
        password=GIVEN,
        organisation=world.landlord.organisation,
        role=Role.LANDLORD_STAFF,
        by=world.people["alice"],
    )
    fanny = admitted.user
    own = reverse("person-password", args=[fanny.pk])
    client = Reader()
    sent = client.post(SIGN_IN, {"email": fanny.email, "password": GIVEN}, follow=True)
    assert sent.redirect_chain[-1] == (own, 302)
    assert "Celui que vous avez vous a été donné" in sent.content.decode()
    assert "Revenir sans changer" not in sent.content.decode()
    assert client.get(reverse("vacancy-list"))["Location"] == own
    assert client.get(reverse("api-vacancies")).status_code == 401
    assert client.get(HISTORY).status_code == 200
    same = client.post(own, {"current": GIVEN, "password": GIVEN})
    assert same.context["form"].errors == {
        "password": ["C’est celui qui vous a été donné : quelqu’un d’autre le connaît."]
    }
    assert client.post(own, {"current": GIVEN, "password": OWN})["Location"] == HOME
    assert client.get(reverse("vacancy-list")).status_code == 200
    assert client.get(reverse("api-vacancies")).status_code == 200
    assert client.post(reverse("sign-out")).status_code == 302


def test_each_reads_what_concerns_their_organisation_and_no_more(world: World, lea: User, sign_in: SignIn) -> None:
    """Alice manages Robine; Aline is on its staff; Emma's other role is not Robine's business."""
    adam, alice = world.people["adam"], world.people["alice"]
    before = {name: len(read(sign_in(name))) for name in ("alice", "aline", "emma", "zoe", "driss")}
    set_password(user=world.people["aline"], password=OWN, by=world.people["aline"])
    grant_membership(
        user=world.people["emma"], organisation=world.landlord.organisation, role="LANDLORD_STAFF", by=alice
    )
    grant_membership(user=world.people["emma"], organisation=world.city, role=Role.HOLDER_STAFF, by=adam)
    after = {name: len(read(sign_in_again(world, name))) for name in before}
    assert {name: after[name] - before[name] for name in before} == {
        "alice": 2,
        "aline": 1,
        "emma": 2,
        "zoe": 0,
        "driss": 0,
    }


def sign_in_again(world: World, name: str) -> Client:
    client = Reader()
    client.force_login(world.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_organisation_and_what_a_command_of_the_server_did_are_notified_too(world: World, sign_in: SignIn) -> None:
    appoint_administrator(
        siren=world.operator.siren, organisation_name="", email="eve@exemple.test", full_name="Ève", password=OWN
    )
    assert not User.objects.get(email="eve@exemple.test").must_change_password
    new = {"siren": siren(70), "name": "Hôpital de Narbonne", "kind": "OTHER", "article": "l’"}
    assert sign_in("adam").post(reverse("organisation-new"), new).status_code == 302
    assert read(sign_in("adam"))[:3] == [
        ("Hôpital de Narbonne", "Organisation enregistrée", "Adam"),
        ("Ève", "Rôle donné : administrateur (Équiflux)", "une commande du serveur"),
        ("Ève", "Compte ouvert", "une commande du serveur"),
    ]


def test_what_is_refused_leaves_no_trace(world: World, sign_in: SignIn) -> None:
    before = HistoryEntry.objects.count()
    client = sign_in("adam")
    client.post(reverse("membership-revoke", args=[world.member("adam").pk]))
    client.post(reverse("person-new"), {"email": "x@exemple.test"})
    assert HistoryEntry.objects.count() == before


def test_history_of_people_is_never_rewritten(world: World) -> None:
    with pytest.raises(ProgrammingError, match="Cannot update rows"):
        HistoryEntry.objects.about(world.people["chloe"]).update(by=world.people["chloe"])


def test_closed_accounts_and_addresses_are_reported_to_the_administrator(world: World) -> None:
    for n in range(30):
        Reader(REMOTE_ADDR=f"203.0.113.{n}").post(SIGN_IN, {"email": "chloe@exemple.test", "password": "faux"})
    page = enter("adam").get(HISTORY).content.decode()
    assert "Connexions suspendues en ce moment" in page
    assert "chloe@exemple.test" in page
    assert ("Chloe", "Connexions suspendues : trop d’essais depuis plusieurs endroits", "personne d’identifié") in read(
        enter("adam")
    )


def test_every_account_and_address_that_may_not_try_is_named(world: World) -> None:
    """Two addresses that tried twenty accounts each, and the account that thirty of them tried."""
    for address in ("203.0.113.200", "203.0.113.201"):
        for n in range(20):
            Reader(REMOTE_ADDR=address).post(SIGN_IN, {"email": f"compte{n}@exemple.test", "password": "faux"})
    for n in range(30):
        Reader(REMOTE_ADDR=f"203.0.113.{n}").post(SIGN_IN, {"email": "chloe@exemple.test", "password": "faux"})
    page = " ".join(enter("adam").get(HISTORY).content.decode().split())
    assert "essai : chloe@exemple.test, l’adresse 203.0.113.200, l’adresse 203.0.113.201. Les personnes" in page


@pytest.mark.parametrize("count", [1, 30, 60])
def test_page_costs_the_same_whatever_the_number_of_acts(
    world: World, sign_in: SignIn, count: int, django_assert_max_num_queries: Callable
) -> None:
    client, aline = sign_in("alice"), world.people["aline"]
    for n in range(count):
        set_password(user=aline, password=f"{OWN} {n}", by=aline)
    with django_assert_max_num_queries(6):
        page = client.get(HISTORY)
    assert len(history_rows(page)) == min(25, page.context["page"].paginator.count)


def test_admitting_somebody_known_says_who_gave_the_role(world: World) -> None:
    membership = admit_person(
        email="emma@exemple.test",
        full_name="",
        password="",
        organisation=world.city,
        role=Role.HOLDER_STAFF,
        by=world.people["adam"],
    )
    entry = HistoryEntry.objects.about(membership.user).last()
    assert (entry.act, entry.by, entry.organisations, entry.details) == (
        "GRANTED",
        world.people["adam"],
        [world.city.pk],
        {"organisation": [None, "Ville de Narbonne"], "role": [None, "HOLDER_STAFF"]},
    )
    assert not User.objects.get(email="emma@exemple.test").must_change_password


def test_pages_of_the_history_answer_head_as_get(sign_in: SignIn) -> None:
    client = sign_in("chloe")
    assert [client.head(url).status_code for url in (HISTORY, READ)] == [200, 302]
