"""A fault that a test has to see: a text that stands once in the product, and what is written in its place.

Whatever moves the text to another file leaves the fault where it is, and an anchor that is gone, or that stands twice,
is refused by `tests/house/planting.py`, which plants them in a copy of the tree, and by `tests/house/test_plants.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEARCHED = ("templates", "reservations", "flux", "attributions", "config")

#: What replaced files are kept under: they are applied to no new database.
REPLACED = "replaced"


@dataclass(frozen=True)
class Plant:
    """What goes wrong, the text that stands once in the product, and what takes its place. `kind`: which of the sixteen
    kinds of faults it is; `tests`: the nearest test modules, which have to see it."""

    what: str
    anchor: str
    instead: str
    kind: str = ""
    tests: tuple[str, ...] = ()


@cache
def sources() -> dict[Path, str]:
    """What a fault may be planted in, read once: modules, templates, and the SQL that a new database is given."""
    kept = {}
    for folder in SEARCHED:
        for path in sorted((ROOT / folder).rglob("*")):
            parts = path.relative_to(ROOT).parts
            if path.suffix in (".html", ".py", ".sql") and not {"migrations", REPLACED}.intersection(parts):
                kept[path] = path.read_text(encoding="utf-8")
    return kept


def where(anchor: str) -> list[Path]:
    """The files of the product in which a text stands, once for each time. Of the files of SQL the last one alone: it
    is what a database is left with, whatever those before it made."""
    found = [path for path, text in sources().items() for _ in range(text.count(anchor))]
    written = [path for path in found if path.suffix == ".sql"]
    return [path for path in found if path not in written or path == written[-1]]
