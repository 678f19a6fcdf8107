"""The matrix of rights is what the predicates answer, and leaves none of them out (rights.csv, personal.csv)."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from django.apps import apps

from tests.house.documents import put
from tests.house.rights import (
    FIELDS,
    FILE,
    OWN,
    PERSONAL,
    Role,
    as_csv,
    asked,
    cast,
    fields_as_csv,
    known,
    may,
    personal,
    predicates,
    seen,
)
from tests.house.rights_page import page
from tests.house.test_seeing import ANNA, CASES, things
from tests.house.test_seeing_by_software import ANSWERS
from tests.house.tree import ROOT
from tests.world import World

__all__ = ["things"]


def test_the_matrix_is_what_the_predicates_answer(
    world: World, things: dict[str, dict[str, Any]], pytestconfig: pytest.Config
) -> None:
    """Role × act × object, role × field: `--write-rights` writes both files again."""
    found = cast(world, things)
    rows, fields = asked(found), personal(found)
    if pytestconfig.getoption("--write-rights"):
        FILE.write_text(as_csv(rows), encoding="utf-8")
        FIELDS.write_text(fields_as_csv(fields), encoding="utf-8")
    assert as_csv(rows) == FILE.read_text(encoding="utf-8")
    assert fields_as_csv(fields) == FIELDS.read_text(encoding="utf-8")
    listed = page(rows, fields)
    put(pytestconfig, "rights.md", listed)
    assert [row["act"] for row in rows if f"| {row['act']} |" not in listed] == []
    assert [name for name, _ in fields if f"| `{name}` |" not in listed] == []
    assert [name for name, method in (*CASES, *ANSWERS) if f"| `{name}` | {method} |" not in listed] == []
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


#: What is posted by anybody about themselves, or by who holds a link or a seat that nobody holds there: where who may
#: and who may not are both asked.
ASKED_BY = {
    "api-none": "tests/flux/api/test_api.py",
    "address-change": "tests/reservations/views/test_address.py",
    "address-confirm": "tests/reservations/views/test_address.py",
    "convention-delegate": "tests/attributions/households/views/test_delegated_by_authority.py",
    "factor-new": "tests/reservations/views/test_second_factor.py",
    "inbox-keys": "tests/attributions/inbox/test_following.py",
    "invitation": "tests/reservations/views/test_invitation.py",
    "list-columns": "tests/reservations/views/test_columns.py",
    "log-checkpoint": "tests/reservations/verifiable/test_cosignatures.py",
    "lost-password": "tests/reservations/views/test_address.py",
    "mail-choice": "tests/attributions/mails/test_views.py",
    "mail-unsubscribe": "tests/attributions/mails/test_views.py",
    "own-session": "tests/reservations/views/test_account.py",
    "people-history-read": "tests/reservations/views/test_person_history.py",
    "recovery-codes-new": "tests/reservations/views/test_second_factor.py",
    "second-factor": "tests/reservations/views/test_second_factor.py",
    "session-end": "tests/reservations/views/test_account.py",
    "sign-in": "tests/reservations/views/test_session.py",
    "sign-out": "tests/reservations/views/test_session.py",
    "switch-organisation": "tests/reservations/views/test_session.py",
    "vote": "tests/attributions/households/views/test_vote.py",
}


def test_each_act_is_asked_of_somebody_who_may_and_of_somebody_who_may_not() -> None:
    """A permission that refuses everybody, or nobody, is proved from one side. Who is not signed in proves nothing, nor
    does a session that would act through the API."""
    by_people = {
        name: {answer for person, answer in answers.items() if person != "anonymous"} | {ANNA.get((name, method), 0)}
        for (name, method), answers in CASES.items()
        if method != "GET" and not name.startswith("api-")
    }
    by_software = {name: set(answers[:-3]) for (name, method), answers in ANSWERS.items() if method != "GET"}
    refused = {403, 404}
    one_sided = {
        name
        for name, answers in (by_people | by_software).items()
        if not answers & refused or not answers - refused - {0, 401}
    }
    assert one_sided == set(ASKED_BY)
    assert [path for path in ASKED_BY.values() if not (ROOT / path).is_file()] == []


def test_the_operator_reads_no_name_of_a_household_by_being_the_operator() -> None:
    """Neither by a request, a candidature, a session or its minutes, nor by the files and notices of others."""
    named = ("Application", "Proposal", "CommitteeSession", "Reconciliation")
    rows = {row["predicate"].rpartition(".")[2].rpartition(":")[2]: row for row in known()}
    found = [*named, "can_read_minutes", "can_vote", "can_register", "can_instruct"]
    assert [name for name in found if rows[name][Role.ADMINISTRATOR]] == []
    assert [rows[name][Role.ADMINISTRATOR] for name in ("FileImport", "Notice")] == [OWN, OWN]
