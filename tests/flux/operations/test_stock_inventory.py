"""Importing an inventory of rights: all of it or nothing, once, whatever the number of times it is asked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flux.imports.inventory import read_inventory
from flux.models import StockAssignment, Unit
from flux.operations.stock import keep_in_stock
from flux.operations.stock_inventory import import_inventory, preview_inventory
from flux.operations.stock_inventory_file import InventoryPlan, InventoryRefused
from flux.operations.stock_rights import end_title
from flux.operations.stock_transfers import Given, accept_transfer, propose_transfer
from reservations.models import HistoryEntry, LegalParameter, StockRight
from tests.flux.imports.inventories import as_csv, example, row
from tests.world import MORNING, manager_of, siren

if TYPE_CHECKING:
    from tests.world import World

TODAY = MORNING.date()
CITY, ALS, STATE = siren(3), siren(2), siren(1)


def load(world: World, content: bytes) -> InventoryPlan:
    reading = read_inventory(content)
    assert reading.errors == []
    return import_inventory(landlord=world.landlord, lines=reading.lines, by=world.people["alice"], today=TODAY)


def five_units(world: World) -> None:
    for _ in range(5):
        world.unit()


def written() -> tuple[int, int, int]:
    acts = HistoryEntry.objects.filter(subject="reservations.stockright")
    return StockRight.objects.count(), StockAssignment.objects.count(), acts.count()


def test_example_is_imported_with_its_titles_and_what_bears_them(world: World) -> None:
    five_units(world)
    plan = load(world, example())
    assert (len(plan.titles), plan.units, plan.titles_known, plan.units_known, plan.beyond) == (3, 5, 0, 0, 0)
    assert plan.by_holder == [
        ("Action Logement Services", 1, 2),
        ("Ville de Narbonne", 1, 2),
        ("État – agents", 1, 1),
    ]
    city = StockRight.objects.get(reference="VN-2008-14")
    assert (city.landlord, city.holder, city.ground, city.use) == (
        world.landlord,
        world.holders["city"],
        "LOAN_GUARANTEE",
        "RECURRING",
    )
    assert (city.starts_on, city.loan_ends_on, city.extension_years, city.ends_on) == (
        date(2008, 3, 1),
        date(2033, 2, 28),
        5,
        date(2038, 2, 28),
    )
    assert [
        (borne.right.reference, str(borne.unit or borne.programme), borne.units, borne.starts_on, borne.ends_on)
        for borne in StockAssignment.objects.select_related("right", "unit", "programme").order_by("pk")
    ] == [
        ("VN-2008-14", "RH-01-001", 1, date(2008, 3, 1), date(2038, 2, 28)),
        ("VN-2008-14", "RH-01-002", 1, date(2008, 3, 1), date(2038, 2, 28)),
        ("AL-1998-07", "Résidence de Narbonne", 2, date(1998, 6, 15), date(2030, 12, 31)),
        ("PREF-SI-3", "RH-01-003", 1, date(2015, 1, 1), None),
    ]
    entry = HistoryEntry.objects.about(city).get()
    assert (entry.act, entry.by, entry.details["bearers"], entry.details["ends_on"]) == (
        "IMPORTED",
        world.people["alice"],
        [None, "RH-01-001, RH-01-002"],
        [None, "2038-02-28"],
    )


def test_same_file_again_changes_nothing_and_says_so(world: World) -> None:
    five_units(world)
    load(world, example())
    before = written()
    plan = load(world, example())
    assert (plan.titles, plan.bearers, plan.titles_known, plan.units_known, plan.beyond) == ([], [], 3, 5, 0)
    assert written() == before


def test_same_file_changes_nothing_after_the_law_has(world: World) -> None:
    """The years after the loan are those kept on the title."""
    five_units(world)
    load(world, example())
    LegalParameter.objects.filter(code="GUARANTEE_EXTENSION_YEARS").update(value=3)
    assert len(load(world, example()).bearers) == 0


def test_a_reference_that_another_landlord_uses_too_is_the_unit_of_ones_own(world: World) -> None:
    five_units(world)
    world.unit(landlord=world.other_landlord, reference="RH-01-001")
    load(world, as_csv(row()))
    assert StockAssignment.objects.get().unit.landlord == world.landlord


def test_unit_added_to_a_known_title_is_added_and_one_left_out_stays(world: World) -> None:
    five_units(world)
    load(world, as_csv(row()))
    plan = load(world, as_csv(row(reference_logement="RH-01-002")))
    assert (plan.titles, plan.units, plan.titles_known, plan.beyond) == ([], 1, 1, 1)
    right = StockRight.objects.get()
    assert list(right.assignments.order_by("pk").values_list("unit__reference", flat=True)) == [
        "RH-01-001",
        "RH-01-002",
    ]
    assert [(entry.act, entry.details) for entry in HistoryEntry.objects.about(right)][1:] == [
        ("IMPORTED", {"bearers": [None, "RH-01-002"]})
    ]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (
            {"siren_reservataire": "999000029"},
            "siren_reservataire : aucune organisation de SIREN 999000029 n’est enregistrée : demandez à "
            "l’administrateur de l’ajouter.",
        ),
        (
            {"siren_reservataire": STATE, "fondement": "état", "fin_emprunt": ""},
            "contingent : écrivez l’un des contingents de cette organisation : 1 (État – agents), 2 (État – publics "
            "prioritaires).",
        ),
        (
            {"contingent": "3"},
            "contingent : écrivez l’un des contingents de cette organisation : 4 (Ville de Narbonne).",
        ),
        (
            {"siren_reservataire": "999000003", "fondement": "terrain", "fin_emprunt": ""},
            "siren_reservataire : un droit en stock revient à un réservataire : choisissez lequel.",
        ),
        (
            {"siren_reservataire": STATE, "contingent": "2"},
            "fondement : « garantie d’emprunt » ne va pas avec l’État – publics prioritaires : l’État tient ses "
            "contingents de la loi, sans contrepartie : choisissez « droit de l’État ».",
        ),
        (
            {"fondement": "état", "fin_emprunt": ""},
            "fondement : « droit de l’État » ne va pas avec la Ville de Narbonne : seul l’État a des droits par la "
            "loi, sans contrepartie (CCH, L441-1).",
        ),
        (
            {"fin_emprunt": ""},
            "fin_emprunt : une garantie d’emprunt a une fin : donnez celle de l’emprunt, ou à défaut celle du droit.",
        ),
        (
            {"fondement": "terrain"},
            "fin_emprunt : seule une garantie d’emprunt finit d’après son emprunt : laissez vide la fin de l’emprunt.",
        ),
        (
            {"fin": "01/03/2038"},
            "fin : l’emprunt finit le 28/02/2033 : le droit finit 5 ans après, le 28/02/2038 au plus tard (CCH, "
            "R441-6).",
        ),
        (
            {"fin": "29/02/2008"},
            "fin : le droit finit avant de commencer : corrigez l’une des deux dates.",
        ),
        (
            {"reference_logement": "RH-09-999"},
            "reference_logement : aucun logement de cette référence : importez d’abord le parc, ou corrigez la "
            "cellule.",
        ),
        (
            {"programme": "Les Absents"},
            "programme : aucun programme de ce nom ou de ce numéro : importez d’abord le parc, ou corrigez la cellule.",
        ),
        ({"programme": "2"}, "programme : le logement RH-01-001 n’est pas de ce programme : corrigez l’un des deux."),
        (
            {"reference_logement": "", "programme": "1", "nombre_logements": "6"},
            "nombre_logements : Résidence de Narbonne a 5 logements : des droits porteraient sur 7.",
        ),
        (
            {"reference_titre": "VN-0"},
            "fin_emprunt : le titre VN-0 dit autre chose à la ligne 2 : toutes les lignes d’un titre donnent les mêmes "
            "réservataire, fondement, usage et dates.",
        ),
        (
            {"reference_logement": "RH-01-005"},
            "reference_logement : le logement RH-01-005 porte déjà un autre titre à ces dates (à la ligne 2).",
        ),
    ],
)
def test_wrong_row_is_reported_and_nothing_is_written(world: World, given: dict[str, str], error: str) -> None:
    five_units(world)
    world.unit(commune="Coursan")
    right = row(reference_titre="VN-0", reference_logement="RH-01-005", fin_emprunt="01/01/2030")
    lines = read_inventory(as_csv(right, row(**given))).lines
    plan = preview_inventory(landlord=world.landlord, lines=lines, today=TODAY)
    assert [str(each) for each in plan.errors] == [f"Ligne 3, {error}"]
    with pytest.raises(InventoryRefused) as refused:
        import_inventory(landlord=world.landlord, lines=lines, by=world.people["alice"], today=TODAY)
    assert refused.value.errors == tuple(plan.errors)
    assert written() == (0, 0, 0)


def test_unit_given_twice_by_one_title_is_reported(world: World) -> None:
    world.unit()
    plan = preview_inventory(landlord=world.landlord, lines=read_inventory(as_csv(row(), row())).lines, today=TODAY)
    assert [str(each) for each in plan.errors] == [
        "Ligne 3, reference_logement : déjà donné à la ligne 2 pour ce titre."
    ]


def test_unit_that_bears_another_right_is_reported_with_whose(world: World) -> None:
    unit = world.unit()
    keep_in_stock(
        unit=unit, holder=world.holders["als"], ground="LAND", starts_on=date(2010, 1, 1), by=world.people["alice"]
    )
    plan = preview_inventory(landlord=world.landlord, lines=read_inventory(as_csv(row())).lines, today=TODAY)
    assert [str(each) for each in plan.errors] == [
        "Ligne 2, reference_logement : le logement RH-01-001 porte déjà un autre titre à ces dates (par Action "
        "Logement Services, depuis le 01/01/2010)."
    ]


def test_row_of_what_left_the_stock_is_reported_unless_its_title_ended_before(world: World) -> None:
    """A unit sold, a programme given to another landlord; a title that had ended is history, and enters."""
    sold, given = world.unit(), world.unit(commune="Coursan").programme
    Unit.objects.filter(pk=sold.pk).update(left_on=TODAY, left_why="OCCUPANT")
    by = world.people["alice"]
    transfer = propose_transfer(
        giver=world.landlord, given=Given(world.other_landlord, [given], TODAY, "acte"), by=by, now=MORNING
    )
    accept_transfer(transfer=transfer, by=manager_of(world.other_landlord), now=MORNING)
    borne = {"reference_titre": "VN-2", "reference_logement": "", "programme": given.number, "nombre_logements": 1}
    lines = read_inventory(as_csv(row(), row(**borne))).lines
    assert [str(each) for each in preview_inventory(landlord=world.landlord, lines=lines, today=TODAY).errors] == [
        "Ligne 2, reference_logement : le logement RH-01-001 est sorti du parc le 24 novembre 2026 (vendu à son "
        "occupant) : un titre n’y porte que s’il finit avant ce jour. Choisissez un autre logement, ou donnez la fin "
        "du titre.",
        "Ligne 3, programme : le programme Résidence de Coursan est passé à Toits de l’Orb le 24 novembre 2026 : un "
        "titre n’y porte que s’il finit avant ce jour. Choisissez un autre programme, ou donnez la fin du titre.",
    ]
    over = {"fin_emprunt": "", "fin": "31/12/2020"}
    lines = read_inventory(as_csv(row(**over), row(**borne, **over))).lines
    assert preview_inventory(landlord=world.landlord, lines=lines, today=TODAY).errors == []


def test_programme_name_borne_twice_asks_for_its_number(world: World) -> None:
    world.unit()
    coursan = world.unit(commune="Coursan").programme
    coursan.name = "Résidence de Narbonne"
    coursan.save()
    given = row(reference_logement="", programme="RESIDENCE DE NARBONNE", nombre_logements=1)
    plan = preview_inventory(landlord=world.landlord, lines=read_inventory(as_csv(given)).lines, today=TODAY)
    assert [str(each) for each in plan.errors] == [
        "Ligne 2, programme : plusieurs programmes portent ce nom : écrivez son numéro (1 à Narbonne, 2 à Coursan)."
    ]
    assert load(world, as_csv(given | {"programme": "2"})).bearers[0].programme == coursan


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"usage": "unique"}, "usage : le titre VN-1 est déjà enregistré autrement (droit de suite)"),
        ({"debut": "02/03/2008"}, "debut : le titre VN-1 est déjà enregistré autrement (2008-03-01)"),
        (
            {"siren_reservataire": ALS},
            "siren_reservataire : le titre VN-1 est déjà enregistré autrement (Ville de Narbonne)",
        ),
        (
            {"fondement": "terrain", "fin_emprunt": ""},
            "fondement : le titre VN-1 est déjà enregistré autrement (garantie d’emprunt)",
        ),
    ],
)
def test_title_that_the_file_says_otherwise_is_refused(world: World, given: dict[str, str], error: str) -> None:
    world.unit()
    load(world, as_csv(row()))
    before = written()
    lines = read_inventory(as_csv(row(**given))).lines
    plan = preview_inventory(landlord=world.landlord, lines=lines, today=TODAY)
    assert [str(each) for each in plan.errors] == [f"Ligne 2, {error} : corrigez le fichier, ou le titre sur sa page."]
    assert written() == before


def test_title_ended_since_is_reported(world: World) -> None:
    world.unit()
    load(world, as_csv(row()))
    end_title(right=StockRight.objects.get(), ends_on=date(2026, 11, 1), why="Renoncé.", by=world.people["alice"])
    plan = preview_inventory(landlord=world.landlord, lines=read_inventory(as_csv(row())).lines, today=TODAY)
    assert [(error.column, "2026-11-01" in error.sentence) for error in plan.errors] == [("fin", True)]


@pytest.mark.parametrize("count", [1, 30])
def test_preview_costs_the_same_whatever_the_file(world: World, django_assert_num_queries, count: int) -> None:
    for _ in range(count):
        world.unit()
    rows = [row(reference_titre=f"VN-{n}", reference_logement=f"RH-01-{n:03d}") for n in range(1, count + 1)]
    lines = read_inventory(as_csv(*rows)).lines
    with django_assert_num_queries(7):
        assert preview_inventory(landlord=world.landlord, lines=lines, today=TODAY).errors == []
