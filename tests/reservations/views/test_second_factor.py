"""The second wall: codes of an application (RFC 6238), recovery codes, who must have one, and proofs asked again."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from axes.models import AccessAttempt
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from reservations.access.second_factor import ALPHABET
from reservations.models import HistoryEntry, Membership, RecoveryCode, SecondFactor, SignIn
from tests.house.test_files import addresses
from tests.world import MORNING, PASSWORD, World

SIGN_IN, SECOND, NEW = reverse("sign-in"), reverse("second-factor"), reverse("factor-new")
HOME, ACCOUNT = reverse("home"), reverse("own-account")
Act = HistoryEntry.Act


def enter(name: str) -> Client:
    client = Client()
    answer = client.post(SIGN_IN, {"email": f"{name}@exemple.test", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def add_codes(client: Client) -> tuple[pyotp.TOTP, list[str]]:
    """What the application keeps, and the recovery codes, as the pages state them."""
    page = client.get(NEW).content.decode()
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert secret is not None
    assert "<svg" in page
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    answer = client.post(NEW, {"name": "Téléphone", "code": totp.now()}, follow=True)
    codes = re.findall(r"<li><code>([A-Z2-9-]{29})</code>", answer.content.decode())
    assert len(codes) == 10
    assert math.log2(len(ALPHABET)) * len(codes[0].replace("-", "")) >= 112, "ASVS 5.0, 6.5.2"
    assert client.get(reverse("recovery-codes")).status_code == 302, "shown once"
    return totp, codes


@pytest.fixture
def clock(time_machine: Any) -> Callable[..., None]:
    """`clock(minutes=31)`: that long after the morning."""

    def at(**after: int) -> None:
        time_machine.move_to(MORNING + timedelta(**after), tick=False)

    at()
    return at


def test_a_code_of_the_application_is_asked_after_the_password_and_serves_once(
    world: World, clock: Callable[..., None]
) -> None:
    first = enter("chloe")
    wrong = first.post(NEW, {"name": "Téléphone", "code": "000000"})
    assert (wrong.status_code, SecondFactor.objects.count()) == (422, 0)
    assert first.post(NEW, {"name": "Téléphone"}).status_code == 422
    totp, recovery = add_codes(first)
    factor = SecondFactor.objects.get(user=world.people["chloe"])
    assert totp.secret.encode() not in bytes(factor.secret), "kept unreadable"
    assert recovery[0] not in "".join(RecoveryCode.objects.values_list("digest", flat=True))
    clock(minutes=2)
    client = enter("chloe")
    assert client.get(HOME).status_code == 302, "a password opens nothing any more"
    assert "Votre mot de passe est bon." in client.get(SECOND).content.decode()
    code = totp.now()
    refused = client.post(SECOND, {"proof": "123456" if code != "123456" else "654321"})
    assert refused.status_code == 422
    assert "Ce code n’est pas le bon" in refused.content.decode()
    assert "123456" not in str(AccessAttempt.objects.values_list("post_data", flat=True)), "what is typed is not kept"
    assert client.post(SECOND, {"proof": f"{code[:3]} {code[3:]}"})["Location"] == HOME
    assert client.get(HOME).status_code == 200
    replayed = enter("chloe")
    assert replayed.post(SECOND, {"proof": code}).status_code == 422, "a code is never taken twice"
    assert replayed.post(SECOND, {"proof": recovery[3].lower()}).status_code == 302
    again = enter("chloe")
    assert again.post(SECOND, {"proof": recovery[3]}).status_code == 422
    rows = list(SignIn.objects.filter(user=world.people["chloe"]).order_by("pk").values_list("factor", flat=True))
    assert rows == ["NONE", "CODES", "RECOVERY"]
    page = client.get(ACCOUNT).content.decode()
    assert "9 codes restent" in page
    assert "code de secours" in page
    assert "dernier usage le" in page


def test_wrong_codes_are_stopped_as_wrong_passwords_are(world: World) -> None:
    totp, _ = add_codes(enter("chloe"))
    client = enter("chloe")
    for _ in range(8):
        assert client.post(SECOND, {"proof": "000000"}).status_code == 422
    page = client.post(SECOND, {"proof": totp.now()}).content.decode()
    assert "Trop d’essais ont échoué : rien n’est essayé avant 15 minutes." in page
    assert client.get(HOME).status_code == 302


def test_the_second_step_waits_ten_minutes_and_one_password(world: World, clock: Callable[..., None]) -> None:
    totp, _ = add_codes(enter("chloe"))
    clock(minutes=2)
    late = enter("chloe")
    clock(minutes=13)
    assert late.post(SECOND, {"proof": totp.now()})["Location"] == SIGN_IN
    assert Client().get(SECOND)["Location"] == SIGN_IN


@pytest.mark.parametrize(("name", "must"), [("alice", True), ("bob", True), ("adam", True), ("chloe", False)])
def test_managers_officers_of_the_state_and_operators_add_one_before_anything_else(
    world: World, settings: Any, name: str, must: bool
) -> None:
    settings.SECOND_FACTOR_COMPULSORY = True
    client = enter(name)
    assert (client.get(HOME).get("Location") == NEW) is must
    assert client.get("/api/v1/vacancies/").status_code == (401 if must else 200)
    assert ("Votre rôle engage votre organisation" in client.get(NEW).content.decode()) is must
    add_codes(client)
    assert client.get(HOME).status_code == 200
    removed = client.post(reverse("factor-remove", args=[SecondFactor.objects.get().pk]), follow=True).content.decode()
    assert ("Votre rôle demande un second facteur" in removed) is must
    assert RecoveryCode.objects.exists() is must


def test_key_of_the_installation_may_be_replaced(world: World, settings: Any, clock: Callable[..., None]) -> None:
    """The key before goes on unlocking what it locked, as docs/operations.md says; without it, nothing is unlocked."""
    totp, _ = add_codes(enter("chloe"))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
        "un autre mot de passe de 50 signes au moins, tiré…",
        [settings.SECRET_KEY],
    )
    clock(minutes=1)
    assert enter("chloe").post(SECOND, {"proof": totp.now()}).status_code == 302
    settings.SECRET_KEY_FALLBACKS = []
    clock(minutes=2)
    assert enter("chloe").post(SECOND, {"proof": totp.now()}).status_code == 422


def test_everybody_adds_one_where_it_is_asked_of_everybody(world: World, settings: Any) -> None:
    """ASVS 5.0, 6.3.3: several factors, whatever the role."""
    settings.SECOND_FACTOR_EVERYBODY = True
    assert enter("chloe").get(HOME).get("Location") == NEW


def test_what_signs_or_gives_rights_asks_again_after_half_an_hour(world: World, clock: Callable[..., None]) -> None:
    """LegalParameter PROOF_MINUTES: thirty. What was typed goes on with the proof; a wrong one does nothing."""
    alice, aline = enter("alice"), Membership.objects.get(user=world.people["aline"])
    change = reverse("membership-role", args=[aline.pk])
    clock(minutes=31)
    page = alice.post(change, {"role": "LANDLORD_MANAGER"}).content.decode()
    assert "Est-ce bien vous ?" in page
    assert '<input type="hidden" name="role" value="LANDLORD_MANAGER">' in page
    wrong = alice.post(change, {"role": "LANDLORD_MANAGER", "password_again": "faux"})
    assert (wrong.status_code, "Ce n’est pas votre mot de passe." in wrong.content.decode()) == (422, True)
    aline.refresh_from_db()
    assert aline.role == "LANDLORD_STAFF"
    assert alice.post(change, {"role": "LANDLORD_MANAGER", "password_again": PASSWORD}).status_code == 302
    aline.refresh_from_db()
    assert aline.role == "LANDLORD_MANAGER"
    assert alice.post(change, {"role": "LANDLORD_STAFF"}).status_code == 302, "proved for half an hour"
    totp, _ = add_codes(alice)
    clock(minutes=90)
    assert "Code à six chiffres" in alice.get(NEW).content.decode(), "a secret is read by whoever proved who they are"
    assert alice.post(NEW, {"preuve_seule": "1", "proof": totp.now()})["Location"] == NEW
    assert "Un appareil de plus" in alice.get(NEW).content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "balance-sign",
        "convention-sign",
        "candidate-export-xlsx",
        "application-list?fichier=csv",
        "offer-list?fichier=xlsx",
        "minutes-pdf",
        "reconciliation-csv",
        "takeaway-file",
        "membership-role",
        "membership-revoke",
        "account-close",
        "person-new",
        "invitation-links",
        "token-list",
        "factor-remove",
        "factor-reset",
        "recovery-codes-new",
    ],
)
def test_each_act_that_engages_names_or_touches_an_account_asks_again(
    world: World, clock: Callable[..., None], name: str
) -> None:
    alice = enter("alice")
    clock(minutes=31)
    address, _, query = name.partition("?")
    about = {argument: 2026 if argument == "year" else 1 for argument in addresses()[address].pattern.converters}
    url = f"{reverse(address, kwargs=about)}?{query}"
    answer = alice.get(url) if name == "takeaway-file" else alice.post(url)
    assert "prouvez d’abord qui vous êtes" in answer.content.decode()


def test_a_proof_asked_again_takes_a_passkey_keeps_what_was_typed_and_says_that_a_file_is_not(
    world: World, clock: Callable[..., None]
) -> None:
    alice = enter("alice")
    SecondFactor.objects.create(
        user=world.people["alice"],
        kind=SecondFactor.Kind.PASSKEY,
        name="Clé",
        credential=b"c" * 16,
        public_key=b"k",
        added_at=MORNING,
    )
    clock(minutes=31)
    file = SimpleUploadedFile("note.pdf", b"%PDF-1.7")
    page = alice.post(reverse("token-list"), {"name": "Logiciel de nuit", "joint": file}).content.decode()
    assert "Utiliser une clé d’accès" in page
    assert "Le fichier joint n’est pas gardé" in page
    assert '<input type="hidden" name="name" value="Logiciel de nuit">' in page


@pytest.mark.parametrize(("who", "lost"), [("adam", "chloe"), ("alice", "aline")])
def test_whoever_lost_theirs_has_it_taken_away_by_who_looks_after_them(world: World, who: str, lost: str) -> None:
    """By the operator, or by the manager of the only organisation that they act for."""
    _, recovery = add_codes(enter(lost))
    looks = enter(who)
    assert "Retirer le second facteur" in looks.get(reverse("person-list")).content.decode()
    looks.post(reverse("factor-reset", args=[world.people[lost].pk]))
    assert enter(lost).get(HOME).status_code == 200
    assert not RecoveryCode.objects.exists()
    story = HistoryEntry.objects.about(world.people[lost]).filter(act__in=[Act.FACTOR, Act.FACTOR_GONE])
    assert [entry.act for entry in story] == [Act.FACTOR, Act.FACTOR_GONE]
    page = looks.get(reverse("people-history")).content.decode()
    assert "Second facteur ajouté : application de codes" in page
    assert "Second facteur retiré : application de codes" in page
    assert recovery[0] not in page


def test_a_link_for_a_new_password_does_not_open_the_second_wall(world: World) -> None:
    add_codes(enter("chloe"))
    adam = enter("adam")
    page = adam.post(reverse("person-password", args=[world.people["chloe"].pk]), follow=True).content.decode()
    link = re.search(r"/invitation/\?cle=[\w-]+", page)
    assert link is not None
    chloe = Client()
    chloe.get(link[0])
    assert chloe.post(reverse("invitation"), {"password": "cheval agrafe pile correct"})["Location"] == SECOND
    assert chloe.get(HOME).status_code == 302
