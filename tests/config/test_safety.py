"""What production never runs with: a key that is guessed, a key that is public, pages that show the settings."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from config.local.state import ROOT
from config.safety import PUBLIC_KEY, WORKSTATION

GOOD = "4mN-qkq0Zt_lYb0uD3n1Vw8rXo5sJc7pHa2gTe6iKf9dLxQzBy"


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """A process of ours, as an operator starts it: nothing of this test's environment but where Python is."""
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": "postgres://equiflux@127.0.0.1:1/equiflux"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("", "SECRET_KEY manque"),
        ("abc", "SECRET_KEY se devine : il faut 50 caractères au moins, dont 5 différents ; elle en a 3, dont 3."),
        (GOOD[:49], "elle en a 49"),
        ("ab" * 40, "elle en a 80, dont 2."),
        (PUBLIC_KEY, "SECRET_KEY est publique"),
        ("django-insecure-" + GOOD, "SECRET_KEY est publique"),
        ("change-me-" * 6, "un modèle à remplacer"),
        ("CHANGE_ME" + GOOD, "un modèle à remplacer"),
        ("votre-cle-secrete-" + GOOD, "un modèle à remplacer"),
        ((GOOD[:13] * 6)[:70], "le même mot répété"),
    ],
)
def test_a_key_that_is_absent_public_or_guessed_is_refused_with_how_to_draw_one(key: str, sentence: str) -> None:
    ended = start(SECRET_KEY=key)
    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert "secrets.token_urlsafe(50)" in ended.stderr


def test_pages_that_show_the_settings_are_refused_but_on_a_workstation() -> None:
    ended = start(SECRET_KEY=GOOD, DEBUG="1")
    assert (ended.returncode, "Retirez DEBUG" in ended.stderr) == (1, True)
    assert start(**{"SECRET_KEY": GOOD, "DEBUG": "1", WORKSTATION: "1"}).returncode == 0


def test_a_key_of_fifty_characters_starts() -> None:
    assert start(SECRET_KEY=GOOD).returncode == 0
