"""Proofs as files: that a line is in the log, that one checkpoint continues another, the whole account of a holder."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from reservations.models import Leaf, LogCheckpoint
from reservations.queries.log import opened, published, tree
from reservations.verifiable.files import Proof
from reservations.verifiable.notes import read_signer

#: The rows of an account, by the name of their table: what the file of a holder opens.
ENTRIES = "flux_flowentry"


def public_keys() -> list[str]:
    """What verifies the checkpoints of this installation: what each holder keeps."""
    return [str(read_signer(each).verifier) for each in settings.JOURNAL_KEYS]


def line_proof(table: str, row: int, signed: LogCheckpoint) -> str | None:
    """The proof (C2SP, tlog-proof) that a kept row is in the log of this checkpoint, as it is now. None: it was written
    since, or is no longer as it was written."""
    found = [each for each in opened(table, [row]) if each.leaf.index < signed.size]
    if not found:
        return None
    (line,) = found
    extra = {
        "entry": line.leaf.entry.decode(),
        "content": line.content,
        "salt": line.salt.hex(),
        "keys": public_keys(),
    }
    path = tree(signed.size).inclusion(line.leaf.index)
    return str(Proof(line.leaf.index, path, published(signed), json.dumps(extra, ensure_ascii=False).encode()))


def continuity_proof(old: LogCheckpoint, new: LogCheckpoint) -> str:
    """The proof that the log of the second checkpoint begins with that of the first, as JSON."""
    path = tree(new.size).consistency(old.size)
    return _written(
        {"format": "equiflux-continuity@1", "old": published(old), "checkpoint": published(new), "path": _encoded(path)}
    )


def account_proof(ledger: int, holder: int, signed: LogCheckpoint) -> str | None:
    """The whole account of a holder in a ledger, as JSON: every fact of the ledger by its rank, so that none is
    missing, those of the holder opened; one proof for all of them. None: a line of the holder was written since, or is
    no longer as it was written."""
    within = Leaf.objects.filter(imprint__chain=ledger, index__lt=signed.size).select_related("imprint")
    leaves = list(within.order_by("imprint__position"))
    rows = {each.imprint.row_id for each in leaves if each.holder == holder and each.imprint.table_name == ENTRIES}
    open_at = {each.leaf.index: each for each in opened(ENTRIES, rows) if each.leaf.index < signed.size}
    if len(open_at) != len(rows):
        return None
    written = []
    for leaf in leaves:
        line = {"index": leaf.index, "entry": leaf.entry.decode()}
        if leaf.index in open_at:
            line |= {"content": open_at[leaf.index].content, "salt": open_at[leaf.index].salt.hex()}
        written.append(line)
    return _written(
        {
            "format": "equiflux-account@1",
            "ledger": ledger,
            "holder": holder,
            "checkpoint": published(signed),
            "leaves": written,
            "lacking": _encoded(tree(signed.size).batch([each.index for each in leaves])),
        }
    )


def _written(proof: dict[str, Any]) -> str:
    return json.dumps(proof | {"keys": public_keys()}, ensure_ascii=False, indent=0)


def _encoded(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in hashes]
