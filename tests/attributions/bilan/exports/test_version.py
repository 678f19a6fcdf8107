"""A version as a workbook and on paper: what its sealed content says, whatever the account says since."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from attributions.bilan.models import BalanceDownload, BalanceVersion
from attributions.bilan.queries.figures import MEASURES
from flux.models import Routing
from reservations.models.convention import UNIT
from tests.attributions.bilan.balances import DAY, SENT, YEAR, answer, contest, correct, lived, people, send, sign
from tests.attributions.bilan.exports.balances import on_paper
from tests.calc import opened
from tests.reservations.exports.test_documents import elements, tags
from tests.world import World
from tests.world_again import kept

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def february(time_machine: Any) -> None:
    time_machine.move_to(SENT, tick=False)


@pytest.fixture
@kept
def given(world: World) -> Routing:
    people(world)
    return lived(world)


def at(world: World, form: str, number: int = 1) -> str:
    return reverse(f"balance-version-{form}", args=[world.landlord.pk, YEAR, "11", number])


def read(client: Client, url: str) -> tuple[str, PdfReader]:
    """The words of a printed version, and the file."""
    reader = PdfReader(BytesIO(on_paper(client, url).content))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split()), reader


def figures(version: BalanceVersion) -> dict[tuple[str, str], dict[str, Any]]:
    """Each figure of the typologies, by category and holder, from the file itself."""
    content = json.loads(version.content)
    names = {line["holder"]: line["name"] for line in content["holders"]}
    axis = next(each for each in content["axes"] if each["code"] == "TYPOLOGY")
    words = {category["code"]: category["words"] for category in axis["categories"]}
    return {(words[row["category"]], names[row["holder"]]): row for row in axis["rows"]}


def test_workbook_says_each_figure_of_the_sealed_file(
    world: World, given: Routing, sign_in: SignIn, tmp_path: Path
) -> None:
    version = send(world)
    contents, summary, typologies, *_ = opened(b"".join(sign_in("emma").get(at(world, "xlsx"))), tmp_path)
    content = json.loads(version.content)
    held = {row[0]: row[1:] for row in summary if row}
    for line in [*content["holders"], {**content["total"], "name": "Ensemble"}]:
        assert Decimal(held[line["name"]][0]) * UNIT == line["due"]
        assert [int(cell) for cell in held[line["name"]][1 : 2 + len(MEASURES)]] == [
            line[measure] for measure in ("received", *MEASURES)
        ]
    titles = [row[1] for row in contents[1:]]
    assert (titles[:2], titles[-1]) == (["Synthèse par réservataire", "Par typologie"], "Logements soustraits du flux")
    found = {(row[0], row[1]): row[2:] for row in typologies if len(row) > len(MEASURES)}
    assert figures(version)
    for key, row in figures(version).items():
        assert [int(cell) for cell in found[key][: len(MEASURES)]] == [row[measure] for measure in MEASURES]


def test_paper_is_tagged_and_says_the_seal_and_who_signed(world: World, given: Routing, sign_in: SignIn) -> None:
    version = send(world)
    words, reader = read(sign_in("chloe"), at(world, "pdf"))
    seal = " ".join(version.seal[start : start + 4] for start in range(0, len(version.seal), 4))
    assert seal in words
    assert "pas encore scellée" in words
    assert "Classe Logements" in words, "what fell vacant is told by class, not by holder"
    assert "Personne ne l’a encore signée." in words
    assert reader.metadata.title == "Bilan annuel 2026, Robine Habitat, Aude, version 1"
    assert reader.trailer["/Root"]["/Lang"] == "fr-FR"
    found = tags(reader)
    assert (found.count("/H1"), found.count("/H2")) == (1, 12)
    everything = list(elements(reader.trailer["/Root"]["/StructTreeRoot"]))
    headers = {each["/ID"] for each in everything if each["/S"] == "/TH"}
    cells = [each for each in everything if each["/S"] == "/TD"]
    assert len(cells) > 50
    assert all(set(each["/A"]["/Headers"]) <= headers for each in cells)
    sign(world, version)
    words, _ = read(sign_in("chloe"), at(world, "pdf"))
    assert "signée par tous et scellée le 12 février 2027" in words
    assert "Ville de Narbonne, le 12 février 2027" in words


def test_a_version_keeps_its_figures_on_paper_when_the_next_is_corrected(
    world: World, given: Routing, sign_in: SignIn
) -> None:
    version = send(world)
    before, _ = read(sign_in("alice"), at(world, "pdf"))
    remark = contest(world, version)
    correct(world, version.balance, given)
    answer(world, remark)
    send(world, now=SENT + 2 * DAY)
    after, _ = read(sign_in("alice"), at(world, "pdf"))
    assert after == before
    later, _ = read(sign_in("alice"), at(world, "pdf", 2))
    assert later != before
    assert "corrigée en version 2" in later


@pytest.mark.parametrize("form", ["pdf", "xlsx"])
def test_each_file_is_written_in_the_journal(world: World, given: Routing, sign_in: SignIn, form: str) -> None:
    version = send(world)
    response = on_paper(sign_in("emma"), at(world, form))
    assert response["Content-Disposition"] == f'attachment; filename="bilan-999000003-2026-11-v1.{form}"'
    taken = BalanceDownload.objects.get()
    assert (taken.version, taken.form, taken.user, taken.organisation) == (
        version,
        form.upper(),
        world.people["emma"],
        world.epci,
    )
