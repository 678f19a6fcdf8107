"""A role is a row of each of three tables; everything else asks what it is, never which one it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from attributions.navigation import SHELLS
from reservations.models import Membership
from reservations.views.sessions import PURPOSES
from tests.house.tree import STOREYS, modules, shown

#: What a role is, what it comes to do, what its pages lead to; and the act that opens the first account of the house.
NAMED = {
    "reservations/models/person.py",
    "reservations/views/sessions.py",
    "attributions/navigation.py",
    "reservations/operations/people_review.py",
}

#: The demonstration gives roles to its people.
STORY = "attributions/demonstration/"


def named(path: Path) -> list[str]:
    """The roles that a module calls by their name."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in Membership.Role.names:
            holder = node.value
            name = holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", "")
            found += [node.attr] * (name == "Role")
    return found


def test_no_predicate_asks_which_role_it_is() -> None:
    asking = {shown(path) for path in modules(*STOREYS) if named(path) and not shown(path).startswith(STORY)}
    assert asking == NAMED


@pytest.mark.parametrize("table", [Membership.ROLES, PURPOSES, SHELLS], ids=["what it is", "what it does", "pages"])
def test_each_role_has_its_row(table: dict[str, object]) -> None:
    assert set(table) == set(Membership.Role)


def test_a_role_that_is_named_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "asking.py"
    module.write_text("a = member.role == Membership.Role.STATE_OFFICER\nb = Side.HOLDER_STAFF\n", encoding="utf-8")
    assert named(module) == ["STATE_OFFICER"]
