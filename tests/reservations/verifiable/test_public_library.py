"""« A young public library of the same formats is used in tests as an independent second reader »: aics-tlog, which
knows nothing of this product, verifies what it publishes, and refuses it once it was touched."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from aics_tlog import (
    TileVerificationError,
    audit_tiles,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    verify_checkpoint,
    verify_consistency,
    verify_leaf_inclusion,
)
from aics_tlog.tiles import entry_bundle_path, tile_path
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from reservations.models import LogCheckpoint
from reservations.verifiable.notes import Kind, Signer
from tests.reservations.verifiable.proved import KEYS, LATER, LOG, WITNESSES, Proved, extra_of, lived
from tests.reservations.verifiable.reading import read_proof
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db

KEY = parse_vkey(str(LOG.verifier))
KNOWN = [parse_vkey(str(each.verifier)) for each in WITNESSES]


@pytest.fixture
def proved(world: World, settings: LazySettings) -> Proved:
    settings.JOURNAL_KEYS = KEYS
    settings.JOURNAL_WITNESSES = [
        f"{who.siren}:{key.verifier}" for who, key in zip((world.state, world.city), WITNESSES, strict=True)
    ]
    return lived(world)


@dataclass(frozen=True)
class Reader:
    """The published log, at the addresses that the library computes."""

    client: Client
    touched: str = ""

    def read_tile(self, level: int, index: int, width: int | None) -> bytes | None:
        return self._read(tile_path(level, index, width))

    def read_entry_bundle(self, index: int, width: int | None) -> bytes | None:
        return self._read(entry_bundle_path(index, width))

    def _read(self, path: str) -> bytes | None:
        answer = self.client.get(f"/journal/{path}")
        if answer.status_code == 404:
            return None
        content = bytearray(answer.content)
        content[-1] ^= path == self.touched
        return bytes(content)


def published() -> str:
    return Client().get(reverse("log-checkpoint")).content.decode()


def test_every_tile_and_every_entry_is_that_of_the_signed_root(
    proved: Proved, sign_in: Callable[[str], Client]
) -> None:
    seen = verify_checkpoint(parse_note(published()), KEY, expected_origin=LOG.name)
    assert (seen.ok, seen.error) == (True, None)
    assert seen.size is not None
    assert seen.root is not None
    client, (last, width) = sign_in("chloe"), divmod(seen.size, 256)
    found = audit_tiles(Reader(client), seen.size, seen.root)
    assert (found.size, found.bundles) == (seen.size, -(-seen.size // 256))
    assert found.tiles > found.bundles
    for path in (tile_path(0, 0), tile_path(0, last, width), entry_bundle_path(last, width)):
        with pytest.raises(TileVerificationError):
            audit_tiles(Reader(client, path), seen.size, seen.root)


def test_a_line_is_in_the_signed_log_and_another_is_not(proved: Proved) -> None:
    proof, entry = read_proof(proved.line), extra_of(proved.line)["entry"].encode()
    seen = verify_checkpoint(parse_note(proof.checkpoint), KEY)
    assert seen.ok, seen.error
    assert verify_leaf_inclusion(entry, proof.index, seen.size, proof.path, seen.root)
    assert not verify_leaf_inclusion(entry + b" ", proof.index, seen.size, proof.path, seen.root)
    assert not verify_leaf_inclusion(entry, proof.index + 1, seen.size, proof.path, seen.root)
    assert not verify_leaf_inclusion(entry, proof.index, seen.size, proof.path[1:], seen.root)


def test_a_checkpoint_continues_the_one_before(proved: Proved) -> None:
    held = json.loads(proved.continuity)
    old, new = (parse_checkpoint(parse_note(held[each]).text) for each in ("old", "checkpoint"))
    path = [base64.b64decode(each) for each in held["path"]]
    assert verify_consistency(old.size, new.size, old.root, new.root, path)
    assert not verify_consistency(old.size, new.size, bytes(32), new.root, path)
    assert not verify_consistency(old.size, new.size, old.root, new.root, path[:-1])


def test_witnesses_are_counted_and_a_false_signature_is_refused(proved: Proved) -> None:
    """What witnesses sent is published; the key of the later kind is one that this library ignores."""
    note = published()
    text = note.rpartition("\n\n")[0] + "\n"
    assert LATER.name in note
    assert verify_checkpoint(parse_note(note), KEY, KNOWN, quorum=1).cosignature_count == 0
    for each in WITNESSES:
        sent = note + each.sign(text, at=int(MORNING.timestamp()))
        answer = Client().post(reverse("log-checkpoint"), sent, content_type="text/plain")
        assert answer.status_code == 201
    seen = verify_checkpoint(parse_note(published()), KEY, KNOWN, quorum=2)
    assert (seen.ok, seen.witnesses) == (True, [each.name for each in WITNESSES]), seen.error
    forged = published().replace(f"\n{LogCheckpoint.objects.order_by('-size')[0].size}\n", "\n9999\n", 1)
    assert not verify_checkpoint(parse_note(forged), KEY, KNOWN, quorum=2).ok
    stranger = parse_vkey(str(Signer(LOG.name, Kind.NOTE, bytes(32)).verifier))
    assert not verify_checkpoint(parse_note(published()), stranger).ok
