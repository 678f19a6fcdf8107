"""docs/mutants.md: by module, how many faults the nearest tests see, as `./run mutants` found it."""

from __future__ import annotations

from collections.abc import Sequence

from tests.house.plants import ROOT

PAGE = ROOT / "docs/mutants.md"
HEAD = """# Mutants

Faults made of each module by operators (`tests/house/mutating.py`): comparisons and boundaries, filters, locks,
checks, permissions, recipients, cells of exports, variables of templates, signs, rounding, commit hooks. Each is
planted alone in a copy of the tree; the nearest tests are those beside the module, then those that import it. This
page is written by the command, never by hand:

    ./run mutants PATHS [--most N] [--tests N] [--left]

Asked: how many of the module’s faults were planted. What was not seen is under the table: a test is wanted there, or
the fault changes nothing.

| module | faults | asked | seen | in a hundred |
| --- | --: | --: | --: | --: |
"""


def _read() -> dict[str, tuple[int, int, list[str]]]:
    """By module: faults, asked, and those that were missed."""
    if not PAGE.exists():
        return {}
    found: dict[str, tuple[int, int, list[str]]] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            path, whole, asked, *_ = line.strip("| ").split(" | ")
            found[path.strip("`")] = int(whole), int(asked), []
        elif line.startswith("* `"):
            path, _, fault = line[3:].partition("` ")
            found[path][2].append(fault)
    return found


def left(path: str) -> list[str]:
    """The faults of a module that nothing saw."""
    return _read().get(path, (0, 0, []))[2]


def write(path: str, whole: int, asked: int, missed: Sequence[str], *, again: bool) -> None:
    """Put what was found of a module on the page; `again`: of those that were left only."""
    found = _read()
    if again:
        asked = found[path][1]
    found[path] = whole, asked, list(missed)
    rows = [
        f"| `{each}` | {whole} | {asked} | {asked - len(lost)} | {100 * (asked - len(lost)) // asked} |"
        for each, (whole, asked, lost) in sorted(found.items())
    ]
    lost = [f"* `{each}` {fault}" for each, (*_, faults) in sorted(found.items()) for fault in faults]
    text = HEAD + "\n".join(rows) + "\n"
    PAGE.write_text(text + ("\n" + "\n".join(lost) + "\n" if lost else ""), encoding="utf-8")
