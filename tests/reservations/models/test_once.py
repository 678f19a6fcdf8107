"""A query composed once says what Django says of it each time, with the parameters of each call; so do new rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from django.db.models import Model

from flux.models import FlowEntry, LedgerLine, Routing, Unit, Vacancy
from flux.operations.routing import route_waiting_vacancies
from reservations.models import Convention, Quota
from reservations.models.once import Once, Rows
from tests.world import World


def begun(landlord: int, on: date) -> object:
    return Quota.objects.filter(convention__landlord=landlord, convention__starts_on__lte=on).select_related(
        "convention__perimeter", "holder"
    )


def test_each_call_reads_by_its_own_parameters_what_django_reads(world: World, django_assert_num_queries) -> None:
    once = Once(lambda landlord, on: begun(landlord, on).order_by("pk"), landlord=-1, on=date(1, 1, 1))
    days = sorted({*Convention.objects.values_list("starts_on", flat=True), date(1999, 1, 1)})
    found = set()
    for landlord in (world.landlord, world.other_landlord):
        for day in days:
            with django_assert_num_queries(1):
                rows = list(once(landlord=landlord.pk, on=day))
                assert all(row.convention.perimeter.name and row.holder.pk for row in rows)
            assert rows == list(begun(landlord.pk, day).order_by("pk"))
            found.add(len(rows))
    assert len(found) > 1, "parameters change what is read"


def test_a_parameter_that_the_statement_lacks_is_refused(world: World) -> None:
    with pytest.raises(LookupError, match="of nothing"):
        Once(lambda pk, **_: Quota.objects.filter(pk=pk), pk=-1, **{"of nothing": -2})(pk=1, **{"of nothing": 2})
    once = Once(lambda pk: Quota.objects.filter(pk=pk), pk=-1)
    with pytest.raises(LookupError, match="instead of"):
        once(number=1)


def kept(rows: Sequence[Model], *, but: str) -> list[dict[str, object]]:
    """What the database has of these, their ids and this field apart."""
    named = [field.attname for field in type(rows[0])._meta.concrete_fields if field.name not in {"id", but}]
    found = type(rows[0])._default_manager.in_bulk([row.pk for row in rows])
    return [{name: getattr(found[row.pk], name) for name in named} for row in rows]


def entries(vacancy: Vacancy, count: int) -> list[FlowEntry]:
    """Of each kind of value: JSON, which may be nothing, numbers, words, dates."""
    on, spread = vacancy.registered_on, {"taille": {"T2": 1}}
    ledger, holder = vacancy.ledger, vacancy.recommendations.get().holder
    return [
        FlowEntry(
            ledger=ledger,
            holder=holder,
            vacancy=vacancy,
            stage=FlowEntry.Stage.CARRIED,
            quantity=number,
            spread=spread if number % 2 else None,
            on=on,
        )
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize("count", [1, 3, 500])
def test_new_rows_are_those_of_django_and_have_their_ids(world: World, django_assert_num_queries, count: int) -> None:
    vacancy = world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id)
    rows, theirs = entries(vacancy, count), FlowEntry.objects.bulk_create(entries(vacancy, count))
    once = Rows(FlowEntry)
    for number in (0, 1):  # composed, then kept
        with django_assert_num_queries(number):
            once(rows[:number])
    with django_assert_num_queries(1 if count > 1 else 0):
        once(rows[1:])
    assert kept(rows, but="recorded_at") == kept(theirs, but="recorded_at")
    assert not any(row._state.adding for row in rows)


def test_a_row_that_is_there_takes_what_it_is_reported(world: World) -> None:
    vacancy = world.vacancy()
    ledger, holders = vacancy.ledger, sorted(world.holders.values(), key=lambda each: each.pk)[:3]
    once = Rows(LedgerLine, unique=("ledger", "holder"), update=("due", "profile"))
    for due, number in ((5, 2), (7, 3)):
        rows = [LedgerLine(ledger=ledger, holder=each, due=due, received=due, profile={"T2": due}) for each in holders]
        once(rows[:number])
    lines = LedgerLine.objects.filter(ledger=ledger).order_by("holder_id")
    found = [(line.pk, line.due, line.received, line.profile) for line in lines]
    assert found == [(row.pk, 7, kept, {"T2": 7}) for row, kept in zip(rows, (5, 5, 7), strict=True)]


def test_what_the_database_says_by_itself_is_refused() -> None:
    with pytest.raises(LookupError, match=r"by itself, in Unit: .*words"):
        Rows(Unit)
    assert Rows(Routing).fields  # one of its columns has a default of the database for the code before alone


def test_a_value_that_json_does_not_have_is_refused(world: World) -> None:
    vacancy = world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id)
    [row] = entries(vacancy, 1)
    row.spread = {"taille": vacancy.registered_on}
    with pytest.raises(TypeError, match="date is not JSON serializable"):
        Rows(FlowEntry)([row])
    assert row.pk is None
