"""The documents are true: they name what exists, and everything that must be named."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from django.apps import apps
from django.db import models

from config.local import house
from flux.engine import recorded, rule, window
from flux.engine.versions import VERSIONS
from tests.house.documents import BUILT, FOLDER
from tests.house.tree import ROOT, STOREYS, WINGS, doors, over_files, shown

DOCS = sorted(path for path in (ROOT / "docs").rglob("*.md") if ROOT / FOLDER not in path.parents)
PATH = re.compile(r"`([a-z_.]+(?:/[\w.-]+)*/?)(?:::\w+)?`", re.IGNORECASE)
FILES = (".py", ".sql", ".md", ".toml", ".html", ".yml", ".css", ".txt", ".csv", ".json")


#: What `./run docs` writes: named, and not kept.
BUILDS = {f"{FOLDER}/", *(f"{FOLDER}/{name}" for name in BUILT)}


def table(text: str, *, under: str = "", after: str = "") -> list[list[str]]:
    """Rows of the tables under a heading that starts so, and whose own header starts so; cells without backticks."""
    rows: list[list[str]] = []
    heading, header = "", ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if not line.startswith("|"):
            header = ""
        elif not header:
            header = line
        elif not set(line) <= set("|-: ") and heading.startswith(under) and header.startswith(after):
            rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows


def house_models() -> list[type[models.Model]]:
    return [model for storey in STOREYS for model in apps.get_app_config(storey).get_models()]


def states() -> Iterator[tuple[str, str]]:
    """(identifier, French) of every value of every choice declared in a model, or in what it inherits from."""
    for model in house_models():
        declared = {name: choices for base in reversed(model.__mro__) for name, choices in vars(base).items()}
        for name, choices in declared.items():
            if isinstance(choices, type) and issubclass(choices, models.Choices):
                for value in choices:
                    yield f"{model.__name__}.{name}.{value.name}", str(value.label)


REASONS = {
    *(rule.ONLY_ONE, rule.DEADLINE, rule.TIE, rule.LARGEST_DELAY, rule.PROFILE, rule.FALLBACK, recorded.RECORDED),
    *(window.KNOWN_DEADLINE, window.KNOWN_MIX),
}

#: Words of the engine that are no class: attributes of these facts.
QUANTITIES = {
    *("due", "received", "delay", "lack", "share", "safe"),
    *("known", "plan", "limits", "excess", "mix"),
}


# --- glossary ---


def glossary() -> dict[str, list[str]]:
    rows = table((ROOT / "docs/glossary.md").read_text(encoding="utf-8"))
    assert len({row[0] for row in rows}) == len(rows), "a word has two entries"
    return {row[0]: row[1:] for row in rows}


def test_glossary_has_every_model_and_reason_and_names_nothing_that_is_not_there() -> None:
    """A state has an entry when its French word leaves something to explain; `./run docs` lists them all."""
    models, known = {model.__name__ for model in house_models()}, set(glossary())
    assert models | REASONS | QUANTITIES <= known
    assert known <= models | REASONS | QUANTITIES | {name for name, _ in states()}
    unexplained = [name for name, (_, meaning, source) in glossary().items() if not meaning and source == "–"]
    assert [name for name in unexplained if "." in name] == []


def test_glossary_says_the_french_that_screens_show() -> None:
    shown_on_screen = dict(states()) | {model.__name__: str(model._meta.verbose_name) for model in house_models()}
    written = {name: row[0] for name, row in glossary().items() if name in shown_on_screen}
    assert written == {name: shown_on_screen[name] for name in written}


def test_every_entry_of_the_glossary_has_a_term_and_a_source() -> None:
    assert [name for name, (term, _, source) in glossary().items() if not (term and source)] == []


def test_every_model_of_the_glossary_has_a_meaning() -> None:
    entries = glossary()
    assert [model.__name__ for model in house_models() if not entries[model.__name__][1]] == []


def test_every_reason_is_one_that_the_rule_gives() -> None:
    given = {
        name
        for each in (rule, window, recorded)
        for name, value in vars(each).items()
        if name.isupper() and name == value
    }
    assert given == REASONS


# --- paths and packages ---


@over_files(DOCS)
def test_every_path_named_in_a_document_exists(path) -> None:
    named = {
        found
        for found in PATH.findall(path.read_text(encoding="utf-8"))
        if found.endswith("/") or (found.endswith(FILES) and "/" in found)
    } - BUILDS
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


#: What any package may import: in no contract of layers.
LEAVES = {"refusals", "rounding", "templatetags", "financing", "deadlines"}


def test_every_package_but_the_leaves_is_in_a_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    listed = {
        container.replace(".", "/"): {w.strip(" ()") for layer in contract["layers"] for w in layer.split("|")}
        for contract in contracts
        if contract["name"].startswith("Doors of")
        for container in contract["containers"]
    }
    houses = (*STOREYS, *WINGS)
    assert {each: sorted(doors(each) - listed[each] - LEAVES) for each in houses} == {each: [] for each in houses}


# --- what a newcomer follows ---

#: The walks of CONTRIBUTING.md: of two of them, `./run house` counts no file.
WALKS = {"Un nombre", "Une page", *house.WALKED.values()}


def hunks(text: str) -> Iterator[tuple[str, str, str]]:
    """(file, the lines that a hunk finds there, what it makes of them) of every difference of a page, blank lines
    apart."""
    for block in re.findall(r"```diff\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^--- ", block, flags=re.MULTILINE)[1:]:
            name, _, body = part.partition("\n")
            for hunk in "\n".join(body.splitlines()[1:]).split("@@"):
                lines = [line for line in hunk.splitlines() if line[1:].strip()]
                old, new = ("\n".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +"))
                yield name.removeprefix("a/"), old, new


def test_the_walks_of_a_newcomer_apply() -> None:
    """Each difference finds its lines once in the file of today, and what it makes of it is Python."""
    sections = re.split(r"^#+ (.+)$", house.WALKS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    walks = {heading: list(hunks(body)) for heading, body in zip(sections[::2], sections[1::2], strict=True)}
    assert {heading for heading, found in walks.items() if found} == WALKS
    for heading, found in walks.items():
        files: dict[str, str] = {}
        for name, old, new in found:
            if name == "/dev/null":
                continue
            if name not in files:
                lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
                files[name] = "\n".join(filter(str.strip, lines)) + "\n"
            assert old, (heading, name)
            assert files[name].count(f"{old}\n") == 1, (heading, name, old)
            files[name] = files[name].replace(f"{old}\n", f"{new}\n")
        for name, text in files.items():
            compile(text, name, "exec")


# --- the rule, the decisions ---


def test_page_of_the_rule_names_every_reason_and_every_version() -> None:
    text = (ROOT / "docs/engine.md").read_text(encoding="utf-8")
    assert [reason for reason in sorted(REASONS) if reason not in text] == []
    assert [version for version in VERSIONS if f"version {version}" not in text] == []


@over_files(sorted((ROOT / "docs/decisions").glob("*.md")))
def test_decision_is_numbered_short_and_says_what_follows(path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(path.name[:4])}. "), shown(path)
    assert len(text.splitlines()) <= 30
    assert [part for part in ("**Context.**", "**Decision.**", "**Consequences.**") if part not in text] == []


def test_the_page_of_a_newcomer_is_short() -> None:
    assert len((ROOT / "docs/architecture.md").read_text(encoding="utf-8").split()) <= 1500


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
