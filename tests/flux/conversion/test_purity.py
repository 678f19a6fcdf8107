"""The conversion is pure: exact figures, no clock, nothing imported but plain Python."""

from __future__ import annotations

import ast
from fractions import Fraction
from pathlib import Path

import pytest

import flux.conversion
from flux.conversion.figures import equals, figure, percent, plain, units

MODULES = sorted(Path(flux.conversion.__file__).parent.glob("*.py"))
PLAIN = {
    "__future__",
    "calendar",
    "collections",
    "copy",
    "dataclasses",
    "datetime",
    "fractions",
    "json",
    "re",
    "typing",
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_source_makes_no_float_and_reads_no_clock(path: Path) -> None:
    found = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float | complex))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in {"float", "round", "open", "input", "hash"})
        or (isinstance(node, ast.Attribute) and node.attr in {"today", "now"})
    ]
    assert found == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_source_imports_plain_python_and_the_conversion_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    others = {name for name in imported if name.split(".")[0] not in PLAIN}
    ours = {"flux.apportion", "flux.conversion", *(f"flux.conversion.{module.stem}" for module in MODULES)}
    assert others <= {*ours, "reservations.rounding"}


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (Fraction(12345, 1000), 2, "12,35"),
        (Fraction(12344, 1000), 2, "12,34"),
        (Fraction(-12345, 1000), 2, "−12,35"),
        (Fraction(-1, 1000), 2, "0,00"),
        (Fraction(9600), 2, "9\u202f600"),
        (Fraction(19999, 10), 0, "2\u202f000"),
        (Fraction(1, 2), 0, "1"),
    ],
)
def test_figures_are_rounded_half_away_from_zero(value: Fraction, decimals: int, shown: str) -> None:
    assert figure(value, decimals) == shown


def test_words_around_figures() -> None:
    assert [plain(Fraction(text)) for text in ("13.105", "10", "10/3")] == ["13,105", "10", "3,33"]
    assert percent(Fraction(1, 8), 4) == "12,5000\u202f%"
    assert (equals(Fraction(1, 4)), equals(Fraction(1, 3)), equals(3)) == ("= 0,25", "≈ 0,33", "= 3")
    assert [units(Fraction(count)) for count in ("0", "1", "1.99", "1.994", "1.999", "2")] == [
        "0\u00a0logement",
        "1\u00a0logement",
        "1,99\u00a0logement",
        "1,99\u00a0logement",
        "2,00\u00a0logements",
        "2\u00a0logements",
    ]
