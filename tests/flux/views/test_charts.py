"""Charts of a year: drawn to the figures of their table, reported in words, readable without colour."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.template import Context, Template

from flux.queries.flow import FlowMonth, HolderYear, Ranked
from flux.templatetags.charts import MOST, account_year_chart, flow_chart, ranked_bars
from reservations.models.convention import UNIT
from tests.reader import as_shown

if TYPE_CHECKING:
    from tests.world import World

MONTHS = tuple(date(2026, month, 1) for month in range(1, 4))


def drawn(tag: str, **given: object) -> str:
    return unescape(as_shown(Template("{% load charts %}{% " + tag + " %}").render(Context(given))))


def test_account_of_a_year_is_drawn_to_its_figures(world: World) -> None:
    year = HolderYear(world.holders["city"], MONTHS, (1_500_000, 2_250_000, 4_000_000), (1, 3, 3))
    assert year.gap == UNIT
    found = account_year_chart(year)
    one = (float(found["axis"]) - float(found["top"])) / 4  # the top of the plot is the highest figure
    assert found["high"] == "4,00"
    for bar, due, received in zip(found["bars"], year.due, year.received, strict=True):
        ahead = max(0, received - due / UNIT)
        assert float(bar["height"]) / one == pytest.approx(received - ahead, abs=0.01)
        assert float(bar["ahead"] or 0) / one == pytest.approx(ahead, abs=0.01)
        assert (float(found["axis"]) - float(bar["due_y"])) / one == pytest.approx(due / UNIT, abs=0.01)
    assert [bar["sign"] for bar in found["bars"]] == ["▽", "▲", "▽"]
    words = drawn("account_year_chart year", year=year)
    assert "janvier : 1,50 dû, 1 reçu ; février : 2,25 dus, 3 reçus ; mars : 4,00 dus, 3 reçus." in words


def test_what_a_holder_is_ahead_of_starts_below_zero(world: World) -> None:
    """A carry-over of what was received too soon makes what is due negative at first."""
    year = HolderYear(world.holders["city"], MONTHS, (-500_000, 0, 500_000), (0, 0, 1))
    found = account_year_chart(year)
    ticks = [float(bar["due_y"]) for bar in found["bars"]]
    assert ticks[0] > float(found["axis"]) == ticks[1] > ticks[2]
    assert [bar["sign"] for bar in found["bars"]] == ["▲", "=", "▲"]


def test_bar_ahead_rises_above_its_mark_and_a_bar_owed_stops_below(world: World) -> None:
    """An advance of less than three per cent of the year: the mark, whose middle is the due, does not hide it."""
    year = HolderYear(world.holders["city"], MONTHS[:2], (25_320_000, 26_680_000), (26, 26))
    words = drawn("account_year_chart year", year=year)
    ((ahead, above),) = re.findall(r'class="ahead"[^>]* y="([\d.]+)"[^>]* height="([\d.]+)"', words)
    marks = re.findall(r'<line class="axis" x1="[^"]+" x2="[^"]+" y1="([\d.]+)" y2="\1"', words)
    tops = re.findall(r'class="got"[^>]* y="([\d.]+)"', words)
    assert float(marks[0]) - float(ahead) == pytest.approx(float(above), abs=0.11)
    assert float(above) > 1.5, "the mark is 1.5 px thick"
    assert float(tops[0]) == float(marks[0])
    assert float(tops[1]) - float(marks[1]) > 1.5
    assert re.findall(r">([▽=▲])<", words) == ["▲", "▽"]


def test_words_of_a_bar_stand_outside_its_drawing() -> None:
    """The text of a drawing does not wrap: on a phone, it would leave its frame."""
    words = drawn('ranked_bars rows "Autres"', rows=[Ranked("Montréal-de-l’Aude", 2, 1)])
    assert "Montréal-de-l’Aude : 2 proposés, 1 attribué" in words
    assert "<text" not in words


def test_flow_is_piled_up_by_class_each_with_its_own_pattern() -> None:
    months = [FlowMonth(MONTHS[0], 10, 3, 2, 1), FlowMonth(MONTHS[1]), FlowMonth(MONTHS[2], in_flow=4, others=2)]
    found = flow_chart(months)
    one = (float(found["axis"]) - float(found["grid"][0]["y"])) / found["grid"][0]["label"]
    piles = [[(part["kind"], float(part["height"]) / one) for part in bar["parts"]] for bar in found["bars"]]
    for pile, expected in zip(
        piles,
        [[("solid", 10), ("hatched", 3), ("hollow", 2), ("dotted", 1)], [], [("solid", 4), ("dotted", 2)]],
        strict=True,
    ):
        assert [kind for kind, _ in pile] == [kind for kind, _ in expected]
        assert [height for _, height in pile] == pytest.approx([height for _, height in expected], abs=0.02)
    words = drawn("flow_chart months", months=months)
    assert "janvier : 16, dont 10 dans le flux ; février : 0, dont 0 dans le flux ; mars : 6, dont 4" in words
    assert words.count("url(#flow-hatched)") == 1 + 1  # one month, and the key
    assert words.count("url(#flow-dotted)") == 2 + 1


def test_flow_of_a_year_without_a_unit_is_an_empty_axis() -> None:
    assert [bar["parts"] for bar in flow_chart([FlowMonth(month) for month in MONTHS])["bars"]] == [[], [], []]


def test_places_are_ordered_and_the_smallest_drawn_together() -> None:
    rows = [Ranked(f"Commune {number:02d}", number, number // 2) for number in range(1, 21)]
    found = ranked_bars(rows, "Autres communes")
    assert [each["row"].name for each in found["rows"]] == [
        *(f"Commune {number:02d}" for number in range(20, 20 - MOST, -1)),
        "Autres communes (5)",
    ]
    last = found["rows"][-1]["row"]
    assert (last.offered, last.allocated) == (1 + 2 + 3 + 4 + 5, 0 + 1 + 1 + 2 + 2)
    assert found["rows"][0]["offered"] == "100.00%"
    assert found["rows"][0]["allocated"] == "50.00%"


def test_chart_of_months_has_a_title_and_its_figures_in_words() -> None:
    words = drawn("flow_chart months", months=[FlowMonth(MONTHS[0], 1)])
    assert 'role="img"' in words
    assert re.search(r"<title[^>]*>\w+.*</title><desc[^>]*>.+</desc>", words)
    assert "style=" not in words
    assert "viewBox" not in words
