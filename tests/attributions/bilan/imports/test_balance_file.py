"""The national table « bilan de la gestion en flux »: ours is right, and a wrong one is refused by line and column."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from attributions.bilan.imports.papers import SCHEMA, balance_schema, check_balance
from attributions.bilan.imports.table_schema import schema_of
from flux.queries.cells import Axis
from flux.words import known
from tests.attributions.bilan.exports.balances import LATER, lived
from tests.attributions.bilan.exports.test_balance import SignIn, at, read, taken
from tests.world import World

#: What the specification of Table Schema (v1) says that a schema and its fields may hold, of what ours holds.
ROOT_KEYS = {"fields", "primaryKey", "missingValues"}
KINDS = {"string", "number", "integer", "boolean", "date", "year"}


@pytest.fixture
def year(world: World, time_machine: Any) -> World:
    time_machine.move_to(LATER, tick=False)
    return lived(world)


def ours(world: World, client: Client, query: str = "") -> bytes:
    return taken(client, at(world, "balance-csv", f"?table=bilan-gestion-en-flux{query}"))


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def run(path: Path, *options: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr)."""
    out, error = io.StringIO(), io.StringIO()
    try:
        call_command("check_balance_file", str(path), *options, stdout=out, stderr=error)
    except SystemExit as stopped:
        return int(stopped.code or 0), out.getvalue(), error.getvalue()
    return 0, out.getvalue(), error.getvalue()


def test_the_schema_is_a_table_schema_in_french_with_its_sources() -> None:
    """Each field has a title, a description, an example that it accepts, and R441-5-1 is stated."""
    payload = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert set(payload) >= ROOT_KEYS
    assert "R441-5-1" in payload["description"]
    assert {source["title"].split(",")[0] for source in payload["sources"]} >= {"CCH", "RPLS"}
    names = [each["name"] for each in payload["fields"]]
    assert len(set(names)) == len(names)
    for each, column in zip(payload["fields"], balance_schema().fields, strict=True):
        assert each["type"] in KINDS
        assert each["title"][0].isupper()
        assert each["description"].endswith(".")
        assert str(column.value(each["example"])) == each["example"]
        re.compile(each["constraints"].get("pattern", ""))
    required = {each["name"] for each in payload["fields"] if each["constraints"].get("required")}
    assert {*payload["primaryKey"], "logements_proposes", "logements_attribues"} <= required


def test_our_file_is_right_and_its_lines_add_up_to_the_balance(year: World, sign_in: SignIn, tmp_path: Path) -> None:
    """Whole, and as limited as its reader is: the crossed rows add up to each cell of each axis."""
    file = tmp_path / "bilan.csv"
    for person, query, place in (("aline", "", None), ("chloe", "", None), ("aline", "Coursan", "Coursan")):
        territory = year.places[place] if place else None
        file.write_bytes(ours(year, sign_in(person), f"&territory={territory.pk}" if territory else ""))
        found = check_balance(file.read_bytes())
        assert (found.faults, found.wrong) == (0, [])
        content = read(year, territory=territory, member=year.member(person))
        total = content.cells.total()
        assert found.sums == {
            "logements_proposes": total.offered + total.first_lettings,
            "logements_attribues": total.allocated + total.first_allocated,
            "logements_loues": total.leased + total.first_leased,
            "logements_rendus": total.returned,
            "candidatures_non_abouties": total.refused,
        }, query
        head, *rows = table(file.read_bytes())
        names = {Axis.TYPOLOGY: "typologie", Axis.FINANCING: "financement", Axis.QPV: "qpv"}
        names |= {Axis.COMMUNE: "commune", Axis.PERIOD: "periode_construction"}
        for axis, name in names.items():
            sums: dict[str, int] = {}
            for row in rows:
                line = dict(zip(head, row, strict=True))
                if line["compte"] == "flux":
                    sums[line[name]] = sums.get(line[name], 0) + int(line["logements_proposes"])
            cells = content.cells
            values = {
                known(cells.name(axis, each)): cells.category(axis, each).offered for each in cells.categories(axis)
            }
            assert {key: units for key, units in sums.items() if units} == {
                key: units for key, units in values.items() if units
            }, (person, axis)
    code, result, error = run(file)
    assert (code, error) == (0, "")
    assert "lignes, 19 colonnes, aucun doublon" in result
    assert "  annee : 2026\n" in result


#: What is changed in our file, and what is stated of it: the line, the column, what to write.
FAULTS = (
    ((2, "contingent", "9"), "Ligne 2, colonne « contingent » : 9 est plus grand que 7, le plus grand nombre admis."),
    ((2, "annee", "2026,5"), "Ligne 2, colonne « annee » : « 2026,5 » n’est pas un nombre entier."),
    ((3, "typologie", "T9"), "Ligne 3, colonne « typologie » : « T9 » n’est pas dans la liste. Écrivez « T1 », « T2 »"),
    ((3, "code_commune", "narb"), "Ligne 3, colonne « code_commune » : « narb » n’a pas la forme attendue."),
    ((4, "logements_proposes", ""), "Ligne 4, colonne « logements_proposes » : elle est vide."),
    ((4, "logements_loues", "-1"), "Ligne 4, colonne « logements_loues » : -1 est plus petit que 0"),
    ((1, "qpv", "zus"), "Ligne 1, colonne « qpv » : cette colonne manque."),
)


def test_a_wrong_file_is_refused_by_line_and_column(year: World, sign_in: SignIn, tmp_path: Path) -> None:
    rows = table(ours(year, sign_in("aline")))
    file = tmp_path / "faux.csv"

    def written(lines: list[list[str]]) -> tuple[int, str, str]:
        file.write_text("\n".join(",".join(f'"{cell}"' for cell in line) for line in lines), encoding="utf-8")
        return run(file)

    assert written(rows)[0] == 0
    for (line, column, text), sentence in FAULTS:
        wrong = [list(row) for row in rows]
        wrong[line - 1][rows[0].index(column)] = text
        code, outcome, error = written(wrong)
        assert (code, outcome) == (1, "")
        assert sentence in error, error
    swapped = [[row[1], row[0], *row[2:]] for row in rows]
    assert "Ligne 1, colonne « bailleur » : c’est la place de « siren_bailleur »." in written(swapped)[2]
    assert "Ligne 3 : elle dit la même chose que la ligne 2." in written([*rows[:2], *rows[1:]])[2]
    assert "Ligne 2 : elle a 20 cellules, pour 19 colonnes." in written([rows[0], [*rows[1], "1"]])[2]
    assert "colonne « bailleur » : cette colonne est là deux fois." in written([[*row, row[1]] for row in rows])[2]
    assert "colonne « notes » : cette colonne n’est pas du schéma." in written([[*rows[0], "notes"], *rows[1:]])[2]
    many = [rows[0], *([*rows[1][:6], "x", *rows[1][7:]] for _ in range(60))]
    assert "60 erreurs, dont 50 dites ici : corrigez, puis recommencez." in written(many)[2]
    code, result, _ = run(file, "--json")
    assert (code, json.loads(result)["errors_found"], len(json.loads(result)["errors"])) == (1, 60, 50)
    file.write_bytes(b"%PDF-1.7")
    assert run(file) == (1, "", "C’est un PDF : choisissez un classeur .xlsx ou un fichier CSV.\n")
    assert json.loads(run(file, "--json")[1])["errors"][0]["why"].startswith("C’est un PDF")
    with pytest.raises(CommandError, match="n’est pas un fichier"):
        call_command("check_balance_file", str(tmp_path / "absent.csv"))


def test_a_schema_that_says_what_is_not_checked_is_refused(tmp_path: Path) -> None:
    """Nothing that a schema promises goes unread."""
    file = tmp_path / "schema.json"
    unchecked = ({"type": "date"}, {"constraints": {"unique": True}}, {"format": "uri"})
    for field in unchecked:
        file.write_text(
            json.dumps({"title": "Essai", "fields": [{"name": "a", "type": "string", **field}]}), encoding="utf-8"
        )
        with pytest.raises(ValueError, match="what is not checked is in"):
            schema_of(file)
    for more in ({"primaryKey": ["b"]}, {"foreignKeys": []}):
        values = {"title": "Essai", "fields": [{"name": "a", "type": "string"}], **more}
        file.write_text(json.dumps(values), encoding="utf-8")
        with pytest.raises(ValueError, match="not"):
            schema_of(file)


def test_the_page_of_the_files_offers_the_national_table(year: World, sign_in: SignIn) -> None:
    client = sign_in("aline")
    page = client.get(reverse("balance-files", args=[year.landlord.pk, 2026])).content.decode()
    (link,) = re.findall(r'href="([^"]*table=bilan-gestion-en-flux[^"]*)"', page)
    answer = client.get(link.replace("&amp;", "&"))
    assert "bilan-999000003-2026-bilan-gestion-en-flux.csv" in answer["Content-Disposition"]
    assert check_balance(answer.getvalue()).is_right
