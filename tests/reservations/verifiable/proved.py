"""Proofs of an account that was lived, written by the product, for whoever verifies them alone."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flux.models import FlowEntry
from reservations.exports.proofs import account_proof, continuity_proof, line_proof
from reservations.models import Organisation
from reservations.operations.log import append_leaves, sign_checkpoint, signers_of
from reservations.verifiable.notes import Kind, Signer
from tests.house.tree import ROOT
from tests.leases import let
from tests.world import MORNING, World
from tests.world_again import kept

VERIFIER = ROOT / "static/verifier/verify_equiflux.py"
LOG = Signer("journal.example/aude", Kind.NOTE, bytes(range(32)))
LATER = Signer("journal.example/aude", Kind.COSIGNATURE_ML, bytes(range(32)))
WITNESSES = [Signer(f"temoin-{each}.example", Kind.COSIGNATURE, bytes([each]) * 32) for each in (1, 2)]
KEYS = [str(LOG), str(LATER)]


@dataclass(frozen=True, slots=True)
class Proved:
    """The three files that the product writes, and how the last checkpoint is printed."""

    line: str
    continuity: str
    account: str
    printed: str
    lines: int


@kept
def lived(world: World) -> Proved:
    """Two units are let, with a checkpoint in between; the files are of one holder, and of one of its lines."""
    signers = signers_of(KEYS)
    let(world, world.vacancy())
    append_leaves()
    old = sign_checkpoint(signers=signers, now=MORNING)
    let(world, world.vacancy())
    Organisation.objects.filter(pk=world.city.pk).update(name="Narbonne la Belle")
    append_leaves()
    new = sign_checkpoint(signers=signers, now=MORNING)
    assert old is not None
    assert new is not None
    entry = FlowEntry.objects.order_by("pk")[0]
    line = line_proof("flux_flowentry", entry.pk, new)
    assert line is not None
    account = account_proof(entry.ledger_id, entry.holder_id, new)
    assert account is not None
    return Proved(
        line,
        continuity_proof(old, new),
        account,
        str(new),
        FlowEntry.objects.filter(ledger=entry.ledger_id, holder=entry.holder_id).count(),
    )


def of_the_account() -> tuple[int, int]:
    """The ledger and the holder of the first line of all."""
    entry = FlowEntry.objects.order_by("pk")[0]
    return entry.ledger_id, entry.holder_id


def witnessed(proof: str, *, by: list[Signer]) -> str:
    """The same with cosignatures under its checkpoint."""
    head, _, checkpoint = proof.rpartition(f"\n\n{LOG.name}\n")
    note = f"{LOG.name}\n{checkpoint}"
    text = note.rpartition("\n\n")[0] + "\n"
    return f"{head}\n\n{note}" + "".join(each.sign(text, at=int(MORNING.timestamp())) for each in by)


def changed(proof: str, **held: Any) -> str:
    """A proof of a line with another thing stated beside it."""
    head, result, rest = proof.split("\n", 2)
    extra = json.loads(base64.b64decode(result.removeprefix("extra "))) | held
    return "\n".join([head, f"extra {base64.b64encode(json.dumps(extra).encode()).decode()}", rest])


def extra_of(proof: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(proof.split("\n")[1].removeprefix("extra ")))
    return found


def verified(folder: Path, proof: str, *arguments: str) -> tuple[int, str]:
    """What the program answers, alone in its own process: its code, and all that it says."""
    file = folder / "preuve"
    file.write_text(proof, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", VERIFIER, file, *arguments], capture_output=True, text=True, check=False, cwd=folder
    )
    return done.returncode, done.stdout + done.stderr
