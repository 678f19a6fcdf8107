"""The screens of signed files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from reservations.models import Convention, SignedDocument
from reservations.operations.convention_amendment import give_formal_notice, terminate_convention
from reservations.operations.convention_renewal import give_notice_of_non_renewal
from reservations.operations.documents import LARGEST, DocumentRefused, attach_document
from tests.attributions.households.candidates import agree
from tests.flux.views.pages import text_of
from tests.guards import unguarded
from tests.world import MORNING, World, unsign

SignIn = Callable[[str], Client]
PDF = b"%PDF-1.7\n1 0 obj"


def at(row: Convention) -> str:
    return reverse("document-attach", args=[row.pk])


def signed(name: str = "convention signée.pdf", content: bytes = PDF) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, content, content_type="text/html")}


@pytest.fixture
def document(world: World) -> SignedDocument:
    return attach_document(
        convention=world.conventions["city"], name="convention signée.pdf", content=PDF, by=world.people["chloe"]
    )


@pytest.mark.parametrize("person", ["alice", "chloe"])
def test_each_party_attaches_its_signed_copy(world: World, sign_in: SignIn, person: str) -> None:
    row = world.conventions["city"]
    answer = sign_in(person).post(at(row), signed())

    assert answer.status_code == 302
    assert answer["Location"] == reverse("convention-detail", args=[row.pk])
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "Le fichier « convention signée.pdf » est joint : il est gardé tel quel, avec son empreinte."
    ]
    document = row.documents.get()
    assert (bytes(document.content), document.content_type, document.attached_by) == (
        PDF,
        "application/pdf",
        world.people[person],
    )


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({}, "Choisissez un fichier."),
        (signed(content=b""), "Le fichier est vide : choisissez la convention signée, numérisée."),
        (signed("page.pdf", b"<html>"), "Ce fichier n’est ni un PDF, ni une image PNG ou JPEG"),
        (signed("x" * 200 + ".pdf"), "Le nom du fichier est trop long"),
        (signed(content=PDF + b"0" * LARGEST), "Le fichier dépasse 10 Mo"),
    ],
    ids=["none", "empty", "page", "long name", "too large"],
)
def test_wrong_file_comes_back_with_what_to_do(
    world: World, sign_in: SignIn, posted: dict[str, SimpleUploadedFile], sentence: str
) -> None:
    answer = sign_in("alice").post(at(world.conventions["city"]), posted)
    assert answer.status_code == 422
    assert [error.startswith(sentence) for error in answer.context["form"].errors["file"]] == [True]
    assert not SignedDocument.objects.exists()


def test_same_file_twice_is_reported_on_the_field(world: World, sign_in: SignIn, document: SignedDocument) -> None:
    answer = sign_in("alice").post(at(world.conventions["city"]), signed("autre.pdf"))
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"] == [
        "Ce fichier est déjà joint à cette convention : choisissez-en un autre."
    ]
    assert SignedDocument.objects.get() == document


def test_page_to_attach_shows_what_is_there_already(world: World, sign_in: SignIn, document: SignedDocument) -> None:
    page = sign_in("chloe").get(at(world.conventions["city"])).content.decode()
    assert "1 pièce est déjà jointe à la version 1" in page
    assert reverse("document-download", args=[document.pk]) in page


def test_paper_of_a_dated_act_is_asked_once_the_act_is_recorded_and_kept_as_such(world: World, sign_in: SignIn) -> None:
    """« Mise en demeure restée sans suite » (CCH, R441-5-2 IV): its paper stands with the convention."""
    state, bob = world.conventions["state"], sign_in("bob")
    page = reverse("convention-detail", args=[state.pk])
    assert "Papier à joindre" not in bob.get(page).content.decode()
    assert "paper" not in bob.get(at(state)).context["form"].fields
    with pytest.raises(DocumentRefused, match="enregistrez-le d’abord"):
        attach_document(convention=state, name="a.pdf", content=PDF, by=world.people["bob"], paper="NOTICE")
    give_formal_notice(convention=state, given_on=date(2026, 11, 2), why="Retards", by=world.people["bob"])
    assert "Papier à joindre : mise en demeure." in bob.get(page).content.decode()
    asked = bob.get(at(state)).context["form"]
    assert list(asked.fields["paper"].choices) == [
        ("CONVENTION", "Convention signée"),
        ("NOTICE", "Mise en demeure"),
    ]
    assert bob.post(at(state), signed() | {"paper": "NOTICE"}).status_code == 302
    assert SignedDocument.objects.get().paper == "NOTICE"
    read = bob.get(page).content.decode()
    assert "Papier à joindre" not in read
    assert "mise en demeure</span>" in read


def denounced(world: World) -> Convention:
    row = agree(
        world.conventions["city"],
        renewal_months=12,
        renewal_times=2,
        notice_months=3,
        term_on=date(2028, 12, 31),
        ends_on=date(2030, 12, 31),
    )
    today = MORNING.date()
    about = {"organisation": world.city, "given_on": today, "by": world.people["chloe"], "today": today}
    give_notice_of_non_renewal(convention=row, **about)
    return row


def terminated(world: World) -> Convention:
    row, by = world.conventions["state"], world.people["bob"]
    first, last = date(2026, 9, 1), MORNING.date()
    give_formal_notice(convention=row, given_on=first, why="Aucun logement signalé.", by=by, today=first)
    return terminate_convention(convention=row, ends_on=last, why="Sans suite.", by=by, today=last)


def ended(world: World) -> Convention:
    return world.end(world.conventions["als"], MORNING.date())


@pytest.mark.parametrize(
    ("act", "paper"), [(denounced, "DENUNCIATION"), (terminated, "TERMINATION"), (ended, "ENDING")]
)
def test_each_dated_act_that_ends_a_convention_has_its_paper(
    world: World,
    sign_in: SignIn,
    time_machine: Any,
    act: Callable[[World], Convention],
    paper: str,
) -> None:
    """Denounced, terminated after a formal notice (CCH, R441-5-2 IV), ended by accord: refused before the act, asked
    from its page on, kept under its name, and asked no more."""
    time_machine.move_to(MORNING, tick=False)
    for row in world.conventions.values():
        with pytest.raises(DocumentRefused, match="enregistrez-le d’abord"):
            attach_document(convention=row, name="a.pdf", content=PDF, by=world.people["alice"], paper=paper)
    row, alice, words = act(world), sign_in("alice"), str(SignedDocument.Paper(paper).label)
    page = reverse("convention-detail", args=[row.pk])
    assert "Papier" in text_of(alice.get(page))
    assert words in text_of(alice.get(page))
    assert alice.post(at(row), signed() | {"paper": paper}).status_code == 302
    assert [each.paper for each in row.documents.all()] == [paper]
    kept = text_of(alice.get(page))
    assert words in kept
    assert f"à joindre : {words}" not in kept


def test_draft_cannot_be_given_a_signed_file(world: World, sign_in: SignIn) -> None:
    row = world.conventions["city"]
    unsign(row)
    assert sign_in("alice").get(at(row)).status_code == 403
    assert sign_in("alice").post(at(row), signed()).status_code == 403
    assert not SignedDocument.objects.exists()


def test_signed_file_is_handed_back_as_it_came_and_never_shown_as_a_page(
    sign_in: SignIn, document: SignedDocument
) -> None:
    answer = sign_in("chloe").get(reverse("document-download", args=[document.pk]))
    assert answer.status_code == 200
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''convention%20sign%C3%A9e.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_altered_file_is_not_handed_over(
    sign_in: SignIn, document: SignedDocument, caplog: pytest.LogCaptureFixture
) -> None:
    with unguarded("reservations_signeddocument.append_only"):
        SignedDocument.objects.update(content=b"%PDF-forged")
    answer = sign_in("alice").get(reverse("document-download", args=[document.pk]))
    assert answer.status_code == 500
    assert b"forged" not in answer.content
    assert "n’est plus celui qui a été joint : son empreinte a changé." in answer.content.decode()
    assert document.sha256 in caplog.text


def test_file_of_a_convention_one_may_not_read_does_not_exist(
    world: World, sign_in: SignIn, document: SignedDocument
) -> None:
    assert sign_in("zoe").get(reverse("document-download", args=[document.pk])).status_code == 404
    assert sign_in("zoe").get(at(world.conventions["city"])).status_code == 404


def test_page_of_the_convention_lists_its_signed_files_with_their_fingerprint(
    world: World, sign_in: SignIn, document: SignedDocument
) -> None:
    row = world.conventions["city"]
    answer = sign_in("emma").get(reverse("convention-detail", args=[row.pk]))
    assert answer.context["documents"] == [document]
    page = answer.content.decode().replace("<wbr>", "")
    for shown in (
        f'href="{reverse("document-download", args=[document.pk])}"',
        f"<code>{document.sha256}</code>",
        "16\xa0octets",
        f'href="{reverse("convention-document-pdf", args=[row.pk])}"',
    ):
        assert shown in page
    assert (at(row) in page, at(row) in sign_in("alice").get(answer.request["PATH_INFO"]).content.decode()) == (
        False,
        True,
    )
