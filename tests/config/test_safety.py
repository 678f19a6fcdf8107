"""What production never runs with: a key that is guessed, a key that is public, pages that show the settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from config.local.state import ROOT
from config.safety import PUBLIC_KEY, WORKSTATION

GOOD = "4mN-qkq0Zt_lYb0uD3n1Vw8rXo5sJc7pHa2gTe6iKf9dLxQzBy"


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A process of ours, as an operator starts it: nothing of this test's environment but where Python is."""
    return subprocess.run(
        [sys.executable, "manage.py", *(arguments or ("check",))],
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


PRODUCTION = {
    "SECRET_KEY": GOOD,
    "HTTPS": "1",
    "ALLOWED_HOSTS": "equiflux.exemple.fr",
    "CSRF_TRUSTED_ORIGINS": "https://equiflux.exemple.fr",
    "EMAIL_URL": "smtp+tls://courriel.exemple.fr:465",
    "SUPPORT_CONTACT": "aide@exemple.fr",
    "SITE_URL": "https://equiflux.exemple.fr",
}
ASK = """
import django, json
django.setup()
from django.conf import settings
from django.test import Client
client = Client(headers={"host": "equiflux.exemple.fr"})
told = client.get("/.well-known/security.txt", secure=True)
plain = client.get("/.well-known/security.txt")
print(json.dumps({
    "text": told.content.decode(), "headers": dict(told.headers), "plain": [plain.status_code, plain.get("Location")],
    "cookies": [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME],
    "secure": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY],
    "site": [settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE],
}))
"""


def test_the_check_of_a_deployment_has_nothing_to_say() -> None:
    """`check --deploy`, every warning an error, of what README gives for production."""
    checked = start("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.startswith("System check identified no issues")


def test_production_says_whom_to_state_of_a_weakness_and_protects_what_it_answers() -> None:
    """RFC 9116, 2.5: a contact, and a day within a year after which the file is stale. OWASP ASVS 5.0, 3.3 and 3.4."""
    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": "postgres://equiflux@127.0.0.1:1/equiflux",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        | PRODUCTION,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(asked.stdout.splitlines()[-1])
    fields = dict(line.split(": ", 1) for line in found["text"].splitlines())
    assert fields["Contact"] == "mailto:aide@exemple.fr"
    assert fields["Canonical"] == "https://equiflux.exemple.fr/.well-known/security.txt"
    left = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(days=170) < left < timedelta(days=366)
    headers = found["headers"]
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert {"camera=()", "geolocation=()", "payment=()"} <= set(headers["Permissions-Policy"].split(", "))
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    for wanted in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "default-src 'self'"):
        assert wanted in policy
    assert found["plain"] == [301, "https://equiflux.exemple.fr/.well-known/security.txt"]
    assert found["cookies"] == ["__Host-session", "__Host-csrf"]
    assert (found["secure"], found["site"]) == ([True] * 3, ["Lax"] * 2)
