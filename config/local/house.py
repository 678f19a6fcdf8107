"""`./run house`: measures of the tree of today, with the figures and the bounds of the plan of code beside."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.local.console import Refusal, say
from config.local.squashing.final import MADE as FROM_DECLARATIONS
from config.local.state import ROOT
from reservations.rules import DERIVED

PRODUCT = ("config", "reservations", "flux", "attributions")
#: Measures of `tests/house/test_house.py`: none may rise.
KEPT = ROOT / "tests/house/house.json"
SHORT = 60
#: What is laid under headings by its place when it is made by hand: where it is defined, and its names. The module that
#: lays declared columns is beside.
BY_PLACE = {
    "reservations.pages.table": {"Table", "TableLine", "table"},
    "reservations.exports.spreadsheet": {"Sheet"},
}
LAID = {"reservations/pages/table.py", "reservations/exports/listing.py"}
#: Where changes are kept as differences, and the headings under which five of them are.
WALKS = ROOT / "CONTRIBUTING.md"
WALKED = {
    "column": "Une colonne",
    "clause": "Une clause",
    "acting": "Une clause qui agit",
    "count": "Un décompte",
    "holder": "Une sorte de réservataire",
}
DIALECT = re.compile(r"\btold\b")
#: A trigger that `manage.py make_triggers` makes of a declaration, by its function.
MADE = re.compile(rf"EXECUTE FUNCTION ({'|'.join(DERIVED)}|\w+_counts_of_\w+)\(")
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Measure:
    """A line of the table: its key and its words, its figure on 30 November 2026, and its bound. None: not counted."""

    key: str
    words: str
    then: int | None
    at_most: int | None


#: In the order of the plan. `pages` are counted by the test that keeps them, which asks for these pages.
PAGES = ("vacancies", "account", "convention", "balance", "candidate")
MEASURES = (
    Measure("touch_column", "fichiers à toucher : une colonne", 3, 1),
    Measure("touch_clause", "fichiers à toucher : une clause qui s’imprime", 15, 1),
    Measure("touch_acting", "fichiers à toucher : une clause qui agit", None, 3),
    Measure("touch_count", "fichiers à toucher : un décompte", 6, 2),
    Measure("touch_holder", "fichiers à toucher : une sorte de réservataire", 4, 2),
    Measure("code", "lignes de code du produit", 99_800, 85_000),
    Measure("files", "fichiers Python du produit", 1_202, 850),
    Measure("short", f"dont sous {SHORT} lignes", 409, 150),
    Measure("by_place", "listes et tableaux appariés par position", 182, 0),
    Measure("triggers", "déclencheurs de la base", 282, None),
    Measure("by_hand", "dont écrits à la main, qu’aucune déclaration ne fait", 282, 100),
    Measure("sql", "lignes de SQL écrites à la main", 5_470, 3_000),
    Measure("derived", "lignes de SQL faites de ce qui est déclaré", None, None),
    Measure("replaced", "lignes de SQL remplacé", None, None),
    Measure("migrations", "migrations d’une base vide", 119, 12),
    Measure("migrations_replaced", "migrations remplacées", None, None),
    Measure("folder", "modules du plus grand dossier", 73, 35),
    Measure("told_lines", "lignes du produit où est le mot « told »", 1_200, 150),
    Measure("told_functions", "noms de fonctions qui le contiennent", 47, 0),
    Measure("page_vacancies", "fichiers propres exécutés : logements libérés", 17, 8),
    Measure("page_account", "fichiers propres exécutés : un compte", 16, 8),
    Measure("page_convention", "fichiers propres exécutés : une convention", 29, 12),
    Measure("page_balance", "fichiers propres exécutés : le bilan", 32, 12),
    Measure("page_candidate", "fichiers propres exécutés : un candidat", 8, 6),
)
#: Those that a page more or a table more does not raise: the test holds them.
HELD = (
    *(f"touch_{walk}" for walk in WALKED),
    *("by_place", "by_hand", "folder", "told_lines", "told_functions"),
    *(f"page_{page}" for page in PAGES),
)


#: The same, called by the name of its module.
QUALIFIED = {f"{module.rpartition('.')[2]}.{name}" for module, names in BY_PLACE.items() for name in names}


def lines_of_code(source: str, nodes: Iterable[ast.AST]) -> int:
    """Lines that hold code: no blank one, no comment, no docstring; each written line of a long text counts."""
    lines = {number for number, line in enumerate(map(str.strip, source.splitlines()), 1) if line and line[0] != "#"}
    for node in nodes:
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            text = node.body[0]
            lines.difference_update(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    return len(lines)


def by_place(nodes: Iterable[ast.AST]) -> int:
    """Calls that give headings and rows apart, to be laid by their place: a `Table`, a `TableLine` or a `Sheet` made by
    hand. Rows of columns that each read their own cell (`Rows`, `columned`, `Listing`) are none."""
    nodes = list(nodes)
    imported = {
        each.asname or each.name: each.name in BY_PLACE.get(node.module or "", ())
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }
    calls = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    return sum(imported.get(name, False) or name in QUALIFIED for name in calls)


def touched(walk: str) -> set[str]:
    """The files of the differences that are kept under a heading, migrations and tests being left to commands and to
    whoever reads it."""
    section = WALKS.read_text(encoding="utf-8").partition(f"\n### {walk}\n")[2].partition("\n#")[0]
    return set(re.findall(r"^\+\+\+ b/(\S+)$", section, re.MULTILINE))


def _python(*folders: str) -> Iterator[Path]:
    return (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))


def _sql(where: str) -> Iterator[tuple[bool, int]]:
    """(is it made of what is declared?, its lines) of each file."""
    for path in (path for folder in PRODUCT for path in (ROOT / folder).glob(where)):
        text = path.read_text(encoding="utf-8")
        yield text.startswith(FROM_DECLARATIONS), len(text.splitlines())


@cache
def measured() -> dict[str, int]:
    """What is read of the files of the tree, once a process. No database."""
    paths = list(_python(*PRODUCT))
    product = {path: path.read_text(encoding="utf-8") for path in paths if "migrations" not in path.parts}
    migrations = [path for path in paths if "migrations" in path.parts and path.stem[0].isdigit()]
    nodes = {path: list(ast.walk(ast.parse(source))) for path, source in product.items()}
    folders = Counter(path.parent for path in product if path.stem != "__init__")
    schema = (ROOT / "docs/schema.txt").read_text(encoding="utf-8").splitlines()
    sql = list(_sql("sql/*.sql"))
    triggers = [line for line in schema if line.lstrip().startswith("trigger ")]
    return {f"touch_{key}": len(touched(walk)) for key, walk in WALKED.items()} | {
        "code": sum(lines_of_code(source, nodes[path]) for path, source in product.items()),
        "files": len(product),
        "short": sum(len(source.splitlines()) < SHORT for source in product.values()),
        "by_place": sum(by_place(each) for path, each in nodes.items() if str(path.relative_to(ROOT)) not in LAID),
        "triggers": len(triggers),
        "by_hand": sum(MADE.search(line) is None for line in triggers),
        "sql": sum(lines for is_derived, lines in sql if not is_derived),
        "derived": sum(lines for is_derived, lines in sql if is_derived),
        "replaced": sum(lines for _, lines in _sql("sql/replaced/*.sql")),
        "migrations": sum(path.parent.name == "migrations" for path in migrations),
        "migrations_replaced": sum(path.parent.name == "replaced" for path in migrations),
        "folder": max(folders.values()),
        "told_lines": sum(bool(DIALECT.search(line)) for source in product.values() for line in source.splitlines()),
        "told_functions": len({name for each in nodes.values() for name in _functions(each) if "told" in name}),
    }


def _functions(nodes: Iterable[ast.AST]) -> Iterator[str]:
    return (node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def kept(where: Path = KEPT) -> dict[str, int]:
    """The measures as they were last kept."""
    found: dict[str, int] = json.loads(where.read_text(encoding="utf-8"))
    return found


def keep(figures: dict[str, int], where: Path = KEPT) -> None:
    """Keep the measures that the test holds, in the order of the table."""
    ordered = {each.key: figures[each.key] for each in MEASURES if each.key in HELD}
    where.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


def table_of(figures: dict[str, int]) -> str:
    """The table as one reads it: then, today, at most."""
    head = f"{'':<52}{'30 nov. 2026':>14}{'aujourd’hui':>13}{'au plus':>10}"
    return "\n".join([head, *(_line(each, figures.get(each.key)) for each in MEASURES)])


def _line(measure: Measure, now: int | None) -> str:
    then, today, most = (_figure(value) for value in (measure.then, now, measure.at_most))
    return f"{measure.words:<52}{then:>14}{today:>13}{most:>10}"


def _figure(value: int | None) -> str:
    return "–" if value is None else f"{value:,}".replace(",", " ")


def house(arguments: Sequence[str], where: Path = KEPT) -> int:
    """Print the table; with --keep, keep the measures that the test holds.

    Raises Refusal on anything else, or when one of them rose.
    """
    if set(arguments) - {"--keep", "--allow-more"}:
        raise Refusal("./run house ne prend que --keep, et avec lui --allow-more.")
    before = kept(where)
    figures = {**before, **measured()}
    print(table_of(figures))
    if "--keep" in arguments:
        more = [each for each in HELD if figures[each] > before.get(each, figures[each])]
        if more and "--allow-more" not in arguments:
            raise Refusal(
                f"A augmenté : {', '.join(more)}. Si c’est voulu, dites-en la raison et ajoutez --allow-more."
            )
        keep(figures, where)
        say(f"Mesures gardées dans {where.name}.")
    return 0
