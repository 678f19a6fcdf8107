"""`./run house` measures the tree, and none of the measures that are kept rises."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from attributions.households.models import Proposal
from config.local import house
from config.local.console import Refusal
from flux.models import Ledger
from tests.attributions.households.candidates import routed, sent
from tests.house.tree import ROOT, STOREYS
from tests.world import MORNING, World
from tests.world_again import kept

#: A folder, or a module of that name, that holds what one page is made of.
OWN = {"views", "forms", "pages", "queries"}
AGAIN = "what rose is kept with its reason: ./run house --keep --allow-more; of a page, in tests/house/house.json"


def test_a_line_of_code_is_no_blank_no_comment_and_no_docstring() -> None:
    documented = '"""Of a module,\n\nin three lines."""\n\n# why\n'
    source = documented + 'A = """x\n\ny"""\n\ndef f():\n    """It does."""\n    return A\n'
    assert house.lines_of_code(source, ast.walk(ast.parse(source))) == 4  # A and its second written line, def, return


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("from reservations.pages.table import Table\nTable('key', 'title', '', heads, lines)", 1),
        ("from reservations.pages.table import TableLine as Line\n[Line(cells), Line(cells)]", 2),
        ("from reservations.exports import spreadsheet\nspreadsheet.Sheet('title', columns, rows)", 1),
        ("from reservations.exports.spreadsheet import Sheet\nSheet('title', columns, rows)", 1),
        ("from flux.queries.sheet import Sheet\nSheet(vacancy=vacancy)", 0),
        ("from reservations.pages.table import Rows, Shown\nRows(rows, Shown('A', str)).titled('', '')", 0),
        ("from reservations.exports.listing import columned\ncolumned('title', rows, *columns)", 0),
    ],
)
def test_what_pairs_by_place_is_counted(source: str, count: int) -> None:
    assert house.by_place(ast.walk(ast.parse(source))) == count


def test_the_command_prints_each_measure_and_what_is_kept_never_rises(capsys: pytest.CaptureFixture[str]) -> None:
    assert house.house([]) == 0
    printed = capsys.readouterr().out
    assert [each.words for each in house.MEASURES if each.words not in printed] == []
    figures, before = house.measured(), house.kept()
    assert set(before) == set(house.HELD)
    assert {key: figures[key] for key in house.HELD if key in figures and figures[key] > before[key]} == {}, AGAIN


def test_a_measure_that_rose_is_not_kept_without_its_reason(tmp_path: Path) -> None:
    where = tmp_path / "house.json"
    house.keep(house.kept() | {"folder": 1}, where)
    with pytest.raises(Refusal, match="A augmenté : folder"):
        house.house(["--keep"], where)
    assert house.kept(where)["folder"] == 1
    assert house.house(["--keep", "--allow-more"], where) == 0
    assert house.kept(where)["folder"] > 1
    with pytest.raises(Refusal, match="--keep"):
        house.house(["--kep"], where)


@pytest.fixture
@kept
def proposal(world: World) -> Proposal:
    """A candidate on a unit of the flow: every page has something to show."""
    sent(world, routed(world), 1)
    return Proposal.objects.get()


@contextmanager
def executed() -> Iterator[set[str]]:
    """Files of the product whose code runs meanwhile, from the root of the tree; what an import runs is left out."""
    codes: set[CodeType] = set()
    tool = next(number for number in range(6) if sys.monitoring.get_tool(number) is None)
    sys.monitoring.use_tool_id(tool, "house")
    sys.monitoring.register_callback(tool, sys.monitoring.events.PY_START, lambda code, _: codes.add(code))
    found: set[str] = set()
    try:
        sys.monitoring.set_events(tool, sys.monitoring.events.PY_START)
        yield found
    finally:
        sys.monitoring.set_events(tool, 0)
        sys.monitoring.free_tool_id(tool)
    paths = {Path(code.co_filename) for code in codes if code.co_name != "<module>"}
    found |= {str(path.relative_to(ROOT)) for path in paths if path.is_relative_to(ROOT)}


def own(files: set[str]) -> set[str]:
    """Those that a page is made of: its views, forms, pages and queries, whatever app they are in."""
    return {file for file in files if file.split("/")[0] in STOREYS and OWN & set(Path(file).with_suffix("").parts)}


def test_a_page_runs_no_more_files_of_its_own(
    world: World, sign_in: Callable[[str], Client], proposal: Proposal, time_machine: Any
) -> None:
    """Asked twice: what is remembered from one request to the next is read no more."""
    time_machine.move_to(MORNING + timedelta(hours=2), tick=False)
    client, landlord = sign_in("alice"), world.landlord
    addresses = {
        "vacancies": reverse("vacancy-list"),
        "account": reverse("account", args=[Ledger.objects.get().pk]),
        "convention": reverse("convention-detail", args=[world.conventions["city"].pk]),
        "balance": reverse("balance", args=[landlord.pk, MORNING.year]),
        "candidate": reverse("proposal-detail", args=[proposal.pk]),
    }
    assert tuple(addresses) == house.PAGES
    figures: dict[str, int] = {}
    for page, address in addresses.items():
        for _ in range(2):
            with executed() as files:
                assert client.get(address).status_code == 200, address
        figures[f"page_{page}"] = len(own(files))
    assert all(figures.values())
    before = house.kept()
    assert {key: figure for key, figure in figures.items() if figure > before[key]} == {}, AGAIN
