"""Tiles, bundles and proofs, as C2SP writes them."""

from __future__ import annotations

import pytest
from aics_tlog.tiles import parse_entry_bundle

from reservations.verifiable.files import Proof, TileNumber, bundle, read_tile_number, width_at
from reservations.verifiable.notes import Checkpoint, Kind, NoteFault, Signer, sign_note
from tests.reservations.verifiable.reading import read_proof

NOTE = sign_note(Checkpoint("log.example", 8, bytes(32)).text, [Signer("log.example", Kind.NOTE, bytes(32))])
PROOF = Proof(5, [bytes([each]) * 32 for each in range(3)], NOTE, b"what the reader needs")


@pytest.mark.parametrize(
    ("tile", "written"),
    [
        (TileNumber(0), "000"),
        (TileNumber(67), "067"),
        (TileNumber(1_234_067), "x001/x234/067"),
        (TileNumber(1_234_067, 12), "x001/x234/067.p/12"),
        (TileNumber(1000, 1), "x001/000.p/1"),
    ],
)
def test_the_address_of_a_tile_is_that_of_the_specification(tile: TileNumber, written: str) -> None:
    """« Index 1234067 will be encoded as x001/x234/067. »"""
    assert str(tile) == written
    assert read_tile_number(written) == tile


@pytest.mark.parametrize(
    "written",
    [
        "",
        "67",
        "x000/067",
        "1067",
        "x001/67",
        "067.p/0",
        "067.p/256",
        "067.p/012",
        "067.p/",
        "067/",
        "\u0660\u0660\u0660",
    ],
)
def test_another_address_names_no_tile(written: str) -> None:
    assert read_tile_number(written) is None


def test_tiles_of_a_size_are_those_of_the_specification() -> None:
    """« A tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0 tile of width 112, one
    full level 1 tile, one partial level 1 tile of width 17, and one partial level 2 tile of width 1. »"""
    assert [width_at(0, number, 70_000) for number in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [width_at(1, number, 70_000) for number in (0, 1, 2)] == [256, 17, 0]
    assert [width_at(2, 0, 70_000), width_at(3, 0, 70_000)] == [1, 0]
    assert [width_at(0, 0, 256), width_at(0, 1, 256), width_at(1, 0, 256)] == [256, 0, 1]


def test_entries_of_a_bundle_are_behind_their_length() -> None:
    entries = [b"", b"a", b"x" * 300]
    assert bundle(entries) == b"\0\0" + b"\0\1a" + b"\1\x2c" + b"x" * 300
    assert parse_entry_bundle(bundle(entries)) == entries


def test_a_proof_is_read_as_it_is_written() -> None:
    written = str(PROOF)
    assert written.split("\n")[:3] == [
        "c2sp.org/tlog-proof@v1",
        "extra d2hhdCB0aGUgcmVhZGVyIG5lZWRz",
        "index 5",
    ]
    assert written.endswith(f"\n\n{NOTE}")
    assert read_proof(written) == PROOF
    alone = Proof(0, [], NOTE)
    assert read_proof(str(alone)) == alone


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("@v1", "@v2"),
        ("index 5", "index 05"),
        ("index 5", "index \u0665"),
        ("index 5\n", ""),
        ("extra d2", "extra ??"),
        ("AAAA=", "AAA="),
    ],
)
def test_what_is_no_proof_is_refused(was: str, now: str) -> None:
    assert was in str(PROOF)
    with pytest.raises(NoteFault):
        read_proof(str(PROOF).replace(was, now, 1))
    with pytest.raises(NoteFault):
        read_proof(str(PROOF).partition("\n\n")[0])
