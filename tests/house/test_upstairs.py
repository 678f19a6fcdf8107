"""The reading half of the house: a query gives facts, French is stated by `pages`.

A table is described once, a sentence is a function and not a chain of tags, as far as that has come: each number below
is what a count gives today: lower it when it falls, never raise it.
"""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

from config.local.checks import djade
from tests.house.tree import STOREYS, modules, shown, templates

#: A phrase: words in French, or a letter that only French has.
FRENCH = re.compile(
    r"[àâçéèêëîïôûùœ’«»]|\b(?:le|la|les|des|du|un|une|et|ou|pour|par|sur|pas|est|sont|aucun|logement)\b", re.IGNORECASE
)

QUERIES = [path for path in modules(*STOREYS) if "queries" in path.parts or path.name == "queries.py"]

#: Tags `if` and `elif` in a hundred pages: a new one is simpler than those that are there; tables written by hand.
TAGS, TABLES = 370, 18
#: Lines of queries in a thousand of the product, migrations apart (docs/decisions/0093); of a product whose pages are a
#: few hundred lines shorter since each column reads its own cell.
SHARE = 189


def phrases(path: Path) -> int:
    """French phrases of a module, documentation apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    rows = [
        node.value.strip()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in names
    ]
    return sum(bool(FRENCH.search(each)) for each in rows if " " in each or not each.isascii())


def written() -> list[str]:
    """Every line of every page."""
    return [line for path in templates() for line in path.read_text(encoding="utf-8").splitlines()]


def test_queries_say_no_french() -> None:
    assert {shown(path): phrases(path) for path in QUERIES if phrases(path)} == {}


def test_queries_are_a_share_of_the_house() -> None:
    def lines(paths: list[Path]) -> int:
        return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)

    whole = [path for path in modules(*STOREYS) if "migrations" not in path.parts]
    assert lines(QUERIES) * 1000 <= SHARE * lines(whole)


def test_templates_decide_less_and_less() -> None:
    tags = sum(len(re.findall(r"{% (?:if|elif) ", line)) for line in written())
    assert tags * 100 <= TAGS * len(templates())
    assert sum(line.count("<table") for line in written()) == TABLES


def test_no_line_of_a_template_is_over_120_characters() -> None:
    long = [
        f"{shown(path)}:{number}"
        for path in templates()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 120
    ]
    assert not long


def test_templates_are_as_their_formatter_writes_them(tmp_path: Path) -> None:
    assert subprocess.run(djade(), check=False).returncode == 0
    page = tmp_path / "page.html"
    page.write_text("{%if a%}b{%endif%}\n", encoding="utf-8")
    *command, _ = djade()
    run = subprocess.run([*command[: command.index("--check") + 1], page], check=False)
    assert run.returncode == 1


def test_a_day_is_distinguished_from_what_follows_it() -> None:
    """« 25 octobre 2026 1 dossier instruit », also for who hears the page: a block does not part words."""
    glued = [
        f"{shown(path)}:{number}"
        for path in templates()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"</time>(?:[^\s<,.;:)]|<b>|<span|{{)", line)
    ]
    assert not glued


def test_a_phrase_is_distinguished_from_a_code(tmp_path: Path) -> None:
    module = tmp_path / "said.py"
    module.write_text(
        '"""Un module."""\n\nCODE = "unit__landlord", "IN FLOW", "état", "pas de bail"\n', encoding="utf-8"
    )
    assert phrases(module) == 2
