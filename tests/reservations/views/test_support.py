"""Where the operator is reached, on every page that sends to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from tests.reader import Reader, as_shown
from tests.world import World

MAIL = "aide@exemple.test"
LINK = f'<a href="mailto:{MAIL}">{MAIL}</a>'
PHONE = "04 00 00 00 00, de 9 h à 17 h"


def pages(world: World, sign_in: Callable[[str], Client]) -> dict[str, str]:
    door = Reader().get(reverse("sign-in")).content.decode()
    nobody = sign_in("driss").get(reverse("home")).content.decode()
    locked = Reader()
    for _ in range(8):
        answer = locked.post(reverse("sign-in"), {"email": "chloe@exemple.test", "password": "faux"})
    assert answer.status_code == 429
    return {"door": door, "nobody": nobody, "locked": answer.content.decode()}


def test_pages_that_send_to_the_administrator_say_where(
    world: World, sign_in: Callable[[str], Client], settings: LazySettings
) -> None:
    settings.SUPPORT_CONTACT = MAIL
    for page in pages(world, sign_in).values():
        content, footer = page.split("<footer")
        assert f"l’administrateur d’Équiflux ({LINK})" in content
        assert f"Administrateur : {LINK}" in footer


@pytest.mark.parametrize(
    ("contact", "shown"),
    [(MAIL, f" ({LINK})"), (PHONE, f" ({PHONE})"), ("<b>9 h</b>", " (&lt;b&gt;9 h&lt;/b&gt;)"), ("", "")],
)
def test_page_of_an_error_of_ours_says_it_without_a_request(settings: LazySettings, contact: str, shown: str) -> None:
    """Nothing of the person nor of the database is there to draw it."""
    settings.SUPPORT_CONTACT = contact
    page = as_shown(render_to_string("500.html"))
    assert page.startswith("<!doctype html>")
    assert f"prévenez l’administrateur d’Équiflux{shown} en donnant l’heure" in page


def test_without_a_contact_no_page_shows_an_empty_one(
    world: World, sign_in: Callable[[str], Client], settings: LazySettings
) -> None:
    settings.SUPPORT_CONTACT = ""
    for page in pages(world, sign_in).values():
        assert "Administrateur :" not in page
        assert "()" not in page
