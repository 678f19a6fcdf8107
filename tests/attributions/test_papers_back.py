"""« Leaving is possible, and so is moving in »: what was sealed or signed comes back byte for byte, is shown beside
what is here, and leaves again the same (docs/decisions/0080-papers-kept-elsewhere.md)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from typing import cast

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from attributions.bilan.models import BalanceDownload
from attributions.bilan.queries.files import balances_elsewhere
from attributions.households.models import AccessRecord
from attributions.households.operations.agenda import postpone_item
from attributions.households.operations.session import close_session
from reservations.imports.kept import FileRefused
from reservations.imports.papers import PapersRefused, bring_papers
from reservations.models import Convention, HistoryEntry, KeptElsewhere, SignedDocument
from reservations.operations.documents import attach_document
from tests.attributions.bilan.balances import lived, people, send, sign
from tests.attributions.households.sittings import HOUR, house
from tests.attributions.returned import folder_of, list_of, listed, resealed, zipped
from tests.attributions.test_papers import PDF, taken
from tests.guards import unguarded
from tests.world import MORNING, World, convention
from tests.world_again import done_once

SignIn = Callable[[str], Client]
BEFORE = "notre logiciel d’avant"


def bring(world: World, files: dict[str, bytes], person: str = "alice") -> dict[str, tuple[int, int]]:
    return bring_papers(member=world.member(person), file=zipped(files), kept_in=BEFORE, now=MORNING)


@done_once
def balance_of_2024(world: World) -> dict[str, bytes]:
    """A balance that was sealed, signed and sent, as of 2024, in another tool."""
    lived(world)
    people(world)
    sign(world, send(world))
    values = {"exercice": "2024", "envoyée le": "20/02/2025", "scellée le": "28/02/2025"}
    return resealed(taken(world)[0], "bilans", values, lambda value: value.update(exercise=2024))


def minutes_of_before(world: World) -> dict[str, bytes]:
    """The minutes of a session that was held in another tool."""
    at = house(world)
    item = at.opened()
    postpone_item(item=item, why="Une pièce manque.", by=at.secretary, now=MORNING + 2 * HOUR)
    close_session(session=item.session, by=at.secretary, now=MORNING + 3 * HOUR)
    return resealed(taken(world)[0], "proces-verbaux", {}, lambda value: value.update(place="ailleurs"))


def test_a_balance_comes_back_byte_for_byte_and_leaves_again_as_it_came(world: World) -> None:
    files = balance_of_2024(world)
    assert bring(world, files) == {"Bilans": (1, 0)}
    [kept] = KeptElsewhere.objects.all()
    [row] = listed(files["bilans/liste.csv"])
    assert bytes(kept.content) == files[f"bilans/{row['fichier']}"]
    assert (kept.sha256, kept.exercise, kept.kept_in) == (row["empreinte SHA-256"], 2024, BEFORE)
    assert bring(world, files) == {"Bilans": (0, 1)}, "twice changes nothing"
    assert KeptElsewhere.objects.count() == 1

    again, counts = taken(world)
    assert counts["Bilans envoyés"] == 2
    here, result = listed(again["bilans/liste.csv"])
    assert here["tenu dans"] == ""
    assert {**result, "fichier": row["fichier"]} == {**row, "tenu dans": BEFORE}
    assert again[f"bilans/{result['fichier']}"] == bytes(kept.content)
    assert bring(world, folder_of(again, "bilans")) == {"Bilans": (0, 2)}, "nor what was sealed here"
    [entry] = HistoryEntry.objects.about(kept)
    assert BEFORE in entry.why


def test_minutes_come_back_for_their_landlord(world: World) -> None:
    files = minutes_of_before(world)
    assert bring(world, files) == {"Procès-verbaux": (1, 0)}
    assert bring(world, files) == {"Procès-verbaux": (0, 1)}
    again, _ = taken(world)
    assert [row["tenu dans"] for row in listed(again["proces-verbaux/liste.csv"])] == ["", BEFORE]
    assert bring(world, folder_of(again, "proces-verbaux")) == {"Procès-verbaux": (0, 2)}


def test_a_signed_file_is_attached_again_to_its_convention(world: World) -> None:
    convention = Convention.objects.get(landlord=world.landlord, organisation=world.city)
    attach_document(convention=convention, name="signée.pdf", content=PDF, by=world.people["alice"])
    files = folder_of(taken(world)[0], "conventions")
    assert bring(world, files) == {"Pièces jointes aux conventions": (0, 1)}
    with unguarded("reservations_signeddocument.append_only"):
        SignedDocument.objects.all().delete()
    assert bring(world, files) == {"Pièces jointes aux conventions": (1, 0)}
    [document] = convention.documents.all()
    assert (bytes(document.content), document.name) == (PDF, "signée.pdf")
    why = HistoryEntry.objects.about(convention).filter(act="ATTACHED").order_by("-pk").first()
    assert why is not None
    assert why.why.startswith(f"Jointe auparavant dans : {BEFORE}, le ")


def test_a_file_of_a_convention_renewed_tacitly_is_known_by_the_term_that_was_agreed(world: World) -> None:
    """Its last day of all is one that nobody signed (docs/decisions/0074): the list has the first term."""
    shares = (world.holders["city"], "12", 1)
    terms = {"renewal_months": 12, "notice_months": 3, "ends_on": date(2028, 12, 31)}
    row = convention(world.other_landlord, world.city, world.places["Narbonne"], shares, **terms)
    attach_document(convention=row, name="signée.pdf", content=PDF, by=world.people["zoe"])
    assert row.ends_on.year > 2100
    assert bring(world, folder_of(taken(world, "zoe")[0], "conventions"), "zoe") == {
        "Pièces jointes aux conventions": (0, 1)
    }


def faults(world: World, files: dict[str, bytes], person: str = "alice") -> list[tuple[int | None, str]]:
    with pytest.raises(PapersRefused) as refused:
        bring(world, files, person)
    assert not KeptElsewhere.objects.exists()
    return [(each.line, each.sentence) for each in refused.value.faults]


def test_what_was_altered_is_missing_or_unknown_is_reported_and_nothing_is_kept(world: World) -> None:
    files = balance_of_2024(world)
    [row] = listed(files["bilans/liste.csv"])
    name = f"bilans/{row['fichier']}"
    [(line, altered)] = faults(world, {**files, name: files[name] + b" "})
    assert (line, "il a changé depuis" in altered) == (2, True)
    [(line, missing)] = faults(world, {"bilans/liste.csv": files["bilans/liste.csv"]})
    assert (line, "manque" in missing) == (2, True)
    [(line, unknown)] = faults(world, {**files, "bilans/autre.pdf": PDF})
    assert (line, "la liste ne connaît pas" in unknown) == (None, True)
    [(line, twice)] = faults(world, {**files, "bilans/liste.csv": list_of([row, row])})
    assert (line, "une autre ligne" in twice) == (3, True)


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        ("exercice", "2023", "le fichier dit autre chose"),
        ("exercice", "deux mille", "nombre entier"),
        ("exercice", "", "est vide"),
        ("département", "999", "n’existe pas"),
        ("SIREN du bailleur", "123456782", "aucun bailleur"),
        ("empreinte SHA-256", "0" * 64, "il a changé depuis"),
    ],
)
def test_a_line_that_says_something_else_is_refused(world: World, column: str, cell: str, sentence: str) -> None:
    files = balance_of_2024(world)
    [row] = listed(files["bilans/liste.csv"])
    [(line, result)] = faults(world, {**files, "bilans/liste.csv": list_of([{**row, column: cell}])})
    assert line == 2
    assert sentence in result


def test_a_landlord_gives_its_own_papers_alone(world: World) -> None:
    [(_, result)] = faults(world, balance_of_2024(world), "zoe")
    assert "un autre bailleur" in result


def test_minutes_are_those_that_this_product_seals(world: World) -> None:
    files = minutes_of_before(world)
    [row] = listed(files["proces-verbaux/liste.csv"])
    [(_, other)] = faults(world, {**files, "proces-verbaux/liste.csv": list_of([{**row, "commission": "Une autre"}])})
    assert "ne disent pas la même séance" in other
    row["empreinte SHA-256"] = sha256(PDF).hexdigest()
    paper = {f"proces-verbaux/{row['fichier']}": PDF, "proces-verbaux/liste.csv": list_of([row])}
    [(_, named)] = faults(world, paper)
    assert "n’est pas celui qui a été scellé" in named


def test_a_holder_brings_what_was_sent_to_it_and_reads_it_alone(world: World) -> None:
    files = balance_of_2024(world)
    assert bring(world, files, "chloe") == {"Bilans": (1, 0)}
    assert balances_elsewhere(world.member("chloe")).count() == 1
    assert not balances_elsewhere(world.member("alice")).exists()


def test_minutes_are_given_by_their_landlord_alone(world: World) -> None:
    [(_, result)] = faults(world, minutes_of_before(world), "chloe")
    assert "à son bailleur seul" in result


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.4", "n’est pas une archive ZIP"),
        (zipped({"01-logements.csv": b"a;b"}).getvalue(), "Aucune liste"),
        (zipped({"bilans/liste.csv": b"a;b\r\n1;2\r\n"}).getvalue(), "n’est la liste d’aucun"),
    ],
)
def test_what_is_no_archive_is_refused(world: World, content: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused, match=sentence):
        bring_papers(member=world.member("alice"), file=io.BytesIO(content), kept_in=BEFORE)


def given(files: dict[str, bytes], kept_in: str = BEFORE) -> dict[str, object]:
    return {"file": SimpleUploadedFile("archive.zip", zipped(files).getvalue()), "kept_in": kept_in}


def page_words(answer: object) -> str:
    """All the words of a page, on one line."""
    return " ".join(strip_tags(answer.content.decode()).split())  # type: ignore[attr-defined]


def test_the_page_keeps_an_archive_and_says_what_it_kept(world: World, sign_in: SignIn) -> None:
    files = balance_of_2024(world)
    alice = sign_in("alice")
    page = alice.get(reverse("papers-bring"))
    assert "Quels papiers étaient tenus ailleurs" in page_words(page)
    assert reverse("papers-bring") in alice.get(reverse("file-import-list")).content.decode()
    empty = alice.get(reverse("balance-elsewhere-list"))
    assert "Aucun bilan tenu ailleurs" in page_words(empty)
    answer = alice.post(reverse("papers-bring"), given(files))
    assert answer.status_code == 302
    assert [str(each) for each in get_messages(answer.wsgi_request)] == ["Bilans : 1 papier gardé."]
    alice.get(reverse("papers-bring"))
    answer = alice.post(reverse("papers-bring"), given(files))
    assert [str(each) for each in get_messages(answer.wsgi_request)] == ["Bilans : rien de nouveau, 1 déjà là."]


def test_the_page_says_what_is_at_fault_and_what_is_no_archive(world: World, sign_in: SignIn) -> None:
    files = balance_of_2024(world)
    alice = sign_in("alice")
    answer = alice.post(reverse("papers-bring"), given({**files, "bilans/autre.pdf": PDF}))
    assert answer.status_code == 422
    assert "1 fichier à corriger" in page_words(answer)
    assert "la liste ne connaît pas ce fichier" in page_words(answer)
    assert not KeptElsewhere.objects.exists()
    answer = alice.post(reverse("papers-bring"), {**given(files), "file": SimpleUploadedFile("a.zip", PDF)})
    assert (answer.status_code, "n’est pas une archive ZIP" in page_words(answer)) == (422, True)
    answer = alice.post(reverse("papers-bring"), {})
    assert "Dites où ces papiers étaient tenus." in page_words(answer)


def test_a_balance_of_before_is_where_one_looks_for_it_in_every_role(world: World, sign_in: SignIn) -> None:
    """Its landlord, the holder it was sent to, the services of the State, an EPCI; not another landlord."""
    bring(world, balance_of_2024(world))
    kept = KeptElsewhere.objects.get()
    at = reverse("balance-elsewhere-file", args=[kept.pk])
    for person in ("alice", "chloe", "bob", "emma"):
        client = sign_in(person)
        for name in ("balance-list", "balance-elsewhere-list"):
            page = client.get(reverse(name))
            assert at in page.content.decode(), (person, name)
            assert f"tenu dans : {BEFORE}" in page_words(page)
        answer = client.get(at)
        assert answer.content == bytes(kept.content)
        assert answer["Content-Type"] == "application/json"
        [download] = BalanceDownload.objects.filter(form="KEPT", user=world.people[person])
        assert (download.landlord, download.exercise) == (world.landlord, 2024)
    zoe = sign_in("zoe")
    assert at not in zoe.get(reverse("balance-list")).content.decode()
    assert zoe.get(at).status_code == 404
    listed_as = sign_in("alice").get(reverse("balance-elsewhere-list"), {"fichier": "csv"})
    assert isinstance(listed_as, StreamingHttpResponse)
    assert "Bilan 2024" in b"".join(cast("Iterator[bytes]", listed_as.streaming_content)).decode("utf-8-sig")


def test_the_page_of_the_year_leads_to_the_balance_that_was_kept_elsewhere(world: World, sign_in: SignIn) -> None:
    """A year that was begun in another tool, and not sealed there."""
    lived(world)
    people(world)
    send(world)
    files = resealed(taken(world)[0], "bilans", {"version": ""}, lambda value: value.update(note="d’avant"))
    bring(world, files)
    kept = KeptElsewhere.objects.get()
    page = sign_in("alice").get(reverse("balance", args=[world.landlord.pk, kept.exercise]))
    assert reverse("balance-elsewhere-file", args=[kept.pk]) in page.content.decode()
    assert f"tenu dans : {BEFORE}, envoyé le" in page_words(page)
    assert "pas scellé" in page_words(sign_in("alice").get(reverse("balance-elsewhere-list")))


def test_minutes_of_before_are_taken_by_their_landlord_who_says_why(world: World, sign_in: SignIn) -> None:
    alice = sign_in("alice")
    assert "Aucun procès-verbal tenu ailleurs" in page_words(alice.get(reverse("minutes-elsewhere-list")))
    files = minutes_of_before(world)
    bring(world, files)
    kept = KeptElsewhere.objects.get()
    at = reverse("minutes-elsewhere", args=[kept.pk])
    assert "1 procès-verbal tenu ailleurs" in page_words(alice.get(reverse("session-list")))
    assert at in alice.get(reverse("minutes-elsewhere-list")).content.decode()
    assert kept.sha256 in page_words(alice.get(at))
    assert alice.post(at, {}).status_code == 422
    answer = alice.post(at, {"why": "contrôle"})
    assert answer.content == bytes(kept.content)
    access = AccessRecord.objects.latest("pk")
    assert access.subject.startswith("procès-verbal tenu ailleurs : CALEOL")
    assert (access.what, access.downloaded, access.why) == ("MINUTES", True, "contrôle")
    for person in ("chloe", "bob", "emma"):
        assert sign_in(person).get(at).status_code == 403
    assert sign_in("zoe").get(at).status_code == 404
