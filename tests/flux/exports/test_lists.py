"""Each column of a list has its own value: of a row whose values all differ, none may take the place of another."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework.fields import DateField
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import BaseSerializer

from flux.api.programmes import ProgrammeSheetShape
from flux.api.shapes import UnitShape, VacancyShape
from flux.api.units import UnitSheetShape
from flux.exports.lists import BEHIND, FILE_READERS, PROGRAMMES, TITLES, UNITS, VACANCIES
from flux.models import Programme, Recommendation, Return, Routing, Unit, Vacancy
from flux.pages.vacancies import VacancyLine
from flux.queries.programmes import ProgrammeRow, Stage
from flux.queries.stock import RightState, TitleRow
from flux.queries.vacancies import VacancyRow
from reservations.exports.listing import ListColumn, Listing
from reservations.exports.spreadsheet import Kind
from reservations.models import Landlord, Organisation, ReservationHolder, StockRight, Territory
from tests.reservations.exports.listed import listed

NARBONNE = Territory(kind=Territory.Kind.COMMUNE, code="11262", name="Narbonne")
ROBINE = Landlord(organisation=Organisation(name="Robine Habitat"), acronym="RH")
JARDINS = Programme(
    landlord=ROBINE,
    commune=NARBONNE,
    name="Les Jardins",
    number=4,
    attractiveness="B",
    delivered_on=date(2026, 6, 7),
    expected_units=40,
)
T3 = Unit(
    landlord=ROBINE,
    commune=NARBONNE,
    programme=JARDINS,
    reference="RH-01-007",
    rpls_id="4115566",
    rooms=3,
    surface=Decimal("64.50"),
    construction_year=1984,
    street_number="12",
    street_type="RUE",
    street_name="VOLTAIRE",
    financing_code="13",
    in_qpv=True,
)
CITY = ReservationHolder(
    organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=ReservationHolder.Contingent.AUTHORITY
)
STATE = ReservationHolder(
    organisation=Organisation(name="Préfecture de l’Aude", article="la"),
    contingent=ReservationHolder.Contingent.STATE_AGENTS,
)


def vacancy(**given: object) -> Vacancy:
    found = Vacancy(
        unit=T3,
        landlord=ROBINE,
        kind=Vacancy.Kind.IN_FLOW,
        registered_on=date(2026, 11, 1),
        notice_on=date(2026, 10, 2),
        available_on=date(2026, 12, 3),
        source=Vacancy.Source.HERE,
        **given,
    )
    vars(found)["file_open"] = True
    return found


def freed_line(*, file_open: bool) -> VacancyLine:
    """A line whose values all differ, for a reader who has the file of the unit or not."""
    freed = vacancy()
    routing = Routing(
        vacancy=freed,
        holder=STATE,
        acting=Organisation(name="Commune de Sigean", article="la"),
        routed_at=datetime(2026, 11, 4, 23, 30, tzinfo=UTC),  # the 5th in Paris
    )
    given = Return(routing=Routing(holder=CITY), counted=True)
    clock = SimpleNamespace(until=date(2026, 12, 24))
    freed.pk = 7
    vars(freed)["_prefetched_objects_cache"] = {"recommendations": [], "routings": [routing]}
    row = VacancyRow(freed, file_open, Recommendation(holder=CITY), routing, (given,), clock)
    return VacancyLine(row, "Orienté", "ok", "Plus grand reste dû.")


def test_each_column_of_the_vacancies() -> None:
    """Two of their dates changed places, and nothing saw it."""
    assert listed(VACANCIES, freed_line(file_open=True)) == {
        "Enregistré le": date(2026, 11, 1),
        "Bailleur": "Robine Habitat",
        "Logement": "RH-01-007",
        "Adresse": "12 rue Voltaire",
        "Commune": "Narbonne",
        "Code INSEE": "11262",
        "Typologie": "T3",
        "Financement": "PLUS",
        "Quartier": "en QPV",
        "Congé reçu le": date(2026, 10, 2),
        "Libre le": date(2026, 12, 3),
        "Classement": "dans le flux",
        "État": "Orienté",
        "Depuis le": date(2026, 11, 5),
        "Destination": "État – agents",
        "Par": "Commune de Sigean",
        "Candidats au plus tard le": date(2026, 12, 24),
        "Pourquoi": "Plus grand reste dû.",
        "Auparavant": "repris par le bailleur à la Ville de Narbonne (compté)",
        "Origine": "enregistré ici",
    }


def test_who_has_no_file_of_a_vacancy_reads_neither_the_unit_nor_where_it_is() -> None:
    """Each column is on one side: a new one says on which."""
    opened, closed = (listed(VACANCIES, freed_line(file_open=is_open)) for is_open in (True, False))
    assert {title for title, value in closed.items() if value == opened[title]} == {
        *("Enregistré le", "Bailleur", "Commune", "Code INSEE", "Typologie", "Financement", "Quartier"),
        *("Congé reçu le", "Libre le", "Classement", "État", "Depuis le", "Destination", "Par", "Pourquoi"),
        *("Auparavant", "Origine"),
    }
    hidden = {title: value for title, value in closed.items() if value != opened[title]}
    assert hidden == {"Logement": "", "Adresse": "", "Candidats au plus tard le": None}


def test_each_column_of_the_units() -> None:
    vars(T3)["in_stock"] = True
    assert listed(UNITS, T3) == {
        "Référence": "RH-01-007",
        "Identifiant RPLS": "4115566",
        "Typologie": "T3",
        "Surface, m²": Decimal("64.50"),
        "Adresse": "12 rue Voltaire",
        "Commune": "Narbonne",
        "Code INSEE": "11262",
        "Programme": "Les Jardins",
        "Classe": "B",
        "Financement": "PLUS",
        "Quartier": "en QPV",
        "Construction": 1984,
        "Réservation": "en stock",
    }


def test_each_column_of_the_programmes() -> None:
    assert listed(PROGRAMMES, ProgrammeRow(JARDINS, known=39, allotted=12, let=5, stage=Stage.AGREED)) == {
        "Bailleur": "Robine Habitat",
        "Numéro": 4,
        "Programme": "Les Jardins",
        "Commune": "Narbonne",
        "Code INSEE": "11262",
        "Livré le": date(2026, 6, 7),
        "Logements": 40,
        "Répartis": 12,
        "Loués": 5,
        "Classe": "B",
        "État": "répartition convenue",
    }


def test_each_column_of_the_titles() -> None:
    right = StockRight(
        landlord=ROBINE,
        holder=CITY,
        reference="Délibération 12",
        ground=StockRight.Ground.LAND,
        use=StockRight.Use.SINGLE,
        starts_on=date(2010, 1, 2),
        ends_on=date(2030, 3, 4),
    )
    assert listed(TITLES, TitleRow(right, RightState.LIVING, 9, 3, 1195, soon=False)) == {
        "Titre": "Délibération 12",
        "Bailleur": "Robine Habitat",
        "Réservataire": "Ville de Narbonne",
        "Fondement": "apport de terrain",
        "Usage": "droit unique",
        "Logements": 9,
        "Servi": 3,
        "Du": date(2010, 1, 2),
        "Au": date(2030, 3, 4),
        "Jours restants": 1195,
        "État": "en cours",
    }


def test_each_column_of_the_units_behind_a_figure() -> None:
    """The last one says how many times the unit counts; whoever does not open its file reads no name, no address."""
    freed = vacancy()
    assert listed(BEHIND, (freed, Decimal("0.2")))["Quantité"] == Decimal("0.2")
    vars(freed)["file_open"] = False
    assert listed(BEHIND, (freed, Decimal("0.2"))) == {
        "Enregistré le": date(2026, 11, 1),
        "Logement": "",
        "Adresse": "",
        "Commune": "Narbonne",
        "Typologie": "T3",
        "Financement": "PLUS",
        "Quartier": "en QPV",
        "Libre le": date(2026, 12, 3),
        "Quantité": Decimal("0.2"),
    }


def answered(shape: type[BaseSerializer[Any]], row: object) -> dict[str, Any]:
    """What the API answers of a row, by dotted names; of what is null, nothing below it."""
    found: dict[str, Any] = {}

    def into(prefix: str, value: object) -> None:
        if isinstance(value, dict):
            for name, below in value.items():
                into(f"{prefix}{name}.", below)
        else:
            found[prefix.removesuffix(".")] = value

    into("", json.loads(JSONRenderer().render(shape(row).data)))
    return found


#: Each list that the API gives too: its shape, a row of the file, and what the shape is made of.
ALIKE: dict[str, tuple[Listing[Any], type[BaseSerializer[Any]], Any, Any, set[str]]] = {
    "vacancies": (
        VACANCIES,
        VacancyShape,
        (line := freed_line(file_open=True)),
        line,
        {"registered_on", "landlord.name", "unit.reference", "unit.address", "commune.name", "commune.code"}
        | {"typology", "available_on", "destination.name"},
    ),
    "units": (
        UNITS,
        UnitSheetShape,
        T3,
        T3,
        {"reference", "rpls_id", "typology", "surface", "address", "commune.name", "commune.code"}
        | {"programme.name", "construction_year"},
    ),
    "programmes": (
        PROGRAMMES,
        ProgrammeSheetShape,
        ProgrammeRow(JARDINS, known=39, allotted=12, let=5, stage=Stage.AGREED),
        JARDINS,
        {"name", "commune.name", "commune.code", "delivered_on"},
    ),
}


@pytest.mark.parametrize("name", ALIKE)
def test_a_column_that_the_api_has_too_says_there_the_same(name: str) -> None:
    """Its name in the API is declared on the column: the value is one."""
    listing, shape, line, row, names = ALIKE[name]
    vars(T3)["in_stock"] = True
    vars(JARDINS).update(gone_on=None, gone_to=None)
    result = answered(shape, row)
    keyed = {column.key: column.cell(line) for column in listing.columns if column.key}
    assert set(keyed) == names
    written = {key: str(cell) if not isinstance(cell, int) else cell for key, cell in keyed.items()}
    assert {key: result[key] for key in written} == written


def test_who_does_not_read_a_column_has_nothing_of_it_from_the_api() -> None:
    """The audience of a column is that of its name in the API, from both sides."""
    for file_open in (True, False):
        line = freed_line(file_open=file_open)
        result = answered(VacancyShape, line)
        kept = {column.key for column in VACANCIES.columns if column.key and column.audience is not None}
        assert kept == {"unit.reference", "unit.address"}
        assert {key for key in kept if key in result} == (kept if file_open else set())
        assert {column.key for column in VACANCIES.columns if column.key} - kept <= set(result)


class WiderUnitShape(UnitShape):
    """The shape of a unit, with a column more of its list."""

    listing = replace(
        VACANCIES,
        columns=(
            *VACANCIES.columns,
            ListColumn("Fin", Kind.DATE, key="until", help="avant", nullable=True, read=lambda _: date(2027, 1, 2)),
            ListColumn("Pièces", Kind.INTEGER, key="unit.rooms", read=lambda line: line.row.vacancy.unit.rooms),
            ListColumn(
                "Étage",
                Kind.INTEGER,
                key="unit.floor",
                nullable=True,
                audience=FILE_READERS,
                read=lambda line: line.row.vacancy.unit.floor or 6,
            ),
        ),
    )


class WiderShape(VacancyShape):
    """The shape of a vacancy, with the same columns more."""

    listing = WiderUnitShape.listing


def test_a_column_with_a_name_is_in_the_api_and_nowhere_else_to_write() -> None:
    """Its name, its kind, its help, its audience and whether it is null: the field is made of the column."""
    line = freed_line(file_open=True)
    assert dict(WiderUnitShape(line).data) == {"reference": "RH-01-007", "address": "12 rue Voltaire"} | {
        "rooms": 3,
        "floor": 6,
    }
    closed = dict(WiderUnitShape(freed_line(file_open=False)).data)
    assert closed == {"reference": "", "address": "", "rooms": 3, "floor": None}
    fields = WiderShape().fields
    assert set(fields) - set(VacancyShape().fields) == {"until"}
    assert (fields["until"].help_text, fields["until"].allow_null) == ("avant", True)
    assert isinstance(fields["until"], DateField)
    assert WiderShape(line).data["until"] == "2027-01-02"
