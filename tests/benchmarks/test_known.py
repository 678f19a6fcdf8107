"""What known departures bring: each scene does what its line says, and the page shows what the command prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import known, page
from benchmarks.ahead import arrivals, chart, drawer, draws, life, windows
from benchmarks.ahead.arrivals import Waiting, firm
from benchmarks.ahead.drawer import CLASS, FAVOURITE, GOOD, USUAL, Clerk, worth_of
from benchmarks.fluxbench import Result, run
from benchmarks.instances.flow import Vacancy
from benchmarks.policies import WINDOWS
from tests.house.tree import ROOT

# --- notices that arrive at random ---


def test_at_once_nothing_else_is_known() -> None:
    assert firm([0.0, 0.5, 4.0], Waiting(500, 8, 0)) == [(0.0, 1), (0.5, 1), (4.0, 1)]


def test_it_is_firm_when_enough_are_known_or_when_it_waited_long_enough() -> None:
    """Three are waited for, two days at most: the first is decided when the third is known, the third by time."""
    assert firm([0.0, 0.5, 1.0, 9.0], Waiting(500, 3, 2)) == [(1.0, 3), (2.5, 2), (3.0, 1), (11.0, 1)]


def test_a_batch_is_decided_at_once_but_for_the_last_ones() -> None:
    """« A batch of 40 registered together: the first 33 are decided at once with 8 known, the last 7 wait »."""
    decided = firm([1.0] * 40, Waiting(500, 8, 3))
    assert decided[:33] == [(1.0, 8)] * 33
    assert decided[33:] == [(4.0, left) for left in range(7, 0, -1)]


def test_a_year_of_notices_waits_no_longer_than_it_may() -> None:
    found = arrivals.run(Waiting(100, 8, 3), 0)
    assert 1 < found.known < 8
    assert 0 <= min(found.days) <= max(found.days) <= 3.000001


# --- the drawer ---


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Years of two hundred vacancies."""
    monkeypatch.setattr(drawer, "VACANCIES", 200)
    monkeypatch.setattr(life, "VACANCIES", 200)


@pytest.mark.parametrize(
    ("good", "holder", "worth"), [(GOOD, FAVOURITE, 1), (GOOD, "X", -2), (USUAL, FAVOURITE, -1), (USUAL, "X", 0)]
)
def test_what_a_unit_is_worth_to_a_favourite(good: str, holder: str, worth: int) -> None:
    assert worth_of(Vacancy("v", {}, {CLASS: good}), holder) == worth


@pytest.mark.usefixtures("short")
def test_a_clerk_gains_much_when_nothing_is_known_and_little_when_the_rule_follows_what_is_good() -> None:
    gains = {
        (window, follows): drawer.run(Clerk(False, 3, window, follows, False), 0).received
        - drawer.run(Clerk(False, 1, window, follows, False), 0).received
        for window, follows in ((1, False), (8, False), (1, True))
    }
    assert gains[1, False] > 2 * gains[8, False]
    assert gains[1, False] > 3 * gains[1, True]


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("window", [1, 8])
@pytest.mark.parametrize("runs", [False, True])
def test_a_forecast_credits_nothing_and_every_unit_is_decided(window: int, runs: bool) -> None:
    clerk = Clerk(True, 3, window, False, runs)
    flow = drawer.year(clerk, 0)
    office = drawer.Office(flow, clerk)
    for number, vacancy in enumerate(flow.vacancies[:30]):
        office.worth([vacancy])
        office.register(vacancy)
        credited = sum(counter.due for counter in office.counters.holders.values())
        assert credited == flow.unit * max(0, number + 2 - window)
    office.close()
    assert sum(counter.received for counter in office.counters.holders.values()) == 30


# --- life ---


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("scene", life.SCENES, ids=lambda scene: scene.name)
def test_whatever_happens_what_is_owed_sums_to_nothing(scene: life.Scene) -> None:
    ledger = life.Ledger(scene, 0, 8)
    found = ledger.run()
    unit = ledger.flow.unit
    assert sum(each.due - unit * each.received for each in ledger.counters.holders.values()) == 0
    assert found.worst >= 0.5
    assert bool(ledger.turn - len(ledger.flow.vacancies)) == bool(scene.returns)
    assert all(sum(vacancy.shares.values()) == unit for vacancy in ledger.flow.vacancies)


@pytest.mark.usefixtures("short")
def test_scenes_are_not_the_same_year_but_for_units_handed_on_beside_it() -> None:
    """« A return that is counted moves nothing in the yearly account » (docs/engine.md, section 4)."""
    years = {scene.returns or scene.name: life.run(scene, 1, 0) for scene in life.SCENES}
    assert years.pop("one turn") == years["nothing else"]
    assert len(set(years.values())) == len(years)


# --- the command, its tables, the page ---


@pytest.fixture(scope="module")
def few() -> Iterator[None]:
    """The command on a few small instances."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawer, "VACANCIES", 40)
        patch.setattr(life, "VACANCIES", 80)
        families = {name: ("A/usual/4/200", "B1")[name[0] != "A"] for name in chart.DRAWN}
        patch.setattr(windows, "FAMILIES", families)
        patch.setattr(arrivals, "POLICIES", [Waiting(100, 8, 0), Waiting(100, 8, 3)])
        patch.setattr(known, "LINES", {**known.LINES, "arrivals": arrivals.POLICIES})
        yield


@pytest.fixture(scope="module")
def once(few: None) -> tuple[list[Result], dict[str, list[list[Any]]]]:
    """What it finds."""
    results = run(["A/usual/4/200/0", "B1/0"], list(WINDOWS.values()), processes=1)
    return results, known.run(1, 1)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, once: tuple[list[Result], dict[str, list[list[Any]]]]) -> None:
    """The command, that finds this."""
    monkeypatch.setattr(windows, "measured", lambda *_: once[0])
    monkeypatch.setattr(known, "run", lambda *_: once[1])


def test_draws_name_the_one_that_is_worst(monkeypatch: pytest.MonkeyPatch) -> None:
    """« 0,80 / 0,80 » of five draws is no worst: each line has its mean, its worst, and which draw that is."""
    monkeypatch.setattr(draws, "FAMILIES", {"small": "B1"})
    monkeypatch.setattr(draws, "SCENES", {})
    monkeypatch.setattr(draws, "DRAWS", 4)
    found = draws.drawn(1)
    assert len(found) == 8
    [shown] = draws.markdown(found).splitlines()[2:]
    cells = [cell.strip() for cell in shown.strip("| ").split(" | ")]
    assert cells[:2] == ["small", "4"]
    for ahead, place in ((1, 2), (windows.KNOWN, 4)):
        far = {seed: found["small", ahead, seed] for seed in range(4)}
        worst = max(far, key=lambda seed: far[seed])
        assert cells[place : place + 2] == [f"{sum(far.values()) / 4:.2f} / {far[worst]:.2f}", f"`B1/{worst}`"]


def test_page_holds_forty_draws_of_every_family_and_scene() -> None:
    text = (ROOT / "docs/engine.md").read_text(encoding="utf-8")
    between = text.partition(page.begin(f"{known.COMMAND} --draws"))[2].partition(page.END)[0]
    lines = [line.strip("| ").split(" | ")[:2] for line in between.strip().splitlines()[2:]]
    assert lines == [[line, f"{windows.DRAWS}"] for line in (*draws.FAMILIES, *draws.SCENES)]


@pytest.mark.usefixtures("command")
def test_command_prints_four_tables_and_writes_them_in_the_page_with_their_drawing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page, "DOCS", tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "engine.md").write_text(f"before\n{page.begin(known.COMMAND)}\n{page.END}\nafter\n", encoding="utf-8")
    assert known.main(["--seeds", "1", "--write"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in (*windows.FAMILIES, *(scene.name for scene in life.SCENES)) if name not in shown] == []
    assert shown.count("**") == 8
    written = (tmp_path / "engine.md").read_text(encoding="utf-8")
    assert written == f"before\n{page.begin(known.COMMAND)}\n\n{shown.rstrip()}\n\n{page.END}\nafter\n"
    drawing = (tmp_path / "images" / chart.FILE).read_text(encoding="utf-8")
    assert [name for name, _ in chart.DRAWN.values() if name not in drawing] == []
    assert drawing.count("<circle") == len(chart.DRAWN) * len(WINDOWS)


@pytest.mark.usefixtures("command")
@pytest.mark.nightly
def test_as_json_every_year_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert known.main(["--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert {table: len(lines) for table, lines in shown.items() if table != "windows"} == {
        table: len(lines) for table, lines in known.LINES.items()
    }
    assert {row["policy"] for row in shown["windows"]} == set(WINDOWS.values())


@pytest.mark.usefixtures("few")
def test_two_runs_of_a_year_are_identical(once: tuple[list[Result], dict[str, list[list[Any]]]]) -> None:
    for table in ("life", "arrivals", "drawer"):
        last = len(known.LINES[table]) - 1
        assert known.run_one((table, last, 0)) == once[1][table][last][0]


def test_page_shows_what_known_departures_bring() -> None:
    text = (ROOT / "docs/engine.md").read_text(encoding="utf-8")
    between = text.partition(page.begin(known.COMMAND))[2].partition(page.END)[0]
    lines = (*windows.FAMILIES, *WINDOWS.values(), *(scene.name for scene in life.SCENES), "reads the screen")
    assert [name for name in lines if name not in between] == []
    assert f"images/{chart.FILE}" in text
    assert "<circle" in (ROOT / "docs/images" / chart.FILE).read_text(encoding="utf-8")
