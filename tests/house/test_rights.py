"""docs/rights.md and reservations/data/rights.csv are what the predicates answer, and leave none of them out."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from django.apps import apps

from tests.house.rights import (
    FILE,
    OWN,
    PAGE,
    PERSONAL,
    Role,
    as_csv,
    asked,
    cast,
    known,
    may,
    personal,
    predicates,
    seen,
)
from tests.house.rights_page import page
from tests.house.test_seeing import things
from tests.world import World

__all__ = ["things"]


def test_the_matrix_is_what_the_predicates_answer(
    world: World, things: dict[str, dict[str, Any]], pytestconfig: pytest.Config
) -> None:
    """Role × act × object, role × field, and every address: `--write-rights` writes both files again."""
    found = cast(world, things)
    rows = asked(found)
    written = page(rows, personal(found))
    if pytestconfig.getoption("--write-rights"):
        FILE.write_text(as_csv(rows), encoding="utf-8")
        PAGE.write_text(written, encoding="utf-8")
    assert as_csv(rows) == FILE.read_text(encoding="utf-8")
    assert written == PAGE.read_text(encoding="utf-8")
    nobody = [
        row["predicate"]
        for row in rows
        if not row["predicate"].startswith("seen:")
        and "None" in str(inspect.signature(predicates()[row["predicate"]]).parameters["member"])
        and may(row["predicate"], None, found.about[row["about"]](found.own[Role.HOLDER_STAFF]))
    ]
    assert nobody == [], "whoever acts for nobody may nothing"


def test_every_predicate_and_every_table_that_is_not_everybody_s_has_its_row() -> None:
    assert {row["predicate"] for row in known()} == {*predicates(), *seen()}
    models = {model._meta.label: model for model in apps.get_models()}
    missing = [
        f"{name}.{field}"
        for name, (fields, _) in PERSONAL.items()
        for field in fields
        if field not in {each.name for each in models[name]._meta.get_fields()}
    ]
    assert missing == [], "a field that is not there"
    assert len({row["act"] for row in known()}) == len(known())


def test_the_operator_reads_no_name_of_a_household_by_being_the_operator() -> None:
    """Neither by a request, a candidature, a session or its minutes, nor by the files and notices of others."""
    named = ("Application", "Proposal", "CommitteeSession", "Reconciliation")
    rows = {row["predicate"].rpartition(".")[2].rpartition(":")[2]: row for row in known()}
    told = [*named, "can_read_minutes", "can_vote", "can_register", "can_instruct"]
    assert [name for name in told if rows[name][Role.ADMINISTRATOR]] == []
    assert [rows[name][Role.ADMINISTRATOR] for name in ("FileImport", "Notice")] == [OWN, OWN]
