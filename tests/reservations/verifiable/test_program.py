"""« The verifier: standard library only, ≤ 200 lines; French sentences, exit codes. »"""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reservations.verifiable.notes import Kind, Signer, read_verifier
from reservations.verifiable.tree import leaf_hash
from tests.reservations.verifiable.proved import (
    LATER,
    LOG,
    VERIFIER,
    WITNESSES,
    Proved,
    changed,
    extra_of,
    verified,
    witnessed,
)
from tests.reservations.verifiable.test_notes import EXAMPLE, EXAMPLE_KEY
from tests.reservations.verifiable.test_tree import ENTRIES, ROOTS, tree_of

KEY = ("--key", str(LOG.verifier))
FALSE, MISUSED, ELSEWHERE = 1, 2, 3


@pytest.fixture(scope="module")
def program() -> ModuleType:
    """The program as a module, to count what it does."""
    spec = importlib.util.spec_from_file_location("verify_equiflux", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_program_is_two_hundred_lines_of_the_standard_library() -> None:
    written = VERIFIER.read_text(encoding="utf-8")
    imported = {
        (each.module or "") if isinstance(each, ast.ImportFrom) else each.names[0].name
        for each in ast.walk(ast.parse(written))
        if isinstance(each, ast.Import | ast.ImportFrom)
    }
    assert len(written.splitlines()) <= 200
    assert imported <= sys.stdlib_module_names


def test_it_verifies_what_the_specification_signs(program: ModuleType) -> None:
    """Ed25519 (RFC 8032), on the example of C2SP; never another text, another key, or another length."""
    *_, public = program.key_of(EXAMPLE_KEY)
    text, _, line = EXAMPLE.rpartition("\n\n")
    signature = program.decoded(line.split(" ")[2])[4:]
    message = f"{text}\n".encode()
    assert program.signs(public, message, signature)
    assert not program.signs(public, message + b"x", signature)
    assert not program.signs(Signer("x", Kind.NOTE, bytes(32)).verifier.public, message, signature)
    assert not program.signs(public, message, signature + b"\0")
    order = program.ORDER.to_bytes(32, "little")
    late = int.from_bytes(signature[32:], "little") + program.ORDER
    assert not program.signs(public, message, signature[:32] + late.to_bytes(32, "little"))
    assert not program.signs(public, message, signature[:32] + order)


def test_it_agrees_with_the_library_on_a_hundred_signatures(program: ModuleType) -> None:
    for each in range(25):
        signer = Signer("x", Kind.NOTE, bytes([each]) * 32)
        (_, content) = signer.sign(f"text {each}\n").removeprefix("\u2014 ").split(" ")
        assert program.signs(signer.verifier.public, f"text {each}\n".encode(), program.decoded(content)[4:])
        assert not program.signs(signer.verifier.public, b"another text\n", program.decoded(content)[4:])


def test_it_is_a_second_reader_of_the_published_trees(program: ModuleType) -> None:
    """Its own reading of RFC 6962, on the vectors of Certificate Transparency: every leaf, size and pair of sizes."""
    tree = tree_of(ENTRIES)
    hashes = [leaf_hash(each) for each in ENTRIES]
    for size in range(1, 9):
        root = bytes.fromhex(ROOTS[size])
        for index in range(size):
            assert program.climb(index, size, hashes[index], tree.inclusion(index, size)) == root
            chosen = {at: hashes[at] for at in range(index, size, 2)}
            assert program.gathered(chosen, 0, size, tree.batch(chosen, size)) == root
        for old in range(1, size + 1):
            before = bytes.fromhex(ROOTS[old])
            assert program.grown(old, size, tree.consistency(old, size), before) == (before, root)


@pytest.mark.django_db
def test_what_the_product_writes_is_verified(proved: Proved, tmp_path: Path) -> None:
    """A line, two checkpoints, the account of a holder: code 0, and what is in them."""
    code, result = verified(tmp_path, proved.line, *KEY)
    assert (code, "VÉRIFIÉ." in result, proved.printed in result) == (0, True, True), result
    assert "flux_flowentry" in result
    assert '  stage : "DUE"' in result
    code, result = verified(tmp_path, proved.continuity, *KEY)
    assert (code, "contient, dans le même ordre, celui de" in result) == (0, True), result
    code, result = verified(tmp_path, proved.account, *KEY)
    assert (code, f"{proved.lines} lignes du réservataire" in result) == (0, True), result
    assert "  dû : " in result


@pytest.mark.django_db
def test_the_key_is_that_of_whoever_verifies(proved: Proved, tmp_path: Path) -> None:
    """A file that says itself who signed it is coherent, and no more; what is printed does as well as a key."""
    code, result = verified(tmp_path, proved.line)
    assert (code, "COHÉRENT. La clé vient du fichier" in result) == (ELSEWHERE, True), result
    assert verified(tmp_path, proved.line, "--printed", proved.printed)[0] == 0
    other = proved.printed[:-1] + ("0" if proved.printed[-1] != "0" else "1")
    code, result = verified(tmp_path, proved.line, "--printed", other)
    assert (code, "Ce qui est imprimé n’est pas" in result) == (FALSE, True), result
    stranger = Signer(LOG.name, Kind.NOTE, bytes(32)).verifier
    code, result = verified(tmp_path, proved.line, "--key", str(stranger))
    assert (code, "n’est signé par aucune" in result) == (FALSE, True), result
    code, result = verified(tmp_path, proved.line, "--key", str(LOG.verifier).replace("aude", "eude"))
    assert (code, "mal recopiée" in result) == (FALSE, True), result
    assert verified(tmp_path, proved.line, *KEY, "--key", str(LATER.verifier))[0] == 0


@pytest.mark.django_db
def test_it_is_witnessed_by_two_organisations_or_not_at_all(proved: Proved, tmp_path: Path) -> None:
    """« “Témoigné” is written only with cosignatures of two different organisations. »"""
    known = [word for each in WITNESSES for word in ("--witness", str(each.verifier))]
    one, two = witnessed(proved.line, by=WITNESSES[:1]), witnessed(proved.line, by=WITNESSES)
    assert "Témoigné par temoin-1.example, temoin-2.example." in verified(tmp_path, two, *KEY, *known)[1]
    assert "Pas témoigné" in verified(tmp_path, two, *KEY, *known[:2])[1]
    assert "Pas témoigné" in verified(tmp_path, one, *KEY, *known)[1]
    twice = witnessed(proved.line, by=[WITNESSES[0], WITNESSES[0]])
    assert "Pas témoigné" in verified(tmp_path, twice, *KEY, *known)[1]
    stranger = Signer(WITNESSES[1].name, Kind.COSIGNATURE, bytes(32))
    assert "Pas témoigné" in verified(tmp_path, witnessed(proved.line, by=[WITNESSES[0], stranger]), *KEY, *known)[1]


def forged_line(proved: Proved) -> dict[str, tuple[str, str]]:
    values = extra_of(proved.line)
    content = values["content"].replace('"stage": "DUE"', '"stage": "LEASED"')
    other = values["content"].replace('"id": ', '"id": 9')
    ranked = values["entry"].replace('"rank":', '"rank":9')
    return {
        "another content": (changed(proved.line, content=content), "n’est pas celui du journal"),
        "another row": (changed(proved.line, content=other), "n’est pas celui du journal"),
        "another salt": (changed(proved.line, salt="00" * 32), "n’est pas celui du journal"),
        "another entry": (changed(proved.line, entry=ranked), "pas dans le journal"),
        "another index": (proved.line.replace("\nindex ", "\nindex 1"), "FAUX"),
        "a shorter path": (proved.line.replace(proved.line.split("\n")[3] + "\n", "", 1), "FAUX"),
        "cut": (proved.line[:200], "FAUX"),
        "empty": ("", "FAUX"),
        "another size": (proved.line.replace(f"\n{proved.printed.split('-')[1]}\n", "\n9999\n"), "signature"),
    }


FORGED = ["another content", "another row", "another salt", "another entry", "another index", "a shorter path"]
FORGED += ["cut", "empty", "another size"]


@pytest.mark.django_db
def test_a_line_that_was_forged_is_stated_false(proved: Proved, tmp_path: Path) -> None:
    forged = forged_line(proved)
    assert sorted(forged) == sorted(FORGED)
    for name, (proof, sentence) in forged.items():
        code, result = verified(tmp_path, proof, *KEY)
        assert (code, "FAUX" in result, sentence in result) == (FALSE, True, True), (name, result)


@pytest.mark.django_db
def test_an_account_that_leaves_out_or_adds_a_fact_is_stated_false(proved: Proved, tmp_path: Path) -> None:
    """A lost line, a line not opened, two ranks, a total that was changed: each is seen."""

    def other(**held: Any) -> str:
        return json.dumps(json.loads(proved.account) | held)

    held = json.loads(proved.account)
    leaves = held["leaves"]
    mine = next(at for at, each in enumerate(leaves) if "salt" in each)
    closed = {word: leaves[mine][word] for word in ("index", "entry")}
    content = leaves[mine]["content"].replace('"quantity": ', '"quantity": 9')
    tried = {
        other(leaves=leaves[:mine] + leaves[mine + 1 :]): "Il manque des faits",
        other(leaves=[*leaves, leaves[mine]]): "Il manque des faits",
        other(leaves=leaves[::-1]): "Il manque des faits",
        other(leaves=leaves[:-1]): "n’est pas celui du journal",
        other(leaves=[*leaves[:mine], closed, *leaves[mine + 1 :]]): "n’est pas ouverte",
        other(leaves=[*leaves[:mine], leaves[mine] | {"content": content}, *leaves[mine + 1 :]]): "n’est pas celui",
        other(leaves=[]): "FAUX",
        other(ledger=held["ledger"] + 1): "Il manque des faits",
        other(lacking=held["lacking"][:-1]): "FAUX",
        other(lacking=[*held["lacking"], held["lacking"][0]]): "n’est pas celui du journal",
    }
    for proof, sentence in tried.items():
        code, result = verified(tmp_path, proof, *KEY)
        assert (code, sentence in result) == (FALSE, True), result


@pytest.mark.django_db
def test_a_log_that_forgets_is_stated_false(proved: Proved, tmp_path: Path) -> None:
    held = json.loads(proved.continuity)
    swapped = held | {"old": held["checkpoint"], "checkpoint": held["old"]}
    unsigned = held | {"old": held["old"].partition("\n\n")[0] + "\n\n"}
    shorter = held | {"path": held["path"][:-1]}
    for proof in (swapped, unsigned, shorter):
        code, result = verified(tmp_path, json.dumps(proof), *KEY)
        assert (code, "FAUX" in result) == (FALSE, True), result


def test_what_is_no_file_is_a_misuse(tmp_path: Path) -> None:
    for arguments in ((str(tmp_path / "absent"),), ("--witness",)):
        code, result = verified(tmp_path, "", *arguments)
        assert code == MISUSED, result


@pytest.mark.django_db
def test_a_proof_costs_two_signatures_and_one_hash_a_level(
    proved: Proved, program: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """« A proof verifies offline in ≤ 50 ms, a holder's year in ≤ 1 s »: counted, on any machine. A line costs the
    height of the tree; an account twice its facts, whatever the size of the log."""
    hashed: list[int] = []
    one = program.sha256
    monkeypatch.setattr(program, "sha256", lambda content: hashed.append(len(content)) or one(content))
    size = int(proved.printed.split("-")[1])
    key = [program.key_of(str(read_verifier(KEY[1])))]
    hashed.clear()
    assert program.verify(program.read(proved.line), key, [], "") == 0
    assert len(hashed) <= size.bit_length() + 4
    hashed.clear()
    assert program.verify(program.read(proved.account), key, [], "") == 0
    assert len(hashed) <= 2 * len(json.loads(proved.account)["leaves"]) + 2 * proved.lines + 2 * size.bit_length()
    assert "VÉRIFIÉ." in capsys.readouterr().out
