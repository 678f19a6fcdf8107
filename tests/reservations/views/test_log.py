"""The verifiable log, published: whoever reads its tiles alone finds what was signed; files beside statements and
balances prove themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from aics_tlog import MerkleTree
from aics_tlog.tiles import parse_entry_bundle
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from attributions.bilan.models import BalanceDownload, BalanceVersion
from flux.models import FlowEntry
from reservations.models import Leaf, LogCheckpoint
from reservations.operations.log import append_leaves, sign_checkpoint, signers_of
from reservations.verifiable.files import TileNumber, width_at
from reservations.verifiable.notes import read_checkpoint, read_note
from reservations.verifiable.tree import WIDTH, Tree, leaf_hash
from tests.attributions.bilan.balances import send
from tests.flux.views.pages import text_of
from tests.guards import unguarded
from tests.reservations.verifiable.proved import KEYS, LOG, Proved, lived, of_the_account, verified
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db

SignIn = Callable[[str], Client]
KEY = ("--key", str(LOG.verifier))


@pytest.fixture
def proved(world: World, settings: LazySettings) -> Proved:
    settings.JOURNAL_KEYS = KEYS
    return lived(world)


def fetched(level: int, number: int, size: int) -> list[bytes]:
    """A tile, as a stranger fetches it."""
    width = width_at(level, number, size)
    address = reverse("log-tile", args=[level, str(TileNumber(number, width))])
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/octet-stream")
    assert "immutable" in answer["Cache-Control"]
    content = answer.content
    assert len(content) == width * 32
    return [content[at : at + 32] for at in range(0, len(content), 32)]


def test_a_stranger_computes_the_root_that_was_signed_from_the_tiles(proved: Proved) -> None:
    """C2SP, tlog-tiles: `checkpoint`, then `tile/<L>/<N>[.p/<W>]`."""
    answer = Client().get("/journal/checkpoint")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    note = read_note(answer.content.decode())
    assert note.signed_by([LOG.verifier]) == [LOG.verifier]
    result = read_checkpoint(note.text)
    assert result.size > WIDTH
    log = Tree(result.size, lambda level, number: fetched(level, number, result.size))
    assert log.root() == result.root
    assert fetched(1, 0, result.size)


def test_whoever_is_signed_in_reads_the_entries_and_others_do_not(proved: Proved, sign_in: SignIn) -> None:
    size = int(proved.printed.split("-")[1])
    reader = sign_in("chloe")
    found: list[bytes] = []
    for number in range(-(-size // WIDTH)):
        address = reverse("log-entries", args=[str(TileNumber(number, width_at(0, number, size)))])
        assert Client().get(address).status_code == 302
        found += parse_entry_bundle(reader.get(address).content)
    assert [leaf_hash(each) for each in found[:WIDTH]] == fetched(0, 0, size)
    assert MerkleTree(found).root().hex()[:32] == proved.printed.split("-")[2]


@pytest.mark.parametrize("tile", ["999", "000.p/0", "0", "001", "x000/000"])
def test_a_tile_that_is_not_there_is_not_found(proved: Proved, tile: str) -> None:
    assert Client().get(f"/journal/tile/0/{tile}").status_code == 404
    assert Client().get(f"/journal/tile/64/{tile}").status_code == 404


def test_anybody_reads_what_the_log_is_and_how_to_verify_it(proved: Proved, settings: LazySettings) -> None:
    text = text_of(Client().get(reverse("log")))
    assert proved.printed in text
    assert str(LOG.verifier) in text
    assert "il contient" in text
    assert "La preuve que le journal contient encore" not in text
    assert "la preuve que le journal contient encore les" in text
    settings.JOURNAL_KEYS = []
    assert "n’a pas encore de clé" in text_of(Client().get(reverse("log")))


def test_a_log_that_is_not_signed_yet_says_when_it_is(world: World) -> None:
    assert "la première signature vient dans l’heure" in text_of(Client().get(reverse("log")))
    assert Client().get("/journal/checkpoint").status_code == 404


def test_two_checkpoints_are_proved_to_whoever_asks(proved: Proved, tmp_path: Path) -> None:
    old, new = LogCheckpoint.objects.order_by("size")
    for sizes in ([old.size, new.size], [new.size, old.size]):
        answer = Client().get(reverse("log-continuity", args=sizes))
        assert verified(tmp_path, answer.content.decode(), *KEY)[0] == 0
    assert Client().get(reverse("log-continuity", args=[old.size, new.size + 1])).status_code == 404


def test_a_statement_leads_to_its_proof(proved: Proved, world: World, sign_in: SignIn, tmp_path: Path) -> None:
    """« Proofs as files beside statements and balances: the whole account of a holder for a year. »"""
    alice, where = sign_in("alice"), of_the_account()
    address = reverse("statement-proof", args=where)
    assert address in alice.get(reverse("statement", args=where)).content.decode()
    answer = alice.get(address)
    assert answer["Content-Disposition"] == f'attachment; filename="compte-{where[0]}-{where[1]}.json"'
    code, result = verified(tmp_path, answer.content.decode(), *KEY)
    assert (code, f"{proved.lines} lignes du réservataire" in result) == (0, True), result
    assert alice.get(reverse("statement-proof", args=[where[0], 0])).status_code == 404


def test_a_proof_waits_for_what_it_proves_to_be_signed(proved: Proved, world: World, sign_in: SignIn) -> None:
    """A line that was written again since the last checkpoint is not opened by it."""
    alice, where = sign_in("alice"), of_the_account()
    entry = FlowEntry.objects.filter(ledger=where[0], holder=where[1]).order_by("pk")[0]
    assert Leaf.objects.filter(imprint__table_name="flux_flowentry", imprint__row_id=entry.pk).count() == 1
    with unguarded("flux_flowentry.append_only"):
        FlowEntry.objects.filter(pk=entry.pk).update(recorded_at=MORNING + timedelta(hours=1))
    append_leaves()
    answer = alice.get(reverse("statement-proof", args=where))
    assert answer.status_code == 202
    assert "Revenez dans une heure" in text_of(answer)
    assert sign_checkpoint(signers=signers_of(KEYS), now=MORNING)
    assert json.loads(alice.get(reverse("statement-proof", args=where)).content)["holder"] == where[1]


def test_a_version_of_a_balance_leads_to_its_proof(
    world: World, sign_in: SignIn, settings: LazySettings, tmp_path: Path
) -> None:
    """Its very content is in the file: it is written down as the file of the version is."""
    settings.JOURNAL_KEYS = KEYS
    version = send(world)
    place = [world.landlord.pk, version.balance.exercise, "11", version.number]
    alice = sign_in("alice")
    address = reverse("balance-version-proof", args=place)
    assert address in alice.get(reverse("balance-version", args=place)).content.decode()
    before = BalanceDownload.objects.count()
    assert alice.get(address).status_code == 202
    assert BalanceDownload.objects.count() == before
    append_leaves()
    sign_checkpoint(signers=signers_of(KEYS), now=MORNING)
    code, result = verified(tmp_path, alice.get(address).content.decode(), *KEY)
    assert (code, BalanceVersion.objects.get().seal in result) == (0, True), result
    assert BalanceDownload.objects.count() == before + 1
