"""docs/security.md answers every requirement of OWASP ASVS 5.0.0, levels 1 and 2, by what exists."""

from __future__ import annotations

import re

from tests.house.tree import ROOT

PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
#: Its requirements of levels 1 and 2, by section: the others are of level 3.
ASKED = """
1.1: 1-2; 1.2: 1-9; 1.3: 1-11; 1.4: 1-3; 1.5: 1-2; 2.1: 1-3; 2.2: 1-3; 2.3: 1-4; 2.4: 1; 3.2: 1-2;
3.3: 1-4; 3.4: 1-6; 3.5: 1-5; 3.7: 1-2; 4.1: 1-3; 4.2: 1; 4.3: 1-2; 4.4: 1-4; 5.1: 1; 5.2: 1-3;
5.3: 1-2; 5.4: 1-3; 6.1: 1-3; 6.2: 1-12; 6.3: 1-4; 6.4: 1-4; 6.5: 1-5; 6.6: 1-3; 6.8: 1-4; 7.1: 1-3;
7.2: 1-4; 7.3: 1-2; 7.4: 1-5; 7.5: 1-2; 7.6: 1-2; 8.1: 1-2; 8.2: 1-3; 8.3: 1; 8.4: 1; 9.1: 1-3;
9.2: 1-4; 10.1: 1-2; 10.2: 1-2; 10.3: 1-4; 10.4: 1-11; 10.5: 1-5; 10.6: 1-2; 10.7: 1-3; 11.1: 1-2;
11.2: 1-3; 11.3: 1-3; 11.4: 1-4; 11.5: 1; 11.6: 1; 12.1: 1-3; 12.2: 1-2; 12.3: 1-4; 13.1: 1;
13.2: 1-5; 13.3: 1-2; 13.4: 1-5; 14.1: 1-2; 14.2: 1-4; 14.3: 1-3; 15.1: 1-3; 15.2: 1-3; 15.3: 1-7;
16.1: 1; 16.2: 1-5; 16.3: 1-4; 16.4: 1-3; 16.5: 1-3; 17.1: 1; 17.2: 1-4; 17.3: 1-2;
"""


def asked() -> list[str]:
    """Each identifier, in the order of the standard."""
    found = []
    for section, numbers in re.findall(r"(\d+\.\d+): ([\d -]+)", ASKED):
        for part in numbers.split():
            first, _, last = part.partition("-")
            found += [f"{section}.{number}" for number in range(int(first), int(last or first) + 1)]
    return found


def test_every_requirement_of_levels_1_and_2_has_its_line() -> None:
    assert [row[0] for row in ROWS] == asked()
    assert len(ROWS) == 253
    assert {row[2] for row in ROWS} == {"held", "not applicable", "operator", "lacking"}


def test_every_proof_is_there() -> None:
    """A test by its name, a file by its path; what is held names at least one."""
    missing, unproved = [], []
    for number, _, verdict, proof in ROWS:
        named = [each for each in re.findall(r"`([^`]+)`", proof) if "/" in each or "." in each]
        for each in named:
            path, _, test = each.partition("::")
            if " " in path or "//" in path or not re.search(r"/|\.(md|toml|yml)$|^Dockerfile$|^\.dockerignore$", path):
                continue
            file = ROOT / path
            if not file.exists() or (test and f"def {test}(" not in file.read_text(encoding="utf-8")):
                missing.append(f"{number}: {each}")
        if verdict == "held" and not named:
            unproved.append(number)
    assert (missing, unproved) == ([], [])
