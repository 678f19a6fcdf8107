"""Passwords are kept by Argon2id at a cost that a sign-in can bear; those kept before still open, once."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from config import settings as real
from reservations.access.passwords import one_at_a_time
from reservations.models import User
from tests.house.tree import ROOT
from tests.world import PASSWORD, World

SIGN_IN = reverse("sign-in")


@pytest.fixture(autouse=True)
def real_passwords(settings: LazySettings) -> None:
    """As in production, and no quicker."""
    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS


def enter(email: str, password: str) -> HttpResponse:
    return Client().post(SIGN_IN, {"email": email, "password": password})


def kept(name: str, password: str) -> None:
    User.objects.filter(email=f"{name}@exemple.test").update(password=password)


def test_a_command_says_what_checking_a_password_costs_beside_what_it_may() -> None:
    out = StringIO()
    call_command("password_cost", "--json", stdout=out)
    found = json.loads(out.getvalue())
    assert (found["algorithm"], found["memory_kib"], found["passes"]) == ("argon2", 47_104, 1)
    assert found["milliseconds"] > 5
    assert found["limit"] == 100
    call_command("password_cost", stdout=out)
    assert "argon2, 47104 Kio" in out.getvalue()


def test_password_kept_before_opens_and_is_kept_anew(world: World) -> None:
    kept("chloe", make_password(PASSWORD, hasher="pbkdf2_sha256"))
    assert enter("chloe@exemple.test", PASSWORD).status_code == 302
    assert User.objects.get(email="chloe@exemple.test").password.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")
    assert enter("chloe@exemple.test", PASSWORD).status_code == 302
    assert not User.objects.with_old_password().exists()


@pytest.mark.parametrize("algorithm", ["default", "pbkdf2_sha256"])
def test_passwords_are_hashed_one_at_a_time_in_whatever_way(algorithm: str) -> None:
    done = threading.Event()

    def work() -> None:
        make_password(PASSWORD, hasher=algorithm)
        done.set()

    worker = threading.Thread(target=work)
    with one_at_a_time():
        worker.start()
        assert not done.wait(2)
    worker.join()
    assert done.is_set()


#: Counts, in a process of its own, the hashes that run while it runs one: by a byte of a shared file each.
HASHED = """
import fcntl, sys
from pathlib import Path
import django
django.setup()
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from config import settings as real
from django.conf import settings
settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS
folder, name = Path(sys.argv[1]), sys.argv[2]
kept = Argon2PasswordHasher.encode
def encode(self, *args, **kwargs):
    (folder / f"running-{name}").touch()
    with (folder / "seen").open("a") as seen:
        seen.write(f"{len(list(folder.glob('running-*')))}\\n")
    found = kept(self, *args, **kwargs)
    (folder / f"running-{name}").unlink()
    return found
Argon2PasswordHasher.encode = encode
(folder / f"ready-{name}").touch()
while not (folder / "go").exists():
    pass
for _ in range(10):
    make_password("un mot de passe")
"""


def test_processes_of_one_machine_hash_one_at_a_time(tmp_path: Path) -> None:
    """« Eight connections that try passwords »: the workers of the site queue together, not each for itself."""
    command = [sys.executable, "-c", HASHED, tmp_path]
    asked = [subprocess.Popen([*command, name], cwd=ROOT) for name in ("a", "b", "c")]
    while len(list(tmp_path.glob("ready-*"))) < len(asked):
        assert all(each.poll() is None for each in asked)
    (tmp_path / "go").touch()
    assert [each.wait() for each in asked] == [0, 0, 0]
    assert (tmp_path / "seen").read_text().split() == ["1"] * 30


def test_an_account_without_a_password_is_refused_as_any_other(world: World) -> None:
    """While one is left that is kept as before."""
    kept("chloe", make_password(PASSWORD, hasher="pbkdf2_sha256"))
    kept("emma", make_password(None))
    assert enter("emma@exemple.test", "faux").status_code == 422


def test_a_refusal_costs_the_same_whoever_is_asked_about(world: World, hashed: list[str]) -> None:
    """Somebody whose password is kept as before, somebody whose is not, and nobody: the time states them not apart."""
    kept("chloe", make_password(PASSWORD, hasher="pbkdf2_sha256"))
    kept("emma", make_password(PASSWORD))
    for email in ("chloe@exemple.test", "emma@exemple.test", "personne@exemple.test"):
        hashed.clear()
        assert enter(email, "un autre mot de passe").status_code == 422
        assert sorted(hashed) == ["argon2", "pbkdf2_sha256"]


def test_once_every_password_is_kept_anew_a_refusal_is_cheap(world: World, hashed: list[str]) -> None:
    User.objects.update(password=make_password(PASSWORD))
    hashed.clear()
    assert enter("personne@exemple.test", "faux").status_code == 422
    assert hashed == ["argon2"]
