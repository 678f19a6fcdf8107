"""Initial financing of a unit: codes of RPLS item 32 and the groups that accounts and balances use.

The grouping is that of `data/finan_codes.csv`; it is to be confirmed by an administrator of the territory.
"""

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path

GROUPS = ("PLAI", "PLUS", "PLS", "PLI", "AUTRE")


@cache
def _table() -> dict[str, tuple[str, str]]:
    path = Path(__file__).parent / "data" / "finan_codes.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["FINAN"]: (row["label"], row["groupe"]) for row in csv.DictReader(lines)}


def is_known(code: str) -> bool:
    """True when `code` is a financing code of RPLS."""
    return code in _table()


def group_of(code: str) -> str:
    """The group (PLAI, PLUS, PLS, PLI, AUTRE) of a code, or "" when the financing is not given."""
    return _table()[code][1] if code else ""


def label_of(code: str) -> str:
    """The plain name of a code."""
    return _table()[code][0] if code else "non renseigné"


def codes() -> Iterable[str]:
    """Every code, in the order of the file."""
    return list(_table())


def codes_of(group: str) -> Iterable[str]:
    """The codes of a group."""
    return [code for code, (_, of) in _table().items() if of == group]
