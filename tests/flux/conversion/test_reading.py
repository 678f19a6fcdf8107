"""What a file may hold: every error is reported at once, with its path and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flux.conversion.reading import ConversionRefused, read, read_text
from tests.flux.conversion.builders import EXAMPLE, bare, example, faults, right


def test_example_is_read() -> None:
    assert read_text(EXAMPLE.read_text(encoding="utf-8")) == read(example())


def test_every_error_is_reported_at_once_with_its_path() -> None:
    data = bare(
        term={"starts_on": "2027-01-01", "ends_on": "2026-01-01"},
        rights=[right(), right("R2", units="-3"), right("R3", ends_on="1999-01-01"), right("R4", ends_on="2027-02-30")],
        weights_in="LOGEMENTS",
        rotation=[{"weight": 1, "rate": 13.1}],
        exclusions=[{"category": "WORKS", "units": True}],
    )
    del data["holder"]["name"]
    assert faults(data) == {
        "holder.name": "manque : écrivez un texte entre guillemets.",
        "term.ends_on": "la convention finit avant de commencer : corrigez l’une des deux dates.",
        "rights[1].units": "« -3 » n’est pas un nombre entier : écrivez-le en chiffres, comme 60.",
        "rights[2].ends_on": "le droit finit avant de commencer : corrigez l’une des deux dates.",
        "rights[3].ends_on": "« 2027-02-30 » n’existe pas dans le calendrier : corrigez le jour ou le mois.",
        "rotation[0].rate": '13.1 : écrivez-le entre guillemets, comme "13.1", pour qu’il reste exact.',
        "weights_in": "« LOGEMENTS » n’est pas un code connu : prenez UNITS, PERCENT.",
        "exclusions[0].category": "« WORKS » n’est pas un code connu : prenez INTERNAL_TRANSFER, URBAN_RENEWAL, "
        "DEGRADED_CONDO, UNFIT_HOUSING, SALE_REHOUSING.",
        "exclusions[0].units": "« True » n’est pas un nombre entier : écrivez-le en chiffres, comme 60.",
    }


def put(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """A change at « a.b.0.c » of a file; the value `...` takes the key out."""

    def change(data: Any) -> None:
        *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        for step in way:
            data = data[step]
        if value is ...:
            del data[last]
        else:
            data[last] = value

    return change


BAD = [
    ("format", 2, "format"),
    ("format", ..., "format"),
    ("landlord", "Bailleur", "landlord"),
    ("landlord", ..., "landlord"),
    ("landlord.siret", "1", "landlord.siret"),
    ("landlord.name", "", "landlord.name"),
    ("landlord.name", 12, "landlord.name"),
    ("landlord.name", "x" * 201, "landlord.name"),
    ("landlord.name", "a\x00b", "landlord.name"),
    ("landlord.name", "a\ud800b", "landlord.name"),
    ("holder.contingent", "NOT_RESERVED", "holder.contingent"),
    ("perimeter.kind", "PAYS", "perimeter.kind"),
    ("term.starts_on", "01/01/2027", "term.starts_on"),
    ("term.starts_on", None, "term.starts_on"),
    ("term.starts_on", 2027, "term.starts_on"),
    ("term.ends_on", "2057-01-01", "term.ends_on"),
    ("term.ends_on", "9999-12-31", "term.ends_on"),
    ("base", [], "base"),
    ("base", {}, "base"),
    ("base", ["11262"], "base[0]"),
    ("base.0.units", 0, "base"),
    ("base.0.units", "12.5", "base[0].units"),
    ("base.0.units", 10**8, "base[0].units"),
    ("base.0.units", 100.0, "base[0].units"),
    ("base.0.out", [{"reason": "HOSTEL_LIKE", "units": 101}], "base[0].out"),
    ("base.0.out", [{"reason": "PARKING", "units": 1}], "base[0].out[0].reason"),
    ("base.0.out", [{"reason": "STAFF_UNIT", "units": 1}] * 2, "base[0].out[1].reason"),
    ("base.0.source", 3, "base[0].source"),
    ("base.0.overrides", [{"field": "unit", "was": "3", "reason": "x"}], "base[0].overrides[0].field"),
    ("base.0.overrides", [{"field": "units", "was": "3"}], "base[0].overrides[0].reason"),
    ("rights.0.units", -1, "rights[0].units"),
    ("rights.0.id", 0, "rights[0].id"),
    ("rotation.0.vacancies", 5, "rotation[0].rate"),
    ("rotation.0", {"weight": 100, "vacancies": 101}, "rotation[0].vacancies"),
    ("rotation.0", {"weight": 100, "vacancies": "x"}, "rotation[0].vacancies"),
    ("rights.0.ground", "DEFENCE", "rights[0].ground"),
    ("rights.0.ground", "GIFT", "rights[0].ground"),
    ("rights.0.ground", ["LAND"], "rights[0].ground"),
    ("rights.0.use", "TWICE", "rights[0].use"),
    ("rights.0.reference", ..., "rights[0].reference"),
    ("rights.0.starts_on", ..., "rights[0].starts_on"),
    ("rights.0.loan_ends_on", "2030-01-01", "rights[0].loan_ends_on"),
    ("rights.0.extension_years", 5, "rights[0].extension_years"),
    ("rights.0.extension_years", -1, "rights[0].extension_years"),
    ("rotation", [], "rotation"),
    ("rotation", [{"weight": 1, "rate": 1}] * 2, "rotation[1].territory"),
    ("rotation.0.rate", "100.1", "rotation[0].rate"),
    ("rotation.0.rate", "1e1", "rotation[0].rate"),
    ("rotation.0.rate", -1, "rotation[0].rate"),
    ("rotation.0.rate", "-1", "rotation[0].rate"),
    ("rotation.0.rate", ..., "rotation[0].rate"),
    ("rotation.0.weight", 0, "rotation"),
    ("rotation.0.weight", True, "rotation[0].weight"),
    ("rotation.0.territory", "11001", "rotation[0].territory"),
    ("exclusions", [{"category": "URBAN_RENEWAL", "units": 1}] * 2, "exclusions[1].category"),
    ("others", [{"name": "Ville", "contingent": "OTHER", "share": 1}], "others"),
    ("others", [{"name": "Non réservé", "contingent": "OTHER", "share": 1}], "others"),
    ("others", [{"name": "A", "contingent": "OTHER", "share": 1}] * 2, "others[1].name"),
    ("others", [{"name": "A", "contingent": "OTHER", "share": 101}], "others[0].share"),
    ("parameters", {"STATE_SHARE_MAX": {"value": 30}}, "parameters.STATE_SHARE_MAX.source"),
    ("parameters", {"STATE_SHARE": {"value": 30, "source": "x"}}, "parameters.STATE_SHARE"),
    (
        "parameters",
        {"GUARANTEE_EXTENSION_YEARS": {"value": "2.5", "source": "x"}},
        "parameters.GUARANTEE_EXTENSION_YEARS.value",
    ),
    ("comment", "x", "comment"),
]


@pytest.mark.parametrize(("path", "value", "where"), BAD, ids=lambda value: str(value)[:40].encode("ascii", "replace"))
def test_bad_input_is_refused_where_it_stands(path: str, value: object, where: str) -> None:
    data = bare()
    put(path, value)(data)
    found = faults(data)
    assert list(found) == [where]
    assert found[where].endswith(".")


def test_a_district_is_its_whole_base_and_a_commune_may_be_reported_by_districts() -> None:
    assert list(faults(bare(perimeter={"kind": "DISTRICT", "code": "75111", "name": "Paris 11e"}))) == ["base"]
    assert read(bare(perimeter={"kind": "COMMUNE", "code": "75056", "name": "Paris"})).perimeter.name == "Paris"


def test_two_rights_of_one_reference_and_two_rows_of_one_commune_are_refused() -> None:
    assert list(faults(bare(rights=[right(), right()]))) == ["rights[1].reference"]
    assert list(faults(bare(base=bare()["base"] * 2))) == ["base[1].territory"]


LOAN = {"ground": "LOAN_GUARANTEE", "loan_ends_on": "2030-01-01"}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({}, "rights[0].loan_ends_on"),
        ({"ends_on": "2031-01-01", "extension_years": 1}, "rights[0].ends_on"),
        ({"extension_years": 100}, "rights[0].extension_years"),
        ({"loan_ends_on": "1990-01-01", "extension_years": 1}, "rights[0].loan_ends_on"),
    ],
)
def test_a_loan_needs_one_end_and_its_extension(changes: dict[str, object], where: str) -> None:
    assert list(faults(bare(rights=[right(**(LOAN | changes))]))) == [where]


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_something_else_than_an_object_is_refused_once(data: object) -> None:
    assert faults(data) == {"": "écrivez ici un objet JSON, entre accolades."}


def test_figures_may_be_whole_numbers_or_texts_with_a_point_or_a_comma() -> None:
    rates = [
        read(bare(rotation=[{"weight": "100", "rate": rate}])).rotation[0].rate for rate in ("10", 10, "10.0", "10,0")
    ]
    assert rates == [10, 10, 10, 10]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "pas du JSON (ligne 1, colonne 1)"),
        ('{\n"format": 1,,}', "pas du JSON (ligne 2, colonne 13)"),
        ('{"format": 1, "format": 1}', "format : cette clé est écrite deux fois"),
        ('{"format": ' + "9" * 5000 + "}", "un nombre trop long"),
        ("[" * 100_000, "trop imbriqués"),
        ('{"format": 1.0}', "format : « 1.0 » n’est pas un nombre entier"),
        ('{"format": NaN}', "format : « NaN » n’est pas un nombre entier"),
    ],
)
def test_text_that_is_no_file_of_ours_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ConversionRefused) as refused:
        read_text(text)
    assert words in str(refused.value)


def test_a_json_number_with_a_point_is_refused_wherever_it_stands() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for quoted, path in {'"13.1"': "rotation[0].rate", '"22.5"': "others[2].share"}.items():
        with pytest.raises(ConversionRefused) as refused:
            read_text(text.replace(quoted, quoted.strip('"')))
        assert [fault.path for fault in refused.value.faults] == [path]
