"""The strictness of the tests is itself tested: each rule fails what it must, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from django.template import engines

from flux.models import Ledger
from reservations.models import Convention, LegalParameter, Territory
from tests.world import World, siren, territory

#: What the data migrations record: one value of each figure of the law.
PARAMETERS = sorted(LegalParameter.Code.values)


def test_rows_asked_in_no_order_come_in_any_order(db: None) -> None:
    for number in range(6):
        territory("COMMUNE", f"{number:05}", f"Commune {number}")
    orders = {tuple(Territory.objects.order_by().values_list("code", flat=True)) for _ in range(20)}
    assert len(orders) > 1
    assert {tuple(Territory.objects.values_list("code", flat=True)) for _ in range(5)} == {
        ("00000", "00001", "00002", "00003", "00004", "00005")
    }


def test_counts_unions_distinct_values_and_subqueries_still_work_without_an_order(db: None) -> None:
    places = Territory.objects.order_by()
    one = territory("COMMUNE", "11262", "Narbonne")
    assert places.count() == 1
    assert places.exists()
    assert list(places.values_list("kind", flat=True).distinct()) == ["COMMUNE"]
    assert list(places.union(places)) == [one]
    assert list(places.filter(pk__in=places.values("pk"))) == [one]
    assert places.get(code="11262") == one


def test_lock_over_a_join_must_name_its_tables(db: None) -> None:
    ledgers = Ledger.objects.select_related("landlord")
    with transaction.atomic(), pytest.raises(AssertionError, match="must name what it locks"):
        list(ledgers.select_for_update().order_by("pk"))
    with transaction.atomic():
        assert list(ledgers.select_for_update(of=("self",)).order_by("pk")) == []
        assert list(Ledger.objects.select_for_update().order_by("pk")) == []


def test_a_moment_given_as_a_date_fails(world: World) -> None:
    moment = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    with pytest.raises(AssertionError, match="instead of a date"):
        Convention.objects.in_force(moment).count()
    assert Convention.objects.in_force(date(2026, 11, 24)).count() == 4


def test_an_undefined_template_variable_fails() -> None:
    with pytest.raises(AssertionError, match="Undefined template variable: nothing"):
        engines["django"].from_string("{{ nothing }}").render({})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_rows_of_migrations_come_back_after_real_transactions(turn: int) -> None:
    """Twice: whichever runs first flushes the tables, and the other finds the caps of the law again."""
    assert list(LegalParameter.objects.order_by("code").values_list("code", flat=True)) == PARAMETERS
    assert not Territory.objects.exists()
    territory("COMMUNE", siren(turn), "Narbonne")
