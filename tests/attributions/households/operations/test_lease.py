"""Leases: what they keep, release and close; recorded from elsewhere; undone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from attributions.households.models import Application, Lease, Offer, PriorityCategory, Proposal
from attributions.households.operations.calls import close_missed_conditions, release_housed_elsewhere
from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.lease import LeaseRefused, record_outside_lease, sign_lease, undo_lease
from attributions.households.operations.offers import answer_offer, send_offer, withdraw_proposal
from attributions.notices.models import Notice
from flux.models import FlowEntry, Vacancy
from flux.operations.stock import keep_in_stock
from flux.queries.first_letting import outcomes
from reservations.refusals import Refusal
from tests.attributions.households.lettings import convene, put_on_agenda
from tests.attributions.households.rows import (
    Case,
    accepted,
    application,
    candidates,
    decided,
    reasons,
    send,
    statuses,
)
from tests.flux.books import check_books
from tests.flux.programmes import agreed, let, unit_of
from tests.world import MORNING, World

TODAY = MORNING.date()
KNOWN = {"income_quartile": 1, "has_priority": False, "urban_renewal": True, "state_agent": False, "persons": 3}


def sign(world: World, proposal: Proposal, **given: object) -> Lease:
    terms = {"signed_on": TODAY, "by": world.people["aline"], "now": MORNING}
    return sign_lease(proposal=proposal, **(terms | given))


def record(world: World, vacancy: Vacancy, **given: object) -> Lease:
    terms = {"signed_on": TODAY, "facts": KNOWN, "by": world.people["aline"], "now": MORNING}
    return record_outside_lease(vacancy=vacancy, **(terms | given))


def undo(world: World, lease: Lease, why: str = "Saisi sur le mauvais logement.") -> Lease:
    return undo_lease(lease=lease, why=why, by=world.people["aline"], now=MORNING)


def net(vacancy: Vacancy) -> tuple[int, int]:
    """(allocated, leased) of a unit, for whoever it is routed to."""
    entries = list(FlowEntry.objects.filter(vacancy=vacancy).order_by("pk"))
    return tuple(sum(e.quantity for e in entries if e.stage == stage) for stage in ("ALLOCATED", "LEASED"))


# --- signed for a candidate here ---


def test_lease_keeps_the_facts_of_that_day(world: World) -> None:
    dalo = PriorityCategory.objects.get(code="DALO")
    household = application(
        world, income_quartile=1, priority=dalo, urban_renewal=True, state_agent=True, adults=1, children=3
    )
    [first] = accepted(world, Case("ALLOCATED"), applications=[household])
    lease = sign(world, first)
    assert (lease.income_quartile, lease.has_priority, lease.priority, lease.urban_renewal, lease.state_agent) == (
        1,
        True,
        dalo,
        True,
        True,
    )
    assert (lease.persons, lease.in_qpv, lease.holder, lease.routing) == (
        4,
        False,
        world.holders["city"],
        first.routing,
    )


def test_lease_is_in_the_account_once_with_its_allocation(world: World) -> None:
    [first, *_] = accepted(world)
    sign(world, first)
    assert net(first.vacancy) == (1, 1)
    check_books(first.vacancy.ledger)


def test_others_are_released_and_reported_and_the_request_is_closed(world: World) -> None:
    proposals = accepted(world)
    sign(world, proposals[0])
    assert statuses(proposals) == ["HOUSED", "RELEASED", "RELEASED"]
    assert Notice.objects.filter(kind="LEASED").count() == 2
    released = Notice.objects.get(kind="RELEASED")
    assert (released.organisation, released.text) == (world.city, "2 candidats libérés : le logement est loué.")
    household = Application.objects.get(pk=proposals[0].application_id)
    assert (household.closed_on, household.closure) == (TODAY, "LEASE")


def test_who_proposed_a_candidate_that_is_released_is_notified_too(world: World) -> None:
    """Beside the holder: another organisation had proposed it, and waits for its household."""
    proposals = accepted(world)
    Proposal.objects.filter(pk=proposals[1].pk).update(proposer=world.epci)
    sign(world, proposals[0])
    released = Notice.objects.filter(kind="RELEASED")
    assert {notice.organisation for notice in released} == {world.city, world.epci}


def test_lease_of_a_merged_request_closes_the_one_that_lives(world: World) -> None:
    [first] = accepted(world, Case("ALLOCATED"))
    living = application(world)
    Application.objects.filter(pk=first.application_id).update(merged_into=living, closed_on=TODAY, closure="MERGED")
    sign(world, first)
    living.refresh_from_db()
    assert (living.closure, Application.objects.get(pk=first.application_id).closure) == ("LEASE", "MERGED")


@pytest.mark.parametrize("status", ["ALLOCATED", "OFFERED"])
def test_lease_follows_an_accepted_offer(world: World, status: str) -> None:
    [first, *_] = decided(world)
    if status == "OFFERED":
        send_offer(proposal=first, by=world.people["aline"], now=MORNING)
    with pytest.raises(LeaseRefused, match="enregistrez d’abord la réponse"):
        sign(world, first)


@pytest.mark.parametrize("days", [-1, 3])
def test_lease_is_signed_between_the_acceptance_and_today(world: World, days: int) -> None:
    [first, *_] = accepted(world)
    with pytest.raises(LeaseRefused, match="entre l’accord, le 24/11/2026, et aujourd’hui, le 26/11/2026") as refused:
        sign(world, first, signed_on=TODAY + timedelta(days), now=MORNING + timedelta(2))
    assert refused.value.field == "signed_on"
    assert not Lease.objects.exists()


def test_request_closed_meanwhile_has_no_lease(world: World) -> None:
    [first, *_] = accepted(world)
    Application.objects.filter(pk=first.application_id).update(closed_on=TODAY, closure="NOT_RENEWED")
    with pytest.raises(LeaseRefused, match="radiée depuis le 24/11/2026"):
        sign(world, first)


def test_second_lease_says_that_the_first_is_signed(world: World) -> None:
    [first, *_] = accepted(world)
    sign(world, first)
    with pytest.raises(ProposalRefused, match="Entre-temps, cette candidature en est à « bail signé »"):
        sign(world, first)


# --- the same household on other units ---


def test_candidacies_elsewhere_end_after_commit_with_their_own_consequences(
    world: World, django_capture_on_commit_callbacks
) -> None:
    """On another unit it had accepted: the next rank is called there. On a third it waited for the committee."""
    household = application(world)
    here = accepted(world, Case("ALLOCATED"), applications=[household])
    there = accepted(world, Case(), Case(), applications=[household, application(world)])
    waiting = candidates(world, send(world, "als"), applications=[household])
    with django_capture_on_commit_callbacks(execute=True):
        sign(world, here[0])
    assert statuses([*there, *waiting]) == ["ENDED", "OFFERED", "ENDED"]
    assert reasons([*there, *waiting]) == ["HOUSED_ELSEWHERE", "", "HOUSED_ELSEWHERE"]
    assert Offer.objects.get(proposal=there[0]).answer == "WITHDRAWN"
    rows = Notice.objects.filter(kind="WITHDREW", vacancy=waiting[0].vacancy).order_by("pk")
    assert {notice.organisation for notice in rows} == {world.als, world.landlord.organisation}
    check_books(there[0].vacancy.ledger)


def test_night_catches_up_with_what_was_lost_after_the_lease(world: World) -> None:
    household = application(world)
    here = accepted(world, Case("ALLOCATED"), applications=[household])
    there = decided(world, Case(), Case(), applications=[household, application(world)])
    sign(world, here[0])
    assert statuses(there) == ["ALLOCATED", "ALLOCATED"]
    assert (release_housed_elsewhere(now=MORNING), release_housed_elsewhere(now=MORNING)) == (1, 0)
    assert statuses(there) == ["ENDED", "ALLOCATED"]


def test_unit_where_it_was_the_only_candidate_is_left_without(world: World, django_capture_on_commit_callbacks) -> None:
    household = application(world)
    here = accepted(world, Case("ALLOCATED"), applications=[household])
    there = decided(world, Case("ALLOCATED"), applications=[household])
    with django_capture_on_commit_callbacks(execute=True):
        sign(world, here[0])
    assert net(there[0].vacancy) == (0, 0)
    assert Notice.objects.filter(kind="NOBODY_LEFT", vacancy=there[0].vacancy).count() == 2
    check_books(there[0].vacancy.ledger)


# --- candidates followed in another tool ---


def test_outside_lease_of_the_flow_writes_both_entries(world: World) -> None:
    routing = send(world, "city")
    lease = record(world, routing.vacancy)
    assert net(routing.vacancy) == (1, 1)
    assert (lease.proposal, lease.holder, lease.income_quartile, lease.persons) == (None, world.holders["city"], 1, 3)
    check_books(routing.vacancy.ledger)


def test_what_is_not_known_stays_not_known(world: World) -> None:
    lease = record(world, send(world, "city").vacancy, facts={})
    assert {lease.income_quartile, lease.has_priority, lease.priority, lease.urban_renewal, lease.persons} == {None}


def test_priority_category_says_that_the_household_has_priority(world: World) -> None:
    dalo = PriorityCategory.objects.get(code="DALO")
    assert record(world, send(world, "city").vacancy, facts={"priority": dalo}).has_priority is True


def test_outside_lease_of_a_unit_in_stock_or_subtracted_moves_no_account(world: World) -> None:
    unit = world.unit()
    keep_in_stock(unit=unit, holder=world.holders["city"], ground="LAND", starts_on=TODAY, by=world.people["alice"])
    stock = world.vacancy(unit, kind="STOCK")
    excluded = world.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL")
    assert record(world, stock).holder == world.holders["city"]
    assert record(world, excluded).holder is None
    assert not FlowEntry.objects.exists()
    for lease in Lease.objects.order_by("pk"):
        assert undo(world, lease).cancelled_by == world.people["aline"]


def test_outside_lease_of_a_first_letting_is_in_its_account(world: World) -> None:
    programme = agreed(world, ("city", 1, []), units=1)
    vacancy = let(world, programme, unit_of(world, programme))
    lease = record(world, vacancy, signed_on=vacancy.registered_on)
    assert lease.holder == vacancy.routings.get().holder
    assert FlowEntry.objects.filter(vacancy=vacancy, stage="LEASED").count() >= 1
    undo(world, lease)
    assert net(vacancy) == (0, 0)


@pytest.mark.parametrize("status", ["SENT", "READY"])
def test_outside_lease_is_refused_where_candidates_are_followed(world: World, status: str) -> None:
    routing = send(world, "city")
    candidates(world, routing, status=status)
    with pytest.raises(LeaseRefused, match="Des candidats sont suivis ici"):
        record(world, routing.vacancy)


def test_outside_lease_is_refused_where_nothing_is_let(world: World) -> None:
    with pytest.raises(LeaseRefused, match="vacance technique"):
        record(world, world.vacancy(kind="TECHNICAL"))
    with pytest.raises(LeaseRefused, match="confirmez d’abord son orientation"):
        record(world, world.vacancy())
    routed = send(world, "city").vacancy
    with pytest.raises(LeaseRefused, match="Choisissez un jour entre le 24/11/2026"):
        record(world, routed, signed_on=date(2026, 11, 23))
    record(world, routed)
    with pytest.raises(Refusal, match="Un bail est déjà signé pour ce logement"):
        record(world, routed)


# --- undone ---


def test_undone_lease_counts_no_more_and_its_candidate_has_accepted_again(world: World) -> None:
    proposals = accepted(world)
    lease = undo(world, sign(world, proposals[0]))
    assert (lease.cancelled_by, lease.cancelled_why) == (world.people["aline"], "Saisi sur le mauvais logement.")
    assert statuses(proposals) == ["ACCEPTED", "ALLOCATED", "ALLOCATED"]
    assert net(proposals[0].vacancy) == (1, 0)
    household = Application.objects.get(pk=proposals[0].application_id)
    assert (household.closed_on, household.closure) == (None, "")
    assert Notice.objects.filter(kind="LEASE_UNDONE").count() == 2
    check_books(proposals[0].vacancy.ledger)
    sign(world, proposals[0])
    assert net(proposals[0].vacancy) == (1, 1)


def test_those_that_the_lease_released_come_back_where_they_stood(world: World) -> None:
    """Ranked, to examine in a session to come, instructed, sent, in preparation; and the next rank may be called."""
    first, second = accepted(world, Case(), Case())
    routing = first.routing
    others = [*candidates(world, routing, 3), *candidates(world, routing, 1, status="DRAFT")]
    put_on_agenda(convene(world), others[0])
    Proposal.objects.filter(pk__in=[each.pk for each in others[:2]]).update(ready_at=MORNING)
    Proposal.objects.filter(pk=others[2].pk).update(status="SENT")
    proposals = [first, second, *others]
    assert statuses(proposals) == ["ACCEPTED", "ALLOCATED", "ON_AGENDA", "READY", "SENT", "DRAFT"]
    lease = sign(world, first)
    assert statuses(proposals) == ["HOUSED", *["RELEASED"] * 5]
    undo(world, lease)
    # the item left the agenda: its candidate is instructed, and waits for another session
    assert statuses(proposals) == ["ACCEPTED", "ALLOCATED", "READY", "READY", "SENT", "DRAFT"]
    names = set(Notice.objects.filter(kind="LEASE_UNDONE").values_list("text", flat=True))
    assert names == {"4 candidats libérés sont de nouveau en cours."}
    withdraw_proposal(proposal=first, reason="WITHDREW", by=world.people["aline"], now=MORNING)
    assert Offer.objects.get(proposal=second).answer == ""
    check_books(first.vacancy.ledger)


def test_those_housed_elsewhere_or_closed_since_stay_released(world: World) -> None:
    proposals = accepted(world)
    lease = sign(world, proposals[0])
    Application.objects.filter(pk=proposals[1].application_id).update(closed_on=TODAY, closure="LEASE")
    undo(world, lease)
    assert statuses(proposals) == ["ACCEPTED", "RELEASED", "ALLOCATED"]
    names = set(Notice.objects.filter(kind="LEASE_UNDONE").values_list("text", flat=True))
    assert names == {"1 candidat libéré est de nouveau en cours."}


def test_household_whose_requests_merged_comes_back_once(world: World) -> None:
    proposals = accepted(world)
    lease = sign(world, proposals[0])
    Application.objects.filter(pk=proposals[1].application_id).update(
        merged_into=proposals[2].application_id, closed_on=TODAY, closure="MERGED"
    )
    undo(world, lease)
    assert sorted(statuses(proposals)) == ["ACCEPTED", "ALLOCATED", "RELEASED"]


def test_condition_of_a_candidate_that_comes_back_is_not_missed_the_same_night(world: World) -> None:
    """Its term ran out while it was released, on 1 December: what came in time is recorded until 15 December."""
    proposals = accepted(world, Case(), Case("CONDITIONAL", rank=2, due=date(2026, 12, 1)))
    lease = sign(world, proposals[0])
    monday = MORNING + timedelta(20)
    undo_lease(lease=lease, why="Erreur.", by=world.people["aline"], now=monday)
    assert close_missed_conditions(now=monday + timedelta(1)) == 0
    assert close_missed_conditions(now=monday + timedelta(2)) == 1


def test_undone_then_withdrawn_brings_the_account_to_nothing(world: World) -> None:
    [first] = accepted(world, Case("ALLOCATED"))
    undo(world, sign(world, first))
    withdraw_proposal(proposal=first, reason="WITHDREW", by=world.people["aline"], now=MORNING)
    assert outcomes([first.vacancy]) == {}
    check_books(first.vacancy.ledger)


def test_request_closed_for_another_cause_is_not_reopened(world: World) -> None:
    [first, *_] = accepted(world)
    lease = sign(world, first)
    Application.objects.filter(pk=first.application_id).update(closed_on=TODAY, closure="WAIVED")
    undo(world, lease)
    assert Application.objects.get(pk=first.application_id).closure == "WAIVED"


def test_outside_lease_undone_takes_its_allocation_with_it(world: World) -> None:
    routing = send(world, "city")
    undo(world, record(world, routing.vacancy))
    assert net(routing.vacancy) == (0, 0)
    check_books(routing.vacancy.ledger)


def test_lease_is_undone_once_and_says_why(world: World) -> None:
    [first, *_] = accepted(world)
    lease = sign(world, first)
    with pytest.raises(LeaseRefused, match="Dites pourquoi") as refused:
        undo(world, lease, why="  ")
    assert refused.value.field == "why"
    undo(world, lease)
    with pytest.raises(LeaseRefused, match="déjà annulé, le 24/11/2026"):
        undo(world, lease)


def test_whole_life_leaves_books_that_balance(world: World) -> None:
    """Refused, called, accepted, withdrawn, called, accepted, signed, undone, signed again."""
    proposals, aline = decided(world), world.people["aline"]
    offer = send_offer(proposal=proposals[0], by=aline, now=MORNING)
    answer_offer(offer=offer, accepted=False, reason="UNIT_REFUSED", by=aline, now=MORNING)
    answer_offer(offer=proposals[1].offer, accepted=True, by=aline, now=MORNING)
    withdraw_proposal(proposal=proposals[1], reason="WITHDREW", by=aline, now=MORNING)
    answer_offer(offer=proposals[2].offer, accepted=True, by=aline, now=MORNING)
    lease = sign(world, proposals[2])
    undo(world, lease)
    sign(world, proposals[2])
    assert statuses(proposals) == ["ENDED", "ENDED", "HOUSED"]
    assert net(proposals[0].vacancy) == (1, 1)
    check_books(proposals[0].vacancy.ledger)
