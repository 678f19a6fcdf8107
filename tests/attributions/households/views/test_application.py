"""The requests on screen: the list with until when each is kept, the file of one, its numbers, its closure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attributions.households.models import AccessRecord, Application
from attributions.households.operations.past_candidacies import close_application
from tests.attributions.households.named import NAMES, TODAY, candidates, household
from tests.attributions.households.sne_files import number
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def page(pk: int, name: str = "application-detail") -> str:
    return reverse(name, args=[pk])


def close(world: World, application: Application, on: date = TODAY) -> None:
    close_application(application=application, cause="WAIVED", on=on, by=world.people["chloe"], now=MORNING)


def test_list_says_until_when_each_identity_is_kept(world: World, sign_in: SignIn) -> None:
    household(world, 1)
    close(world, household(world, 2))
    text = text_of(sign_in("chloe").get(reverse("application-list")))
    assert "2 demandes que vous enregistrez ou instruisez" in text
    assert "identité conservée jusqu’au 24 novembre 2027" in text
    assert "tant que la demande est active" in text
    assert "2 adultes, 1 enfant" in text
    assert NAMES[0] not in text


def test_list_counts_what_is_in_progress_for_whom_reads_it(world: World, sign_in: SignIn) -> None:
    made = candidates(world)
    for who, expected in (("chloe", 3), ("aline", 3), ("bob", 0)):
        found = sign_in(who).get(reverse("application-list"))
        assert [row.live for row in found.context["rows"]] == [1] * expected
    assert {each.application.number for each in made} == {number(rank) for rank in (1, 2, 3)}


def test_list_costs_the_same_with_1_3_or_30_requests(world: World, sign_in: SignIn) -> None:
    client, costs = sign_in("chloe"), []
    for total in (1, 3, 30):
        for rank in range(Application.objects.count() + 1, total + 1):
            household(world, rank)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("application-list"))
        costs.append(len(queries))
    assert costs == [6, 6, 6]


def test_number_opens_its_file_without_being_in_an_address(world: World, sign_in: SignIn) -> None:
    known = household(world, 1)
    client = sign_in("chloe")
    for typed in (known.number, f" {known.number[:4]} {known.number[4:].lower()} "):
        found = client.post(reverse("application-list"), {"number": typed})
        assert (found.status_code, found["Location"]) == (302, page(known.pk))
    for person, typed in (("chloe", number(8)), ("chloe", "bonjour"), ("bob", known.number)):
        refused = sign_in(person).post(reverse("application-list"), {"number": typed})
        assert refused.status_code == 422
        assert "Aucune demande que vous pouvez lire" in text_of(refused)


def test_file_shows_the_household_and_is_written_in_the_journal(world: World, sign_in: SignIn) -> None:
    first, *_ = candidates(world)
    found = sign_in("aline").get(page(first.application_id))
    text = text_of(found)
    for words in (NAMES[0], "12 mai 1984", number(1), "2 adultes, 1 enfant", first.vacancy.unit.reference):
        assert words in text
    record = AccessRecord.objects.get()
    assert (record.user, record.what, record.files, record.downloaded) == (world.people["aline"], "FILE", 1, False)
    assert (record.keeper, record.subject) == (world.landlord.organisation, f"demande {first.application_id}")


def test_other_number_leads_to_the_request(world: World, sign_in: SignIn) -> None:
    known, client = household(world, 1), sign_in("chloe")
    done = client.post(page(known.pk, "application-alias"), {"number": number(7)}, follow=True)
    assert messages_of(done) == ["Cet autre numéro mène désormais à cette demande."]
    assert number(7) in text_of(done)
    assert client.post(reverse("application-list"), {"number": number(7)})["Location"] == page(known.pk)
    again = client.post(page(known.pk, "application-alias"), {"number": number(7)})
    assert again.status_code == 422
    assert "porte déjà ce numéro" in text_of(again)
    assert 'href="#autre_number"' in again.content.decode()


def test_request_is_closed_by_hand_once_nobody_is_a_candidate(world: World, sign_in: SignIn) -> None:
    known, client = household(world, 9), sign_in("chloe")
    first, *_ = candidates(world)
    given = {"cause": "NO_ANSWER", "on": "20/11/2026"}
    refused = client.post(page(first.application_id, "application-close"), given)
    assert refused.status_code == 422
    assert "terminez cette candidature" in text_of(refused)
    nothing = client.post(page(known.pk, "application-close"), {})
    assert nothing.status_code == 422
    assert "six causes" in text_of(nothing)
    done = client.post(page(known.pk, "application-close"), given, follow=True)
    assert "identité conservée jusqu’au 20 novembre 2027, puis effacée" in text_of(done).lower()
    assert "Radier la demande" not in text_of(done)


def test_erased_request_is_no_longer_there(world: World, sign_in: SignIn) -> None:
    known = household(world, 1)
    close(world, known)
    Application.objects.update(number="", name="", birth_date=None, nationality="", pseudonymised_on=TODAY)
    client = sign_in("chloe")
    assert client.get(page(known.pk)).status_code == 404
    assert client.get(reverse("application-list")).context["rows"] == []


def test_closed_request_is_opened_again_from_its_page(world: World, sign_in: SignIn) -> None:
    known, client = household(world, 1), sign_in("chloe")
    assert "Rouvrir la demande" not in text_of(client.get(page(known.pk)))
    close(world, known)
    assert "Rouvrir la demande" in text_of(client.get(page(known.pk)))
    nothing = client.post(page(known.pk, "application-reopen"), {})
    assert nothing.status_code == 422
    assert 'href="#reouverture_why"' in nothing.content.decode()
    done = client.post(page(known.pk, "application-reopen"), {"why": "Radiée par erreur."}, follow=True)
    assert messages_of(done) == ["La demande est de nouveau active."]
    again = client.post(page(known.pk, "application-reopen"), {"why": "Radiée par erreur."})
    assert "déjà active" in text_of(again)


def test_landlord_that_instructs_reads_and_closes_nothing_by_hand(world: World, sign_in: SignIn) -> None:
    first, *_ = candidates(world)
    client = sign_in("aline")
    assert "Radier la demande" not in text_of(client.get(page(first.application_id)))
    for act in ("application-close", "application-alias"):
        assert client.post(page(first.application_id, act), {"cause": "WAIVED"}).status_code == 403
