"""The figures of pages that are no list go out too (docs/decisions/0054): each row of the file is on the page, figure
by figure, as its reader sees it."""

from __future__ import annotations

import csv
import html
import re
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.urls import reverse

from reservations.rounding import THIN, steps, written
from tests.house.test_seeing import client_of, things
from tests.world import World

__all__ = ["things"]  # a fixture

#: Who reads the page, its address, the table when it has several, and the columns that the page does not write so.
PAGES = (
    ("alice", "balance-projection", "", ()),
    ("alice", "balance-axis", "", ()),
    ("alice", "balance-charts", "flux", ("Mois",)),
    ("alice", "balance-charts", "communes", ()),
    ("alice", "transparency", "", ("Classe d’attractivité",)),
    ("alice", "whatif", "", ()),
    ("bob", "balance-state", "", ()),
    ("bob", "balance-scale", "", ()),
    ("chloe", "needs", "", ("Dimension",)),
)


def rows_of(page: str) -> list[str]:
    """The text of each row of each table."""
    found = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    return [" ".join(html.unescape(re.sub(r"<[^>]*>", " ", row)).split(" ")) for row in found]


def shown(cell: str) -> set[str]:
    """The ways in which a page may write a cell."""
    figure = cell.replace(",", ".")
    if not re.fullmatch(r"-?\d+(\.\d+)?", figure):
        return {cell}
    value = Decimal(figure)
    signed = {written(steps(value, places), places, signed=True) for places in (0, 2)}
    return signed | {written(steps(value, places), places).removesuffix(",0") for places in (0, 1, 2)}


def file_of(client: Any, address: str, table: str) -> list[dict[str, str]]:
    answer = client.get(f"{address}?fichier=csv" + (f"&tableau={table}" if table else ""))
    assert answer.status_code == 200, address
    return list(csv.DictReader(StringIO(answer.getvalue().decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize("asked", PAGES)
def test_each_row_of_the_file_is_on_the_page_figure_by_figure(
    world: World, things: dict[str, dict[str, Any]], asked: tuple[str, str, str, tuple[str, ...]]
) -> None:
    person, name, table, apart = asked
    client, address = client_of(world, person), reverse(name, args=things.get(name, {}).get("args", []))
    page = client.get(address).content.decode()
    link = f"fichier=csv&amp;tableau={table}" if table else "fichier=csv"
    assert link in page
    rows, found = rows_of(page), file_of(client, address, table)
    assert found
    for line in found:
        cells = [cell for column, cell in line.items() if cell and column not in apart]
        assert any(all(shown(cell) & words(row, cell) for cell in cells) for row in rows), (line, rows)


def words(row: str, cell: str) -> set[str]:
    """What a row writes: its words, and the cell itself when it is a text that stands there."""
    names = set(re.split(r"[\s()/%–]+", row.replace(f"{THIN}", "")))
    plain = {each for each in shown(cell) if each.replace(THIN, "") in names}
    return plain | ({cell} if cell.lower() in " ".join(row.lower().split()) and not cell[0].isdigit() else set())


def test_what_is_reported_category_by_category_adds_up_to_the_page(
    world: World, things: dict[str, dict[str, Any]]
) -> None:
    """The mix: units offered to each holder; the accounts: due and received when the year stops."""
    alice = client_of(world, "alice")
    address = reverse("balance-mix", args=things["balance-mix"]["args"])
    answer = alice.get(address)
    offered = {str(each.holder): each.offered for each in answer.context["equity"].holders if each.mixes}
    values: dict[str, int] = dict.fromkeys(offered, 0)
    for line in file_of(alice, address, ""):
        values[line["Réservataire"]] += int(line["Proposés"]) * (line["Dimension"] == "Typologie")
    assert values == offered
    assert any(offered.values())
    address = reverse("balance-charts", args=things["balance-charts"]["args"])
    holders = alice.get(address).context["holders"]
    last = {line["Réservataire"]: (line["Dû"], int(line["Reçu"])) for line in file_of(alice, address, "comptes")}
    assert {name: received for name, (_, received) in last.items()} == {
        str(each.holder): each.received[-1] for each in holders
    }
    assert {name: Decimal(due.replace(",", ".")) * 1_000_000 for name, (due, _) in last.items()} == {
        str(each.holder): each.due[-1] for each in holders
    }
    assert file_of(alice, address, "autre") == file_of(alice, address, "comptes")
