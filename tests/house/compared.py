"""Two writings of every page (tests/house/pages.py), and what differs between them, to be read.

.venv/bin/python -m tests.house.compared before.json after.json
"""

from __future__ import annotations

import difflib
import json
import sys
from pathlib import Path


def compare(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    """What differs, to be read: pages that came or went, then a diff for each set of pages that changed alike."""
    rows = [f"- {key}" for key in sorted(before.keys() - after.keys())]
    rows += [f"+ {key}" for key in sorted(after.keys() - before.keys())]
    alike: dict[str, list[str]] = {}
    for key in sorted(before.keys() & after.keys()):
        if before[key] != after[key]:
            lines = list(difflib.unified_diff(before[key], after[key], lineterm="", n=1))[2:]
            told_once = "\n".join(line for line in lines if not line.startswith("@@"))
            alike.setdefault(told_once, []).append(key)
    for lines_of, keys in sorted(alike.items(), key=lambda pair: pair[1]):
        rows += ["", f"= {keys[0]}" + (f"  (and {len(keys) - 1} more alike)" if len(keys) > 1 else ""), lines_of]
    return rows


def main(before: str, after: str) -> int:
    result = compare(*(json.loads(Path(name).read_text(encoding="utf-8")) for name in (before, after)))
    print("\n".join(result) or "Every page is the same.")  # noqa: T201
    return 1 if result else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
