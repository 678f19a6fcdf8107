"""What a prepared database was made from: when one byte of it changes, the database is made again."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from config.local.state import ROOT

STOREYS = ("reservations", "flux", "attributions")
KEPT = {".py", ".sql", ".csv", ".gz", ".json", ".txt"}  # not what Python or an editor leaves beside them
#: What decides of the tables and of the rows that migrations record (tests/config/test_fingerprint.py holds it).
TABLES = (
    *(f"{storey}/{door}" for storey in STOREYS for door in ("*.py", "migrations", "sql", "models", "*/models")),
    "attributions/bilan/reconciliation.py",
    "config/settings.py",
    "requirements/local.txt",
)
#: Doors that the demonstration may not import (the import contracts say so): what they show is no part of its rows.
ABOVE = {"urls.py", "views", "api", "context.py"}
#: What decides of the rows of the demonstration.
STORY = (
    *STOREYS,
    "config/settings.py",
    "requirements/local.txt",
)
#: What decides whether a database that was recorded is to be brought up to date: migrations, and what is loaded.
LAID = (
    *(f"{storey}/{door}" for storey in STOREYS for door in ("migrations", "sql")),
    "reservations/data",
    "requirements/local.txt",
)
#: The story itself, and the units that it reports.
STORY_SOURCES = ("attributions/demonstration", "flux/data")


def fingerprint(*places: str) -> str:
    """A short name for the content of these files and folders, paths from the root; the same on every machine."""
    digest = hashlib.sha256()
    for path in _files(places):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _files(places: tuple[str, ...]) -> Iterator[Path]:
    """The files of these places in one order."""
    for place in sorted(places):
        for path in sorted(ROOT.glob(place)):
            inside = sorted(path.rglob("*")) if path.is_dir() else [path]
            yield from (each for each in inside if each.is_file() and each.suffix in KEPT and not _is_above(each, path))


def _is_above(path: Path, place: Path) -> bool:
    """Is it behind a door that only shows?"""
    return path != place and path.relative_to(place).parts[0] in ABOVE
