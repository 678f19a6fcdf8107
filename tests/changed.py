"""`--changed COMMIT`: the test modules that depend on what changed since a commit, by imports, templates and addresses.

A file depends on the modules that it imports, on the templates that it names, and, for a test, on the views whose
addresses it names and on the module whose path it mirrors. What nothing here follows (settings, locks, data) concerns
every test; tests that read the tree as files are always taken. It replaces nothing: `./run test` verifies all.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("config", "reservations", "flux", "attributions", "benchmarks", "tests")

IMPORT = re.compile(r"^\s*(?:from ([\w.]+) import (?:\(([^)]*)\)|([^(\n#]*))|import ([\w.]+))", re.MULTILINE)
NAMED = re.compile(r"[\"']([\w./-]+\.html)[\"'#]")
STRING = re.compile(r"[\"'f]([a-z][a-z0-9-]*)[\"']")

#: Files that no test depends on.
UNREAD = {"CHANGELOG.md", "SECURITY.md", "publiccode.yml", "LICENSE"}


@dataclass(frozen=True)
class Changed:
    """Paths from the root that changed."""

    paths: frozenset[str]

    @classmethod
    def since(cls, commit: str) -> Changed:
        """What differs from this commit, committed or not. Raises CalledProcessError when Git knows no such commit."""
        asked = (["diff", "--name-only", commit], ["ls-files", "--others", "--exclude-standard"])
        answers = [
            subprocess.run(["git", *each], cwd=ROOT, capture_output=True, text=True, check=True) for each in asked
        ]
        return cls(frozenset(line for answer in answers for line in answer.stdout.splitlines()))

    def concerns(self, test: Path) -> bool:
        """Does a test module depend on what changed?"""
        return self._everything or str(test.relative_to(ROOT)) in self._concerned

    @cached_property
    def _everything(self) -> bool:
        return any(not _is_followed(path) for path in self.paths)

    @cached_property
    def _concerned(self) -> set[str]:
        """Every file from which a changed one is reached, and those that read the tree."""
        users = dependents(files())
        reached = set(self.paths) | {path for path in users if _reads_the_tree(path)}
        waiting = list(reached)
        while waiting:
            for user in users.get(waiting.pop(), ()):
                if user not in reached:
                    reached.add(user)
                    waiting.append(user)
        return reached


def _is_followed(path: str) -> bool:
    """Do we know what depends on this file?"""
    kind = Path(path).suffix
    return (
        kind in {".html", ".md", ".sql", ".js", ".css"}
        or path in UNREAD
        or (kind == ".py" and path.split("/", maxsplit=1)[0] in PACKAGES and path != "config/settings.py")
    )


def _reads_the_tree(path: str) -> bool:
    return path == "tests/house/tree.py"


def files() -> dict[str, str]:
    """The text of every module and template of ours, by its path from the root."""
    found = {}
    for folder in (*PACKAGES, "templates"):
        for kind in ("*.py", "*.html"):
            for path in (ROOT / folder).rglob(kind):
                found[str(path.relative_to(ROOT))] = path.read_text(encoding="utf-8")
    return found


def dependents(texts: dict[str, str], views: Callable[[], dict[str, str]] | None = None) -> dict[str, set[str]]:
    """{a file: the files that depend on it} for these texts; `views` gives the module of the view of each address."""
    by_address = (views or view_modules)()
    users: dict[str, set[str]] = {path: set() for path in texts}

    def depend(user: str, used: Iterable[str]) -> None:
        for each in used:
            if each != user:
                users.setdefault(each, set()).add(user)

    for path, text in texts.items():
        if path.endswith(".html"):
            depend(path, (f"templates/{name}" for name in NAMED.findall(text)))
            continue
        depend(path, _imported(path, text, texts))
        depend(path, (f"templates/{name}" for name in NAMED.findall(text) if f"templates/{name}" in texts))
        if path.startswith("tests/"):
            depend(path, {by_address[name] for name in STRING.findall(text) if name in by_address})
            mirrored = re.sub(r"^tests/(.*)/test_(\w+)\.py$", r"\1/\2.py", path)
            depend(path, [mirrored] if mirrored in texts else [])
            depend(path, (str(Path(folder) / "conftest.py") for folder in Path(path).parents))
        elif "/migrations/" in path:
            depend(f"{path.split('/')[0]}/models/__init__.py", [path])
    return users


def _imported(path: str, text: str, texts: dict[str, str]) -> Iterator[str]:
    for module, several, one_line, plain in IMPORT.findall(text):
        base = (module or plain).replace(".", "/")
        for each in (base, *(f"{base}/{name.strip().split(' ')[0]}" for name in (several or one_line).split(","))):
            for file in (f"{each}.py", f"{each}/__init__.py"):
                if file in texts:
                    yield file


def view_modules() -> dict[str, str]:
    """{the name of an address: the path of the module of its view}"""

    def walk(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            elif pattern.name:
                view = getattr(pattern.callback, "view_class", getattr(pattern.callback, "cls", pattern.callback))
                yield pattern.name, f"{view.__module__.replace('.', '/')}.py"

    return dict(walk(get_resolver().url_patterns))
