"""Whom the files of a landlord call so: told once by a person, kept with who and when, read by the file, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flux.imports.past_routings import PastRoutings
from reservations.imports.door import run
from reservations.models import FileImport, Nickname
from tests.reservations.imports.test_party_files import counts, csv_of, given
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
PAGE = "/noms-des-reservataires/"


@pytest.fixture(autouse=True)
def today(time_machine: Any) -> None:
    time_machine.move_to(MORNING)


def test_a_name_that_nothing_tells_is_told_once_from_its_file_and_forgotten(world: World, sign_in: SignIn) -> None:
    unit, alice = world.unit(), sign_in("alice")
    content = csv_of("logement;congé;réservataire;orienté le", f"{unit.reference};02/03/2026;Mme  DURAND;09/03/2026")
    order = given(world, PastRoutings.code, content)
    assert counts(order) == (0, 0, 0, 1)
    shown = unescape(alice.get(reverse("file-import", args=[order.pk])).content.decode())
    asked = f"{PAGE}?import={order.pk}&nom=Mme+DURAND"
    assert f'<a href="{asked}">Dire qui est « Mme DURAND »</a>' in shown
    page = alice.get(asked).content.decode()
    assert 'value="Mme DURAND"' in page
    assert f"Le fichier « {order.name} » sera vérifié de nouveau." in page
    told = {"said": "Mme Durand", "holder": world.holders["city"].pk}
    assert alice.post(asked, {**told, "holder": ""}).status_code == 422
    assert alice.post(asked, {**told, "said": "…"}).status_code == 422
    assert alice.post(asked, told)["Location"] == reverse("file-import", args=[order.pk])
    order = run(FileImport.objects.get(pk=order.pk))
    assert (counts(order), order.topics) == ((1, 0, 0, 0), {"« Mme DURAND » retenu : Ville de Narbonne": 1})
    kept = Nickname.objects.get()
    assert (kept.holder, kept.by) == (world.holders["city"], world.people["alice"])
    assert "Ce nom est déjà retenu" in unescape(alice.post(PAGE, {**told, "said": "mme durand"}).content.decode())
    page = alice.get(PAGE).content.decode()
    assert ("« Mme Durand »" in page, "Oublier ce nom" in page, "Dit par" in page) == (True, True, True)
    assert sign_in("zoe").post(PAGE, {"forget": kept.pk}).status_code == 422
    assert alice.post(PAGE, {"forget": kept.pk})["Location"] == PAGE
    assert not Nickname.objects.exists()
    assert counts(given(world, PastRoutings.code, content)) == (0, 0, 0, 1)
    assert alice.post(PAGE, told)["Location"] == PAGE
    assert sign_in("aline").get(PAGE).status_code == 403
