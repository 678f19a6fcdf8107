"""The papers of an archive as another installation would have sealed them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from reservations.canonical import canonical
from reservations.models import KeptElsewhere
from reservations.operations.documents import keep_elsewhere
from tests.world import MORNING, World


def zipped(files: Mapping[str, bytes]) -> io.BytesIO:
    """A ZIP of these."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held


def folder_of(files: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    """One folder of an archive."""
    return {name: content for name, content in files.items() if name.startswith(f"{folder}/")}


def listed(content: bytes) -> list[dict[str, str]]:
    """The rows of a list."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def resealed(
    files: Mapping[str, bytes], folder: str, values: Mapping[str, str], change: Callable[[dict[str, Any]], object]
) -> dict[str, bytes]:
    """A folder whose JSON papers say something else, sealed again, as its list says it (`said`)."""
    made: dict[str, bytes] = {}
    rows = listed(files[f"{folder}/liste.csv"])
    for row in rows:
        content = json.loads(files[f"{folder}/{row['fichier']}"])
        change(content)
        written = canonical(content)
        row |= {**values, "empreinte SHA-256": sha256(written).hexdigest()}
        made[f"{folder}/{row['fichier']}"] = written
    return made | {f"{folder}/liste.csv": list_of(rows)}


def list_of(rows: list[dict[str, str]]) -> bytes:
    """As a spreadsheet writes it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def elsewhere(world: World, kind: KeptElsewhere.Kind) -> KeptElsewhere:
    """A paper of before, that the manager of the landlord brought: one of each kind."""
    if (there := KeptElsewhere.objects.filter(kind=kind).first()) is not None:
        return there
    content = canonical({"kind": kind.value})
    is_balance = kind == KeptElsewhere.Kind.BALANCE
    return keep_elsewhere(
        kind=kind,
        keeper=world.landlord.organisation,
        landlord=world.landlord,
        departement=world.places["Aude"] if is_balance else None,
        exercise=2024 if is_balance else None,
        held_on=date(2025, 2, 20),
        sealed_on=date(2025, 2, 28),
        readers=[world.city.siren] if is_balance else [],
        values={"commission": "CALEOL", "version": "1"},
        kept_in="notre logiciel d’avant",
        name="papier.json",
        content_type="application/json",
        content=content,
        sha256=sha256(content).hexdigest(),
        by=world.people["alice"],
        now=MORNING,
    )
