"""A query composed once says what Django says of it each time, with the parameters of each call."""

from __future__ import annotations

from datetime import date

import pytest

from reservations.models import Convention, Quota
from reservations.models.once import Once
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
