"""Small faults of a dozen kinds, made of a module by operators of our own: what is written at which place instead."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

COMPARED = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
LOOKUPS = {"lt": "lte", "lte": "lt", "gt": "gte", "gte": "gt"}
#: What is done for others to know of it, or once it is committed.
NOTIFYING = re.compile(r"^(tell\w*|.*_mail|.*announce\w*|.*notify\w*)$")
HOOKED = re.compile(r"^(on_commit|wake_\w+|.*\.delay)$")
FILTERING = ("filter", "exclude")
IN_ORDER = re.compile(r"^from (\S+) import (?:\([^)]*?|.*?)\bin_order\b", re.MULTILINE)
VARIABLE = re.compile(r"{{ ([a-z_.]+)([^}]*)}}")


@dataclass(frozen=True)
class Mutant:
    """A fault: its kind, its line, what goes away, what takes its place, and the whole text with it."""

    kind: str
    line: int
    old: str
    new: str
    text: str

    def __str__(self) -> str:
        old, new = (" ".join(each.split()) for each in (self.old, self.new))
        return f"{self.line}: {self.kind}: `{old[:70]}` → `{new[:70]}`"


def mutants(path: str, text: str) -> list[Mutant]:
    """Every fault that the operators make of a file, in the order of its lines."""
    made = _variables(text) if path.endswith(".html") else _Python(path, text).faults()
    return sorted(made, key=lambda each: (each.line, each.kind, each.new))


def _variables(text: str) -> Iterator[Mutant]:
    """A variable of a template in the place of the next one."""
    found = list(VARIABLE.finditer(text))
    for one, other in pairwise(found):
        if one[1] != other[1]:
            new = f"{{{{ {other[1]}{one[2]}}}}}"
            whole = text[: one.start()] + new + text[one.end() :]
            yield Mutant("variable", text.count("\n", 0, one.start()) + 1, one[0], new, whole)


def _annotations(node: ast.AST) -> list[ast.expr]:
    """Types, which nothing computes."""
    found = [getattr(node, "annotation", None), getattr(node, "returns", None)]
    found += [node.value] if isinstance(node, ast.Assign) and _is_type(node.value) else []
    return [each for each in found if each is not None]


def _is_type(node: ast.expr) -> bool:
    """`Answer = str | None`, outside an annotation."""
    return isinstance(node, ast.BinOp) and any(
        isinstance(each, ast.Constant) and each.value is None for each in (node.left, node.right)
    )


def _locks(node: ast.AST, text: str) -> bool:
    """A lock, and not an order that another module calls by the same name."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute):
        return node.func.attr == "select_for_update"
    if not (isinstance(node.func, ast.Name) and node.func.id == "in_order" and node.args):
        return False
    imported = IN_ORDER.search(text)
    return imported is None or imported[1].startswith("reservations.models")


def locking(text: str) -> set[str]:
    """The functions of a module that lock rows, those inside them with them: `Class.function`."""
    found: set[str] = set()

    def walk(node: ast.AST, names: tuple[str, ...], *, inside: bool) -> None:
        for each in ast.iter_child_nodes(node):
            own, deep = names, inside
            if isinstance(each, (ast.FunctionDef, ast.ClassDef)) and not inside:
                own, deep = (*names, each.name), isinstance(each, ast.FunctionDef)
            if _locks(each, text):
                found.add(".".join(own))
            walk(each, own, inside=deep)

    if "in_order(" in text or "select_for_update(" in text:
        walk(ast.parse(text), (), inside=False)
    return found


class _Python:
    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.starts = [0]
        for line in text.encode().splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def faults(self) -> Iterator[Mutant]:
        tree = ast.parse(self.text)
        names = {id(inner) for node in ast.walk(tree) for outer in _annotations(node) for inner in ast.walk(outer)}
        for node in ast.walk(tree):
            if id(node) in names:
                continue
            for operator in (self._compared, self._looked_up, self._called, self._joined, self._counted, self._cells):
                yield from operator(node)
            if isinstance(node, ast.Expr):
                yield from self._done(node)
            if isinstance(node, ast.Return) and "permissions" in self.path and node.value is not None:
                yield self._instead("permission", node.value, "True")

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self.starts[node.lineno - 1] + node.col_offset,
            self.starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def _source(self, node: ast.expr | ast.stmt) -> str:
        begin, end = self._span(node)
        return self.text.encode()[begin:end].decode()

    def _instead(self, kind: str, node: ast.expr | ast.stmt, new: str, old: str = "") -> Mutant:
        begin, end = self._span(node)
        whole = self.text.encode()
        text = (whole[:begin] + new.encode() + whole[end:]).decode()
        return Mutant(kind, node.lineno, old or self._source(node), new, text)

    def _compared(self, node: ast.AST) -> Iterator[Mutant]:
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
            _, other = COMPARED[type(node.ops[0])]
            new = f"{self._source(node.left)} {other} {self._source(node.comparators[0])}"
            yield self._instead("comparison", node, new)

    def _looked_up(self, node: ast.AST) -> Iterator[Mutant]:
        if isinstance(node, ast.keyword) and node.arg and (last := node.arg.rpartition("__"))[2] in LOOKUPS and last[0]:
            name = f"{last[0]}__{LOOKUPS[last[2]]}"
            old = f"{node.arg}={self._source(node.value)}"
            begin, end = self.starts[node.lineno - 1] + node.col_offset, self._span(node.value)[1]
            whole = self.text.encode()
            new = f"{name}={self._source(node.value)}"
            yield Mutant("boundary", node.lineno, old, new, (whole[:begin] + new.encode() + whole[end:]).decode())

    def _called(self, node: ast.AST) -> Iterator[Mutant]:
        if not isinstance(node, ast.Call):
            return
        if isinstance(node.func, ast.Attribute) and node.func.attr in FILTERING:
            receiver = self._source(node.func.value)
            if not receiver.endswith(".objects") and (node.args or node.keywords):
                yield self._instead(node.func.attr, node, receiver)
            elif node.args or node.keywords:
                yield self._instead(node.func.attr, node, f"{receiver}.all()")
        if _locks(node, self.text):
            rows = node.func.value if isinstance(node.func, ast.Attribute) else node.args[0]
            yield self._instead("lock", node, self._source(rows))
        if isinstance(node.func, ast.Name) and node.func.id == "round" and node.args:
            yield self._instead("rounding", node, f"int({self._source(node.args[0])})")

    def _joined(self, node: ast.AST) -> Iterator[Mutant]:
        if isinstance(node, ast.BoolOp):
            for number in range(len(node.values)):
                left = [each for place, each in enumerate(node.values) if place != number]
                word = " and " if isinstance(node.op, ast.And) else " or "
                kept = word.join(f"({self._source(each)})" for each in left)
                yield self._instead("condition", node, f"({kept})")
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield self._instead("condition", node, f"bool({self._source(node.operand)})")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            yield self._instead("recipient", node, self._source(node.left))

    def _counted(self, node: ast.AST) -> Iterator[Mutant]:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
            left, right = self._source(node.left), self._source(node.right)
            yield self._instead("rounding", node, f"-(-({left}) // ({right}))")
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            one = isinstance(node.right, ast.Constant) and node.right.value == 1
            other = "-" if isinstance(node.op, ast.Add) else "+"
            if one:
                yield self._instead("boundary", node, self._source(node.left))
            elif not any(isinstance(each, (ast.JoinedStr, ast.Constant, ast.List)) for each in (node.left, node.right)):
                yield self._instead("sign", node, f"{self._source(node.left)} {other} {self._source(node.right)}")

    def _cells(self, node: ast.AST) -> Iterator[Mutant]:
        if "exports" in self.path and isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            for one, other in pairwise(node.value.elts):
                if not any(isinstance(each, (ast.Starred, ast.Constant)) for each in (one, other)):
                    begin, end = self._span(one)[0], self._span(other)[1]
                    whole = self.text.encode()
                    new = f"{self._source(other)}, {self._source(one)}"
                    old = f"{self._source(one)}, {self._source(other)}"
                    text = (whole[:begin] + new.encode() + whole[end:]).decode()
                    yield Mutant("cell", one.lineno, old, new, text)

    def _done(self, node: ast.Expr) -> Iterator[Mutant]:
        """What is done for its effect alone, and is not done."""
        if isinstance(node.value, ast.Call):
            name = ast.unparse(node.value.func)
            short = name.rpartition(".")[2]
            if NOTIFYING.match(short):
                yield self._instead("recipient", node, "pass")
            elif HOOKED.match(short) or HOOKED.match(name):
                yield self._instead("hook", node, "pass")
            elif isinstance(node.value.func, ast.Name) and short.startswith(("check_", "_check")):
                yield self._instead("check", node, "pass")


#: What reads the rows that each act locks, and compares them with docs/locks.md.
LOCKED = "tests/concurrency/test_pairs.py::test_each_act_locks_what_the_page_says_in_the_one_order"


def before(mutant: Mutant, tests: list[str], most: int | None = None) -> list[str]:
    """The tests that a fault is planted before, `most` of them: of a lock, what reads the rows that are locked first,
    then those of acts at once."""
    if mutant.kind != "lock":
        return tests[:most]
    return [LOCKED, *sorted(tests, key=lambda each: not each.startswith("tests/concurrency/"))[:most]]


def nearest(path: str, users: dict[str, set[str]]) -> list[str]:
    """The test modules of a file: the one beside it first, then those that import it; of a template or a form, those of
    the views that draw it. None in `tests/house`, which read the tree."""
    found = users.get(path, set())
    if path.endswith(".html") or "/forms/" in path:
        found = {test for view in found for test in {view, *users.get(view, ())}}
    tests = {each for each in found if each.startswith("tests/") and Path(each).name.startswith("test_")}
    stem = Path(path).stem
    return sorted(
        (each for each in tests if not each.startswith("tests/house/")),
        key=lambda each: (
            Path(each).stem != f"test_{stem}",
            not each.startswith(f"tests/{Path(path).parent}/"),
            -SequenceMatcher(None, Path(each).stem, f"test_{stem}").ratio(),  # test_objective.py, of objectives.py
            each,
        ),
    )
