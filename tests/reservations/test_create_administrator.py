"""The first administrator, from the command line."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from reservations.models import Membership, Organisation, User
from tests.world import PASSWORD, World, siren

VARIABLE = "EQUIFLUX_ADMIN_PASSWORD"
SIREN = siren(77)

pytestmark = pytest.mark.django_db


def create(*more: str, email: str = "Odile@exemple.test", number: str = SIREN) -> str:
    out = StringIO()
    call_command("create_administrator", email, "--name", "Odile", "--siren", number, *more, stdout=out)
    return out.getvalue()


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    return PASSWORD


def test_the_operator_the_person_and_the_role_are_recorded(password: str) -> None:
    assert create("--organisation", "Numérique 11") == "Odile administre maintenant Numérique 11.\n"
    membership = Membership.objects.get()
    assert (membership.organisation.siren, membership.organisation.kind) == (SIREN, Organisation.Kind.OPERATOR)
    assert (membership.role, membership.user.email) == (Membership.Role.ADMINISTRATOR, "Odile@exemple.test")
    assert membership.user.check_password(password)
    assert membership.is_administrator


def test_the_operator_has_a_name_when_none_is_given(password: str) -> None:
    create()
    assert Organisation.objects.get().name == "Exploitant d’Équiflux"


def test_a_second_administrator_joins_the_operator(world: World, password: str) -> None:
    create(number=world.operator.siren)
    assert set(world.operator.memberships.values_list("user__full_name", flat=True)) == {"Adam", "Odile"}


def test_a_known_person_keeps_their_password(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "un tout autre mot de passe")
    assert create(email="ALICE@exemple.test") == "Alice administre maintenant Exploitant d’Équiflux.\n"
    alice = User.objects.get(email="alice@exemple.test")
    assert (alice.full_name, alice.check_password(PASSWORD)) == ("Alice", True)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("123", "Un SIREN a neuf chiffres, sans espace : 999000003 par exemple."),
        (
            "999000004",
            "Ce SIREN comporte une erreur de saisie : sa clé de contrôle est fausse. Vérifiez chaque chiffre.",
        ),
        (
            "999000003",
            "Le SIREN 999000003 est celui de Robine Habitat (bailleur social) : donnez celui de l’exploitant "
            "d’Équiflux.",
        ),
    ],
)
def test_a_wrong_siren_is_refused_and_nothing_is_written(
    world: World, password: str, number: str, sentence: str
) -> None:
    people, organisations = User.objects.count(), Organisation.objects.count()
    with pytest.raises(CommandError) as refused:
        create(number=number)
    assert str(refused.value) == sentence
    assert (User.objects.count(), Organisation.objects.count()) == (people, organisations)


@pytest.mark.parametrize(("email", "given"), [("pas une adresse", PASSWORD), ("odile@exemple.test", "court")])
def test_a_wrong_person_is_refused_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, email: str, given: str
) -> None:
    monkeypatch.setenv(VARIABLE, given)
    with pytest.raises(CommandError):
        create(email=email)
    assert (User.objects.count(), Organisation.objects.count()) == (0, 0)


def test_whoever_is_administrator_already_is_reported(world: World, password: str) -> None:
    with pytest.raises(CommandError) as refused:
        create(email="adam@exemple.test", number=world.operator.siren)
    assert str(refused.value) == "Cette personne a déjà ce rôle dans cette organisation."


def test_without_a_terminal_nor_a_variable_it_says_what_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(sys, "stdin", StringIO())
    with pytest.raises(CommandError) as refused:
        create()
    assert str(refused.value) == (
        "Aucun mot de passe : donnez-le dans la variable EQUIFLUX_ADMIN_PASSWORD, ou lancez dans un terminal."
    )


def typed(first: str, second: str) -> tuple[int, str]:
    """The exit code and the answer of the prompt, in a real terminal where one types two passwords."""
    ours, theirs = pty.openpty()
    ask = (
        "import django; django.setup()\n"
        "from reservations.management.commands.create_administrator import first_password\n"
        "print(first_password())"
    )
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    with subprocess.Popen(
        [sys.executable, "-c", ask],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        for prompt, answer in (("Mot de passe : ", first), ("une seconde fois : ", second)):
            shown = b""
            while not shown.decode(errors="ignore").endswith(prompt):
                shown += os.read(ours, 1024)
            os.write(ours, answer.encode() + b"\n")
        answered, _ = process.communicate(timeout=60)
    os.close(ours)
    return process.returncode, answered.decode()


def test_a_password_typed_twice_is_taken() -> None:
    assert typed("un mot de passe assez long", "un mot de passe assez long") == (0, "un mot de passe assez long\n")


def test_two_different_passwords_are_refused() -> None:
    assert typed("un mot de passe assez long", "un autre mot de passe") == (1, "")
