"""The commands, the tables, the page and its drawing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks import chart, page, report, routing, speed
from benchmarks.fluxbench import Result, run
from benchmarks.instances import catalogue
from benchmarks.policies import POLICIES
from tests.house.tree import ROOT

BEGIN = page.begin(page.FLUXBENCH)


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return run(["A/usual/4/200/0", "B1/0"], list(POLICIES), processes=1)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, results: list[Result]) -> None:
    """The command on two small instances."""
    monkeypatch.setattr(routing, "run", lambda *_, **__: results)


@pytest.mark.usefixtures("small")
def test_tables_end_with_the_time_and_hold_none_before(
    capsys: pytest.CaptureFixture[str], results: list[Result]
) -> None:
    assert routing.main(["--quick"]) == 0
    shown = capsys.readouterr().out
    assert shown == f"{report.text(results)}\n{report.times(results)}"
    assert "µs" not in report.text(results)
    assert "A. One territory (1 instance)" in shown


@pytest.mark.usefixtures("small")
def test_json_keeps_the_time_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert routing.main(["--json", "--quick"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert len(shown["figures"]) == len(shown["seconds"]) == 2 * len(POLICIES)
    assert all("seconds" not in row for row in shown["figures"])


def test_page_without_the_marks_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(page, "DOCS", tmp_path)
    (tmp_path / "engine.md").write_text("nothing\n", encoding="utf-8")
    with pytest.raises(LookupError):
        page.put("python -m benchmarks.speed", "| a |")
    assert (tmp_path / "engine.md").read_text(encoding="utf-8") == "nothing\n"


@pytest.mark.parametrize("command", ["python -m benchmarks.speed", "./run bench database"])
def test_page_shows_what_a_decision_costs(command: str) -> None:
    between = (ROOT / "docs/engine.md").read_text(encoding="utf-8").partition(page.begin(command))[2]
    assert between.partition(page.END)[0].count("| ---") == 1


@pytest.mark.usefixtures("small")
def test_page_and_drawing_are_written_between_their_marks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], results: list[Result]
) -> None:
    monkeypatch.setattr(page, "DOCS", tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "engine.md").write_text(f"before\n{BEGIN}\nold\n{page.END}\nafter\n", encoding="utf-8")
    assert routing.main(["--write"]) == 0
    once = (tmp_path / "engine.md").read_text(encoding="utf-8")
    assert once == f"before\n{BEGIN}\n\n{report.markdown(results).rstrip()}\n\n{page.END}\nafter\n"
    page.write(results)
    assert (tmp_path / "engine.md").read_text(encoding="utf-8") == once
    assert (tmp_path / "images/fluxbench.svg").exists()
    capsys.readouterr()


def test_page_has_its_marks_and_its_figures_once() -> None:
    text = (ROOT / "docs/engine.md").read_text(encoding="utf-8")
    assert text.count(BEGIN) == 1
    between = text.partition(BEGIN)[2].partition(page.END)[0]
    assert [title for title in report.FAMILIES.values() if title not in between] == []
    assert [policy for policy in POLICIES if between.count(policy) != len(report.FAMILIES)] == []


def test_drawings_name_every_policy_and_are_those_that_the_page_shows(results: list[Result]) -> None:
    page_text = (ROOT / "docs/engine.md").read_text(encoding="utf-8")
    assert set(chart.NAMES) == set(POLICIES)
    for file, drawing in chart.drawings(results).items():
        words = re.findall(r"<text [^>]*>([^<]*)</text>", drawing)
        assert [name for name in chart.NAMES.values() if name not in words] == []
        assert f"images/{file}" in page_text
        assert (ROOT / "docs/images" / file).exists()


def test_a_decision_slower_than_its_target_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command compares what a decision of version 2 costs with its target, beside version 1, and fails past it."""
    monkeypatch.setattr(speed, "PLACES", (speed.Place("small", "A/usual/4/200/0", 0.0),))
    assert speed.main(["--json"]) == 1
    [row] = json.loads(capsys.readouterr().out)
    assert set(row) == {"place", *speed.COLUMNS.values()}
    assert row["target_ms"] == 0.0 < row["version_2_ms"]
    monkeypatch.setattr(speed, "PLACES", (speed.Place("small", "A/usual/4/200/0", 1000.0),))
    assert speed.main([]) == 0
    shown = capsys.readouterr().out
    assert [name for name in ("small", *speed.COLUMNS) if name not in shown] == []
    assert speed.main(["--profile"]) == 0
    assert "Ordered by: internal time" in capsys.readouterr().out


def test_full_catalogue_is_the_published_one() -> None:
    assert {name[0] for name in catalogue.full(1)} == set(report.FAMILIES)
