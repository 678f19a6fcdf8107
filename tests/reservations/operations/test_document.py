"""Signed files: what is kept, what is refused, and that nobody changes it afterwards."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from django.db import ProgrammingError, transaction

from reservations.models import Convention, HistoryEntry, SignedDocument
from reservations.operations.documents import (
    LARGEST,
    DocumentDamaged,
    DocumentRefused,
    NotYetSigned,
    attach_document,
    received,
)
from tests.guards import unguarded
from tests.world import World, convention

PDF = b"%PDF-1.7\n1 0 obj"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"


def attach(world: World, name: str = "convention signée.pdf", content: bytes = PDF) -> SignedDocument:
    return attach_document(convention=world.conventions["city"], name=name, content=content, by=world.people["chloe"])


def test_signed_file_is_kept_byte_for_byte_with_its_fingerprint_and_its_story(world: World) -> None:
    document = SignedDocument.objects.get(pk=attach(world).pk)

    assert bytes(document.content) == PDF
    assert (document.name, document.content_type, document.size) == ("convention signée.pdf", "application/pdf", 16)
    assert document.sha256 == hashlib.sha256(PDF).hexdigest()
    assert document.attached_by == world.people["chloe"]
    assert received(document) == PDF
    entry = HistoryEntry.objects.about(world.conventions["city"]).last()
    assert (entry.act, entry.by) == (HistoryEntry.Act.ATTACHED, world.people["chloe"])
    assert entry.details == {"name": [None, document.name], "sha256": [None, document.sha256]}


@pytest.mark.parametrize(("content", "kind"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")])
def test_kind_of_a_file_is_read_in_its_bytes(world: World, content: bytes, kind: str) -> None:
    assert attach(world, "document", content).content_type == kind


@pytest.mark.parametrize(
    ("given", "content", "kept"),
    [
        ("scan.PDF", PDF, "scan.PDF"),
        ("photo.jpeg", JPEG, "photo.jpeg"),
        ("page.html", PDF, "page.html.pdf"),
        ("scan.pdf", PNG, "scan.pdf.png"),
        ("C:\\Mes documents\\signée.pdf", PDF, "signée.pdf"),
        ("../../etc/passwd", PDF, "passwd.pdf"),
        ("a\r\nSet-Cookie: x.pdf", PDF, "aSet-Cookie: x.pdf"),
        ("", PDF, "convention-signee.pdf"),
        ("é" * 300 + ".pdf", PDF, "é" * 196 + ".pdf"),
    ],
)
def test_name_is_a_name_only_and_ends_as_the_file_is(world: World, given: str, content: bytes, kept: str) -> None:
    assert attach(world, given, content).name == kept


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", r"Le fichier est vide"),
        (b"<html><script>alert(1)</script>", r"ni un PDF, ni une image PNG ou JPEG"),
        (b"PK\x03\x04 a workbook", r"ni un PDF, ni une image PNG ou JPEG"),
        (b"\n%PDF-1.7", r"ni un PDF, ni une image PNG ou JPEG"),
        (PDF + b"0" * (LARGEST - len(PDF) + 1), r"dépasse 10 Mo"),
    ],
    ids=["empty", "page", "workbook", "PDF further on", "too large"],
)
def test_another_kind_of_file_is_refused_and_nothing_is_written(world: World, content: bytes, sentence: str) -> None:
    with pytest.raises(DocumentRefused, match=sentence) as refused:
        attach(world, content=content)
    assert refused.value.field == "file"
    assert not SignedDocument.objects.exists()
    assert not HistoryEntry.objects.filter(act=HistoryEntry.Act.ATTACHED).exists()


def test_file_of_exactly_ten_megabytes_is_kept(world: World) -> None:
    assert attach(world, content=PDF + b"0" * (LARGEST - len(PDF))).size == LARGEST


def test_same_file_is_refused_twice_on_a_convention_and_taken_on_another(world: World) -> None:
    attach(world)
    with pytest.raises(DocumentRefused, match="déjà joint à cette convention"):
        attach(world, "sous un autre nom.pdf")
    attach_document(convention=world.conventions["epci"], name="la même.pdf", content=PDF, by=world.people["alice"])
    assert SignedDocument.objects.count() == 2


def draft(world: World) -> Convention:
    return convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "10", 4),
        starts_on=date(2029, 1, 1),
        ends_on=date(2029, 12, 31),
        signed=False,
    )


@pytest.mark.parametrize("status", [Convention.Status.DRAFT, Convention.Status.PROPOSED])
def test_convention_still_negotiated_takes_no_signed_file(world: World, status: str) -> None:
    row = draft(world)
    Convention.objects.filter(pk=row.pk).update(status=status)
    with pytest.raises(NotYetSigned, match="signez-la, puis joignez"):
        attach_document(convention=row, name="signée.pdf", content=PDF, by=world.people["alice"])
    assert not SignedDocument.objects.exists()


def test_ended_convention_still_takes_the_file_of_its_signature(world: World) -> None:
    with unguarded("reservations_convention.end_kept"):
        Convention.objects.filter(pk=world.conventions["city"].pk).update(status=Convention.Status.ENDED)
    assert attach(world).convention == world.conventions["city"]


def test_signed_file_is_never_changed_nor_deleted(world: World) -> None:
    document = attach(world)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        SignedDocument.objects.update(content=b"%PDF-other")
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        document.delete()


def test_bytes_changed_behind_our_back_are_reported(world: World) -> None:
    document = attach(world)
    with unguarded("reservations_signeddocument.append_only"):
        SignedDocument.objects.update(content=b"%PDF-forged")
    with pytest.raises(DocumentDamaged, match="n’est plus celui qui a été joint"):
        received(SignedDocument.objects.get(pk=document.pk))
