"""Tables of figures of a balance: what stands under what, what leads to its units, which sign a difference has."""

from __future__ import annotations

from attributions.bilan.pages.balances import Figure
from attributions.bilan.pages.charts import _banded
from attributions.bilan.pages.readings import BridgeRow, bridge_table
from attributions.bilan.pages.scales import AxisRow, Choice, axis_table
from reservations.pages.table import Table
from reservations.words import integer

CHOICE = Choice("baux", "Loués", ("leased", "first_lettings"), ("loués", "premières locations"), ("L", "P"))


def cells(given: Table) -> list[list[str]]:
    return [[cell.content.text for cell in line.cells] for line in given.lines]


def test_two_letters_stand_under_each_category_and_under_all() -> None:
    pair = (Figure(3, "/logements/?t=T2"), Figure(0, ""))
    row = AxisRow("État", [pair, pair])
    result = axis_table("Loués en 2026, par typologie", CHOICE, ["T2"], [row], AxisRow("Ensemble", [pair, pair]))
    above, under = result.headings
    assert [(each.text, each.columns, each.lines) for each in above] == [
        ("Réservataire", 1, 2),
        ("T2", 2, 1),
        ("Ensemble", 2, 1),
    ]
    assert [each.text for each in under] == 2 * [
        '<abbr title="loués">L</abbr>',
        '<abbr title="premières locations">P</abbr>',
    ]
    assert cells(result) == [["État", *2 * ['<a href="/logements/?t=T2">3</a>', "0"]]]
    assert result.note == "L : loués. P : premières locations. Chaque nombre mène à ses logements."
    assert result.totals[0].css == "total"


def test_bridge_takes_away_what_was_done_otherwise_and_adds_what_was_registered_otherwise() -> None:
    rows = [BridgeRow("loués", 12, [(2027, 2)], [(2025, 1), (2024, 3)], 14), BridgeRow("rendus", 1, [], [], 1)]
    assert cells(bridge_table(rows, 2026)) == [
        ["Loués", "12", "<div>−2 en 2027</div>", "<div>+1 de 2025</div><div>+3 de 2024</div>", "14"],
        ["Rendus", "1", "0", "0", "1"],
    ]


def test_a_band_is_notified_where_chance_leaves_one() -> None:
    assert _banded((4, 4, 4), integer) == "4"
    assert _banded((3, 4, 6), integer, strong=True) == '<b>4</b> <span class="hint">(3 à 6)</span>'
