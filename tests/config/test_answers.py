"""What a HEAD leaves as it was, beside the rows (tests/house/test_seeing.py): the session and the messages."""

from __future__ import annotations

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from flux.models import Unit
from tests.flux.imports.files import rpls
from tests.world import World

SignIn = Callable[[str], Client]


def test_a_checked_file_that_waits_is_imported_after_a_head_of_its_page(sign_in: SignIn, world: World) -> None:
    """A GET forgets the file, as the page opens empty; a link checker or a preview is no such thing."""
    client, page = sign_in("alice"), reverse("stock-import")
    checked = client.post(page, {"file": SimpleUploadedFile("parc.csv", rpls({}), "text/csv")})
    digest = {"digest": checked.context["report"]["digest"]}
    assert client.head(page).status_code == 200
    assert client.post(page, digest).status_code == 302
    assert Unit.objects.filter(landlord=world.landlord).exists()


def test_a_head_leaves_the_session_as_it_was_and_a_get_does_not(sign_in: SignIn) -> None:
    client, name, kept = sign_in("alice"), "stock-import", "stock_import"
    session = client.session
    session[kept] = "attend"
    session.save()
    before = dict(client.session.items())
    asked = client.head(reverse(name))
    assert (asked.status_code, "Cookie" in asked["Vary"]) == (200, True)
    assert dict(client.session.items()) == before | {"signed_in_at": client.session["signed_in_at"]}
    client.get(reverse(name))
    assert kept not in client.session


def test_a_message_that_waits_is_read_after_a_head(sign_in: SignIn, world: World) -> None:
    client = sign_in("chloe")
    client.post(reverse("switch-organisation"), {"membership": world.member("chloe").pk})
    home = reverse("home")
    assert "messages" not in client.head(home).cookies
    assert "Vous agissez maintenant pour la Ville de Narbonne" in client.get(home).content.decode()
    assert "Vous agissez maintenant pour" not in client.get(home).content.decode()
