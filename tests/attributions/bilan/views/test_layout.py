"""How a région wants its table: data, kept by the operator, that the files of a balance follow."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from attributions.bilan.exports.layout import laid_out
from attributions.bilan.models import BalanceLayout
from attributions.bilan.models.layout import COLUMNS
from attributions.bilan.operations.layout import BalanceLayoutRefused, save_balance_layout
from attributions.bilan.pages.scales import axis_name
from attributions.bilan.queries.transmissions import whole_balance
from flux.queries.cells import Axis
from flux.words import known
from reservations.models import HistoryEntry
from tests.attributions.bilan.balances import people, send
from tests.attributions.bilan.exports.balances import LATER, lived
from tests.calc import opened
from tests.flux.views.pages import text_of
from tests.flux.views.test_account import page
from tests.world import World

pytestmark = pytest.mark.django_db

SignIn = Callable[[str], Client]

#: A layout that says everything that one may.
GIVEN: dict[str, Any] = {
    "name": "Trame d’Occitanie",
    "code": "occitanie",
    "source": "Courrier de la DREAL du 3 mars 2026",
    "columns": "réservataire = Qui\nTableau\nLigne\nPROPOSÉS = Logements proposés\nPrévus\nConstatés\nBilan transmis",
    "axes": ["TYPOLOGY"],
    "words": "T3 = T3 et plus\nT4 = T3 et plus\nT6+ = T3 et plus",
    "is_offered": "on",
}


@pytest.fixture
def year(world: World, time_machine: Any) -> World:
    time_machine.move_to(LATER, tick=False)
    people(world)
    return lived(world)


def posted(client: Client, url: str, **changes: Any) -> HttpResponse:
    return client.post(url, GIVEN | changes)


def table(client: Client, world: World, code: str, query: str = "") -> list[dict[str, str]]:
    url = reverse("balance-csv", args=[world.landlord.pk, 2026])
    answer = client.get(f"{url}?modele={code}{query}")
    assert answer.status_code == 200
    assert f"-{code}.csv" in answer["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")), delimiter=";"))


def total(rows: list[dict[str, str]], column: str, **where: str) -> int:
    return sum(int(row[column] or 0) for row in rows if where.items() <= row.items())


def test_the_layouts_that_are_shipped_add_up_to_the_balance(year: World, sign_in: SignIn) -> None:
    """« Neutre » says each holder once; « décret » says R441-5-1’s five axes one after another, each whole."""
    version = send(year)
    cells = whole_balance(year.landlord, 2026, on=LATER.date()).cells
    every = cells.total().offered + cells.total().first_lettings
    client = sign_in("aline")
    neutral = table(client, year, "neutre")
    assert total(neutral, "Proposés") == every
    holders = [row for row in neutral if row["Tableau"] == "Ensemble"]
    assert len({(row["SIREN du réservataire"], row["Contingent"], row["Compte"]) for row in holders}) == len(holders)
    net = next(row for row in neutral if row["Ligne"] == "Flux net")
    assert (net["Prévus"], net["Constatés"], net["Proposés"]) == ("480", "6", "")
    assert net["Prévisionnel transmis"].startswith("Prévisionnel 2026, envoi du 20 janvier 2026, par ")
    assert net["Bilan transmis"] == f"Bilan 2026, version 1, envoi du 9 février 2027, par {version.sent_by}"
    assert {row["Bilan transmis"] for row in holders} == {net["Bilan transmis"]}
    decree = table(client, year, "decret")
    for axis in Axis:
        name = f"Par {axis_name(axis)}"
        assert total(decree, "Logements proposés", Axe=name) == every, name
        for category in cells.categories(axis):
            words = known(cells.name(axis, category))
            result = cells.category(axis, category)
            counted = total(decree, "Logements proposés", Axe=name, Catégorie=words)
            assert counted == result.offered + result.first_lettings, (name, words)


def test_the_operator_records_a_layout_and_every_file_follows_it(year: World, sign_in: SignIn, tmp_path: Path) -> None:
    adam, new = sign_in("adam"), reverse("balance-layout-new")
    assert "une par ligne" in page(adam, new)
    region = year.places["Occitanie"].pk
    assert posted(adam, new, region=region)["Location"] == reverse("balance-layouts")
    layout = BalanceLayout.objects.get(code="occitanie")
    listed = text_of(adam.get(reverse("balance-layouts")))
    assert "3 présentations : quelles colonnes" in listed
    assert "Qui · Tableau · Ligne · Logements proposés · Prévus · Constatés · Bilan transmis" in listed
    client = sign_in("aline")
    rows = table(client, year, "occitanie", f"&territory={year.places['Narbonne'].pk}")
    assert list(rows[0]) == ["Qui", "Tableau", "Ligne", "Logements proposés", "Prévus", "Constatés", "Bilan transmis"]
    rows = table(client, year, "occitanie")
    offered = {row["Ligne"] for row in rows if row["Tableau"] == "Par typologie"}
    assert offered == {"T1", "T2", "T3 et plus"}
    cells = whole_balance(year.landlord, 2026, on=LATER.date()).cells
    merged = sum(cells.category(Axis.TYPOLOGY, name).offered for name in ("T3", "T4", "T6+"))
    firsts = sum(cells.category(Axis.TYPOLOGY, name).first_lettings for name in ("T3", "T4", "T6+"))
    assert total(rows, "Logements proposés", Ligne="T3 et plus") == merged + firsts
    url = reverse("balance-xlsx", args=[year.landlord.pk, 2026])
    contents, *sheets = opened(client.get(f"{url}?modele=occitanie").getvalue(), tmp_path)
    assert [row[1] for row in contents[1:]] == ["Trame d’Occitanie", "Du parc au flux", "Transmission"]
    assert sheets[0][0] == list(rows[0])
    assert sheets[2][1][0] == "Prévisionnel 2026, Aude"
    files = text_of(client.get(reverse("balance-files", args=[year.landlord.pk, 2026])))
    assert "bilan-999000003-2026-occitanie.xlsx" in files
    narrowed = f"{reverse('balance-files', args=[year.landlord.pk, 2026])}?territory={year.places['Coursan'].pk}"
    assert "Fichiers · Coursan" in text_of(client.get(narrowed))
    assert client.get(f"{reverse('balance-files', args=[year.landlord.pk, 2026])}?territory=0").status_code == 404
    edit = reverse("balance-layout", args=[layout.pk])
    typed = adam.get(edit).context["form"]
    assert typed["columns"].value().startswith("Réservataire = Qui\nTableau\nLigne\nProposés = Logements proposés")
    assert typed["words"].value() == GIVEN["words"]
    assert "code" not in typed.fields
    changed = {key: value for key, value in GIVEN.items() if key != "is_offered"} | {"name": "Trame retirée"}
    assert adam.post(edit, changed).status_code == 302
    listed = text_of(adam.get(reverse("balance-layouts")))
    assert "modification, le 28 décembre 2026, par Adam en attente" in listed
    assert "livrée avec Équiflux proposée" in listed
    assert client.get(f"{url}?modele=occitanie").status_code == 404
    assert [act.act for act in HistoryEntry.objects.about(layout)] == ["RECORDED", "EDITED"]
    assert client.get(reverse("balance-layouts")).status_code == 403


def test_a_layout_of_another_region_is_not_offered(year: World, sign_in: SignIn) -> None:
    elsewhere = year.places["Occitanie"]
    elsewhere.pk, elsewhere.code, elsewhere.name = None, "93", "Provence-Alpes-Côte d’Azur"
    elsewhere.save()
    posted(sign_in("adam"), reverse("balance-layout-new"), region=elsewhere.pk)
    client = sign_in("aline")
    assert "occitanie" not in page(client, reverse("balance-files", args=[year.landlord.pk, 2026]))
    for name in ("balance-csv", "balance-xlsx"):
        assert client.get(f"{reverse(name, args=[year.landlord.pk, 2026])}?modele=occitanie").status_code == 404


REFUSED = (
    ({"columns": "Réservataire"}, "Numérotez au moins une colonne de chiffres"),
    ({"columns": "Proposés\nLoyer"}, "Ligne 2 : « Loyer » n’est pas une colonne du bilan."),
    ({"columns": "Proposés\nproposés = Encore"}, "« Proposés » est là deux fois"),
    ({"columns": "Proposés = Nombre\nLoués = Nombre"}, "« Nombre » est là deux fois"),
    ({"columns": "Réservataire\nProposés"}, "Des tableaux qui se suivent comptent chacun tous les logements"),
    ({"columns": "Proposés\nPrévus", "axes": []}, "Prévus et constatés se lisent par ligne"),
    ({"words": "T9 = T9 et plus"}, "« T9 » n’est pas une catégorie du bilan"),
    ({"words": "T3"}, "Ligne 1 : écrivez « T3 = » et le mot voulu."),
    ({"words": "T3 = A\nT3 = B"}, "Ligne 2 : « T3 » est là deux fois."),
    ({"code": "neutre"}, "Une présentation a déjà ce code"),
    ({"name": "Neutre, par réservataire"}, "Une présentation porte déjà ce nom"),
    ({"source": ""}, "Dites d’où vient cette présentation"),
)


def test_a_layout_that_no_file_can_have_is_refused_where_it_is_wrong(world: World, sign_in: SignIn) -> None:
    adam, new = sign_in("adam"), reverse("balance-layout-new")
    for wrong, sentence in REFUSED:
        answer = posted(adam, new, **wrong)
        assert answer.status_code == 422, wrong
        assert sentence.lower() in text_of(answer).lower(), sentence
    right: dict[str, Any] = {"layout": None, "code": "a", "name": "A", "region": None, "source": "B", "axes": []}
    right |= {"columns": [("offered", "")], "words": {"1949-1974": "après-guerre"}, "is_offered": True, "by": None}
    acts: tuple[tuple[str, dict[str, Any]], ...] = (
        ("name", {"name": " "}),
        ("region", {"region": world.places["Aude"]}),
        ("source", {"source": ""}),
        ("columns", {"columns": [("rent", "Loyer"), ("offered", "")]}),
        ("axes", {"axes": ["RENT"]}),
        ("axes", {"axes": ["QPV", "QPV"]}),
        ("words", {"words": {"T3": " "}}),
    )
    for field, wrong in acts:
        with pytest.raises(BalanceLayoutRefused) as refused:
            save_balance_layout(**right | wrong)
        assert refused.value.field == field
    saved = save_balance_layout(**right)
    assert (saved.columns, saved.codes) == ([["offered", "Proposés"]], ["offered"])
    assert not HistoryEntry.objects.about(save_balance_layout(**right | {"layout": saved})).filter(act="EDITED")


def test_every_column_that_a_layout_may_have_is_written(year: World) -> None:
    columns = [[code, heading] for code, heading in COLUMNS.items()]
    layout = BalanceLayout(code="tout", name="Tout", source="Essai", columns=columns, axes=["QPV"])
    content = whole_balance(year.landlord, 2026, on=LATER.date())
    rows = list(laid_out(content, layout).cells())
    assert sum(row[layout.codes.index("offered")] or 0 for row in rows) == (
        content.cells.total().offered + content.cells.total().first_lettings
    )
    done = [row for row in rows if row[layout.codes.index("done")] is not None]
    assert len(done) == len(content.flow)
    assert {row[layout.codes.index("qpv")] for row in rows if row not in done} == {
        "en QPV",
        "hors QPV",
        "non renseigné",
    }
