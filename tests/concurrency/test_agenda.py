"""Acts on several units at once take their locks in one order: they wait for each other, and both are done."""

from __future__ import annotations

import pytest

from attributions.households.models import AgendaItem, Proposal
from attributions.households.operations.agenda import add_to_agenda, refresh_item
from attributions.households.operations.candidate_state import SittingRefused
from attributions.households.operations.offers import withdraw_proposal
from attributions.households.operations.session import cancel_session
from tests.attributions.households.sittings import candidates, house
from tests.concurrency.together import at_once
from tests.world import MORNING, World, convention

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_session_is_cancelled_while_units_of_the_same_ledgers_join_another(world: World) -> None:
    """Units of two ledgers, in one order in a session and in the other order in the next."""
    convention(world.landlord, world.als, world.places["Hérault"], (world.holders["als"], "20", 3))
    at = house(world)
    units = [at.unit(3, commune=commune) for commune in ("Narbonne", "Béziers", "Narbonne", "Béziers")]
    going, coming = at.session(), at.session()
    add_to_agenda(session=going, vacancies=[units[0], units[3]], by=at.secretary, now=MORNING)
    outcomes = at_once(
        lambda: cancel_session(session=going, why="Salle fermée.", by=at.secretary, now=MORNING),
        lambda: add_to_agenda(session=coming, vacancies=[units[2], units[1]], by=at.secretary, now=MORNING),
    )
    assert not [each for each in outcomes if isinstance(each, Exception)], outcomes
    assert set(AgendaItem.objects.pending().values_list("vacancy", flat=True)) == {units[1].pk, units[2].pk}


def test_candidate_joins_no_item_that_the_last_one_taken_back_just_dropped(world: World) -> None:
    """Whoever adds the new file waits for the unit, and reads the item again: it is no longer on the agenda."""
    at = house(world)
    vacancy = at.unit(3)
    item = at.item(vacancy=vacancy)
    [joining] = candidates(world, vacancy, 1)
    *gone, last = Proposal.objects.filter(vacancy=vacancy, status="ON_AGENDA").order_by("pk")
    for each in gone:
        withdraw_proposal(proposal=each, reason="WITHDREW", by=at.secretary, now=MORNING)
    withdrawn, joined = at_once(
        lambda: withdraw_proposal(proposal=last, reason="WITHDREW", by=at.secretary, now=MORNING),
        lambda: refresh_item(item=item, by=at.secretary, now=MORNING),
    )
    item.refresh_from_db()
    joining.refresh_from_db()
    assert withdrawn is None
    assert (joining.status == "ON_AGENDA") is (item.postponed_at is None)
    assert isinstance(joined, SittingRefused) is (item.postponed_at is not None)
