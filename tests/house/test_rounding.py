"""Nothing rounds but `reservations/rounding.py`: one due cannot read 11,87 here and 11,86 there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from attributions.bilan.exports.tables import RECEIVED
from reservations.rounding import steps
from tests.house.tree import ROOT, STOREYS, modules, over_files, shown, templates

#: What places a drawing, weighs a chance, casts the demonstration or times the machine: no figure of an account.
PLACES = {
    "flux/templatetags/drawing.py",
    "flux/laws.py",
    "attributions/demonstration/years.py",
    "reservations/management/commands/password_cost.py",
}
THE_ONE = "reservations/rounding.py"
FIXED = re.compile(r"\.\d+[feg%]$")


def roundings(source: str) -> Iterator[str]:
    """Every call, constant or format of a source that rounds; a value compared with itself once quantized asks how
    many decimals it has, and rounds nothing."""
    tree = ast.parse(source)
    asked = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Compare) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "round":
            yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.Attribute) and node.attr == "quantize" and id(node) not in asked:
            yield f"line {node.lineno}: {ast.unparse(node)}"
        named = node.attr if isinstance(node, ast.Attribute) else node.name if isinstance(node, ast.alias) else ""
        if named.split(".")[-1].startswith("ROUND_"):
            yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.BinOp) and _halves(node):
            yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.FormattedValue) and node.format_spec and FIXED.search(_spec(node.format_spec)):
            yield f"line {node.lineno}: {ast.unparse(node)}"


def _halves(node: ast.BinOp) -> bool:
    """« (2 * a + b) // (2 * b) »: the nearest of a / b, written by hand."""
    return (
        isinstance(node.op, ast.FloorDiv)
        and isinstance(node.left, ast.BinOp)
        and isinstance(node.left.op, ast.Add)
        and ast.unparse(node.right).startswith("2 * ")
    )


def _spec(node: ast.expr) -> str:
    """What a format says: « .2f »; what it takes from a variable stands for one digit."""
    assert isinstance(node, ast.JoinedStr)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "9" for part in node.values)


def test_the_search_finds_what_rounds() -> None:
    source = (
        "from decimal import ROUND_HALF_UP\n"
        "a = round(b, 2)\n"
        "c = d.quantize(e)\n"
        "f = f'{g:.2f}'\n"
        "h = f'{i:,.{places}f}'\n"
        "j = k == k.quantize(l)\n"
        "m = f'{n:>4} {o:f} {p:%d/%m/%Y}'\n"
        "q = (2 * r + s) // (2 * s)\n"
        "t = (u + 1) // 2\n"
    )
    assert sorted(each.split(":")[0] for each in roundings(source)) == [
        *("line 1", "line 2", "line 3", "line 4", "line 5"),
        "line 8",
    ]


@over_files(modules(*STOREYS))
def test_no_module_rounds_by_itself(path: Path) -> None:
    if shown(path) in {*PLACES, THE_ONE} or "migrations" in path.parts:
        return
    assert list(roundings(path.read_text(encoding="utf-8"))) == []


def test_no_template_and_no_script_rounds_by_itself() -> None:
    scripts = [path for path in (ROOT / "static").rglob("*.js") if not path.name.endswith(".min.js")]
    rounding = re.compile(r"""\|floatformat|\|stringformat:["']\.\d|toFixed|Math\.round""")
    pages = [*templates(), *scripts]
    assert len(pages) > 100
    assert [shown(path) for path in pages if rounding.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("due", [Decimal("11.865"), Decimal("11.8649"), Decimal("0.005"), Decimal(12)])
@pytest.mark.parametrize("received", [0, 11, 13])
def test_a_gap_is_of_the_exact_due_and_its_key_says_so(due: Decimal, received: int) -> None:
    """At most a hundredth away from the printed due − received, and only on a half; the same for every medium."""
    apart = abs(steps(due - received, 2) - (steps(due, 2) - 100 * received))
    assert apart <= (due * 1000 % 10 == 5)
    key = (ROOT / "templates/components/gap_key.html").read_text(encoding="utf-8")
    assert "écart calculé sur le dû exact, puis arrondi" in key
    assert "Écart = dû exact − reçus, arrondi." in RECEIVED


def test_the_database_rounds_nothing() -> None:
    for path in modules(*STOREYS):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\bROUND\s*\(|functions import .*\bRound\b", source), shown(path)
