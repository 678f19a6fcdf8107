"""Software that acts for an organisation: who lets it, what it may, and when it may no more."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.throttle import forget
from reservations.models import ApiCall, ApiToken
from reservations.operations.token import LONGEST, TokenRefused, make_token, revoke_token
from tests.flux.api.software import Software

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

    SignIn = Callable[[str], Client]

LIST = reverse("token-list")


def test_page_of_a_secret_loaded_again_makes_no_second_token(world: World, sign_in: SignIn) -> None:
    """A reload sent the form again: two tokens of one name, the second unseen and usable."""
    alice = sign_in("alice")
    once = alice.get(LIST).context["once"]
    typed = {"name": "Essai", "scopes": ["READ"], "expires_on": f"{timezone.localdate():%d/%m/%Y}", "once": once}
    assert "Copiez ce jeton" in alice.post(LIST, typed).content.decode()
    again = alice.post(LIST, typed, follow=True)
    assert "Ce jeton est déjà créé, et son secret ne se montre qu’une fois." in again.content.decode()
    assert ApiToken.objects.count() == 1


def test_manager_makes_a_token_reads_its_secret_once_and_revokes_it(world: World, sign_in: SignIn) -> None:
    """The secret is on one page; what is kept names it by its first letters, and gives it back to nobody."""
    alice, today = sign_in("alice"), timezone.localdate()
    assert "Aucun logiciel n’agit encore" in alice.get(LIST).content.decode()
    typed = {"name": "Gestion locative", "scopes": ["READ", "NOTICES"], "expires_on": f"{today:%d/%m/%Y}"}
    made = alice.post(LIST, typed)
    [secret] = re.findall(r"eqf_\w{8}_\w{40}", made.content.decode())
    token = ApiToken.objects.get()
    assert (token.organisation, token.made_by) == (world.landlord.organisation, world.people["alice"])
    assert (token.role, token.scopes) == ("LANDLORD_STAFF", ["READ", "NOTICES"])
    listed = alice.get(LIST).content.decode()
    assert token.prefix in listed
    assert "jamais" in listed
    assert secret not in listed
    assert secret.rpartition("_")[2] not in "".join(map(str, ApiToken.objects.values().get().values()))

    values = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/vacancies/", headers=values).status_code == 200
    token.refresh_from_db()
    assert token.last_used_on == today

    ApiToken.objects.update(expires_on=date(2030, 1, 2))
    page = alice.get(reverse("token-detail", args=[token.pk])).content.decode()
    assert "Aucun acte n’a été fait par ce jeton." in page
    assert "Il vaut jusqu’au 2 janvier 2030, pour :" in " ".join(page.split())
    assert "Révoquer ce jeton" in page
    alice.post(reverse("token-revoke", args=[token.pk]))
    answer = Client().get("/api/v1/vacancies/", headers=values)
    assert (answer.status_code, answer.json()["code"]) == (401, "identification-requise")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert "révoqué" in alice.get(LIST).content.decode()
    assert "Révoquer ce jeton" not in alice.get(reverse("token-detail", args=[token.pk])).content.decode()
    assert "Erreur : Logiciels reliés" in alice.post(LIST, {**typed, "scopes": []}).content.decode()


def test_token_lasts_a_year_at_most_and_opens_nothing_after_its_term(world: World, sign_in: SignIn) -> None:
    today = timezone.localdate()
    given = {"member": world.member("alice"), "name": "X", "scopes": ["READ"]}
    for wrong in (
        {"expires_on": today + LONGEST + timedelta(days=1)},
        {"expires_on": today - timedelta(days=1)},
        {"expires_on": today, "scopes": []},
        {"expires_on": today, "scopes": ["READ", "EVERYTHING"]},
        {"expires_on": today, "name": " "},
    ):
        with pytest.raises(TokenRefused):
            make_token(**(given | wrong))
    software = Software(world)
    ApiToken.objects.update(expires_on=today - timedelta(days=1))
    software.get("/vacancies/", 401)
    assert "échu" in sign_in("alice").get(LIST).content.decode()
    ApiToken.objects.update(expires_on=today)
    world.people["alice"].is_active = False
    world.people["alice"].save()
    software.get("/vacancies/", 401)


def test_token_does_what_its_scopes_say_and_sees_what_its_organisation_sees(world: World) -> None:
    """Least privilege: reading is a scope too, and no scope passes the predicates of the role."""
    notices, reader, city = (
        Software(world, "alice", "NOTICES"),
        Software(world, "alice", "READ"),
        Software(world, "chloe", "READ", "NOTICES"),
    )
    vacancy, other = world.vacancy(), world.vacancy(landlord=world.other_landlord, commune="Béziers")
    assert notices.get("/vacancies/", 403).json()["code"] == "droit-manquant"
    assert reader.post("/vacancies/", {}, 403).json()["code"] == "droit-manquant"
    assert [row["id"] for row in reader.get("/vacancies/").json()["results"]] == [vacancy.pk]
    assert reader.get(f"/vacancies/{other.pk}/", 404).json()["code"] == "introuvable"
    payload = city.get(f"/vacancies/{vacancy.pk}/").json()
    assert (payload["file_open"], payload["unit"]) == (False, None)
    asked = {"unit": vacancy.unit.reference, "notice_on": "2026-11-24", "available_on": "2026-11-24"}
    assert city.post("/vacancies/", asked, 403).json()["code"] == "interdit"


def test_what_opens_nothing_is_counted_for_all_processes_and_reported_when_to_come_back(world: World, settings) -> None:
    settings.API_LIMITS = {"anonymous": 3, "token": 2}
    stranger = Client(REMOTE_ADDR="203.0.113.77")
    forget("anonymous", "203.0.113.77")
    wrong = {"Authorization": "Bearer eqf_AAAAAAAA_" + "A" * 40}
    assert [stranger.get("/api/v1/ledgers/", headers=wrong).status_code for _ in range(4)] == [401, 401, 401, 429]
    software = Software(world)
    forget("token", software.token.pk)
    software.get("/ledgers/")
    software.get("/ledgers/")
    refused = software.get("/ledgers/", 429)
    assert refused.json()["code"] == "trop-de-demandes"
    assert 1 <= int(refused["Retry-After"]) <= 60
    revoke_token(token=software.token, by=world.people["alice"])
    assert not ApiCall.objects.exists()
