"""« Printed (with a QR code) on statements and balances »: what the code of a paper says, and to whom."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from flux.models import WebhookEvent
from flux.operations.webhook_sending import message
from reservations.exports.file_import import printed
from reservations.models import Mail, MailItem
from reservations.models.mail import Family
from reservations.pages.imprints import checkpoint_code
from reservations.pages.people import message_of
from tests.reservations.pages.qr_reader import read
from tests.reservations.verifiable.proved import KEYS, Proved, lived, of_the_account
from tests.world import MORNING, World

PRINTED = "journal-8812-0f3a5c7e9b1d2f4a6c8e0b1d3f5a7c9e"
PAGE = '<!doctype html><html lang="fr"><head><title>Relevé</title></head><body><h1>Relevé</h1>{}</body></html>'


@pytest.fixture
def proved(world: World, settings: LazySettings) -> Proved:
    settings.JOURNAL_KEYS = KEYS
    return lived(world)


def described(node: Any) -> Iterator[str]:
    """The alternatives of the figures of a tagged PDF."""
    each = node.get_object()
    if isinstance(each, list):
        for below in each:
            yield from described(below)
    elif isinstance(each, dict):
        if each.get("/S") == "/Figure":
            yield str(each["/Alt"])
        if "/K" in each:
            yield from described(each["/K"])


@pytest.mark.parametrize("site", ["https://a.fr", "https://equiflux.exemple.fr", f"https://{'a' * 60}.exemple.fr"])
def test_a_code_says_the_page_that_answers_for_the_paper(site: str, settings: LazySettings) -> None:
    """Read by a reader of its own, at several versions of the code; nothing where nothing was signed yet."""
    settings.SITE_URL = site
    words = f"Empreinte des faits : 12-345-0f3a, {PRINTED}. Gardez ce papier."
    assert read(checkpoint_code(words)) == f"{site}/journal/?etat={PRINTED}"
    assert checkpoint_code("Empreinte des faits : 12-345-0f3a. Gardez ce papier.") == ""


def test_a_code_on_paper_is_described(settings: LazySettings) -> None:
    """PDF/UA: a figure has its alternative."""
    content = printed(PAGE.format(checkpoint_code(PRINTED)))
    found = list(described(PdfReader(io.BytesIO(content)).trailer["/Root"]["/StructTreeRoot"]))
    assert found == ["Code à scanner : la page dira si le journal contient encore ce qui est imprimé ici"]


@pytest.mark.django_db
def test_a_statement_carries_its_code(proved: Proved, sign_in: Callable[[str], Client]) -> None:
    page = sign_in("alice").get(reverse("statement", args=of_the_account())).content.decode()
    assert read(page).endswith(f"/journal/?etat={proved.printed}")


@pytest.mark.django_db
def test_the_mail_of_the_day_and_what_software_is_reported_carry_the_last_checkpoint(
    proved: Proved, world: World
) -> None:
    """A message that asks for an act carries none; nor anything before the first signature."""
    mail = Mail(user=world.people["alice"], address="alice@exemple.test", made_at=MORNING)
    one, other = (
        MailItem(user=mail.user, subject="Fait", says=["Dit."], family=each) for each in (Family.values[0], "")
    )
    result = message_of(mail, [one])
    assert proved.printed in str(result.body)
    assert proved.printed in str(result.alternatives[0][0])
    assert proved.printed not in str(message_of(mail, [other]).body)
    event = WebhookEvent(kind="balance", ledger_id=7, at=MORNING)
    assert f'"journal":"{proved.printed}"'.encode() in message(event)
