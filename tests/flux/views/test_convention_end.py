"""The end of a convention on the screens of each party: proposed, agreed to or refused, never by one alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from reservations.models import Convention, Pause
from tests.flux.views.pages import text_of
from tests.flux.views.test_convention_pause import page, post
from tests.world import MORNING, World

SignIn = Callable[[str], Client]

GIVEN = {"ends_on": "31/12/2026", "why": "Service transféré.", "sure": "on"}


@pytest.fixture(autouse=True)
def that_morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def row(world: World) -> Convention:
    return world.conventions["city"]


@pytest.mark.parametrize(("first", "second"), [("alice", "chloe"), ("chloe", "alice")])
def test_either_party_proposes_it_and_it_ends_with_the_accord_of_the_other(
    world: World, sign_in: SignIn, row: Convention, first: str, second: str
) -> None:
    """« Les contrats ne peuvent être […] révoqués que du consentement mutuel des parties » (Code civil, art. 1193)."""
    one, other = sign_in(first), sign_in(second)
    assert "Personne ne met fin seul à une convention signée" in page(one, row)
    assert "rien ne change avant l’accord de chaque partie" in text_of(post(one, "end", row, **GIVEN))
    row.refresh_from_db()
    assert (row.status, row.ends_on) == ("SIGNED", date(2028, 12, 31))
    assert "propose, le 24 novembre 2026, que la convention prenne fin le 31 décembre 2026" in page(other, row)
    assert "propose, le" not in page(sign_in("bob"), row)
    assert ("Donner l’accord" in page(one, row), "Donner l’accord" in page(other, row)) == (False, True)
    home = other.get("/", follow=True)
    assert "suspension ou fin de convention à accepter ou refuser" in text_of(home)
    done = post(other, "pause-accept", row, Pause.objects.get())
    assert "Toutes les parties sont d’accord : la convention prend fin le 31 décembre 2026." in text_of(done)
    row.refresh_from_db()
    assert (row.status, row.ends_on) == ("ENDED", date(2026, 12, 31))
    for client in (one, other):
        assert "avancée, par l’accord de chaque partie le 24 novembre 2026" in page(client, row)
        assert "Ville de Narbonne le 24 novembre 2026, sur son compte" in page(client, row)


def test_it_is_refused_by_the_other(world: World, sign_in: SignIn, row: Convention) -> None:
    post(sign_in("alice"), "end", row, **GIVEN)
    done = post(sign_in("chloe"), "pause-withdraw", row, Pause.objects.get(), why="Nous continuons.")
    assert "rien ne change" in text_of(done)
    row.refresh_from_db()
    assert row.status == "SIGNED"


def test_a_party_is_not_reported_who_else_the_landlord_signs_with(
    world: World, sign_in: SignIn, row: Convention
) -> None:
    assert "Qui reprend ce qui reste dû" in page(sign_in("alice"), row)
    assert "Qui reprend ce qui reste dû" not in page(sign_in("chloe"), row)
    post(sign_in("chloe"), "end", row, **GIVEN, successor=world.als.pk)
    assert Pause.objects.get().successor is None


def test_who_signs_for_no_party_has_no_button(world: World, sign_in: SignIn, row: Convention) -> None:
    for name, status in (("aline", 403), ("bob", 403), ("zoe", 404)):
        assert post(sign_in(name), "end", row, **GIVEN).status_code == status, name
    assert not Pause.objects.exists()


def test_of_who_signs_on_paper_the_landlord_deposits_the_accord(world: World, sign_in: SignIn) -> None:
    row, alice = world.conventions["als"], sign_in("alice")
    post(alice, "end", row, **GIVEN)
    where = reverse("convention-pause-deposit", args=[row.pk, Pause.objects.get().pk])
    assert "fin le 31 décembre 2026" in text_of(alice.get(where))
    given = {"organisation": world.als.pk, "signed_on": "24/11/2026", "signer": "Mme Roux, directrice"}
    paper = SimpleUploadedFile("accord.pdf", b"%PDF-1.7")
    assert "la convention prend fin le 31 décembre 2026" in text_of(
        alice.post(where, given | {"file": paper}, follow=True)
    )
    row.refresh_from_db()
    assert (row.status, row.documents.count()) == ("ENDED", 1)
