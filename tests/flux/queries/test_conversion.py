"""What the database gives to a conversion, figure by figure; and worksheets side by side."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from flux.conversion.compute import convert
from flux.conversion.reading import read
from flux.models import Conversion, Forecast, ForecastLine
from flux.operations.conversions import take_into_convention
from flux.operations.stock_rights import assign_unit, end_assignment
from flux.pages.conversion import given_for, override
from flux.queries.conversion_sheets import compared, conversions_of, sheet
from reservations.models import StockRight
from tests.flux.conversion.builders import lines
from tests.flux.conversions import TODAY, title, units, variant, wish
from tests.signing import sign_converted
from tests.world import World

LAST_YEAR = datetime(2025, 1, 13, 8, 0, tzinfo=UTC)


def given(world: World, **options: Any) -> dict[str, Any]:
    return given_for(wish(world, **options), on=TODAY)


def test_base_counts_the_units_of_the_perimeter_by_commune_and_takes_out_what_stays_in_stock(world: World) -> None:
    narbonne, coursan = units(world, 6), units(world, 4, "Coursan")
    units(world, 2, "Béziers")
    title(world, narbonne[0], narbonne[1], holder="priority", ground=StockRight.Ground.DEFENCE, reference="D")
    title(world, coursan[0], holder="priority", ground=StockRight.Ground.INTERNAL_SECURITY, reference="S")
    found = [
        (row["territory"], row["units"], [(out["reason"], out["units"]) for out in row["out"]])
        for row in given(world, holder="als", perimeter="Aude")["base"]
    ]
    assert found == [("11106", 4, [("INTERNAL_SECURITY", 1)]), ("11262", 6, [("DEFENCE", 2)])]
    assert [row["territory"] for row in given(world)["base"]] == ["11262"]


def test_rights_are_the_holders_titles_alive_with_their_units_within_the_perimeter(world: World) -> None:
    narbonne, coursan = units(world, 8), units(world, 2, "Coursan")
    als = {"holder": "als"}
    title(world, (narbonne[0].programme, 3), **als)
    title(world, narbonne[4], reference="fini", ends_on=date(2028, 12, 31), **als)
    title(world, narbonne[5], coursan[0], reference="à cheval", use=StockRight.Use.SINGLE, **als)
    title(world, coursan[1], reference="ailleurs", **als)
    title(world, reference="sans logement", **als)
    title(world, narbonne[6], reference="ville")
    title(world, narbonne[7], reference="défense", ground=StockRight.Ground.DEFENCE, holder="priority")
    found = [(row["reference"], row["units"], row["use"], row["source"]) for row in given(world, **als)["rights"]]
    assert found == [
        ("T1", 3, "RECURRING", "titre enregistré"),
        ("à cheval", 1, "SINGLE", "logements du périmètre seulement"),
        ("sans logement", 0, "RECURRING", "titre enregistré"),
    ]


def test_a_right_ends_after_its_loan_or_as_its_title_says(world: World) -> None:
    loan = {"ground": StockRight.Ground.LOAN_GUARANTEE, "loan_ends_on": date(2026, 6, 30)}
    title(world, reference="loi", **loan)
    title(world, reference="titre", ends_on=date(2030, 1, 1), **loan)
    title(world, reference="")
    law, own, endless = given(world)["rights"]
    assert (law["loan_ends_on"], law["extension_years"], "ends_on" in law) == ("2026-06-30", 5, False)
    assert (own["ends_on"], "loan_ends_on" in own) == ("2030-01-01", False)
    assert endless["reference"] == f"titre n° {endless['id']}"
    assert "ends_on" not in endless


def test_single_use_rights_already_used_up_count_no_more(world: World) -> None:
    used, left, *_ = units(world, 3)
    title(world, used, left, use=StockRight.Use.SINGLE)
    world.vacancy(used, kind="STOCK")
    assert [row["units"] for row in given(world)["rights"]] == [1]


def test_a_unit_counts_as_long_as_it_bears_the_title(world: World) -> None:
    gone, stays, comes = units(world, 3)
    right, by = title(world, gone, stays), world.people["alice"]
    end_assignment(assignment=right.assignments.get(unit=gone), ends_on=date(2029, 1, 31), why="Vendu.", by=by)
    assign_unit(right=right, unit=comes, starts_on=date(2029, 2, 1), by=by)
    rows = given(world)["rights"]
    assert [(row["units"], row["starts_on"], row.get("ends_on"), row.get("id")) for row in rows] == [
        (1, "2010-01-01", "2029-01-31", right.pk),
        (1, "2010-01-01", None, None),
        (1, "2029-02-01", None, None),
    ]
    assert [row["reference"] for row in rows] == [
        "T1, du 01/01/2010 au 31/01/2029",
        "T1, du 01/01/2010 sans fin",
        "T1, du 01/02/2029 sans fin",
    ]
    read(given(world))
    draft = take_into_convention(conversion=variant(world), by=by, today=TODAY)
    signed = sign_converted(convention=draft, signed_on=TODAY, by=by, today=TODAY)
    right.refresh_from_db()
    assert right.converted_in == signed


def test_rotation_and_exclusions_are_those_of_last_year(world: World) -> None:
    narbonne = units(world, 5)
    kept = title(world, narbonne[3], holder="priority", ground=StockRight.Ground.DEFENCE, starts_on=date(2024, 1, 1))
    assert kept.pk
    world.vacancy(narbonne[0], now=LAST_YEAR)
    world.vacancy(narbonne[1], kind="EXCLUDED", exclusion="URBAN_RENEWAL", now=LAST_YEAR)
    world.vacancy(narbonne[2], kind="TECHNICAL", now=LAST_YEAR)
    world.vacancy(narbonne[3], kind="STOCK", now=LAST_YEAR)
    world.vacancy(narbonne[4])
    found = given(world)
    assert [(row["weight"], row["vacancies"]) for row in found["rotation"]] == [(4, 2)]
    assert found["rotation"][0]["source"] == "libérations enregistrées du 01/01/2025 au 31/12/2025"
    assert {row["category"]: row["units"] for row in found["exclusions"] if row["units"]} == {"URBAN_RENEWAL": 1}
    assert len(found["exclusions"]) == 5
    worked = lines(convert(read(found)))
    assert (worked["GROSS"].value, worked["NET"].value) == (2, 1)


def test_without_a_vacancy_last_year_the_last_twelve_months_are_read(world: World) -> None:
    world.vacancy(units(world, 2)[0], now=datetime(2026, 3, 1, 8, 0, tzinfo=UTC))
    row = given(world)["rotation"][0]
    assert (row["vacancies"], row["source"]) == (1, "libérations enregistrées du 24/11/2025 au 23/11/2026")


def test_exclusions_of_a_departement_are_those_of_its_forecast(world: World) -> None:
    units(world, 1)
    forecast = Forecast.objects.create(
        landlord=world.landlord, departement=world.places["Aude"], exercise=2027, expected=50
    )
    ForecastLine.objects.create(forecast=forecast, category="SALE_REHOUSING", units=7)
    Forecast.objects.filter(pk=forecast.pk).update(sent_at=LAST_YEAR, sent_by=world.people["alice"])
    found = given(world, holder="als", perimeter="Aude")["exclusions"]
    assert [(row["units"], row["source"]) for row in found if row["category"] == "SALE_REHOUSING"] == [
        (7, "prévisionnel 2027")
    ]


def test_other_shares_are_those_in_force_on_the_whole_perimeter(world: World) -> None:
    units(world, 1)
    in_2027 = {"starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31)}
    shares = {row["name"]: row["share"] for row in given(world, **in_2027)["others"]}
    assert shares == {
        "État – publics prioritaires": "25",
        "État – agents": "5",
        "Action Logement Services": "20",
        "Le Grand Narbonne": "6",
    }
    on_aude = given(world, holder="als", perimeter="Aude", **in_2027)["others"]
    assert [row["contingent"] for row in on_aude] == ["STATE_PRIORITY", "STATE_AGENTS"]
    assert given(world)["others"] == []


def test_figures_of_the_law_come_with_their_source(world: World) -> None:
    units(world, 1)
    parameters = given(world)["parameters"]
    assert parameters["GUARANTEE_EXTENSION_YEARS"] == {"value": "5", "source": "CCH, R441-6"}
    assert set(parameters) == {
        "STATE_SHARE_MAX",
        "STATE_AGENTS_SHARE_MAX",
        "GUARANTEE_SHARE_MAX",
        "GUARANTEE_EXTENSION_YEARS",
    }


@pytest.mark.parametrize("count", [1, 4])
def test_reading_the_database_takes_a_fixed_number_of_queries(
    world: World, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        title(world, *units(world, 2), reference=f"T{number}", holder="als")
        units(world, 1, "Coursan")
    about = wish(world, "als", "Aude")
    with django_assert_num_queries(12):
        given_for(about, on=TODAY)


# --- side by side ---


def test_variants_compare_line_by_line(world: World) -> None:
    title(world, *units(world, 10)[:2])
    first = variant(world, "A")
    second = variant(world, "B", rights=[*first.given["rights"], first.given["rights"][0] | {"reference": "T2"}])
    rows = {
        line.label: (line.shown, line.differs)
        for section in compared(list(Conversion.objects.order_by("pk")))
        for line in section.lines
    }
    assert rows["Base du stock sur le périmètre"] == (("10\u00a0logements", "10\u00a0logements"), False)
    assert rows["T2 : apport de terrain, droit de suite"] == ((None, "2\u00a0logements"), True)
    assert rows["Part exacte"] == (("20\u202f%", "40\u202f%"), True)
    assert second.share == 400_000
    labels = [line.label for section in compared([first, second])[1:2] for line in section.lines]
    assert labels.index("T2 : apport de terrain, droit de suite") == 1
    assert labels[-1] == "Droits de suite, pondérés par leur durée restante"


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_variants_takes_one_query_and_leaves_their_contents(
    world: World, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    title(world, *units(world, 10)[:2])
    for number in range(count):
        variant(world, f"V{number}")
    member = world.member("alice")
    with django_assert_num_queries(1):
        found = [
            (
                row.label,
                str(row.holder),
                str(row.perimeter),
                row.convention,
                row.expected,
                row.net_flow,
                str(row.landlord),
            )
            for row in conversions_of(member)
        ]
    assert found[0] == (f"V{count - 1}", "Ville de Narbonne", "Narbonne", None, "0,40", "2", "Robine Habitat")


def test_sheet_states_how_long_rights_live_and_what_was_changed(world: World) -> None:
    title(world, *units(world, 10)[:2], ends_on=date(2030, 6, 30))
    change = {"field": "units", "was": "2", "reason": "compté"}
    made = variant(world, "A")
    made = variant(world, "B", rights=[made.given["rights"][0] | {"units": 3, "overrides": [change]}])
    line, *_ = sheet(made)[1].lines
    assert line.life[:3] == ("logements 3", "début 01/01/2010", "fin 30/06/2030")
    assert list(map(override, line.changes)) == ["logements : 2 à l’origine, changé parce que : compté"]
    assert [row.is_result for row in sheet(made)[1].lines] == [False, False, False, False, True]
