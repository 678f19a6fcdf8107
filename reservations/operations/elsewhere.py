"""Keeping papers that another tool sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from reservations.models import HistoryEntry, KeptElsewhere, Landlord, Organisation, Territory, User
from reservations.models.wall import atomic_act
from reservations.operations.document import plain_name
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak

#: Bytes of a ZIP of papers.
HEAVIEST = 150 * 1024 * 1024
JSON, PDF = "application/json", "application/pdf"


class NotThatPaper(Refusal):
    """Bytes that are no balance and no minutes."""


@atomic_act
def keep_elsewhere(
    *,
    kind: str,
    keeper: Organisation,
    landlord: Landlord,
    departement: Territory | None = None,
    exercise: int | None = None,
    held_on: date,
    sealed_on: date | None,
    readers: Sequence[str] = (),
    said: Mapping[str, str],
    kept_in: str,
    name: str,
    content_type: str,
    content: bytes,
    sha256: str,
    by: User,
    now: datetime,
) -> KeptElsewhere:
    """Keep a paper byte for byte, with the seal that the caller checked. Raises Refusal: it is kept already."""
    with constraints_speak(KeptElsewhere):
        kept = KeptElsewhere.objects.create(
            kind=kind,
            keeper=keeper,
            landlord=landlord,
            departement=departement,
            exercise=exercise,
            held_on=held_on,
            sealed_on=sealed_on,
            readers=list(readers),
            said=dict(said),
            kept_in=kept_in,
            name=plain_name(name, (".json",) if content_type == JSON else (".pdf",)),
            content_type=content_type,
            content=content,
            size=len(content),
            sha256=sha256,
            brought_by=by,
            brought_at=now,
        )
    details = {"name": [None, kept.name], "sha256": [None, sha256]}
    record(kept, HistoryEntry.Act.IMPORTED, by=by, why=f"Tenu auparavant dans : {kept_in}.", details=details)
    return kept


def object_in(content: bytes) -> dict[str, Any]:
    """What a JSON paper says. Raises NotThatPaper."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise NotThatPaper("ce fichier n’est pas celui qui a été scellé : reprenez-le de l’archive d’origine.")
    return told
