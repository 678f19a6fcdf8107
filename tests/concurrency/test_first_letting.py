"""Clerks who let the same new programme at once: each home once, dues exact."""

from __future__ import annotations

import pytest

from flux.models import Ledger, Routing, Vacancy
from reservations.models.convention import UNIT
from tests.concurrency.together import at_once
from tests.flux.books import check_books
from tests.flux.programmes import agreed, count_first_lettings, let, unit_of
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_first_lettings_at_once_share_the_programme_as_agreed(world: World) -> None:
    count_first_lettings(world.conventions["city"])
    programme = agreed(world, ("city", 2, []), ("als", 1, []), units=4)
    units = [unit_of(world, programme) for _ in range(4)]
    outcomes = at_once(*(lambda unit=unit: let(world, programme, unit) for unit in units))
    assert [type(outcome) for outcome in outcomes] == [Vacancy] * 4
    went = sorted(str(routing.holder) for routing in Routing.objects.order_by("pk"))
    assert went == ["Action Logement Services", "Non réservé", "Ville de Narbonne", "Ville de Narbonne"]
    for ledger in Ledger.objects.order_by("pk"):
        assert ledger.sequence == 4
    check_books(*Ledger.objects.order_by("pk"))
    first = Ledger.objects.get(kind=Ledger.Kind.FIRST_LETTING)
    assert {line.due - UNIT * line.received for line in first.lines.order_by("pk")} == {0}
