"""An act that writes without its lock is refused in whatever test runs it (docs/locks.md)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from flux.models import OutsideFlow
from flux.operations import stock
from flux.operations.stock import end_outside_flow, set_outside_flow
from tests.guarded import declared, read_locked
from tests.house.mutants import modules
from tests.house.mutating import locking
from tests.house.plants import ROOT
from tests.world import MORNING, World

TODAY = timezone.localdate(MORNING)


@pytest.mark.django_db
def test_an_act_that_forgets_its_lock_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people who end one same exception would both be recorded, each on its own day."""
    alice = world.people["alice"]
    outside = set_outside_flow(
        unit=world.unit(), reason="STUDENT", starts_on=TODAY, source="Bail.", by=alice, today=TODAY
    )
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    with pytest.raises(AssertionError, match=r"stock.py:end_outside_flow writes flux_outsideflow \(update\)"):
        end_outside_flow(outside=outside, ends_on=TODAY, why="Fin.", by=alice)


@pytest.mark.django_db
def test_each_act_locks_for_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an act before it had locked, in the transaction of the same test, is not counted."""
    alice, lock = world.people["alice"], QuerySet.select_for_update
    first, second = (
        set_outside_flow(unit=world.unit(), reason="STUDENT", starts_on=TODAY, source="Bail.", by=alice, today=TODAY)
        for _ in range(2)
    )
    end_outside_flow(outside=first, ends_on=TODAY, why="Fin.", by=alice)

    def without(rows: QuerySet[Any], **named: Any) -> QuerySet[Any]:
        return rows if rows.model is OutsideFlow else lock(rows, **named)

    monkeypatch.setattr(QuerySet, "select_for_update", without)
    with pytest.raises(AssertionError, match="without the lock of flux_outsideflow"):
        end_outside_flow(outside=second, ends_on=TODAY, why="Fin.", by=alice)


@pytest.mark.django_db
def test_what_a_test_writes_by_itself_is_not_asked(world: World) -> None:
    assert ("UPDATE", "flux_outsideflow") in declared()
    outside = set_outside_flow(
        unit=world.unit(), reason="STUDENT", starts_on=TODAY, source="Bail.", by=world.people["alice"], today=TODAY
    )
    outside.ends_on = TODAY
    outside.save(update_fields=["ends_on"])
    assert OutsideFlow.objects.get(pk=outside.pk).ends_on == TODAY


@pytest.mark.django_db
def test_a_row_that_is_read_without_its_lock_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes after: two people who take one unit out of the flow would both find it in."""
    monkeypatch.setattr(stock, "in_order", lambda rows: rows)
    with pytest.raises(AssertionError, match=r"stock.py:set_outside_flow reads flux_unit without its lock"):
        set_outside_flow(
            unit=world.unit(), reason="STUDENT", starts_on=TODAY, source="Bail.", by=world.people["alice"], today=TODAY
        )


#: Functions that make a query with its lock, and those that read by it, which have the line.
READ_BY = {
    "attributions/bilan/operations/objectives.py:_latest": ("_record", "withdraw_objective"),
    "flux/operations/entries.py:_beside": ("_in_between", "carry_again", "carry_from_before", "year_before"),
    "flux/operations/routing.py:_locked": ("route_next",),
}
#: Functions that look first, to answer without a lock: held by what they write.
LOOKS_FIRST = {
    "attributions/bilan/operations/printing.py:order_printing",
    "attributions/households/operations/request_facts.py:record_priority_category",
    "attributions/households/operations/sne_import.py:_known",
    "flux/operations/forecast.py:_draft",
    "flux/operations/returning.py:return_vacancy",
    "reservations/operations/invitation.py:renew_links",
}


def test_each_function_that_locks_has_its_line_on_the_page() -> None:
    """And no line is of a function that locks no more."""
    taking = {
        f"{path}:{function}"
        for path in modules(["reservations", "flux", "attributions"])
        if path.endswith(".py") and path != "reservations/models/guards.py"
        for function in locking((ROOT / path).read_text(encoding="utf-8"))
    }
    lined = set(read_locked())
    assert taking - lined == {*READ_BY, *LOOKS_FIRST}
    assert lined - taking == {f"{each.partition(':')[0]}:{name}" for each, names in READ_BY.items() for name in names}
