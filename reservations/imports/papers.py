"""Papers that come back: the folders of an archive, in a ZIP, each file checked against the seal of its list.

All or nothing: a file that was altered, that is missing, or that no list knows refuses the whole, reported by its line
(docs/decisions/0080-papers-kept-elsewhere.md). One file is in memory at a time.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from reservations.imports.cells import CellRefused, Reader
from reservations.imports.cells import day as day_of
from reservations.imports.cells import siren as siren_of
from reservations.imports.kept import FileRefused
from reservations.imports.kinds import column_key
from reservations.imports.staging import texts
from reservations.imports.table import Unreadable, read_rows
from reservations.models import Convention, Landlord, Membership, SignedDocument
from reservations.models.guards import in_order
from reservations.models.wall import atomic_act
from reservations.operations.documents import HEAVIEST, LARGEST, keep_document
from reservations.pages.nicknames import FILE, KEPT_IN, LISTING, SEAL, Fault
from reservations.permissions import can_attach_document
from reservations.refusals import Refusal
from reservations.words import of

#: What all the papers of a ZIP unpack to, in bytes; how many files it may have.
UNPACKED, MOST_FILES = 600 * 1024 * 1024, 20_000
#: A list of twenty thousand papers is a third of it.
LONGEST_LIST = 20 * 1024 * 1024
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
#: What macOS adds to a ZIP.
SHADOW = "__MACOSX/"


class PapersRefused(FileRefused):
    """Nothing is kept: each of `faults` says why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("Rien n’est gardé : corrigez ce qui suit, puis redonnez le tout.")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Returned:
    """A file that comes back, as its seal says it; `cells`: what its line says, by column."""

    content: bytes
    seal: str
    cells: Mapping[str, str]

    @property
    def facts(self) -> dict[str, str]:
        """What its line says beside the file and its seal."""
        return {column: cell for column, cell in self.cells.items() if column not in (FILE, SEAL, KEPT_IN) and column}

    def read(self, column: str, reader: Reader) -> Any:
        """A cell, as its reader gives it. Raises Refusal: empty, or not readable."""
        if not self.cells.get(column):
            raise Refusal(f"la cellule « {column} » est vide : reprenez la liste de l’archive d’origine.")
        try:
            return reader(self.cells[column])
        except CellRefused as refused:
            raise Refusal(f"« {column} » dit « {self.cells[column][:80]} » : {refused}") from refused


@dataclass(frozen=True, slots=True)
class Bringing:
    """Who gives papers back, where they were kept, and when."""

    member: Membership
    kept_in: str
    now: datetime


class PaperFolder:
    """A folder of papers that comes back: the columns by which its list is known, and what becomes of each paper."""

    title: str
    needs: tuple[str, ...]

    def keep(self, paper: Returned, bringing: Bringing) -> bool:
        """Keep one; False when it is here already. Raises Refusal, whose sentence follows the name of the file."""
        raise NotImplementedError


@atomic_act
def bring_papers(
    *, member: Membership, file: BinaryIO, kept_in: str, now: datetime | None = None
) -> dict[str, tuple[int, int]]:
    """Keep every paper of an archive, or of a folder of it: by folder, how many are new and how many were here.

    Raises FileRefused: no archive, or no list in it; PapersRefused, with every file at fault.
    """
    bringing = Bringing(member, " ".join(kept_in.split())[:120], now or timezone.now())
    counts: dict[str, tuple[int, int]] = {}
    faults: list[Fault] = []
    with _opened(file) as archive:
        entries = {each.filename: each for each in archive.infolist() if _is_file(each)}
        lists = sorted(name for name in entries if PurePosixPath(name).name == LISTING)
        if not lists:
            raise FileRefused(
                f"Aucune liste n’est dans ce fichier : donnez l’archive entière, ou un dossier avec son « {LISTING} »."
            )
        for name in lists:
            folder, lines = _listed(archive, entries[name])
            beside = {each for each in entries if PurePosixPath(each).parent == PurePosixPath(name).parent} - {name}
            new, known = 0, 0
            for number, cells in lines:
                result = cells.get(FILE, "")
                path = str(PurePosixPath(name).parent / result)
                try:
                    if path not in beside:
                        raise Refusal("ce fichier manque, ou une autre ligne l’a déjà : remettez-le dans le dossier.")
                    beside.remove(path)
                    with transaction.atomic():
                        kept = folder.keep(_returned(archive, entries[path], cells), bringing)
                except Refusal as refused:
                    faults.append(Fault(name, number, result, str(refused)))
                else:
                    new, known = new + kept, known + (not kept)
            faults += [
                Fault(name, None, PurePosixPath(each).name, "la liste ne connaît pas ce fichier : retirez-le.")
                for each in sorted(beside)
            ]
            before = counts.get(folder.title, (0, 0))
            counts[folder.title] = (before[0] + new, before[1] + known)
    if faults:
        raise PapersRefused(faults)
    return counts


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    """Raises FileRefused: no ZIP, or one made to harm."""
    file.seek(0, 2)
    if file.tell() > HEAVIEST:
        raise FileRefused("Le fichier dépasse 150 Mo : donnez ses dossiers l’un après l’autre.")
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
    except BROKEN as error:
        raise FileRefused("Ce fichier n’est pas une archive ZIP : choisissez celle que vous avez emportée.") from error
    every = archive.infolist()
    if len(every) > MOST_FILES or sum(each.file_size for each in every) > UNPACKED:
        raise FileRefused("Cette archive contient trop : donnez ses dossiers l’un après l’autre.")
    return archive


def _is_file(entry: zipfile.ZipInfo) -> bool:
    return not entry.is_dir() and not entry.filename.startswith(SHADOW)


def _listed(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo
) -> tuple[PaperFolder, Iterator[tuple[int, dict[str, str]]]]:
    """What a list is of, and its lines: the number of each, and its cells by column. Raises FileRefused."""
    rows = texts(read_rows(_unpacked(archive, entry, LONGEST_LIST)))
    head = [str(cell) for cell in next(rows, (0, []))[1]]
    keys = {column_key(cell) for cell in head}
    folder = next((each for each in FOLDERS if {column_key(need) for need in each.needs} <= keys), None)
    if folder is None:
        raise FileRefused(
            f"« {entry.filename} » n’est la liste d’aucun des dossiers que l’on reprend : redonnez-la telle qu’elle "
            "est dans l’archive."
        )
    lines = ((number, dict(zip(head, map(_plain, cells), strict=False))) for number, cells in rows if any(cells))
    return folder, lines


def _plain(cell: str | Unreadable) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _returned(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, cells: Mapping[str, str]) -> Returned:
    """The bytes that a line reports. Raises Refusal: too heavy, not readable, or not those that were sealed."""
    if entry.file_size > LARGEST:
        raise Refusal("ce fichier dépasse 10 Mo : gardez-le ailleurs, et retirez-le du dossier et de la liste.")
    content = _unpacked(archive, entry, LARGEST)
    seal = cells.get(SEAL, "").lower()
    if not content or hashlib.sha256(content).hexdigest() != seal:
        raise Refusal(
            "son empreinte n’est pas celle de la liste : il a changé depuis. Reprenez-le de l’archive d’origine."
        )
    return Returned(content, seal, cells)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """All the bytes of an entry, within a bound. Raises FileRefused."""
    try:
        with archive.open(entry) as file:
            content = file.read(most + 1)
    except BROKEN as error:
        raise FileRefused(f"« {entry.filename} » ne se lit pas : l’archive est abîmée ou chiffrée.") from error
    if len(content) > most:
        raise FileRefused(f"« {entry.filename} » est trop lourd : reprenez l’archive d’origine.")
    return content


def own_landlord(paper: Returned, bringing: Bringing) -> Landlord:
    """The landlord that a line names, which its own people alone speak for among landlords. Raises Refusal."""
    siren = paper.read("SIREN du bailleur", siren_of)
    landlord = Landlord.objects.select_related("organisation").filter(organisation__siren=siren).first()
    if landlord is None:
        raise Refusal(f"aucun bailleur n’a ici le SIREN {siren} : faites-le enregistrer d’abord.")
    if bringing.member.is_landlord and landlord.organisation_id != bringing.member.organisation_id:
        raise Refusal(f"c’est un papier {of(landlord)}, un autre bailleur : retirez-le, avec sa ligne.")
    return landlord


class AttachmentsBack(PaperFolder):
    """Pièces jointes aux conventions, attached again to the convention that has these parties and these dates."""

    title = "Pièces jointes aux conventions"
    needs = ("SIREN du bailleur", "SIREN du réservataire", "début", "fin", "nom")

    def keep(self, paper: Returned, bringing: Bringing) -> bool:
        """By the act of the page; its history says where it was attached before, and when."""
        term = paper.read("fin", day_of)  # the one that was agreed, where it is renewed tacitly
        found = in_order(Convention.objects.all()).filter(
            Q(term_on=term) | Q(term_on=None, ends_on=term),
            landlord__organisation__siren=paper.read("SIREN du bailleur", siren_of),
            organisation__siren=paper.read("SIREN du réservataire", siren_of),
            starts_on=paper.read("début", day_of),
        )
        held = [each for each in found.order_by("pk") if can_attach_document(bringing.member, each)]
        if not held:
            raise Refusal(
                "aucune convention signée n’a ici ces parties et ces dates, que vous puissiez compléter : donnez "
                "d’abord les conventions, et signez-les."
            )
        if SignedDocument.objects.filter(convention__in=held, sha256=paper.seal).exists():
            return False
        before = paper.cells.get("jointe le", "")
        keep_document(
            held[0],
            paper.cells.get("nom") or paper.cells[FILE],
            paper.content,
            by=bringing.member.user,
            why=f"Jointe auparavant dans : {bringing.kept_in}{f', le {before}' if before else ''}.",
        )
        return True


#: All those that come back.
FOLDERS: list[PaperFolder] = [AttachmentsBack()]


def register(folder: PaperFolder) -> None:
    """Have the papers of such a folder come back."""
    if type(folder) not in {type(each) for each in FOLDERS}:
        FOLDERS.append(folder)
