"""Every list that goes out as a file is asserted by the name of its columns, in one place: of a row whose values all
differ, two cells that change places are seen.

The declarations are read in the product: a list that is added has its row in a test, or this one fails."""

from __future__ import annotations

import importlib
import re

from reservations.exports.listing import Listing
from tests.house.tree import ROOT

#: Modules where lists are declared.
FILES = [
    *(path for app in ("reservations", "flux", "attributions") for path in (ROOT / app).rglob("exports/*.py")),
    ROOT / "attributions/notices/lists.py",
]
#: Asserted otherwise than by `listed`, and by what.
OTHERWISE = {
    ("flux.exports.inventory", "BEARERS"): "tests/flux/views/test_stock_right.py",  # a file of three levels, read whole
}


def declared() -> set[tuple[str, str]]:
    """(module, name) of each list of the product."""
    found = set()
    for path in FILES:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name, value in vars(importlib.import_module(module)).items():
            if isinstance(value, Listing) and f"\n{name}: Listing" in path.read_text(encoding="utf-8"):
                found.add((module, name))
    return found


def test_each_list_has_its_row_in_a_test() -> None:
    lists = declared()
    assert len(lists) > 35
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    missing = {
        (module, name)
        for module, name in lists - set(OTHERWISE)
        if not any(f"from {module} import" in text and re.search(rf"listed\(\s*{name},", text) for text in texts)
    }
    assert missing == set()
    assert set(OTHERWISE) <= lists
    assert [path for path in OTHERWISE.values() if not (ROOT / path).is_file()] == []
