"""Two people acting at once on one unit: one wins, the other reads what happened; nothing is done twice."""

from __future__ import annotations

import pytest
from django.utils import timezone

from attributions.households.models import Lease, Offer, Proposal
from attributions.households.operations.calls import close_missed_conditions
from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.lease import record_outside_lease, sign_lease
from attributions.households.operations.offers import (
    OfferRefused,
    answer_offer,
    close_silent_offers,
    send_offer,
    withdraw_proposal,
)
from attributions.households.operations.withdrawals import record_outside_allocation, undo_outside
from attributions.notices.models import Notice
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.queries.first_letting import outcomes
from reservations.refusals import Refusal
from tests.attributions.households.rows import Case, accepted, application, decided, send, statuses
from tests.concurrency.together import at_once
from tests.flux.books import check_books
from tests.world import MORNING, World, convention

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = timezone.localdate(MORNING)


def refuse(world: World, offer: Offer) -> object:
    aline = world.people["aline"]
    return answer_offer(offer=offer, accepted=False, reason="RENT_REFUSED", by=aline, now=MORNING)


def offered(world: World, *cases: Case) -> tuple[list[Proposal], Offer]:
    proposals = decided(world, *cases)
    return proposals, send_offer(proposal=proposals[0], by=world.people["aline"], now=MORNING)


@pytest.mark.usefixtures("without_row_locks")
def test_without_the_lock_two_refusals_are_both_written(world: World) -> None:
    """The race exists: neither clerk reads that the other answered; the second falls on the unique end."""
    _, offer = offered(world)
    outcomes_ = at_once(lambda: refuse(world, offer), lambda: refuse(world, offer))
    assert not any(isinstance(each, OfferRefused) for each in outcomes_)


def test_two_clerks_answer_the_same_offer_and_the_next_rank_is_called_once(world: World) -> None:
    proposals, offer = offered(world)
    aline = world.people["aline"]
    done = at_once(
        lambda: refuse(world, offer),
        lambda: answer_offer(offer=offer, accepted=False, reason="AREA_REFUSED", by=aline, now=MORNING),
    )
    [lost] = [each for each in done if isinstance(each, Exception)]
    assert isinstance(lost, OfferRefused)
    assert "Cette offre a déjà sa réponse : refusée" in str(lost)
    assert statuses(proposals) == ["ENDED", "OFFERED", "ALLOCATED"]
    assert Offer.objects.count() == 2
    assert Notice.objects.filter(kind="OFFER_REFUSED").count() == 1
    check_books(proposals[0].vacancy.ledger)


def test_acceptance_and_refusal_at_once_leave_one_answer(world: World) -> None:
    proposals, offer = offered(world)
    aline = world.people["aline"]
    done = at_once(
        lambda: refuse(world, offer), lambda: answer_offer(offer=offer, accepted=True, by=aline, now=MORNING)
    )
    assert sum(isinstance(each, OfferRefused) for each in done) == 1
    assert statuses(proposals) in (["ENDED", "OFFERED", "ALLOCATED"], ["ACCEPTED", "ALLOCATED", "ALLOCATED"])


def test_lease_is_signed_while_the_candidate_withdraws(world: World) -> None:
    """Whoever comes first: either housed and the account says leased, or gone and the next rank called."""
    proposals = accepted(world, Case(), Case())
    aline, chloe = world.people["aline"], world.people["chloe"]
    done = at_once(
        lambda: sign_lease(proposal=proposals[0], signed_on=TODAY, by=aline, now=MORNING),
        lambda: withdraw_proposal(proposal=proposals[0], reason="WITHDREW", by=chloe, now=MORNING),
    )
    [lost] = [each for each in done if isinstance(each, Exception)]
    assert isinstance(lost, ProposalRefused)
    assert str(lost).startswith("Entre-temps, cette candidature en est à ")
    leased = Lease.objects.exists()
    assert statuses(proposals) == (["HOUSED", "RELEASED"] if leased else ["ENDED", "OFFERED"])
    assert ("LEASED" in outcomes([proposals[0].vacancy])[proposals[0].vacancy_id]) is leased
    check_books(proposals[0].vacancy.ledger)


def test_two_nights_at_once_call_each_next_rank_once(world: World) -> None:
    proposals, _ = offered(world, Case("CONDITIONAL", rank=1, due=TODAY), Case(), Case())
    night = MORNING.replace(month=12, day=20)
    done = at_once(
        lambda: close_silent_offers(now=night),
        lambda: close_silent_offers(now=night),
        lambda: close_missed_conditions(now=night),
    )
    assert sum(done) == 1
    assert statuses(proposals) == ["ENDED", "OFFERED", "ALLOCATED"]
    assert Offer.objects.count() == 2


def test_two_offers_at_once_are_one(world: World) -> None:
    proposals = decided(world)
    aline = world.people["aline"]
    done = at_once(*(lambda: send_offer(proposal=proposals[0], by=aline, now=MORNING) for _ in range(3)))
    assert sum(isinstance(each, Offer) for each in done) == 1
    assert Offer.objects.count() == 1


def test_household_signs_on_two_units_at_once_and_is_housed_once(world: World) -> None:
    """Its units are of two accounts, each with its own lock: the request is held too, and `household_housed_once` would
    refuse the second lease all the same. The other unit then loses it, after the commit."""
    household, herault = application(world), world.places["Hérault"]
    convention(world.landlord, world.als, herault, (world.holders["als"], "20", 9))
    elsewhere = send(world, "als", world.vacancy(commune="Béziers"))
    here = accepted(world, Case("ALLOCATED"), applications=[household])
    there = accepted(world, Case("ALLOCATED"), routing=elsewhere, applications=[household])
    assert here[0].vacancy.ledger != there[0].vacancy.ledger
    aline = world.people["aline"]
    done = at_once(
        *(
            lambda first=first: sign_lease(proposal=first, signed_on=TODAY, by=aline, now=MORNING)
            for first in (here[0], there[0])
        )
    )
    [lost] = [each for each in done if isinstance(each, Exception)]
    assert isinstance(lost, Refusal)
    assert Lease.objects.count() == 1
    assert sorted(statuses([*here, *there])) == ["ENDED", "HOUSED"]
    for first in (here[0], there[0]):
        check_books(first.vacancy.ledger)


def test_outside_lease_recorded_twice_at_once_is_one(world: World) -> None:
    vacancy, aline = send(world, "city").vacancy, world.people["aline"]
    terms = {"vacancy": vacancy, "signed_on": TODAY, "facts": {}, "by": aline, "now": MORNING}
    done = at_once(lambda: record_outside_lease(**terms), lambda: record_outside_lease(**terms))
    assert sum(isinstance(each, Lease) for each in done) == 1
    assert sum(isinstance(each, Refusal) for each in done) == 1
    check_books(vacancy.ledger)


def test_allocation_is_undone_while_its_lease_is_recorded(world: World) -> None:
    """Whoever comes first, in another tool: a lease stands with its account, or neither is written."""
    vacancy = world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    aline = world.people["aline"]
    confirm_recommendations(vacancies=[vacancy.pk], by=aline, now=MORNING)
    record_outside_allocation(vacancy=vacancy, on=TODAY, by=aline, now=MORNING)
    at_once(
        lambda: record_outside_lease(vacancy=vacancy, signed_on=TODAY, facts={}, by=aline, now=MORNING),
        lambda: undo_outside(vacancy=vacancy, why="Erreur.", by=aline, now=MORNING),
    )
    lease = Lease.objects.get()
    assert lease.cancelled_at is None
    assert set(outcomes([vacancy])[vacancy.pk]) == {"ALLOCATED", "LEASED"}, "what it counts for"
    check_books(vacancy.ledger)
