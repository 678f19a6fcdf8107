"""What nothing of the product calls goes: a function that only its tests call is read, kept and moved for nobody."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

from tests.house.tree import PACKAGES, modules, shown, templates

WORD = re.compile(r"\w+")


def named(sources: list[Path]) -> Counter[str]:
    """How many times each word is written in these files, documentation included."""
    return Counter(word for path in sources for word in WORD.findall(path.read_text(encoding="utf-8")))


def functions(path: Path) -> list[str]:
    """The functions of a module that no decorator gives to something else, as a task is."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [each.name for each in body if isinstance(each, ast.FunctionDef) and not each.decorator_list]


def alone(product: list[Path], beside: list[Path]) -> list[str]:
    """Where each function is whose name is written once, where it is defined."""
    words = named([*product, *beside])
    own = [path for path in product if "migrations" not in path.parts]
    return [f"{shown(path)}: {name}" for path in own for name in functions(path) if words[name] == 1]


def test_no_function_serves_its_tests_alone() -> None:
    assert alone(modules(*PACKAGES), templates()) == []


def test_a_function_that_nothing_calls_is_seen(tmp_path: Path) -> None:
    module, page = tmp_path / "one.py", tmp_path / "page.html"
    module.write_text("@task\ndef a(): ...\n\ndef b(): c()\n\ndef c(): ...\n\ndef d(): ...\n", encoding="utf-8")
    page.write_text("{% d %}", encoding="utf-8")
    words = named([module, page])
    assert functions(module) == ["b", "c", "d"]
    assert [name for name in functions(module) if words[name] == 1] == ["b"]
