"""The acts on documents.

* Attaching signed files to a convention.
* Keeping papers that another tool sealed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from reservations.models import (
    Convention,
    HistoryEntry,
    KeptElsewhere,
    Landlord,
    Organisation,
    SignedDocument,
    Territory,
    User,
)
from reservations.models.guards import in_order
from reservations.models.wall import atomic_act
from reservations.operations.history import record
from reservations.queries.conventions import papers_of
from reservations.refusals import Refusal, constraints_speak

Paper = SignedDocument.Paper

#: Bytes: a scan of thirty pages.
LARGEST = 10 * 1024 * 1024

#: What a file begins with, whatever its name says: (first bytes, type, endings that fit it).
KINDS = (
    (b"%PDF-", "application/pdf", (".pdf",)),
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
)

#: The longest name kept, its ending included.
LONGEST_NAME = 200


class DocumentRefused(Refusal):
    """A file that is no signed convention: empty, too large, of another kind, or already there."""


class NotYetSigned(Refusal):
    """The convention is still negotiated: it has no signed file."""


class DocumentDamaged(Refusal):
    """The bytes kept are not those that were received: their SHA-256 differs."""


@atomic_act
def attach_document(
    *, convention: Convention, name: str, content: bytes, by: User, paper: str = Paper.CONVENTION
) -> SignedDocument:
    """Keep a signed file with its SHA-256, for good. `name` is as the person's computer gave it; `paper`: the act that
    it is the paper of, which was recorded before.

    Raises NotYetSigned for a draft or a proposal, or DocumentRefused with what to give instead.
    """
    convention = in_order(Convention.objects.all()).get(pk=convention.pk)
    if convention.is_open:
        raise NotYetSigned("Cette convention n’est pas encore signée : signez-la, puis joignez le fichier signé.")
    if paper not in papers_of(convention):
        raise DocumentRefused(
            "Cet acte n’est pas enregistré pour cette convention : enregistrez-le d’abord, avec sa date.", field="paper"
        )
    return keep_document(convention, name, content, by=by, paper=paper)


def keep_document(
    convention: Convention, name: str, content: bytes, *, by: User, why: str = "", paper: str = Paper.CONVENTION
) -> SignedDocument:
    """The same for a convention that the caller holds, signed by this very file; `why` it comes now, when that is to be
    notified. Raises DocumentRefused."""
    content_type, endings = kind_of(content)
    fingerprint = hashlib.sha256(content).hexdigest()
    if convention.documents.filter(sha256=fingerprint).exists():
        raise DocumentRefused("Ce fichier est déjà joint à cette convention : choisissez-en un autre.", field="file")
    with constraints_speak(SignedDocument):
        document = SignedDocument.objects.create(
            convention=convention,
            paper=paper,
            name=plain_name(name, endings),
            content_type=content_type,
            content=content,
            size=len(content),
            sha256=fingerprint,
            attached_by=by,
        )
    kept = {"name": [None, document.name], "sha256": [None, fingerprint]}
    record(convention, HistoryEntry.Act.ATTACHED, by=by, why=why, details=kept)
    return document


def kind_of(content: bytes) -> tuple[str, tuple[str, ...]]:
    """The type of a file and its usual endings, by its first bytes.

    Raises DocumentRefused for an empty file, one over 10 MB, or anything but a PDF, a PNG or a JPEG.
    """
    if not content:
        raise DocumentRefused("Le fichier est vide : choisissez la convention signée, numérisée.", field="file")
    if len(content) > LARGEST:
        raise DocumentRefused(
            "Le fichier dépasse 10 Mo : numérisez-le en moins fin, ou joignez-le en plusieurs fichiers.", field="file"
        )
    for first, content_type, endings in KINDS:
        if content.startswith(first):
            return content_type, endings
    raise DocumentRefused(
        "Ce fichier n’est ni un PDF, ni une image PNG ou JPEG : numérisez la convention signée en PDF.", field="file"
    )


def received(document: SignedDocument) -> bytes:
    """The bytes of a signed file, checked again. Raises DocumentDamaged when they are not those that were received."""
    content = bytes(document.content)
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise DocumentDamaged(
            f"Le fichier « {document.name} » n’est plus celui qui a été joint : son empreinte a changé. Il n’est pas "
            "remis. Prévenez l’administrateur, et demandez l’original à l’autre partie."
        )
    return content


def plain_name(name: str, endings: tuple[str, ...]) -> str:
    """The last part of the path, without control characters, with an ending that fits what the file is."""
    plain = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable()).strip()
    ending = PurePath(plain).suffix
    stem = plain.removesuffix(ending) if ending.lower() in endings else plain
    kept = ending if ending.lower() in endings else endings[0]
    return f"{stem[: LONGEST_NAME - len(kept)] or 'convention-signee'}{kept}"


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
    values: Mapping[str, str],
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
            said=dict(values),
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
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise NotThatPaper("ce fichier n’est pas celui qui a été scellé : reprenez-le de l’archive d’origine.")
    return parsed
