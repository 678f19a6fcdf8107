"""Importing an export of the SNE on screen: checked first, then the lines that were checked and no others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from attributions.households.models import AccessRecord, Application
from attributions.households.views.sne_import import KEPT, MOST_LINES, MOST_REFUSED
from attributions.tasks import clear_sessions
from reservations.access.sessions import SessionStore
from reservations.models import Session
from tests.attributions.households.named import household
from tests.attributions.households.sne_files import HOUSED, applicant, as_csv, as_xlsx, housed, number
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def check(client: Client, content: bytes, name: str = "export.xlsx"):
    return client.post(reverse("sne-import"), {"file": SimpleUploadedFile(name, content)})


def test_file_is_checked_then_imported(world: World, sign_in: SignIn) -> None:
    household(world, 3)
    client = sign_in("chloe")
    checked = check(client, as_xlsx(applicant(1), applicant(2, household="5"), applicant(3), applicant(number=1.1e17)))
    text = text_of(checked)
    assert checked.status_code == 200
    assert "3 demandes écrites, sur 4 lignes lues de l’export des demandeurs ; 1 ligne refusée" in text
    assert "« Composition foyer demandeur » n’est pas comprise sur 1 ligne : 10." in text
    assert "format texte" in text
    assert number(1) not in checked.content.decode()
    assert f"se termine par {number(1)[-4:-2]} {number(1)[-2:]}" in text
    assert Application.objects.count() == 1
    done = client.post(reverse("sne-import"), {"digest": checked.context["report"]["digest"]}, follow=True)
    assert messages_of(done) == ["L’export est importé : 2 demandes nouvelles, 1 mise à jour, 0 inchangée, 0 refusée."]
    assert Application.objects.count() == 3
    record = AccessRecord.objects.filter(what="IMPORT").get()
    assert (record.files, record.subject, record.keeper) == (3, "export des demandeurs", world.city)
    assert KEPT not in client.session
    again = check(client, as_csv(applicant(1), applicant(2, household="5")), "export.csv")
    assert "Tout est déjà à jour" in text_of(again)


def test_export_of_the_housed_is_imported_by_the_landlord(world: World, sign_in: SignIn) -> None:
    client = sign_in("aline")
    checked = check(client, as_xlsx(housed(1), columns=HOUSED))
    client.post(reverse("sne-import"), {"digest": checked.context["report"]["digest"]})
    found = Application.objects.get()
    assert (found.closure, found.priority.code, found.organisations.get()) == (
        "LEASE",
        "DALO",
        world.landlord.organisation,
    )


def test_only_what_was_checked_is_kept_and_for_an_hour(world: World, sign_in: SignIn, time_machine: Any) -> None:
    client = sign_in("chloe")
    digest = check(client, as_xlsx(applicant(1))).context["report"]["digest"]
    time_machine.move_to(MORNING + timedelta(minutes=61), tick=False)
    late = client.post(reverse("sne-import"), {"digest": digest}, follow=True)
    assert "Rien n’est importé" in messages_of(late)[0]
    digest = check(client, as_xlsx(applicant(1))).context["report"]["digest"]
    client.get(reverse("sne-import"))
    left = client.post(reverse("sne-import"), {"digest": digest}, follow=True)
    assert "Rien n’est importé" in messages_of(left)[0]
    check(client, as_xlsx(applicant(1)))
    other = client.post(reverse("sne-import"), {"digest": "0" * 64}, follow=True)
    assert "Rien n’est importé" in messages_of(other)[0]
    assert Application.objects.count() == 0


def test_lines_checked_are_gone_after_an_hour_even_for_whom_does_not_come_back(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    client = sign_in("chloe")
    check(client, as_xlsx(applicant(1)))
    key = client.session[KEPT]
    assert SessionStore(key)[KEPT]["content"]
    clear_sessions()
    assert Session.objects.filter(session_key=key).exists()
    time_machine.move_to(MORNING + timedelta(minutes=61), tick=False)
    assert KEPT not in SessionStore(key)
    clear_sessions()
    assert not Session.objects.filter(session_key=key).exists()
    assert Session.objects.exists()  # the person is still signed in


def test_a_long_list_of_refusals_or_of_unknown_values_says_how_many_are_left_out(world: World, sign_in: SignIn) -> None:
    client = sign_in("chloe")
    wrong = [applicant(number="123") for _ in range(MOST_REFUSED + 2)]
    text = text_of(check(client, as_csv(*wrong), "export.csv"))
    assert "0 demande écrite, sur 202 lignes lues" in text
    assert "Aucune ligne ne peut être importée : corrigez le fichier, puis choisissez-le de nouveau." in text
    assert "Les 200 premières sont montrées." in text
    assert "Et 2 autres lignes." in text
    unclear = [applicant(rank, household="5") for rank in range(1, MOST_LINES + 2)]
    text = text_of(check(client, as_csv(*unclear), "export.csv"))
    assert "n’est pas comprise sur 21 lignes : 9, 10, 11," in text
    assert "28 et 1 autre." in text


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", as_xlsx(), as_xlsx(applicant(), columns=["x"])])
def test_file_that_is_no_export_comes_back_with_why(world: World, sign_in: SignIn, content: bytes) -> None:
    refused = check(sign_in("chloe"), content)
    assert refused.status_code == 422
    assert 'href="#id_file"' in refused.content.decode()


def test_page_says_what_is_not_in_these_files(world: World, sign_in: SignIn) -> None:
    text = text_of(sign_in("chloe").get(reverse("sne-import")))
    assert "Le nom et la date de naissance ne sont pas dans ces exports" in text


def test_page_spells_out_what_it_imports(world: World, sign_in: SignIn) -> None:
    page = sign_in("aline").get(reverse("sne-import")).content.decode()
    assert "<summary>SNE</summary><div>Système national d’enregistrement :" in page
