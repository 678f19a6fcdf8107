"""The pages of the comparisons: a file is given, its result read, filtered, taken away; by whom it may be."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from attributions.bilan.exports.lists import COLUMNS
from attributions.bilan.models import Reconciliation
from attributions.bilan.reconciliation import Source
from attributions.bilan.views.reconciliation import POINTS
from attributions.households.models import AccessRecord, Lease
from tests.attributions.bilan.operations.test_reconciliation import STRANGER, entries
from tests.attributions.bilan.reconciliations import compared, let, sne_file, sne_row, syplo_file, syplo_row
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
LIST = "reconciliation-list"


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def give(client: Client, content: bytes, **given: object) -> Any:
    posted = {"source": "SNE", "year": 2026, "file": SimpleUploadedFile("export.csv", content)} | given
    return client.post(reverse(LIST), posted, follow=True)


def spoilt(world: World) -> tuple[bytes, list[Lease]]:
    """A file of the SNE with one agreement, one wrong contingent, one stranger; and a lease that it lacks."""
    right, contingent, alone = (let(world, days=n) for n in range(3))
    rows = [
        sne_row(right),
        sne_row(contingent, holder="Action Logement"),
        sne_row(right, number=STRANGER, unit="RPLS9"),
    ]
    return sne_file(*rows), [right, contingent, alone]


def detail(kept: Reconciliation, name: str = "reconciliation-detail", query: str = "") -> str:
    return reverse(name, args=[kept.pk]) + query


# --- giving a file ---


def test_landlord_compares_an_export_and_reads_who_settles_what(world: World, sign_in: SignIn) -> None:
    content, (_, contingent, alone) = spoilt(world)
    page = give(sign_in("aline"), content)
    text = text_of(page)
    assert messages_of(page) == ["Le fichier est comparé. Ni compte, ni bail, ni demande n’a changé."]
    assert "Le compte et le SNE disent‑ils la même chose ?" in text
    assert "Pas encore : 3 points à régler, 1 attribution concordante, sur 3 lignes lues" in text
    assert "concordant 1 manquant chez vous 1 manquant dans le fichier 1 contingent différent 1" in text
    assert "Le bailleur : 2 points Ville de Narbonne : 1 point" in text
    assert "Le fichier dit « Action Logement et employeurs », le compte « Ville de Narbonne »" in text
    for each in (contingent, alone):
        assert each.proposal is not None
        number = each.proposal.application.number
        assert number not in page.content.decode()
        assert f"numéro se terminant par {number[-4:-2]} {number[-2:]}" in text
        assert reverse("vacancy-detail", args=[each.vacancy_id]) in page.content.decode()


@pytest.mark.parametrize(("person", "sne"), [("aline", True), ("bob", False)])
def test_files_compared_are_spelled_out(world: World, sign_in: SignIn, person: str, sne: bool) -> None:
    text = text_of(sign_in(person).get(reverse("reconciliation-list")))
    assert "Système priorité logement : l’outil où les services de l’État suivent" in text
    assert ("Système national d’enregistrement" in text) is sne


def test_clean_file_says_yes(world: World, sign_in: SignIn) -> None:
    text = text_of(give(sign_in("aline"), sne_file(sne_row(let(world)))))
    assert "Oui : 1 attribution concordante, et rien à régler, sur 1 ligne lue." in text
    assert "Qui règle quoi" not in text
    other = text_of(give(sign_in("aline"), sne_file(sne_row(let(world), closed="01/02/2024")), year=2026))
    assert "disent‑ils la même chose" in other


def test_file_of_another_year_has_nothing_to_compare(world: World, sign_in: SignIn) -> None:
    text = text_of(give(sign_in("aline"), sne_file(sne_row(let(world, days=900)))))
    assert "Rien à comparer : 0 attribution de 2026 dans le fichier comme dans le compte, sur 1 ligne lue." in text


def test_findings_that_the_tally_leaves_out_are_counted_beside(world: World, sign_in: SignIn) -> None:
    twice, late = sne_row(let(world, days=1)), sne_row(let(world), closed="01/02/2026")
    text = text_of(give(sign_in("aline"), sne_file(twice, twice, late)))
    assert "Aussi : date différente, 1 ; en double dans le fichier, 1. Hors de la comparaison : 0" in text


def test_letting_of_another_holder_is_not_reported_to_the_state(world: World, sign_in: SignIn) -> None:
    entries(world, "priority")
    lease = let(world, days=3)
    kept = compared(world, Source.SYPLO, syplo_file(syplo_row(lease)), who="bob")
    page = sign_in("bob").get(detail(kept))
    assert '<td data-l="Compte">orienté vers un autre</td>' in page.content.decode()
    assert "Narbonne" not in text_of(page).split("Qui règle quoi")[1]


def test_refused_file_comes_back_with_its_line_and_writes_nothing(world: World, sign_in: SignIn) -> None:
    content = sne_file(sne_row(let(world)), sne_row(let(world), closed=""))
    page = give(sign_in("aline"), content)
    assert page.status_code == 422
    assert "Rien n’est comparé, 1 ligne est à corriger. Ligne 10, Date de la radiation : elle manque" in text_of(page)
    assert not Reconciliation.objects.exists()
    assert not AccessRecord.objects.exists()


def test_form_says_what_to_choose(world: World, sign_in: SignIn) -> None:
    page = sign_in("aline").post(reverse(LIST), {})
    assert page.status_code == 422
    text = text_of(page)
    for each in ("Choisissez un fichier.", "Dites d’où vient le fichier.", "Choisissez une année."):
        assert each in text
    late = give(sign_in("aline"), sne_file(sne_row(let(world))), year=1999)
    assert "Choisissez une année de la liste." in text_of(late)
    syplo = give(sign_in("aline"), syplo_file(syplo_row(let(world, "priority"))), source="SYPLO")
    assert "Aucun contingent de l’État n’a de mouvement" in text_of(syplo)


def test_state_compares_its_syplo_with_a_landlord_that_serves_it(world: World, sign_in: SignIn) -> None:
    assert "il n’y a rien à comparer" in text_of(sign_in("bob").get(reverse(LIST)))
    entries(world, "priority")
    lease = let(world, "priority")
    content = syplo_file(syplo_row(lease, contingent="agents"))
    about = {"source": "SYPLO", "landlord": world.landlord.pk}
    page = give(sign_in("bob"), content, **about)
    text = text_of(page)
    assert "Le compte et SYPLO disent‑ils la même chose ?" in text
    assert "Préfecture de l’Aude : 1 point" in text
    assert reverse("vacancy-detail", args=[lease.vacancy_id]) not in page.content.decode()
    refused = give(sign_in("bob"), content, **about | {"source": "SNE"})
    assert "Choisissez un fichier de la liste." in text_of(refused)
    assert give(sign_in("bob"), content, **about | {"landlord": world.other_landlord.pk}).status_code == 422
    assert "1 rapprochement" in text_of(sign_in("aline").get(reverse(LIST)))


@pytest.mark.parametrize("person", ["chloe", "emma", "adam"])
def test_others_do_not_compare(world: World, sign_in: SignIn, person: str) -> None:
    assert sign_in(person).get(reverse(LIST)).status_code == 403
    assert give(sign_in(person), b"x").status_code == 403


# --- reading it ---


def test_points_are_filtered_and_paged(world: World, sign_in: SignIn, django_assert_num_queries: Any) -> None:
    content, _ = spoilt(world)
    kept, client = compared(world, Source.SNE, content), sign_in("aline")
    assert "1 sur 1" in text_of(client.get(detail(kept, query="?finding=CONTINGENT")))
    assert "1 à 2 sur 2 points à régler" in text_of(client.get(detail(kept, query="?owner=LANDLORD")))
    none = client.get(detail(kept, query="?finding=UNIT"))
    assert "Aucun point ne répond à ces filtres." in text_of(none)
    assert "cette valeur n’existe pas ici" in text_of(client.get(detail(kept, query="?finding=NONE")))
    other = sne_row(let(world), holder="Action Logement")
    strangers = [{"Numéro Unique": f"0440000000000{n:05d}", "Référence du logement": "U"} for n in range(POINTS)]
    rows = [other, *(other | each for each in strangers)]
    many = compared(world, Source.SNE, sne_file(*rows))
    page = client.get(detail(many))
    assert f"1 à {POINTS} sur {many.lines.count()} points à régler" in text_of(page)
    assert "?page=2" in page.content.decode()
    for each in (kept, many):
        with django_assert_num_queries(6):
            client.get(detail(each))


def test_list_costs_as_much_for_ten_as_for_one(world: World, sign_in: SignIn, django_assert_num_queries: Any) -> None:
    content, _ = spoilt(world)
    compared(world, Source.SNE, content)
    client = sign_in("aline")
    for more in (0, 9):
        for _ in range(more):
            compared(world, Source.SNE, content)
        with django_assert_num_queries(5):
            page = client.get(reverse(LIST))
    assert "10 rapprochements" in text_of(page)


# --- taking it away ---


def take(client: Client, kept: Reconciliation, **given: object) -> Any:
    posted = {"party": "LANDLORD", "kind": "csv", "why": "Corriger le SNE."} | given
    return client.post(detail(kept, "reconciliation-csv"), posted)


def table(response: Any) -> list[dict[str, str]]:
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_landlord_takes_its_points_with_numbers_and_says_why(world: World, sign_in: SignIn) -> None:
    content, (_, _, alone) = spoilt(world)
    kept = compared(world, Source.SNE, content)
    response = take(sign_in("aline"), kept)
    assert response["Content-Disposition"] == ('attachment; filename="rapprochement-sne-999000003-2026-bailleur.csv"')
    assert alone.proposal is not None
    rows = table(response)
    assert [row["Constat"] for row in rows] == ["manquant chez le bailleur", "manquant dans le fichier"]
    assert [row["Numéro unique"].replace(" ", "") for row in rows] == [STRANGER, alone.proposal.application.number]
    assert rows[0]["Ligne du fichier"] == "11"
    record = AccessRecord.objects.get(downloaded=True)
    assert (record.what, record.files, record.why) == ("COMPARE", 2, "Corriger le SNE.")
    assert record.subject == "points à régler par le bailleur, export du SNE, 2026"


def test_holder_finds_its_points_by_unit_without_a_number(world: World, sign_in: SignIn) -> None:
    content, (_, contingent, _) = spoilt(world)
    kept = compared(world, Source.SNE, content)
    party = f"HOLDER-{world.city.pk}"
    [row] = table(take(sign_in("aline"), kept, party=party))
    assert (row["Logement"], row["Numéro unique"]) == (contingent.vacancy.unit.reference, "")
    assert row["Contingent du compte"] == "Ville de Narbonne"
    book = load_workbook(io.BytesIO(take(sign_in("aline"), kept, party=party, kind="xlsx").content))
    heading, point = book["À régler"].iter_rows(values_only=True)
    assert heading == tuple(column.title for column in COLUMNS)
    assert (point[3], point[6].date()) == (10, contingent.signed_on)


def test_nothing_leaves_without_saying_why(world: World, sign_in: SignIn) -> None:
    kept = compared(world, Source.SNE, spoilt(world)[0])
    page = take(sign_in("aline"), kept, why=" ", party="STATE-0", kind="pdf")
    assert page.status_code == 422
    text = text_of(page)
    assert "Dites pourquoi vous emportez ce fichier" in text
    assert "Choisissez dans la liste qui règle ces points." in text
    assert "Choisissez un fichier CSV ou un classeur." in text
    assert not AccessRecord.objects.filter(downloaded=True).exists()


@pytest.mark.parametrize("person", ["bob", "chloe", "emma", "adam", "zoe"])
def test_what_is_not_yours_does_not_exist(world: World, sign_in: SignIn, person: str) -> None:
    kept, client = compared(world, Source.SNE, spoilt(world)[0]), sign_in(person)
    assert client.get(detail(kept)).status_code == 404
    assert take(client, kept).status_code == 404
