"""A unit counts once among those whose candidates were designated, by whatever path that was stated."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Sum

from attributions.bilan.operations.lines import correct_line
from attributions.households.operations.offers import withdraw_proposal
from attributions.households.operations.withdrawals import record_outside_answer, undo_outside
from flux.models import FlowEntry, Routing
from tests.attributions.bilan.balances import send
from tests.attributions.households.candidates import agree, routed, sent
from tests.world import MORNING, World

TODAY = MORNING.date()
DAY = timedelta(days=1)


def designated(routing: Routing) -> int:
    """What the account says of this unit and this holder."""
    entries = FlowEntry.objects.filter(vacancy=routing.vacancy, holder=routing.holder, stage="DESIGNATED")
    return entries.aggregate(sum=Sum("quantity", default=0))["sum"]


def elsewhere(world: World, routing: Routing, on: date = TODAY) -> None:
    now = MORNING + 3 * DAY
    record_outside_answer(vacancy=routing.vacancy, on=on, by=world.people["aline"], now=now)


def test_received_elsewhere_then_sent_here(world: World) -> None:
    routing = routed(world)
    elsewhere(world, routing)
    sent(world, routing, 1, now=MORNING + 3 * DAY)
    assert designated(routing) == 1


def test_sent_here_all_lost_then_received_elsewhere(world: World) -> None:
    agree(world.conventions["city"], proposal_days=10, new_candidates_days=5, clock_restarts=["APPLICANT"])
    routing = routed(world)
    proposal = sent(world, routing, 1).proposals.get()
    withdraw_proposal(proposal=proposal, reason="WITHDREW", by=world.people["aline"], now=MORNING + DAY)
    elsewhere(world, routing, on=(MORNING + 3 * DAY).date())
    assert designated(routing) == 1


def test_counted_by_hand_then_sent_here_or_elsewhere(world: World) -> None:
    here, there = routed(world), routed(world)
    balance = send(world).balance
    for routing in (here, there):
        correct_line(
            balance=balance,
            vacancy=routing.vacancy,
            holder=routing.holder,
            stage="DESIGNATED",
            quantity=1,
            why="Reçus par courriel.",
            by=world.people["aline"],
            now=MORNING + DAY,
        )
    sent(world, here, 1, now=MORNING + DAY)
    elsewhere(world, there)
    assert (designated(here), designated(there)) == (1, 1)
    undo_outside(vacancy=there.vacancy, why="Erreur.", by=world.people["aline"], now=MORNING + 3 * DAY)
    assert designated(there) == 0


def test_unit_that_comes_back_to_the_same_holder_counts_again(world: World) -> None:
    routing = routed(world)
    elsewhere(world, routing)
    now = MORNING + 4 * DAY
    routed(world, "als", routing.vacancy, now=now)
    again = routed(world, "city", routing.vacancy, now=now)
    sent(world, again, 1, now=now)
    assert designated(again) == 2


def test_candidates_that_were_never_there_designate_nothing(world: World) -> None:
    """All recorded by mistake: the figure goes, and comes back with others."""
    routing, other = routed(world), routed(world)
    aline = world.people["aline"]
    first, second = sent(world, routing, 1, 2).proposals.order_by("position")
    mistaken, refused = sent(world, other, 3, 4).proposals.order_by("position")
    terms = {"by": aline, "now": MORNING + DAY}
    withdraw_proposal(proposal=first, reason="RECORDED_BY_MISTAKE", **terms)
    assert designated(routing) == 1  # one is left
    withdraw_proposal(proposal=second, reason="RECORDED_BY_MISTAKE", **terms)
    withdraw_proposal(proposal=refused, reason="WITHDREW", **terms)
    withdraw_proposal(proposal=mistaken, reason="RECORDED_BY_MISTAKE", **terms)
    assert (designated(routing), designated(other)) == (0, 1)
    sent(world, routing, 5, now=MORNING + 2 * DAY)
    assert (designated(routing), designated(other)) == (1, 1)
