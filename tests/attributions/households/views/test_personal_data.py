"""The journal of accesses, the file that one takes away, and the page that says what is kept."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from attributions.households.exports.lists import COLUMNS
from attributions.households.models import AccessRecord
from attributions.households.operations.needs import record_access
from reservations.models import LegalParameter
from tests.attributions.households.named import NAMES, candidates
from tests.attributions.households.sne_files import number
from tests.flux.views.pages import text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def read(world: World, who: str, *, keeper: str = "landlord", **given: object) -> AccessRecord:
    organisations = {"landlord": world.landlord.organisation, "city": world.city, "state": world.state}
    about = {"what": "FILE", "subject": "logement RH-01-001"} | given
    return record_access(member=world.member(who), keeper=organisations[keeper], **about)


def journal(client: Client, query: str = "") -> list[str]:
    found = client.get(reverse("access-journal") + query)
    return [f"{record.user} {record.what}" for record in found.context["page"]]


# --- the journal ---


def test_each_reads_the_accesses_that_are_theirs(world: World, sign_in: SignIn) -> None:
    read(world, "aline")
    read(world, "chloe")
    read(world, "chloe", keeper="city", what="LIST")
    read(world, "zoe", keeper="state")
    expected = {
        "alice": ["Chloe FILE", "Aline FILE"],
        "aline": ["Aline FILE"],
        "chloe": ["Chloe LIST", "Chloe FILE"],
        "bob": [],
        "emma": [],
        "zoe": ["Zoe FILE"],
        "adam": ["Zoe FILE", "Chloe LIST", "Chloe FILE", "Aline FILE"],
    }
    assert {who: journal(sign_in(who)) for who in expected} == expected


def test_journal_is_filtered_by_person_kind_and_days(world: World, sign_in: SignIn) -> None:
    old: datetime = MORNING - timedelta(days=3)
    read(world, "aline", now=old)
    read(world, "chloe", what="LIST", downloaded=True, why="Préparer la séance.")
    client = sign_in("alice")
    assert journal(client, f"?user={world.people['aline'].pk}") == ["Aline FILE"]
    assert journal(client, "?what=LIST") == journal(client, "?downloaded=True") == ["Chloe LIST"]
    assert journal(client, "?since=2026-11-22") == ["Chloe LIST"]
    assert journal(client, "?until=2026-11-21") == ["Aline FILE"]
    assert journal(client, "?what=MINUTES") == []
    text = text_of(client.get(reverse("access-journal")))
    assert "2 consultations, dont 1 fichier emporté" in text
    assert "Emporté Préparer la séance." in text
    odd = client.get(reverse("access-journal") + "?user=0&since=demain")
    assert odd.status_code == 200


def test_journal_costs_the_same_with_1_3_or_30_accesses(world: World, sign_in: SignIn) -> None:
    client, costs = sign_in("alice"), []
    for total in (1, 3, 30):
        for _ in range(total - AccessRecord.objects.count()):
            read(world, "aline")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("access-journal"))
        costs.append(len(queries))
    assert costs == [5, 5, 5]


def test_taken_away_says_why_in_the_database_too(world: World) -> None:
    record = read(world, "aline")
    record.pk, record.downloaded = None, True
    with pytest.raises(IntegrityError, match="access_record_download_says_why"), transaction.atomic():
        record.save(force_insert=True)


# --- the file ---


def export(client: Client, world: World, **given: object):
    posted = {"landlord": world.landlord.pk, "why": "Préparer la séance du 3 décembre."}
    return client.post(reverse("candidate-export-xlsx"), posted | given)


@pytest.mark.parametrize("who", ["aline", "chloe"])
def test_candidates_are_taken_away_as_typed_cells_after_the_journal(world: World, sign_in: SignIn, who: str) -> None:
    candidates(world)
    response = export(sign_in(who), world)
    assert response.status_code == 200
    assert response["Content-Disposition"].endswith('candidats-999000003-2026-11-24.xlsx"')
    sheet = load_workbook(io.BytesIO(response.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert (sheet.freeze_panes, len(rows)) == ("A2", 4)
    assert rows[0] == tuple(column.title for column in COLUMNS)
    first = dict(zip(rows[0], rows[1], strict=True))
    assert (first["Nom"], first["Numéro unique"], first["RFR, €"]) == (NAMES[0], number(1), 18_000)
    assert isinstance(first["Date de naissance"], datetime)
    assert {sheet.cell(2, 5).data_type, sheet.cell(2, 6).data_type} == {"s"}
    record = AccessRecord.objects.get()
    assert (record.what, record.files, record.downloaded) == ("LIST", 3, True)
    assert (record.why, record.keeper) == ("Préparer la séance du 3 décembre.", world.landlord.organisation)
    assert record.subject == "candidats de Robine Habitat"


def test_nothing_is_taken_away_without_saying_why(world: World, sign_in: SignIn) -> None:
    candidates(world)
    for why in ("", "   "):
        refused = export(sign_in("aline"), world, why=why)
        assert refused.status_code == 422
        assert "Dites pourquoi vous emportez ce fichier" in text_of(refused)
    assert AccessRecord.objects.count() == 0


def test_only_what_one_reads_is_taken_away(world: World, sign_in: SignIn) -> None:
    candidates(world, sent=False)
    assert export(sign_in("aline"), world).status_code == 422  # not sent: the landlord has nothing there
    assert "il n’y a rien à emporter" in text_of(sign_in("bob").get(reverse("candidate-export")))
    assert export(sign_in("bob"), world).status_code == 422
    assert export(sign_in("emma"), world).status_code == 403
    assert export(sign_in("chloe"), world).status_code == 200
    assert list(AccessRecord.objects.values_list("user__full_name", flat=True).order_by("pk")) == ["Chloe"]


# --- the page ---


@pytest.mark.parametrize("who", ["aline", "chloe", "emma", "adam", "driss"])
def test_page_says_how_long_with_the_source(world: World, sign_in: SignIn, who: str) -> None:
    text = text_of(sign_in(who).get(reverse("personal-data")))
    assert "L’identité s’efface 12 mois après la radiation" in text
    assert "décret n° 2017-917 du 9 mai 2017, art. 4" in text
    LegalParameter.objects.filter(
        code__in=[
            *("RETENTION_MONTHS", "ACCESS_LOG_MONTHS", "UNCONFIRMED_FILE_DAYS", "MINUTES_READ_MONTHS", "SMALL_CELL")
        ]
    ).delete()
    assert "Aucune durée n’est enregistrée" in text_of(sign_in(who).get(reverse("personal-data")))
