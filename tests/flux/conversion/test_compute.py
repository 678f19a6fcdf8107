"""The sum, figure by figure: the documented example, the cases of the domain, and what holds for any file."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flux.conversion import facts
from flux.conversion.compute import convert
from flux.conversion.reading import read
from flux.conversion.worksheet import UNIT
from reservations.rounding import steps
from tests.flux.conversion.builders import bare, example, faults, lines, remarks, right, sheet
from tests.house.test_docs import table
from tests.house.tree import ROOT

# --- the documented example ---


def test_example_gives_the_documented_figures() -> None:
    worked = convert(read(example()))
    values = {code: line.value for code, line in lines(worked).items()}
    assert {code: values[code] for code in ("BASE", "VOLUME", "YEARS", "VOLUME_YEARLY", "EXCLUDED")} == {
        "BASE": 1200,
        "VOLUME": 9,
        "YEARS": 3,
        "VOLUME_YEARLY": 3,
        "EXCLUDED": 27,
    }
    weighted = Fraction(48 * 547 + 60 * 1096 + 24 * 243, 1096)
    assert values["WEIGHTED"] == weighted == Fraction(12231, 137)
    assert values["ROTATION"] == Fraction(12317, 100_000)
    assert values["NET"] == Fraction(120_804, 1000)
    assert values["RATE"] == worked.rate == weighted / 1200 + 3 / Fraction(120_804, 1000)
    assert worked.rate == Fraction(54743159, 551671600)
    assert (worked.share, values["SHARE"]) == (99231, Fraction(99231, UNIT))
    assert worked.rounding == values["ROUNDING"] == (Fraction(99231, UNIT) - worked.rate) * worked.net_flow
    assert [(target.name, target.units) for target in worked.targets] == [
        ("Ville de Narbonne", 12),
        ("État – publics prioritaires", 30),
        ("État – agents", 6),
        ("Action Logement", 27),
        ("Non réservé", 46),
    ]
    assert remarks(worked) == {"GUARANTEE_SHARE_MAX": "INFO"}


def test_every_line_of_the_example_is_explained_in_the_document() -> None:
    rows = table((ROOT / "docs/conversion.md").read_text(encoding="utf-8"), under="The formulas")
    names = {row[0].split(".")[0] for row in rows}
    assert {code.split(".")[0] for code in lines(convert(read(example())))} <= names | {"TARGET"}


def test_a_line_says_its_formula_its_numbers_and_both_results() -> None:
    line = lines(convert(read(example())))["RIGHT.GAR-1998-04"].as_json()
    assert [number["display"] for number in line.pop("numbers")] == [
        "48",
        "01/05/1998",
        "30/06/2023",
        "5 (CCH, R441-6)",
        "30/06/2028",
        "547",
        "1\u202f096",
    ]
    assert [detail["exact"] for detail in line.pop("details")] == ["1/1", "91/183", "0/1"]
    assert line == {
        "code": "RIGHT.GAR-1998-04",
        "label": "GAR-1998-04 : garantie d’emprunt, droit de suite",
        "formula": "logements × jours de vie dans la convention ÷ jours de la convention",
        "worked": "48 × 547 ÷ 1\u202f096 ≈ 23,96",
        "exact": "3282/137",
        "display": "23,96\u00a0logements",
        "source": "délibération du 3 avril 1998",
        "overrides": [],
    }


def test_an_override_is_shown_beside_its_line_with_its_reason() -> None:
    line = lines(convert(read(example())))["RIGHT.TER-2004-01"].as_json()
    assert line["overrides"] == [{"field": "units", "was": "22", "reason": "deux logements retrouvés sur l’acte"}]


def test_worksheet_is_plain_json_and_holds_no_float() -> None:
    def leaves(value: object) -> set[type]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        return {type(value)} if inner is None else {kind for one in inner for kind in leaves(one)}

    stored = convert(read(example())).as_json()
    assert json.loads(json.dumps(stored)) == stored
    assert leaves(stored) == {str, int}


# --- cases of the domain ---


def test_synthetic_case_of_the_domain() -> None:
    """10,000 units, 400 out, rotation 6 %, 96 excluded: net flow 480; State 144, Action Logement 115, région 5."""
    worked = sheet(
        holder={"name": "État", "contingent": "STATE_PRIORITY"},
        base=[
            {
                "territory": "11262",
                "name": "Narbonne",
                "units": 10_000,
                "out": [
                    {"reason": "HOSTEL_LIKE", "units": 200},
                    {"reason": "LEASED_TO_ASSOCIATION", "units": 150},
                    {"reason": "DEFENCE", "units": 50},
                ],
            }
        ],
        rights=[right(ground="STATE", units=2880)],
        rotation=[{"weight": 9600, "rate": 6}],
        exclusions=[
            {"category": "INTERNAL_TRANSFER", "units": 60},
            {"category": "URBAN_RENEWAL", "units": 24},
            {"category": "DEGRADED_CONDO", "units": 4},
            {"category": "UNFIT_HOUSING", "units": 3},
            {"category": "SALE_REHOUSING", "units": 5},
        ],
        others=[
            {"name": "Action Logement", "contingent": "ACTION_LOGEMENT", "share": 24},
            {"name": "Région", "contingent": "AUTHORITY", "share": 1},
        ],
        parameters={"STATE_SHARE_MAX": {"value": 30, "source": "CCH, R441-5-2"}},
    )
    values = {code: line.value for code, line in lines(worked).items()}
    assert (values["BASE"], values["GROSS"], values["EXCLUDED"], values["NET"]) == (9600, 576, 96, 480)
    assert (worked.rate, worked.share, worked.expected, worked.rounding) == (Fraction(3, 10), 300_000, 144, 0)
    assert [(target.name, target.exact, target.units) for target in worked.targets] == [
        ("État", 144, 144),
        ("Action Logement", Fraction(1152, 10), 115),
        ("Région", Fraction(48, 10), 5),
        ("Non réservé", 216, 216),
    ]
    assert remarks(worked) == {"STATE_SHARE_MAX": "INFO"}


def test_share_applies_to_the_flow_of_its_own_perimeter() -> None:
    """Commune X of the synthetic case: 12 % of a net flow of 60 is 7.2."""
    worked = sheet(
        perimeter={"kind": "COMMUNE", "code": "11262", "name": "X"},
        base=[{"territory": "11262", "name": "X", "units": 1200}],
        rights=[right(units=144)],
        rotation=[{"weight": 1200, "rate": 6}],
        exclusions=[{"category": "INTERNAL_TRANSFER", "units": 12}],
    )
    assert (worked.rate, worked.net_flow, worked.expected) == (Fraction(12, 100), 60, Fraction(72, 10))


def rotation(*pairs: tuple[object, object]) -> list[dict[str, object]]:
    return [{"type": f"type {place}", "weight": w, "rate": r} for place, (w, r) in enumerate(pairs)]


@pytest.mark.parametrize("weights_in", ["UNITS", "PERCENT"])
def test_rates_combine_weighted_by_units(weights_in: str) -> None:
    worked = sheet(rotation=rotation((73, "13.1"), (27, "10.2")), weights_in=weights_in)
    line = lines(worked)["ROTATION"]
    assert (line.value, line.display) == (Fraction("0.12317"), "12,3\u202f% par an")
    assert line.worked == "(73 × 13,1 + 27 × 10,2) ÷ 100 = 12,317"
    assert "WEIGHTS_SUM" not in remarks(worked)


def test_published_weights_that_do_not_sum_are_kept_as_they_are() -> None:
    worked = sheet(rotation=rotation(("72.9", "13.1"), (27, "10.2")), weights_in="PERCENT")
    line = lines(worked)["ROTATION"]
    assert line.value == (Fraction("72.9") * Fraction("13.1") + 27 * Fraction("10.2")) / (100 * Fraction("99.9"))
    assert [number.display for number in line.numbers] == ["72,9", "27", "99,9"]
    assert [remark.text for remark in worked.remarks] == [
        "Les poids de la rotation font 99,9 et non 100 : ils sont gardés tels quels, et la moyenne divise par leur "
        "somme."
    ]


def test_weights_in_units_are_compared_with_the_base() -> None:
    assert remarks(sheet(rotation=rotation((60, 10), (30, 10)))) == {"WEIGHTS_SUM": "INFO"}


def test_vacancies_counted_on_units_give_an_exact_rate() -> None:
    worked = sheet(
        rotation=[{"type": "T1", "weight": 70, "vacancies": 7}, {"type": "T2", "weight": 30, "vacancies": 1}]
    )
    found = lines(worked)
    assert (found["ROTATION"].value, found["GROSS"].value) == (Fraction(8, 100), 8)
    line = found["ROTATION.*.T2"]
    assert (line.value, line.worked, line.display) == (Fraction(1, 30), "1 ÷ 30 ≈ 3,33\u202f%", "3,33\u202f% par an")
    assert found["ROTATION.*.T1"].worked == "7 ÷ 70 = 10\u202f%"
    assert remarks(worked) == {}


def test_vacancies_are_counted_on_units_and_not_on_percentages() -> None:
    data = bare(weights_in="PERCENT", rotation=[{"weight": 100, "vacancies": 5}])
    assert list(faults(data)) == ["rotation[0].vacancies"]


# --- rights ---


def test_a_right_on_no_unit_weighs_nothing_and_is_reported() -> None:
    worked = sheet(rights=[right(), right("R2", units=0)])
    assert (worked.rate, remarks(worked)) == (Fraction(10, 100), {"RIGHT_WITHOUT_UNITS": "WARNING"})


@pytest.mark.parametrize(
    ("changes", "days", "of"),
    [
        ({}, 365, 365),
        ({"ends_on": "2027-06-30"}, 181, 365),
        ({"starts_on": "2027-12-31"}, 1, 365),
        ({"ends_on": "2027-01-01"}, 1, 365),
        ({"ends_on": "2026-12-31"}, 0, 365),
        ({"starts_on": "2028-01-01"}, 0, 365),
        ({"ground": "LOAN_GUARANTEE", "loan_ends_on": "2022-06-30"}, 181, 365),
        ({"ground": "LOAN_GUARANTEE", "loan_ends_on": "2022-06-30", "extension_years": 4}, 0, 365),
        ({"ground": "LOAN_GUARANTEE", "loan_ends_on": "2020-02-29", "extension_years": 7}, 59, 365),
    ],
)
def test_a_right_counts_for_its_days_within_the_term(changes: dict[str, object], days: int, of: int) -> None:
    parameters = {"GUARANTEE_EXTENSION_YEARS": {"value": 5, "source": "CCH, R441-6"}}
    worked = sheet(rights=[right(**changes)], parameters=parameters)
    assert lines(worked)["WEIGHTED"].value == Fraction(10 * days, of)
    assert ("RIGHT_NOT_ALIVE" in remarks(worked)) == (days == 0)


def test_years_of_a_right_sum_to_its_whole_weight() -> None:
    term = {"starts_on": "2026-11-24", "ends_on": "2029-11-23"}
    found = lines(sheet(term=term, rights=[right(ends_on="2028-02-10")]))
    by_year = [found[f"RIGHT.R1.{year}"] for year in (2026, 2027, 2028, 2029)]
    assert [tuple(number.display for number in line.numbers) for line in by_year] == [
        ("38", "38"),
        ("365", "365"),
        ("41", "366"),
        ("0", "327"),
    ]
    assert found["WEIGHTED"].value == Fraction(10 * (38 + 365 + 41), 1096)
    assert found["ALIVE.2028"].value == Fraction(10 * 41, 366)
    assert found["YEARS"].value == 3


def test_single_use_rights_are_a_volume_and_no_part_of_the_stock() -> None:
    worked = sheet(
        term={"starts_on": "2027-01-01", "ends_on": "2028-12-31"},
        rights=[
            right(units=6, use="SINGLE", ends_on="2027-01-01"),
            right("R2", units=4, use="SINGLE", ends_on="2026-12-31"),
        ],
    )
    values = {code: line.value for code, line in lines(worked).items()}
    assert (values["WEIGHTED"], values["VOLUME"], values["VOLUME_YEARLY"]) == (0, 6, 3)
    assert worked.rate == values["RATE.SINGLE"] == Fraction(3, 10)
    assert worked.expected == 3


# --- remarks ---

CAPS = {
    "STATE_SHARE_MAX": {"value": 30, "source": "CCH, R441-5-2"},
    "STATE_AGENTS_SHARE_MAX": {"value": 5, "source": "CCH, R441-5-2"},
    "GUARANTEE_SHARE_MAX": {"value": 20, "source": "CCH, R441-5-3"},
}


@pytest.mark.parametrize(
    ("contingent", "units", "others", "expected"),
    [
        ("STATE_PRIORITY", 30, [], {"STATE_SHARE_MAX": "INFO"}),
        ("STATE_PRIORITY", 31, [], {"STATE_SHARE_MAX": "WARNING"}),
        (
            "STATE_PRIORITY",
            26,
            [{"name": "Agents", "contingent": "STATE_AGENTS", "share": "4.0001"}],
            {"STATE_SHARE_MAX": "WARNING"},
        ),
        (
            "STATE_PRIORITY",
            26,
            [{"name": "Région", "contingent": "AUTHORITY", "share": 40}],
            {"STATE_SHARE_MAX": "INFO"},
        ),
        ("STATE_AGENTS", 6, [], {"STATE_SHARE_MAX": "INFO", "STATE_AGENTS_SHARE_MAX": "WARNING"}),
        ("STATE_CONVENTIONAL", 40, [], {}),
    ],
)
def test_state_is_held_to_its_caps(contingent: str, units: int, others: list[object], expected: dict[str, str]) -> None:
    worked = sheet(
        holder={"name": "État", "contingent": contingent},
        rights=[right(ground="STATE", units=units)],
        others=others,
        parameters=CAPS,
    )
    assert {code: level for code, level in remarks(worked).items() if code.startswith("STATE")} == expected


def test_without_its_cap_the_state_is_notified_that_it_is_missing() -> None:
    worked = sheet(holder={"name": "État", "contingent": "STATE_PRIORITY"})
    assert remarks(worked) == {"STATE_SHARE_MAX": "WARNING"}


def test_a_net_flow_of_six_does_not_drive_the_state_over_its_cap_in_silence() -> None:
    worked = sheet(
        holder={"name": "État", "contingent": "STATE_PRIORITY"},
        rights=[right(ground="STATE", units=30)],
        rotation=[{"weight": 100, "rate": 6}],
        others=[{"name": "Action Logement", "contingent": "ACTION_LOGEMENT", "share": 20}],
        parameters=CAPS,
    )
    assert [(target.exact, target.units) for target in worked.targets] == [
        (Fraction(18, 10), 2),
        (Fraction(12, 10), 1),
        (3, 3),
    ]
    assert remarks(worked) == {"STATE_SHARE_MAX": "INFO", "TARGET_OVER_CAP": "INFO"}


@pytest.mark.parametrize(("units", "level"), [(20, "INFO"), (21, "WARNING")])
@pytest.mark.parametrize("use", ["RECURRING", "SINGLE"])
def test_guarantee_rights_of_an_authority_are_held_to_their_cap(units: int, level: str, use: str) -> None:
    count = units if use == "RECURRING" else 1
    guaranteed = right(ground="LOAN_GUARANTEE", use=use, units=count)
    rate = {"weight": 100, "rate": 10} if use == "RECURRING" else {"weight": 100, "rate": 5 if units == 20 else 4}
    worked = sheet(rights=[guaranteed, right("R2", units=50)], parameters=CAPS, rotation=[rate])
    assert remarks(worked) == {"GUARANTEE_SHARE_MAX": level}


def test_shares_that_exceed_the_flow_are_reported_and_give_no_target() -> None:
    worked = sheet(others=[{"name": "Région", "contingent": "AUTHORITY", "share": "90.0001"}])
    assert remarks(worked) == {"SUM_OVER_ONE": "WARNING"}
    assert worked.targets == ()


def test_a_share_above_the_flow_a_share_of_nothing_and_no_right_are_reported() -> None:
    assert remarks(sheet(rights=[right(units=101)])) == {"RATE_OVER_ONE": "WARNING"}
    assert remarks(sheet(rights=[])) == {"NO_RIGHT": "WARNING"}
    big = [{"territory": "11262", "name": "Narbonne", "units": 10_000_000}]
    tiny = sheet(base=big, rights=[right(units=4)], rotation=[{"weight": 10_000_000, "rate": 1}])
    assert (tiny.share, remarks(tiny)) == (0, {"SHARE_ZERO": "WARNING"})
    assert remarks(sheet(rotation=[{"weight": 100, "rate": 0}])) == {"NO_FLOW": "WARNING"}


def test_exclusions_above_the_vacancies_are_refused() -> None:
    assert faults(bare(exclusions=[{"category": "URBAN_RENEWAL", "units": 11}])) == {
        "exclusions": "les soustractions prévues (11 par an) dépassent les libérations attendues (10 par an) : "
        "corrigez les unes ou la rotation."
    }


def test_single_use_rights_without_any_flow_are_refused() -> None:
    assert list(
        faults(bare(exclusions=[{"category": "URBAN_RENEWAL", "units": 10}], rights=[right(use="SINGLE")]))
    ) == ["rotation"]


# --- for any file ---

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2034, 12, 31))


@st.composite
def any_right(draw: st.DrawFn, reference: str) -> dict[str, object]:
    first, last = sorted([draw(DAYS), draw(DAYS)])
    return right(
        reference,
        units=draw(st.integers(1, 50)),
        use=draw(st.sampled_from(["RECURRING", "SINGLE"])),
        starts_on=first.isoformat(),
        ends_on=draw(st.sampled_from([None, last.isoformat()])),
    )


@st.composite
def any_file(draw: st.DrawFn) -> dict[str, object]:
    first, last = sorted([draw(DAYS), draw(DAYS)])
    pairs = draw(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 999)), min_size=1, max_size=4))
    return bare(
        term={"starts_on": first.isoformat(), "ends_on": last.isoformat()},
        base=[{"territory": "11262", "name": "Narbonne", "units": draw(st.integers(1, 5000))}],
        rights=[draw(any_right(f"R{place}")) for place in range(draw(st.integers(0, 4)))],
        rotation=rotation(*((weight, f"{rate // 10}.{rate % 10}") for weight, rate in pairs)),
    )


@given(any_file())
@settings(deadline=None)
def test_every_line_is_exact_and_follows_from_those_above(data: dict[str, object]) -> None:
    worked = convert(read(data))
    values = {code: line.value for code, line in lines(worked).items()}
    assert values["RATE"] == values["WEIGHTED"] / values["BASE"] + values["VOLUME"] / values["YEARS"] / values["NET"]
    assert values["WEIGHTED"] == sum(
        values[f"RIGHT.{r.reference}"] for r in worked.given.rights if r.use == facts.RECURRING
    )
    assert abs(Fraction(worked.share, UNIT) - worked.rate) <= Fraction(1, 2 * UNIT)
    assert worked.share == steps(worked.rate, 6)
    assert worked.expected + worked.rounding == Fraction(worked.share, UNIT) * worked.net_flow
    rates = [line.rate for line in worked.given.rotation]
    assert min(rates) <= 100 * values["ROTATION"] <= max(rates)


@given(any_file(), any_right("MORE"))
@settings(deadline=None)
def test_one_more_right_never_lowers_the_share(data: dict[str, object], more: dict[str, object]) -> None:
    before = convert(read(data))
    after = convert(read(data | {"rights": [*data["rights"], more]}))
    assert after.rate >= before.rate
    assert after.share >= before.share


@given(any_file())
@settings(deadline=None)
def test_years_weigh_what_the_whole_term_weighs(data: dict[str, object]) -> None:
    """The rights alive each year, weighted by its days, are the weighted units of the term."""
    found = lines(convert(read(data)))
    years = [line for code, line in found.items() if code.startswith("ALIVE.")]
    days = [int(Fraction(line.numbers[1].value)) for line in years]
    total = sum(line.value * count for line, count in zip(years, days, strict=True))
    assert total / sum(days) == found["WEIGHTED"].value


@given(any_file())
@settings(deadline=None)
def test_the_same_file_gives_the_same_worksheet(data: dict[str, object]) -> None:
    assert convert(read(data)).as_json() == convert(read(json.loads(json.dumps(data)))).as_json()
