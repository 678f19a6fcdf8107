"""The PDF of a sealed balance: signed, dated, served as it was, and certified when everybody agrees on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from attributions.bilan.models import BalanceVersion, PrintedBalance
from attributions.bilan.operations.printing import UNASKED, draw_next, purge_printed
from attributions.bilan.queries.files import Lacking, check_file
from reservations.exports.signatures import drawn_certificate
from reservations.operations.log import append_leaves, receive_cosignatures, sign_checkpoint, signers_of
from reservations.queries.log import last_checkpoint, published
from tests.attributions.bilan.balances import SENT, YEAR, lived, people, send, sign
from tests.attributions.bilan.queries.test_file import run
from tests.flux.views.pages import text_of
from tests.house.test_tampering import behind_the_triggers
from tests.reservations.verifiable.proved import KEYS
from tests.reservations.verifiable.test_cosignatures import CITY, STATE, cosigned
from tests.timestamping import Authority, authority
from tests.world import World
from tests.world_again import kept

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
MISSING = "L’horodatage manque encore : l’autorité n’a pas répondu."


@pytest.fixture
@kept
def sealed(world: World) -> BalanceVersion:
    people(world)
    lived(world)
    version = send(world)
    sign(world, version)
    version.refresh_from_db()
    return version


@pytest.fixture
def dating(
    tmp_path: Path, world: World, settings: LazySettings, sealed: BalanceVersion, time_machine: Any
) -> Iterator[Authority]:
    """The operator gave the certificate of the landlord, and an authority."""
    time_machine.move_to(SENT + timedelta(days=3), tick=False)
    path = tmp_path / "robine.p12"
    path.write_bytes(drawn_certificate("Robine Habitat"))
    settings.SIGNING_CERTIFICATES = [f"{world.landlord.organisation.siren}:{path}"]
    with authority(tmp_path) as opened:
        settings.TIMESTAMP_URL, settings.SIGNING_ROOTS = opened.url, str(opened.certificate)
        yield opened


def url(world: World, name: str = "balance-version-pdf") -> str:
    return reverse(name, args=[world.landlord.pk, YEAR, "11", 1])


def paper(client: Client, world: World) -> bytes:
    """What is served, once it is drawn."""
    if client.get(url(world)).status_code == 202:
        draw_next()
    found = client.get(url(world))
    assert found["Content-Type"] == "application/pdf"
    return found.content


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def witness(world: World, settings: LazySettings, *by: Any) -> None:
    """The log takes what was written, signs it, and these witnesses cosign it."""
    settings.JOURNAL_KEYS = KEYS
    settings.JOURNAL_WITNESSES = [f"{world.state.siren}:{STATE.verifier}", f"{world.city.siren}:{CITY.verifier}"]
    append_leaves()
    sign_checkpoint(signers=signers_of(KEYS), now=SENT + timedelta(days=3))
    last = last_checkpoint()
    assert last is not None
    if by:
        receive_cosignatures(written=cosigned(published(last), *by), now=SENT + timedelta(days=3))


@pytest.mark.usefixtures("dating")
def test_log_signature_date_and_two_witnesses_certify_a_sealed_balance_together(
    world: World, sign_in: SignIn, settings: LazySettings, sealed: BalanceVersion, tmp_path: Path
) -> None:
    """« `verify_balance` certifies only what a log, a signature and a witness agree on, and says which is missing. »"""
    client = sign_in("alice")
    held = sealed.content.encode()
    assert check_file(held).lacking == [Lacking.LOG, Lacking.SIGNATURE, Lacking.WITNESSES]
    pdf = paper(client, world)
    assert "Ce PDF est signé électroniquement (PAdES) par Robine Habitat" in words_of(pdf)
    assert check_file(pdf).lacking == [Lacking.LOG, Lacking.WITNESSES]
    witness(world, settings)
    assert check_file(pdf).lacking == [Lacking.WITNESSES]
    witness(world, settings, CITY)
    assert check_file(pdf).lacking == [Lacking.WITNESSES]  # one organisation is not two
    file = tmp_path / "bilan.pdf"
    file.write_bytes(pdf)
    code, result = run(file)
    assert code == 3
    assert "il manque : les témoins (deux organismes n’ont pas encore contresigné" in result
    witness(world, settings, CITY, STATE)
    assert [check_file(each).lacking for each in (pdf, held)] == [[], []]
    code, result = run(file)
    assert (code, result.splitlines()[-1]) == (
        0,
        "Certifiée : le journal, la signature horodatée du PDF et deux témoins concordent.",
    )
    code, result = run(file, "--json")
    assert (code, json.loads(result)["certified"], json.loads(result)["lacking"]) == (0, True, [])
    settings.JOURNAL_WITNESSES = []  # rows of witnesses whose keys nobody gave are worth nothing
    assert check_file(pdf).lacking == [Lacking.WITNESSES]
    settings.JOURNAL_KEYS = []
    assert check_file(pdf).lacking == [Lacking.LOG, Lacking.WITNESSES]


def test_the_bytes_that_were_served_are_served_for_ever(
    world: World, sign_in: SignIn, dating: Authority, settings: LazySettings
) -> None:
    pdf, dates = paper(sign_in("alice"), world), dating.dates
    settings.SIGNING_CERTIFICATES, settings.TIMESTAMP_URL = [], ""
    assert purge_printed(now=SENT + 400 * UNASKED) == 0
    assert [paper(sign_in(each), world) == pdf for each in ("alice", "chloe")] == [True, True]
    assert (draw_next(), dating.dates) == (None, dates)


@pytest.mark.usefixtures("dating")
def test_a_pdf_is_recognised_for_who_may_read_its_balance_and_for_nobody_else(world: World, sign_in: SignIn) -> None:
    pdf = paper(sign_in("alice"), world)
    for person, recognised in (("alice", True), ("chloe", True), ("zoe", False)):
        file = SimpleUploadedFile("bilan.pdf", pdf, "application/pdf")
        words = text_of(sign_in(person).post(reverse("balance-verify"), {"file": file}))
        assert ("Oui, à l’octet près." in words) is recognised, person
        assert ("Certification Pas encore certifiée ; il manque : le journal" in words) is recognised, person
        assert ("Ce PDF n’est pas celui d’un bilan scellé, à l’octet près" in words) is not recognised, person


def test_an_authority_that_is_down_holds_nobody_up_and_is_asked_again(
    world: World, sign_in: SignIn, dating: Authority, time_machine: Any
) -> None:
    """The paper goes signed, its date is named as missing, and comes after its bytes."""
    dating.down, client = True, sign_in("alice")
    early = paper(client, world)
    assert check_file(early).lacking == [Lacking.LOG, Lacking.DATE, Lacking.WITNESSES]
    assert MISSING in client.get(url(world, "balance-version")).content.decode()
    assert purge_printed(now=SENT + 400 * UNASKED) == 0
    assert client.get(url(world)).content == early
    assert draw_next() is None  # not before its time
    order = PrintedBalance.objects.get()
    time_machine.move_to(order.due_at, tick=False)
    assert (draw_next(), client.get(url(world)).content) == (False, early)
    time_machine.move_to(order.due_at + timedelta(hours=1), tick=False)
    dating.down = False
    assert draw_next() is True
    late = client.get(url(world)).content
    assert late.startswith(early)
    assert len(late) > len(early)
    assert [check_file(each).lacking for each in (early, late)] == [
        [Lacking.LOG, Lacking.DATE, Lacking.WITNESSES],
        [Lacking.LOG, Lacking.WITNESSES],
    ]
    assert MISSING not in client.get(url(world, "balance-version")).content.decode()
    assert not check_file(early[: len(early) // 2]).same


@pytest.mark.usefixtures("dating")
def test_a_byte_changed_is_refused_and_so_is_a_file_changed_in_the_base(
    world: World, sign_in: SignIn, tmp_path: Path
) -> None:
    pdf = paper(sign_in("alice"), world)
    file = tmp_path / "bilan.pdf"
    for at in range(10, len(pdf), len(pdf) // 12):
        file.write_bytes(pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :])
        code, result = run(file)
        assert code == 1
        assert "Ce PDF n’est pas celui d’un bilan scellé, à l’octet près" in result
    with behind_the_triggers():
        PrintedBalance.objects.update(content=pdf + b"\n", size=len(pdf) + 1)
    assert (check_file(pdf + b"\n").same, check_file(pdf + b"\n").lacking) == (False, None)


def test_a_certificate_that_expired_signs_nothing_and_says_what_to_do(
    world: World, sign_in: SignIn, dating: Authority, settings: LazySettings, tmp_path: Path
) -> None:
    """Nothing is drawn without the signature that was asked for; it is tried again by itself."""
    (tmp_path / "vieux.p12").write_bytes(b"illisible")
    settings.SIGNING_CERTIFICATES = [str(tmp_path / "vieux.p12")]
    client = sign_in("alice")
    assert client.get(url(world)).status_code == 202
    assert draw_next() is False
    order = PrintedBalance.objects.get()
    assert (order.is_ready, dating.dates) == (False, 0)
    assert "Le certificat vieux.p12 ne s’ouvre pas : demandez à l’exploitant" in order.failure
    page = client.get(reverse("balance-printing", args=[order.fingerprint])).content.decode()
    assert "Le certificat vieux.p12 ne s’ouvre pas" in page


@pytest.mark.usefixtures("sealed")
def test_without_certificate_the_paper_says_that_it_is_not_signed(
    world: World, sign_in: SignIn, settings: LazySettings, time_machine: Any
) -> None:
    time_machine.move_to(SENT + timedelta(days=3), tick=False)
    settings.SIGNING_CERTIFICATES = []
    pdf = paper(sign_in("alice"), world)
    assert "Ce PDF n’est pas signé électroniquement : aucun certificat n’est donné" in words_of(pdf)
    assert check_file(pdf).lacking == [Lacking.LOG, Lacking.SIGNATURE, Lacking.WITNESSES]
    assert draw_next() is None
