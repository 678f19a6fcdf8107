"""Which cases a seat opens."""

from __future__ import annotations

import pytest

from attributions.households.models import AgendaItem, CommitteeMember
from attributions.households.queries.seats import reads_cases
from tests.attributions.households.sittings import SINCE, house
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_holder_reads_the_cases_of_its_own_contingent(world: World) -> None:
    at = house(world)
    item = at.item(vacancy=at.unit(3, holder="als"))
    item = AgendaItem.objects.select_related("session__committee__landlord", "routing__holder").get(pk=item.pk)
    assert item.routing is not None
    assert item.routing.acting_id is None

    def reads(**given: object) -> bool:
        seat = CommitteeMember(committee=at.committee, capacity="HOLDER", full_name="Yann", starts_on=SINCE, **given)
        return reads_cases(world.member("bob"), item, seats=[seat])

    assert reads(organisation=world.als)
    assert not reads(organisation=world.city)
    assert not reads(), "nobody's seat is not that of a unit where nobody acts for the holder"
