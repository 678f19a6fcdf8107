"""Writing a landlord's stock: everything once, whatever the number of times it is asked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DataError, transaction

from flux.imports.rpls import read_rpls
from flux.imports.unit_columns import ITEMS
from flux.models import Programme, Unit
from flux.operations.stock_import import Lot, StockImported, import_stock, preview_stock
from reservations.models import FileImport, Landlord
from tests.flux.imports.files import COMMUNES, EXTRACT, rpls
from tests.flux.imports.unit_files import many, units
from tests.world import World


def lots(*rows: dict[str, str]) -> list[Lot]:
    return read_rpls(rpls(*rows), communes=COMMUNES).lots


def extract() -> list[Lot]:
    return read_rpls(EXTRACT.read_bytes(), communes=COMMUNES).lots


def everything(landlord: Landlord) -> list[dict[str, Any]]:
    return list(Unit.objects.filter(landlord=landlord).order_by("pk").values())


def references(units: Iterable[Unit]) -> list[str]:
    return [unit.reference for unit in units]


def test_the_extract_gives_its_units_and_programmes(world: World) -> None:
    assert import_stock(landlord=world.landlord, lots=extract()) == StockImported(
        created=2630, updated=0, unchanged=0, programmes_created=86, beyond=0
    )
    assert Unit.objects.filter(landlord=world.landlord).count() == 2630
    numbers = Programme.objects.filter(landlord=world.landlord).order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 87))
    assert Unit.objects.filter(in_qpv=True).count() == 1064
    assert Unit.objects.filter(is_house=True).count() == 397


def test_importing_twice_changes_nothing(world: World) -> None:
    import_stock(landlord=world.landlord, lots=extract())
    before = everything(world.landlord)
    again = import_stock(landlord=world.landlord, lots=extract())
    assert again == StockImported(created=0, updated=0, unchanged=2630, programmes_created=0, beyond=0)
    assert everything(world.landlord) == before


def test_the_same_rows_in_another_order_change_nothing(world: World) -> None:
    import_stock(landlord=world.landlord, lots=extract())
    before = everything(world.landlord)
    header, *rows = EXTRACT.read_bytes().splitlines()
    shuffled = read_rpls(b"\n".join([header, *reversed(rows)]), communes=COMMUNES).lots
    assert import_stock(landlord=world.landlord, lots=shuffled).unchanged == 2630
    assert everything(world.landlord) == before


def test_another_spelling_of_the_address_changes_nothing(world: World) -> None:
    import_stock(landlord=world.landlord, lots=lots({"NUMVOIE": "2 B", "TYPVOIE": "AV"}))
    other = lots({"NUMVOIE": "2", "INDREP": "b", "TYPVOIE": "Avenue"})
    assert import_stock(landlord=world.landlord, lots=other).unchanged == 3


def test_a_unit_is_written_whole(world: World) -> None:
    import_stock(landlord=world.landlord, lots=lots({"nb": "2", "SURFHAB": "131"}))
    first, second = Unit.objects.filter(landlord=world.landlord).select_related("programme").order_by("ordinal")
    assert references([first, second]) == ["RH-01-001", "RH-01-002"]
    assert (first.commune, first.programme.name, first.programme.commune) == (
        world.places["Narbonne"],
        "LA POMMERAIE",
        world.places["Narbonne"],
    )
    assert (second.address, second.ordinal, second.postal_code) == ("12 rue Voltaire", 2, "11100")
    assert (second.rooms, second.surface, second.financing_code) == (3, Decimal("65.50"), "13")
    assert (second.in_qpv, second.construction_year, second.is_house, second.energy_class) == (False, 1984, False, "C")


@pytest.mark.parametrize(
    ("changed", "field", "value"),
    [
        ({"CODEPOSTAL": "11110"}, "postal_code", "11110"),
        ({"NBPIECE": "4"}, "rooms", 4),
        ({"SURFHAB": "210"}, "surface", Decimal("70.00")),
        ({"FINAN": "10"}, "financing_code", "10"),
        ({"QPV": "1"}, "in_qpv", True),
        ({"QPV": ""}, "in_qpv", None),
        ({"CONSTRUCT": "1980"}, "construction_year", 1980),
        ({"TYPECONST": "I"}, "is_house", True),
        ({"DPEENERGIE": "D"}, "energy_class", "D"),
        ({"IMMEU": "LA CERISAIE"}, "programme__name", "LA CERISAIE"),
    ],
)
def test_a_changed_attribute_is_brought_up_to_date(
    world: World, changed: dict[str, str], field: str, value: object
) -> None:
    import_stock(landlord=world.landlord, lots=lots({}, {"NUMVOIE": "14"}))
    before = list(Unit.objects.order_by("pk").values_list("pk", "reference"))
    outcome = import_stock(landlord=world.landlord, lots=lots(changed, {"NUMVOIE": "14"}))
    assert (outcome.created, outcome.updated, outcome.unchanged) == (0, 3, 3)
    assert set(Unit.objects.filter(street_number="12").values_list(field, flat=True)) == {value}
    assert list(Unit.objects.order_by("pk").values_list("pk", "reference")) == before


def test_a_programme_is_known_whatever_its_accents_and_case(world: World) -> None:
    import_stock(landlord=world.landlord, lots=lots({"IMMEU": "Résidence de l'Étang"}))
    outcome = import_stock(landlord=world.landlord, lots=lots({"IMMEU": "RESIDENCE DE L`ETANG"}, {"NUMVOIE": "14"}))
    assert (outcome.unchanged, outcome.programmes_created) == (3, 1)
    assert list(Programme.objects.order_by("number").values_list("number", "name")) == [
        (1, "Résidence de l'Étang"),
        (2, "LA POMMERAIE"),
    ]


def test_one_name_in_two_communes_is_two_programmes(world: World) -> None:
    import_stock(landlord=world.landlord, lots=lots({}, {"DEPCOM": "11106"}))
    assert list(Programme.objects.order_by("number").values_list("name", "commune__name")) == [
        ("LA POMMERAIE", "Narbonne"),
        ("LA POMMERAIE", "Coursan"),
    ]


def test_references_continue_and_are_never_given_twice(world: World) -> None:
    import_stock(landlord=world.landlord, lots=lots({"nb": "2"}))
    import_stock(landlord=world.landlord, lots=lots({"nb": "2", "IMMEU": "LA CERISAIE"}))  # both units move away
    import_stock(landlord=world.landlord, lots=lots({"NUMVOIE": "14", "nb": "1"}))  # a newcomer in their place
    assert references(Unit.objects.order_by("reference")) == ["RH-01-001", "RH-01-002", "RH-01-003"]
    assert Unit.objects.get(reference="RH-01-001").programme.name == "LA CERISAIE"


def test_units_entered_by_hand_are_known_by_their_address(world: World) -> None:
    unit = world.unit(ordinal=1)
    outcome = import_stock(landlord=world.landlord, lots=lots({"nb": "2"}))
    assert (outcome.created, outcome.updated) == (1, 1)
    unit.refresh_from_db()
    assert (unit.reference, unit.programme.name) == ("RH-01-001", "LA POMMERAIE")


def test_units_no_longer_counted_stay_and_are_reported(world: World) -> None:
    import_stock(landlord=world.landlord, lots=lots({"nb": "5"}, {"NUMVOIE": "14"}))
    outcome = import_stock(landlord=world.landlord, lots=lots({"nb": "3", "SURFHAB": "195"}))
    assert outcome.beyond == 2
    assert Unit.objects.filter(landlord=world.landlord).count() == 8


def test_each_landlord_has_its_own_stock(world: World) -> None:
    import_stock(landlord=world.landlord, lots=lots({}))
    assert import_stock(landlord=world.other_landlord, lots=lots({})).created == 3
    assert references(Unit.objects.filter(landlord=world.other_landlord).order_by("reference")) == [
        "TO-01-001",
        "TO-01-002",
        "TO-01-003",
    ]


def test_a_preview_says_the_same_and_writes_nothing(world: World) -> None:
    import_stock(landlord=world.landlord, lots=lots({}))
    planned = lots({"QPV": "1"}, {"NUMVOIE": "14", "IMMEU": "LA CERISAIE"})
    before = everything(world.landlord)
    outcome = preview_stock(landlord=world.landlord, lots=planned)
    assert (everything(world.landlord), Programme.objects.count()) == (before, 1)
    assert outcome == StockImported(created=3, updated=3, unchanged=0, programmes_created=1, beyond=0)
    assert import_stock(landlord=world.landlord, lots=planned) == outcome


def test_two_lots_never_give_one_ordinal(world: World) -> None:
    twice = [replace(lot, first=1) for lot in lots({}, {})]
    with pytest.raises(ValueError, match="ordinal 1 of one address"):
        import_stock(landlord=world.landlord, lots=[*lots({"NUMVOIE": "14"}), *twice])
    assert (Unit.objects.count(), Programme.objects.count()) == (0, 0)


def test_a_failure_in_the_database_leaves_nothing_half_written(world: World) -> None:
    planned = [replace(lot, energy_class="TROP LONG") for lot in lots({})]
    with pytest.raises(DataError), transaction.atomic():
        import_stock(landlord=world.landlord, lots=planned)
    assert (Unit.objects.count(), Programme.objects.count()) == (0, 0)


@pytest.mark.parametrize(("count", "queries"), [(1, 9), (300, 9), (1001, 10)])
def test_the_cost_is_one_write_for_a_thousand_units(
    world: World, django_assert_num_queries, count: int, queries: int
) -> None:
    planned = lots({"nb": str(count), "SURFHAB": str(60 * count)})
    with django_assert_num_queries(queries):
        import_stock(landlord=world.landlord, lots=planned)


class TestCommand:
    def run(self, *arguments: str) -> tuple[dict[str, Any], str]:
        out, err = StringIO(), StringIO()
        call_command("import_rpls", *arguments, "--json", stdout=out, stderr=err)
        return json.loads(out.getvalue()), err.getvalue()

    def refused(self, *arguments: str) -> tuple[dict[str, Any], str]:
        out, err = StringIO(), StringIO()
        with pytest.raises(SystemExit) as stopped:
            call_command("import_rpls", *arguments, "--json", stdout=out, stderr=err)
        assert stopped.value.code == 1
        return json.loads(out.getvalue()), err.getvalue()

    @pytest.fixture
    def write(self, tmp_path: Path):
        def write(content: bytes) -> str:
            path = tmp_path / "parc.csv"
            path.write_bytes(content)
            return str(path)

        return write

    def test_a_dry_run_reports_the_extract_and_writes_nothing(self, world: World) -> None:
        report, err = self.run(str(EXTRACT), "--dry-run")
        assert err == ""
        assert (report["rows"], report["units"], report["refused"], len(report["warnings"])) == (500, 2630, [], 14)
        assert report["by_financing"] == {"PLAI": 183, "PLUS": 1574, "PLS": 0, "PLI": 0, "AUTRE": 873}
        assert report["by_typology"] == {"T1": 36, "T2": 447, "T3": 1161, "T4": 822, "T5": 154, "T6+": 10}
        assert report["by_qpv"] == {"in": 1064, "out": 1566, "unknown": 0}
        assert "created" not in report
        assert Unit.objects.count() == 0

    def test_it_imports_once_and_says_what_it_refused(self, world: World, write) -> None:
        path = write(rpls({}, {"FINAN": "98"}, {"NUMVOIE": "14", "QPV": "9"}))
        report, _ = self.run(path, "--landlord", "999000003")
        assert report["refused"] == [
            {"line": 3, "reason": "Financement inconnu : FINAN « 98 » n’est pas un code du RPLS"}
        ]
        assert [warning["line"] for warning in report["warnings"]] == [4]
        assert (report["rows"], report["units"], report["created"]) == (3, 6, 6)
        again, _ = self.run(path, "--landlord", "999000003")
        assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 6)

    def test_a_dry_run_with_a_landlord_says_what_would_change(self, world: World, write) -> None:
        report, _ = self.run(write(rpls({})), "--landlord", "999000003", "--dry-run")
        assert report["created"] == 3
        assert Unit.objects.count() == 0

    def test_communes_are_those_loaded(self, world: World, write) -> None:
        report, _ = self.run(write(rpls({"DEPCOM": "75112"}, {})), "--dry-run")
        assert [remark["line"] for remark in report["refused"]] == [2]

    @pytest.mark.parametrize(
        ("siren", "sentence"),
        [
            (
                "999000029",
                "Aucun bailleur n’a le SIREN 999000029 : vérifiez le numéro, ou enregistrez d’abord ce bailleur.",
            ),
            ("123", "Bailleur « 123 » : Un SIREN a neuf chiffres, sans espace : 999000003 par exemple."),
        ],
    )
    def test_an_unknown_landlord_refuses_the_file(self, world: World, siren: str, sentence: str) -> None:
        assert self.refused(str(EXTRACT), "--landlord", siren) == ({"error": sentence}, sentence + "\n")
        assert Unit.objects.count() == 0

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "Le fichier est vide : choisissez-en un qui a des lignes."),
            (b"DEPCOM;nb\n11262;3\n", "Il manque les colonnes CODEPOSTAL, NUMVOIE,"),
            (b"\x81;nb\n", "Le fichier n’est ni en UTF-8 ni en Windows (première erreur à la ligne 1)"),
        ],
    )
    def test_an_unreadable_file_is_refused(self, world: World, write, content: bytes, sentence: str) -> None:
        report, err = self.refused(write(content), "--landlord", "999000003")
        assert report["error"].startswith(sentence)
        assert err == report["error"] + "\n"
        assert Unit.objects.count() == 0

    def test_the_landlord_s_file_is_reported_unit_by_unit(self, world: World, write) -> None:
        """go-live.md: with or without its record on the landlord, each line a unit, item 63 counted."""
        rows = many(4, CONTINGENT="3")
        rows[1] |= {"IDENT_INT": "", "CONTINGENT": "1"}
        rows[2] |= {"IDENT_INT": rows[0]["IDENT_INT"]}
        rows[3] |= {"FINAN": "10", "NBPIECE": "2", "QPV": "1", "CONTINGENT": ""}
        report, _ = self.run(write(units(*rows, encoding="cp1252")), "--landlord", "999000003", "--dry-run")
        values = {
            "layout": "units",
            "rows": 4,
            "units": 3,
            "references": 2,
            "by_contingent": {"1": 1, "3": 1},
            "programmes": 1,
            "created": 3,
        }
        assert {name: report[name] for name in values} == values
        assert report["refused"] == [
            {"line": 5, "reason": "référence « A-000001 » : déjà donné à la ligne 3 : n’en gardez qu’une."}
        ]
        assert report["by_financing"] == {"PLAI": 1, "PLUS": 2, "PLS": 0, "PLI": 0, "AUTRE": 0}
        assert report["by_typology"]["T2"] == 1
        assert report["by_qpv"] == {"in": 1, "out": 2, "unknown": 0}
        assert (Unit.objects.count(), FileImport.objects.count()) == (0, 0)
        report, _ = self.run(write(units(*rows, names=False)), "--landlord", "999000003")
        assert (report["created"], report["programmes_created"]) == (3, 1)
        given = Unit.objects.get(rpls_id="1100000002")
        assert (given.reference, given.is_own_reference, given.told_contingent) == ("RH-01-001", False, 1)
        again, _ = self.run(write(units(*rows)), "--landlord", "999000003")
        assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 3)
        short = units(*rows, columns=tuple(name for name in ITEMS if name != "FINAN"))
        refused, _ = self.refused(write(short), "--landlord", "999000003", "--dry-run")
        assert refused["error"].startswith("Il manque la colonne FINAN")

    def test_the_public_file_says_its_layout_and_programmes_have_no_last_number(self, world: World, write) -> None:
        """A landlord with more than 32 767 programmes was refused: their number was a small integer."""
        report, _ = self.run(str(EXTRACT), "--dry-run")
        assert (report["layout"], report["references"], report["by_contingent"]) == ("addresses", 0, {})
        world.unit(commune="Coursan")
        Programme.objects.update(number=32_767)
        report, _ = self.run(write(rpls({})), "--landlord", "999000003")
        assert (report["created"], Programme.objects.get(name="LA POMMERAIE").number) == (3, 32_768)
        assert Unit.objects.filter(reference__startswith="RH-32768-").count() == 3

    @pytest.mark.parametrize("arguments", [[str(EXTRACT)], ["rien.csv", "--dry-run"], []])
    def test_a_wrong_use_is_reported(self, world: World, arguments: list[str]) -> None:
        with pytest.raises(CommandError):
            call_command("import_rpls", *arguments, stdout=StringIO(), stderr=StringIO())

    def test_people_read_it_in_french(self, world: World, write) -> None:
        out = StringIO()
        path = write(rpls({}, {"nb": "0"}))
        call_command("import_rpls", path, "--landlord", "999000003", stdout=out)
        assert out.getvalue() == (
            "2 lignes, 3 logements dans 1 programmes.\n"
            "Financement : PLAI 0, PLUS 3, PLS 0, PLI 0, AUTRE 0.\n"
            "Typologie : T1 0, T2 0, T3 3, T4 0, T5 0, T6+ 0.\n"
            "Quartier prioritaire (in : dedans, out : dehors, unknown : inconnu) : in 0, out 3, unknown 0.\n"
            "Lignes refusées : 1.\n"
            "  ligne 3 : Nombre de logements refusé : nb « 0 » doit être un entier de 1 à 9 999\n"
            "Avertissements : 0.\n"
            "3 logements nouveaux, 0 modifiés, 0 inchangés ; 1 programmes nouveaux.\n"
        )
