"""The house as files: what the tests of this folder read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOREYS = ("reservations", "flux", "attributions")
WINGS = ("attributions/bilan", "attributions/households")
PACKAGES = ("config", *STOREYS, "benchmarks")


def modules(*folders: str) -> list[Path]:
    """Every Python file of ours in these folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def templates() -> list[Path]:
    """Every template."""
    return sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


def shown(path: Path) -> str:
    """A path as one reads it in a message: from the root of the tree."""
    return str(path.relative_to(ROOT))


def doors(storey: str) -> set[str]:
    """Names of the modules and packages of a storey, or of a wing, that hold some Python, but for Django's own
    furniture: there is where it looks for the tables of a storey whose wings hold them."""
    found = set()
    furniture = {"__init__", "apps", "models"} if storey == "attributions" else {"__init__", "apps"}
    for path in (ROOT / storey).iterdir():
        if path.suffix == ".py" and path.stem not in furniture:
            found.add(path.stem)
        elif path.name not in {"migrations", "__pycache__"} and any(file.stat().st_size for file in path.rglob("*.py")):
            found.add(path.name)
    return found


def over[Thing](things: Iterable[Thing], name: Callable[[Thing], str]) -> Callable[[Callable[[Thing], None]], object]:
    """One test of many things: it names each of those for which the decorated check fails, and why.

    A check of a millisecond run two thousand times as so many tests costs pytest ten seconds a process.
    """

    def decorate(check: Callable[[Thing], None]) -> Callable[[], None]:
        def test() -> None:
            wrong = []
            for thing in things:
                try:
                    check(thing)
                except AssertionError as error:
                    wrong.append(f"{name(thing)}: {error}")
            assert wrong == [], "\n".join(wrong)

        test.__name__, test.__doc__, test.__module__ = check.__name__, check.__doc__, check.__module__
        return test

    return decorate


def over_files(paths: Iterable[Path]) -> Callable[[Callable[[Path], None]], object]:
    """The same of files."""
    return over(paths, shown)
