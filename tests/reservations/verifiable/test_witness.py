"""« Runs a witness (one small command and a timer), which cosigns only what extends what it saw. »"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from reservations.verifiable.files import TileNumber, width_at
from reservations.verifiable.notes import Checkpoint, Kind, Signer, read_note, sign_note
from reservations.verifiable.tree import WIDTH, leaf_hash
from tests.reservations.verifiable.test_tree import tree_of

LOG = Signer("log.example/journal", Kind.NOTE, bytes(range(32)))
WITNESSES = [Signer("temoin.example", kind, bytes(range(32))) for kind in (Kind.COSIGNATURE, Kind.COSIGNATURE_ML)]


class Served(dict[str, bytes]):
    """A log that is served, by path: what was sent to it, and how it answers that."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.answers = 201

    def publish(self, entries: Sequence[bytes], *, signer: Signer = LOG) -> str:
        """Its checkpoint and its tiles, as they are for these entries."""
        tree = tree_of(entries)
        note = sign_note(Checkpoint(LOG.name, len(entries), tree.root()).text, [signer])
        self.clear()
        self["/journal/checkpoint"] = note.encode()
        hashes = [leaf_hash(each) for each in entries]
        for number in range(-(-len(entries) // WIDTH)):
            tile = TileNumber(number, width_at(0, number, len(entries)))
            content = hashes[number * WIDTH : number * WIDTH + tile.width]
            self[f"/journal/tile/0/{tile}"] = b"".join(content)
        if len(entries) >= WIDTH:
            self[f"/journal/tile/1/000.p/{len(entries) // WIDTH}"] = tree.root(WIDTH)
        return note


@pytest.fixture
def log() -> Iterator[tuple[Served, str]]:
    served = Served()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in served else 404)
            self.end_headers()
            self.wfile.write(served.get(self.path, b""))

        def do_POST(self) -> None:
            served.sent.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(served.answers)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is stated of what is asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield served, f"http://127.0.0.1:{server.server_address[1]}/journal"
    server.shutdown()
    thread.join()
    server.server_close()


def witnessed(address: str, state: Path, key: Signer = LOG, *more: str) -> str:
    result = StringIO()
    call_command("witness", address, "--log-key", str(key.verifier), "--state", str(state), *more, stdout=result)
    return result.getvalue()


def refused(address: str, state: Path, key: Signer = LOG, *more: str) -> tuple[int, str]:
    with pytest.raises(CommandError) as found:
        witnessed(address, state, key, *more)
    return found.value.returncode, str(found.value)


def entries(count: int, *, first: bytes = b"0") -> list[bytes]:
    return [first, *(each.to_bytes(2) for each in range(1, count))]


def test_a_witness_cosigns_what_extends_what_it_saw(
    log: tuple[Served, str], tmp_path: Path, settings: LazySettings
) -> None:
    settings.JOURNAL_WITNESS_KEYS = [str(each) for each in WITNESSES]
    (served, address), state = log, tmp_path / "vu"
    for count in (5, 5, 300, 301):
        note = served.publish(entries(count))
        both = read_note(note + witnessed(address, state))
        assert len(both.signed_by([each.verifier for each in WITNESSES])) == 2
    assert state.read_text(encoding="utf-8").split("\n")[1] == "301"


def test_a_witness_cosigns_nothing_of_a_log_that_was_rewritten(
    log: tuple[Served, str], tmp_path: Path, settings: LazySettings
) -> None:
    """Forked, cut, or served otherwise than signed; what it saw before stays."""
    settings.JOURNAL_WITNESS_KEYS = [str(each) for each in WITNESSES]
    (served, address), state = log, tmp_path / "vu"
    served.publish(entries(300))
    witnessed(address, state)
    seen = state.read_text(encoding="utf-8")
    served.publish(entries(301, first=b"forged"))
    assert refused(address, state)[0] == 1
    served.publish(entries(299))
    code, sentence = refused(address, state)
    assert (code, "prévenez les autres réservataires" in sentence) == (1, True)
    served.publish(entries(301))
    served["/journal/tile/0/001.p/45"] = bytes(45 * 32)
    assert refused(address, state)[0] == 1
    served["/journal/tile/0/001.p/45"] = b""
    assert refused(address, state)[0] == 1
    assert state.read_text(encoding="utf-8") == seen


def test_a_witness_reads_only_a_log_that_its_key_signed(
    log: tuple[Served, str], tmp_path: Path, settings: LazySettings
) -> None:
    settings.JOURNAL_WITNESS_KEYS = [str(each) for each in WITNESSES]
    (served, address), state = log, tmp_path / "vu"
    served.publish(entries(5))
    assert refused(address, state, Signer(LOG.name, Kind.NOTE, bytes(32)))[0] == 2
    assert refused(f"{address}/absent", state)[0] == 2
    assert refused("ftp://log.example/journal", state)[0] == 2
    settings.JOURNAL_WITNESS_KEYS = []
    assert refused(address, state)[0] == 2
    assert not state.exists()


def test_a_witness_sends_what_it_signed(log: tuple[Served, str], tmp_path: Path, settings: LazySettings) -> None:
    """The note whole, to where it was read; a log that does not know the witness, or holds another state, says it."""
    settings.JOURNAL_WITNESS_KEYS = [str(each) for each in WITNESSES]
    (served, address), state = log, tmp_path / "vu"
    note = served.publish(entries(5))
    assert served.sent == []
    lines = witnessed(address, state, LOG, "--send")
    assert served.sent == [note + lines]
    served.answers = 403
    code, sentence = refused(address, state, LOG, "--send")
    assert (code, "donnez sa clé publique" in sentence) == (2, True)
    served.answers = 409
    code, sentence = refused(address, state, LOG, "--send")
    assert (code, "prévenez les autres réservataires" in sentence) == (1, True)
