"""Changing a figure keeps what it was and why; changing it back leaves no trace."""

from __future__ import annotations

from flux.conversion.compute import convert
from flux.conversion.correction import AddedOut, Change, PublishedRate, corrected, groups, key_of
from flux.conversion.reading import read
from tests.flux.conversion.builders import bare, example, lines


def counted() -> dict[str, object]:
    return bare(rotation=[{"territory": "11262", "weight": 100, "vacancies": 8, "source": "2025"}])


def test_every_figure_is_offered_with_what_it_was() -> None:
    found = {figure.path: (figure.value, figure.was) for group in groups(example()) for figure in group.figures}
    assert found == {
        "base[0].units": ("1300", "1300"),
        "base[0].out[0].units": ("60", "60"),
        "base[0].out[1].units": ("25", "25"),
        "base[0].out[2].units": ("15", "15"),
        "rights[0].units": ("48", "48"),
        "rights[1].units": ("60", "60"),
        "rights[2].units": ("24", "22"),
        "rights[3].units": ("9", "9"),
        "rotation[0].rate": ("13.1", "13.1"),
        "rotation[1].rate": ("10.2", "10.2"),
        "exclusions[0].units": ("18", "18"),
        "exclusions[1].units": ("9", "9"),
        "others[0].share": ("25", "25"),
        "others[1].share": ("5", "5"),
        "others[2].share": ("22.5", "22.5"),
    }
    assert key_of("base[0].out[2].units") == "base-0-out-2-units"


def test_a_change_keeps_what_the_figure_was_and_why() -> None:
    before = example()
    after = corrected(
        before, changes={"rights-0-units": Change(50, "recompté"), "others-2-share": Change("20", "voté")}
    )
    assert after["rights"][0]["overrides"] == [{"field": "units", "was": "48", "reason": "recompté"}]
    assert after["others"][2]["overrides"] == [{"field": "share", "was": "22.5", "reason": "voté"}]
    assert before == example()
    assert lines(convert(read(after)))["RIGHT.GAR-1998-04"].overrides[0].reason == "recompté"


def test_a_second_change_keeps_the_first_figure_and_the_way_back_leaves_no_trace() -> None:
    again = corrected(example(), changes={"rights-2-units": Change(25, "recompté encore")})
    assert again["rights"][2]["overrides"] == [{"field": "units", "was": "22", "reason": "recompté encore"}]
    back = corrected(again, changes={"rights-2-units": Change(22, "")})
    assert (back["rights"][2]["units"], "overrides" in back["rights"][2]) == (22, False)


def test_counted_vacancies_follow_the_base_of_their_commune() -> None:
    after = corrected(
        counted(),
        changes={"base-0-units": Change(90, "vendus"), "rotation-0-vacancies": Change(9, "oubli")},
        outs=[AddedOut("11262", "STAFF_UNIT", 10, "loges")],
    )
    assert after["rotation"][0]["weight"] == 80
    assert lines(convert(read(after)))["GROSS"].value == 9


def test_published_rates_take_the_place_of_counted_vacancies() -> None:
    rates = [PublishedRate("collectif", "73", "13.1"), PublishedRate("individuel", "27", "10.2")]
    after = corrected(counted(), changes={}, rates=rates, weights_in="PERCENT", source="rapport 2025")
    assert lines(convert(read(after)))["ROTATION"].display == "12,3\u202f% par an"
    assert {row["source"] for row in after["rotation"]} == {"rapport 2025"}
