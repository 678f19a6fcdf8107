"""The documents that are lists are built from what they list, and leave nothing of it out (`./run docs`)."""

from __future__ import annotations

import pytest

from attributions.public.rgaa import criteria, document
from tests.house import documents
from tests.house.rights import FILE
from tests.house.test_docs import glossary, states
from tests.house.tree import STOREYS, WINGS, doors

#: Modules that Django or Celery look for by name, and whose name says all.
NAMED_BY_DJANGO = {"management", "templatetags", "urls"}


def test_every_package_is_listed_by_its_docstring(pytestconfig: pytest.Config) -> None:
    page = documents.packages_page()
    documents.put(pytestconfig, "packages.md", page)
    every = {(app, name) for app in (*STOREYS, *WINGS) for name in doors(app)}
    assert all(f"| `{name}` |" in page for _, name in every)
    assert {name for app, name in every if not documents.summary(app, name)} <= NAMED_BY_DJANGO


def test_every_table_is_listed_with_its_meaning(pytestconfig: pytest.Config) -> None:
    page = documents.tables_page({name: entry[1] for name, entry in glossary().items()})
    documents.put(pytestconfig, "tables.md", page)
    assert [model for model in documents.our_models() if f"| `{model.__name__}` |" not in page] == []


def test_every_state_and_every_transition_is_listed(pytestconfig: pytest.Config) -> None:
    page = documents.states_page()
    documents.put(pytestconfig, "states.md", page)
    assert page.count("\n| `") == sum(len(list(values)) for _, values in documents.choices()) > 300
    assert sum(line.startswith("| ") for line in page.splitlines()) > len(documents.transitions()) + len(dict(states()))
    assert len(set(documents.transitions())) == len(documents.transitions()) > 100


def test_every_criterion_of_the_rgaa_is_listed(pytestconfig: pytest.Config) -> None:
    """RGAA 4.1.2: its 106 criteria."""
    page = document()
    documents.put(pytestconfig, "rgaa.md", page)
    assert [each.number for each in criteria() if f"| {each.number} |" not in page] == []


@pytest.mark.django_db
def test_every_function_and_every_trigger_is_listed_and_explained_by_its_file(pytestconfig: pytest.Config) -> None:
    page = documents.triggers_page()
    documents.put(pytestconfig, "triggers.md", page)
    homes = documents.made()
    assert {name for kind, _, name in homes if kind == "function"} == set(documents.functions())
    assert {(table, name) for kind, table, name in homes if kind == "trigger"} <= {
        (table, name) for table, name, *_ in documents.triggers()
    }
    assert [key for key, (_, words) in homes.items() if key[0] == "function" and not words] == []
    assert all(f"| `{table}` | `{name}` |" in page for table, name, *_ in documents.triggers())
    assert len(documents.triggers()) > 60


def test_what_is_reviewed_in_the_place_of_a_list_is_kept() -> None:
    """A change of what a list says is read in a data file of the repository."""
    assert all(path.is_file() for path in (FILE, documents.TRANSITIONS))
