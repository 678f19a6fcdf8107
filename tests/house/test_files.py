"""What every file of the house keeps to."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from tests.house.test_docs import house_models
from tests.house.tree import PACKAGES, ROOT, modules, over, over_files, shown, templates

CODE = [path for path in modules(*PACKAGES) if "migrations" not in path.parts]


@over_files(CODE)
def test_no_module_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_filters_are_for_templates_alone() -> None:
    """What acts, pages and files say too is a plain function, of `words` or of `pages`."""
    asked = [
        f"{shown(path)}: {node.module}"
        for path in CODE
        if "templatetags" not in path.parts and path.name != "apps.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and "templatetags" in node.module
    ]
    assert asked == []


def test_nothing_is_called_utils_or_common() -> None:
    assert [shown(path) for path in CODE if path.stem in {"utils", "common", "helpers", "misc"}] == []


def test_every_module_says_what_it_is_for() -> None:
    """A docstring at the head of each module that holds something, but for lists of addresses."""
    silent = [
        shown(path)
        for path in CODE
        if path.stem not in {"urls", "apps"}
        and (tree := ast.parse(path.read_text(encoding="utf-8"))).body
        and not ast.get_docstring(tree)
    ]
    assert silent == []


def test_every_public_act_query_and_predicate_has_a_docstring() -> None:
    silent = [
        f"{shown(path)}: {node.name}"
        for path in CODE
        if {"operations", "queries", "engine"} & set(path.with_suffix("").parts)
        or path.stem in {"permissions", "situation", "wakeups"}
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_acts_are_keyword_only() -> None:
    """Functions that open a transaction, in operations: every argument has its name at the call."""
    positional = [
        f"{shown(path)}: {node.name}"
        for path in CODE
        if "operations" in path.parts
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and any("atomic" in ast.unparse(decorator) for decorator in node.decorator_list)
        and (node.args.args or node.args.posonlyargs)
    ]
    assert positional == []


def addresses() -> dict[str, URLPattern]:
    """Every address of ours by its name."""

    def walk(patterns: list[URLPattern | URLResolver]) -> list[URLPattern]:
        return [
            found
            for pattern in patterns
            for found in (walk(pattern.url_patterns) if isinstance(pattern, URLResolver) else [pattern])
        ]

    return {str(pattern.name): pattern for pattern in walk(get_resolver().url_patterns)}


def test_every_address_has_a_name_and_its_view_a_docstring() -> None:
    found = addresses()
    assert "None" not in found
    assert [name for name, pattern in found.items() if not (pattern.callback.__doc__ or "").strip()] == []


def test_a_view_is_whole_on_its_storey() -> None:
    """No act nor read is handed to it through its address: what a page shows is imported by the page."""
    given = {name: pattern.default_args for name, pattern in addresses().items()}
    assert {name: arguments for name, arguments in given.items() if arguments} == {}


@over(house_models(), lambda model: model.__name__)
def test_every_table_has_an_order_a_french_name_and_a_sentence(model: type[models.Model]) -> None:
    assert model._meta.ordering
    assert str(model._meta.verbose_name) != model._meta.object_name.lower() or model.__name__ in {
        "Organisation",
        "Convention",
        "Programme",
        "Invitation",
    }
    assert "__str__" in vars(model)
    assert model.__doc__
    assert not model.__doc__.startswith(f"{model.__name__}(")


#: Constraints that no person can trigger: the operations count under a lock, or write what they have just read.
OUT_OF_REACH = {
    "account_month_unique",
    "balance_dispatch_once",
    "carried_over_ordinal",
    "choice_count_unique",
    "flow_cell_unique",
    "flow_count_unique",
    "forecast_dispatch_once",
    "forecast_line_unique_category",
    "ledger_unique_landlord_departement_exercise_kind",
    "ledger_line_unique_holder",
    "lease_count_unique",
    "place_cell_unique",
    "one_node_a_place",
    "one_salt_a_row",
    "place_count_unique",
    "programme_unique_number",
    "recommendation_unique_attempt",
    "recommendation_unique_sequence",
    "replayed_year_once",
    "request_reader_unique",
    "routing_count_unique",
    "span_count_unique",
    "unit_reader_unique",
}


def test_every_constraint_that_a_person_can_trigger_says_no_in_french() -> None:
    """Its own sentence, not Django's « La contrainte … n'est pas respectée »."""
    constraints = {c.name: c for model in house_models() for c in model._meta.constraints}
    silent = {
        name
        for name, constraint in constraints.items()
        if constraint.violation_error_message == constraint.default_violation_error_message
    }
    assert silent == OUT_OF_REACH
    spoken = {name: str(c.violation_error_message) for name, c in constraints.items() if name not in silent}
    assert [name for name, words in spoken.items() if not words.endswith(".") or "'" in words] == []


def written() -> list[Path]:
    """Every text file of ours: code, pages, documents, settings; not data, nor what tools leave behind."""
    suffixes = {".py", ".md", ".toml", ".html", ".css", ".js", ".yml", ".txt", ""}
    ours = [path for path in ROOT.iterdir() if path.name in {".ci", ".gitignore"} or not path.name.startswith(".")]
    files = [file for path in ours for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]
    return [file for file in files if file.suffix in suffixes and not {"__pycache__", "staticfiles"} & set(file.parts)]


#: Written in pieces, so that this file does not hold them.
REGISTRIES = ["pypi" + r"\.org", "python" + r"hosted\.org", "npm" + r"js\."]
FORBIDDEN = re.compile("|".join([*REGISTRIES, r"(?<![\w.}])/(?:wo" + "rk|ro" + "ot|ho" + "me)/"]))


def test_no_file_holds_a_registry_or_a_path_of_somebodys_machine() -> None:
    found = [
        f"{shown(path)}: {words}"
        for path in written()
        for words in FORBIDDEN.findall(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_nothing_is_left_to_do_in_the_code() -> None:
    marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
    assert [shown(p) for p in written() if any(mark in p.read_text(errors="replace") for mark in marks)] == []


def test_a_list_of_the_law_is_never_counted_in_a_sentence() -> None:
    """CCH, R441-5 I closes the list of what leaves the flow today; how long it is, a decree may change."""
    result = re.compile(r"\bcinq\s+(?:motifs|catégories)|parmi les cinq\b")
    pages = [*CODE, *templates()]
    assert [shown(path) for path in pages if result.search(path.read_text(encoding="utf-8"))] == []


#: Words that say nothing alone: the name of a class says the row of what.
VAGUE = {"Row", "Line", "Standing", "Place", "Step", "Cell"}


def test_what_few_ask_for_is_loaded_when_it_is_asked_for() -> None:
    """Each command, worker and clock loads the models: calendars and workbooks would be an eighth of its start."""
    at_once = re.compile(r"^(?:import|from) (?:holidays|openpyxl)\b.*", re.MULTILINE)
    early = [
        f"{shown(path)}: {found[0]}"
        for path in modules("config", "reservations", "flux", "attributions")
        for found in at_once.finditer(path.read_text(encoding="utf-8"))
    ]
    assert early == [], "import it in the function that asks for it"


def test_no_class_has_a_name_that_another_room_could_take() -> None:
    named = [
        f"{shown(path)}: {node.name}"
        for path in CODE
        if {"reservations", "flux", "attributions"} & set(path.parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name in VAGUE
    ]
    assert named == []
