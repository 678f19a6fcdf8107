"""Everything goes out as it comes in: the tables of an organisation, as the imports read them (docs/imports.md).

A kind of file that has `recorded` gives its rows, under its own columns: one list, or all of them in one ZIP that a
worker makes, since it may be long. Leaving is possible, and so is moving in.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import IO, BinaryIO, cast

from django.utils import timezone

from reservations.exports.listing import ListColumn, columned
from reservations.exports.papers import Paper, Papers, every_papers
from reservations.exports.spreadsheet import Sheet, spreadsheet
from reservations.imports.kept import pieces
from reservations.imports.kinds import FileKind, kinds_for
from reservations.models import Archive, ArchivePart, Membership
from reservations.models.wall import opened
from reservations.pages.nicknames import FILE, LISTING, SEAL
from reservations.wakeups import wake

#: How long an archive may be taken.
KEPT = timedelta(days=2)
#: After which an archive that could not be made is given up, and may be asked for again.
LOST = timedelta(hours=1)
README = (
    "Tout ce que votre organisation a dans Équiflux, en tableaux CSV (UTF-8, point-virgule). Chacun se redonne tel "
    "quel à la page « Fichiers » d’une autre installation, dans l’ordre de leurs numéros.\r\n"
    "Les bilans envoyés, les procès-verbaux scellés et les pièces jointes aux conventions y sont à part, octet pour "
    "octet : la liste de chaque dossier dit ce qu’est chaque fichier, et son empreinte SHA-256. Ce sont des preuves : "
    "gardez-les ; une autre installation ne les refait pas : elle les garde à côté des siens (« Redonner des "
    "papiers »).\r\n"
)


def leaving_kinds(member: Membership) -> list[FileKind]:
    """The kinds of files that say what this member's organisation has."""
    return [kind for kind in kinds_for(member) if tells(kind)]


def tells(kind: FileKind) -> bool:
    """Does a kind say what is there?"""
    return type(kind).recorded is not FileKind.recorded


def table_of(kind: FileKind, member: Membership) -> Sheet:
    """What is there of one kind, under the columns that its imports read."""
    names = [column.name for column in kind.columns]
    columns = (ListColumn[Mapping[str, str]](name, read=partial(_value, name=name)) for name in names)
    return columned(kind.title, _lines(names, kind.recorded(member)), *columns)


def _lines(names: Collection[str], rows: Iterable[Mapping[str, str]]) -> Iterator[Mapping[str, str]]:
    for line in rows:
        assert set(line) <= set(names), set(line) - set(names)
        yield line


def _value(line: Mapping[str, str], *, name: str) -> str:
    return line.get(name, "")


def order_archive(*, member: Membership, now: datetime) -> Archive:
    """Ask for everything: the archive that is being made, or a row that a worker will fill."""
    waiting = Archive.objects.filter(organisation=member.organisation_id, made_at=None).first()
    if waiting is not None:
        return waiting
    with opened():
        order = Archive.objects.create(organisation=member.organisation, asked_by=member.user, asked_at=now)
        wake("reservations.make_archive", order.pk)
    return order


def make_archive(*, archive_id: int) -> bool:
    """Gather the tables of one order into its file: safe to run twice. Is it there?"""
    with opened():
        orders = Archive.objects.select_for_update(of=("self",), skip_locked=True).filter(made_at=None)
        order = orders.filter(pk=archive_id).first()
        if order is None:
            return False
        # Under the role of whoever asked, if they still have it: what they may not give, they may not take.
        held = Membership.objects.filter(user=order.asked_by_id, organisation=order.organisation_id)
        members = held.select_related("organisation__landlord", "user").order_by("pk")
        member = next((each for each in members if each.part.manages_people), None)
        if member is None:
            order.delete()
            return False
        with tempfile.TemporaryFile() as file:  # on the disk of the worker, gone when it is closed
            order.counts = _zipped(member, file)
            order.size = file.tell()
            for number, piece in enumerate(pieces(cast("BinaryIO", file))):
                ArchivePart.objects.create(archive=order, number=number, content=piece)
        order.made_at = timezone.now()
        order.save(update_fields=["counts", "size", "made_at"])
    return True


def parts(order: Archive) -> Iterator[bytes]:
    """The file, in order. A query a part: none waits in memory for the next."""
    held = ArchivePart.objects.filter(archive=order)
    for number in list(held.order_by("number").values_list("number", flat=True)):
        yield bytes(held.values_list("content", flat=True).get(number=number))


def _zipped(member: Membership, held: IO[bytes]) -> dict[str, int]:
    """One CSV a kind, numbered in the order in which they are to be given back, then the papers: written as they are
    read, a batch of lines or a paper in memory at a time. How many of each."""
    counts: dict[str, int] = {}
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("LISEZ-MOI.txt", README.encode())
        for place, kind in enumerate(leaving_kinds(member), 1):
            sheet, lines = table_of(kind, member), 0
            with archive.open(f"{place:02d}-{kind.code}.csv", "w") as file:
                for chunk in spreadsheet(sheet):
                    file.write(chunk)
                    lines += chunk.count(b"\r\n")
            counts[kind.title] = lines - 1
            if kind.names_households and lines > 1:
                kind.taken(member, lines - 1)
        for papers in every_papers():
            if filed := _filed(archive, papers, member):
                counts[papers.title] = filed
    return counts


def _filed(archive: zipfile.ZipFile, papers: Papers, member: Membership) -> int:
    """A folder of papers as they are, and their list: how many."""
    rows: dict[str, Paper] = {}
    for paper in papers.of(member):
        name = f"{len(rows) + 1}-{paper.name}" if paper.name in rows else paper.name  # one of another tool too
        archive.writestr(f"{papers.folder}/{name}", paper.content)
        rows[name] = replace(paper, name=name, content=b"")  # what the list says of it
    if rows:
        listing = columned(
            papers.title,
            rows.values(),
            ListColumn[Paper](FILE, read=lambda each: each.name),
            ListColumn(SEAL, read=lambda each: each.seal),
            *(ListColumn[Paper](name, read=partial(_paper_words, at=at)) for at, name in enumerate(papers.columns)),
        )
        archive.writestr(f"{papers.folder}/{LISTING}", b"".join(spreadsheet(listing)))
        papers.taken(member, len(rows))
    return len(rows)


def _paper_words(paper: Paper, *, at: int) -> str:
    return paper.said[at]


def archives_to_make(*, now: datetime | None = None) -> list[int]:
    """Those that wait for a worker; one that could not be made in an hour goes, and may be asked for again."""
    Archive.objects.filter(made_at=None, asked_at__lt=(now or timezone.now()) - LOST).delete()
    return list(Archive.objects.filter(made_at=None).order_by("pk").values_list("pk", flat=True)[:20])


def purge_archives(*, now: datetime | None = None) -> int:
    """Forget the files whose two days are over: how many."""
    gone = Archive.objects.filter(made_at__lt=(now or timezone.now()) - KEPT).delete()[1]
    return gone.get(Archive._meta.label, 0)
