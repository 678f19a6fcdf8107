"""Passwords that a list, a keyboard or a name would find are refused; words put together are not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from reservations.access.passwords import common_words
from reservations.models import Membership, User
from reservations.operations.person import admit_person, register_user, set_password
from tests.world import World

REPEATED, DRAWN, WORD = "répète les mêmes caractères", "suit le clavier ou une suite", "mot courant, un lieu ou un nom"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("aaaaaaaaaaaa", REPEATED),
        ("abababababab", REPEATED),
        ("azertyuiop12", DRAWN),
        ("AZERTYUIOP2026", DRAWN),
        ("mlkjhgfdsq2026", DRAWN),
        ("qwertyuiop!!", DRAWN),
        ("abcdefghijkl", DRAWN),
        ("9876543210ab", DRAWN),
        ("1a2z3e4r5t6y", DRAWN),
        ("aaaabbbbccccddddeeee", DRAWN),
        ("Motdepasse2026", WORD),
        ("M0td3p4ss3!!!", WORD),
        ("Bonjour-bonjour", WORD),
        ("2026Équiflux!!", WORD),
        ("Réservataire75", WORD),
        ("Narbonne-2026!", WORD),
        ("Hérault-34-34!", WORD),
        ("demonstration", WORD),
        ("Démonstration-2027", WORD),
        ("Orientation!!", WORD),
    ],
)
def test_what_is_tried_first_is_refused(world: World, password: str, why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, world.people["zoe"])
    assert any(why in sentence and "quatre mots" in sentence for sentence in refused.value.messages)


@pytest.mark.parametrize(
    "password",
    [
        "narbonne en novembre",
        "une phrase de passe",
        "cheval agrafe pile correct",
        "demonstration et flux",
        "kT7#vPq9!mLz2",
    ],
)
def test_words_put_together_and_drawn_ones_are_taken(world: World, password: str) -> None:
    validate_password(password, world.people["zoe"])


@pytest.mark.parametrize("password", ["demonstration-2026", "Démonstration 2026", "DEMONSTRATION-2026"])
@pytest.mark.django_db
def test_the_password_that_the_manual_prints_is_for_the_demonstration_only(password: str, settings: object) -> None:
    settings.DEMO = False
    with pytest.raises(ValidationError) as refused:
        register_user(email="fanny@exemple.test", full_name="Fanny", password=password)
    assert "celui de la démonstration" in refused.value.message_dict["password"][0]

    register_user(email="fanny@robine.example", full_name="Fanny", password=password)  # of an example, as its cast is
    settings.DEMO = True
    register_user(email="fanny@exemple.test", full_name="Fanny", password=password)


def test_name_of_ones_organisation_is_refused_for_those_who_act_for_it(world: World) -> None:
    for password in ("Robine-Habitat-11", "robine2026!!"):
        with pytest.raises(ValidationError, match="nom connu"):
            set_password(user=world.people["aline"], password=password, by=world.people["aline"])
        set_password(user=world.people["chloe"], password=password, by=world.people["chloe"])


def test_name_of_the_organisation_is_refused_as_a_first_password(world: World) -> None:
    with pytest.raises(ValidationError) as refused:
        admit_person(
            email="fanny@exemple.test",
            full_name="Fanny",
            password="Robine-Habitat-11",
            organisation=world.landlord.organisation,
            role=Membership.Role.LANDLORD_STAFF,
            by=None,
        )
    assert "nom de l’organisation" in refused.value.message_dict["password"][0]


def test_common_words_are_spelt_as_they_are_looked_for() -> None:
    """Without accents, capitals, spaces: any other spelling in the file would never be found."""
    assert len(common_words()) > 700
    assert [word for word in common_words() if not word.isascii() or not word.isalpha() or not word.islower()] == []


@pytest.mark.django_db
def test_digits_alone_are_under_the_fifty_bits_of_the_cnil() -> None:
    """Délibération n° 2022-100, annexe: « avec restriction d’accès », 50 bits, that is sixteen digits."""
    with pytest.raises(ValidationError) as refused:
        validate_password("493817265093", User())
    assert any("il en faudrait seize" in sentence for sentence in refused.value.messages)


@pytest.mark.django_db
def test_sixteen_digits_drawn_are_taken() -> None:
    validate_password("4938172650937184")


@pytest.fixture
def leaks(settings: Any) -> Iterator[list[str]]:
    """A service of leaked passwords, on loopback; what it was asked."""
    asked: list[str] = []
    known = hashlib.sha1(b"cheval agrafe pile correct", usedforsecurity=False).hexdigest().upper()

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"0018A45C4D1DEF81644B54AB7F969B88D65:0\r\n{known[5:]}:42\r\n".encode())

        def log_message(self, *_given: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings.BREACHED_PASSWORDS_URL = f"http://127.0.0.1:{server.server_port}/range/"
        yield asked
        server.shutdown()


@pytest.mark.django_db
def test_a_leaked_password_is_refused_and_five_signs_of_it_leave(leaks: list[str], settings: Any) -> None:
    with pytest.raises(ValidationError, match="liste volée à un autre site"):
        validate_password("cheval agrafe pile correct")
    validate_password("narbonne en novembre")
    assert [len(path) for path in leaks] == [len("/range/ABCDE")] * 2
    settings.BREACHED_PASSWORDS_URL = "http://127.0.0.1:9/range/"  # nobody is there: nobody is kept out
    validate_password("cheval agrafe pile correct")
