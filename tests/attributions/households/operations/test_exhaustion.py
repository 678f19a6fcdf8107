"""Nobody is left: what the holder has left of its delay, a new delay, or a unit to give back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.urls import reverse

from attributions.home.progress import progress
from attributions.households.models import Proposal
from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.offers import withdraw_proposal
from attributions.households.operations.silence import give_back, lapse_silent_routings, say_no_candidate
from attributions.households.queries.stage import Stage, stage_of, with_stage
from attributions.notices.models import Notice
from flux.models import Return, Routing, Vacancy
from flux.queries.returns import clock
from tests.attributions.households.candidates import agree, candidate, excluded, routed, sent
from tests.attributions.households.rows import candidates
from tests.flux.books import check_books
from tests.flux.views.pages import text_of
from tests.world import MORNING, World
from tests.world_again import kept

if TYPE_CHECKING:
    from django.test import Client

#: Ten working days after MORNING, Tuesday 24 November 2026: 8 December. Sent on the second: eight are left.
SENT = MORNING + timedelta(days=2)
LATER = datetime(2027, 2, 22, 8, tzinfo=MORNING.tzinfo)  # a Monday


@pytest.fixture
@kept
def routing(world: World) -> Routing:
    agree(world.conventions["city"], proposal_days=10, new_candidates_days=None, clock_restarts=[])
    return routed(world)


def withdraw(world: World, proposal: Proposal, reason: str, by: str = "aline", *, now: datetime = LATER) -> None:
    withdraw_proposal(proposal=proposal, reason=reason, by=world.people[by], now=now)


def last_day(routing: Routing, now: datetime = LATER) -> date | None:
    asked = clock(Routing.objects.get(pk=routing.pk), "IN_FLOW", today=now.date())
    return asked.until if asked else None


def notified(kind: str) -> list[tuple[str, str]]:
    return list(Notice.objects.filter(kind=kind).order_by("pk").values_list("organisation__name", "text"))


@pytest.mark.parametrize(("reason", "by"), [("RECORDED_BY_MISTAKE", "aline"), ("HOLDER_WITHDREW", "chloe")])
def test_time_with_the_landlord_never_counts_against_the_holder(
    world: World, routing: Routing, reason: str, by: str
) -> None:
    withdraw(world, sent(world, routing, 1, now=SENT).proposals.get(), reason, by)
    assert last_day(routing) == date(2027, 3, 4)  # eight working days after 22 February
    assert lapse_silent_routings(now=LATER + timedelta(days=10)) == 0
    assert lapse_silent_routings(now=datetime(2027, 3, 5, 8, tzinfo=MORNING.tzinfo)) == 1
    assert Return.objects.get().text == "Sans réponse jusqu’au 04/03/2027, dernier jour du délai."
    text = "Les candidats sont retirés, le délai reprend où il en était : jusqu’au 04/03/2027."
    assert notified("RESTARTED") == [("Robine Habitat", text), ("Ville de Narbonne", text)]


def test_what_the_landlord_takes_back_leaves_a_working_day_at_least(world: World, routing: Routing) -> None:
    at_term = datetime(2026, 12, 8, 8, tzinfo=MORNING.tzinfo)
    withdraw(world, sent(world, routing, 1, now=at_term).proposals.get(), "RECORDED_BY_MISTAKE")
    assert last_day(routing) == date(2027, 2, 23)


def test_what_the_holder_takes_back_the_same_day_changes_nothing(world: World, routing: Routing) -> None:
    withdraw(world, sent(world, routing, 1).proposals.get(), "HOLDER_WITHDREW", "chloe", now=MORNING)
    assert (last_day(routing), notified("RESTARTED")) == (date(2026, 12, 8), [])


def test_delay_is_taken_up_as_often_as_candidates_are_taken_back(world: World, routing: Routing) -> None:
    withdraw(world, sent(world, routing, 1, now=SENT).proposals.get(), "RECORDED_BY_MISTAKE")
    again = LATER + timedelta(days=2)
    withdraw(world, sent(world, routing, 2, now=again).proposals.get(), "HOLDER_WITHDREW", "chloe", now=again)
    assert last_day(routing) == date(2027, 3, 4)
    later = again + timedelta(days=5)  # Monday 1 March
    withdraw(world, sent(world, routing, 3, now=again).proposals.get(), "HOLDER_WITHDREW", "chloe", now=later)
    assert last_day(routing) == date(2027, 3, 9)  # three days were the landlord’s


def test_new_delay_is_taken_up_as_well(world: World, routing: Routing) -> None:
    agree(world.conventions["city"], new_candidates_days=5, clock_restarts=["APPLICANT"])
    withdraw(world, sent(world, routing, 1, now=SENT).proposals.get(), "WITHDREW")
    assert last_day(routing) == date(2027, 3, 1)
    tuesday = LATER + timedelta(days=1)
    later = LATER + timedelta(days=14)  # 8 March
    withdraw(world, sent(world, routing, 2, now=tuesday).proposals.get(), "HOLDER_WITHDREW", "chloe", now=later)
    assert last_day(routing) == date(2027, 3, 12)  # four working days were left


@pytest.mark.parametrize(("reason", "by"), [("RECORDED_BY_MISTAKE", "aline"), ("HOLDER_WITHDREW", "chloe")])
def test_losses_of_others_give_the_new_delay_whoever_takes_the_last_one_back(
    world: World, routing: Routing, reason: str, by: str
) -> None:
    agree(world.conventions["city"], new_candidates_days=5, clock_restarts=["APPLICANT"])
    first, second, third = sent(world, routing, 1, 2, 3, now=SENT).proposals.order_by("position")
    withdraw(world, first, "WITHDREW")
    withdraw(world, second, "HOUSED_ELSEWHERE")
    withdraw(world, third, reason, by)
    routing.refresh_from_db()
    assert (routing.answered_on, routing.clock_from, last_day(routing)) == (None, LATER.date(), date(2027, 3, 1))


def test_losses_before_a_new_delay_give_no_second_one(world: World, routing: Routing) -> None:
    agree(world.conventions["city"], new_candidates_days=5, clock_restarts=["APPLICANT"])
    withdraw(world, sent(world, routing, 1, now=SENT).proposals.get(), "WITHDREW")
    day = LATER + timedelta(days=1)
    withdraw(world, sent(world, routing, 2, now=day).proposals.get(), "HOLDER_WITHDREW", "chloe", now=day)
    assert last_day(routing) == date(2027, 3, 1)


def test_losses_without_a_new_delay_wait_for_the_landlord(world: World, routing: Routing) -> None:
    first, second = sent(world, routing, 1, 2, now=SENT).proposals.order_by("position")
    withdraw(world, first, "WITHDREW")
    withdraw(world, second, "HOLDER_WITHDREW", "chloe")
    routing.refresh_from_db()
    assert routing.answered_on == SENT.date()
    assert len(notified("NOBODY_LEFT")) == 2


def test_landlord_is_notified_that_nobody_is_left_for_its_subtracted_unit(world: World) -> None:
    [proposal] = candidates(world, None, 1, vacancy=excluded(world))
    withdraw(world, proposal, "WITHDREW")
    assert notified("NOBODY_LEFT") == [("Robine Habitat", "")]


# --- giving the unit back ---


def test_unit_stays_with_its_holder_while_its_new_delay_runs(
    world: World, routing: Routing, sign_in: Callable[[str], Client]
) -> None:
    agree(world.conventions["city"], new_candidates_days=5, clock_restarts=["APPLICANT"])
    withdraw(world, sent(world, routing, 1).proposals.get(), "WITHDREW", now=MORNING)
    words = "Ville de Narbonne peut proposer d’autres candidats jusqu’au 01/12/2026 inclus"
    with pytest.raises(ProposalRefused, match=words):
        give_back(routing=routing, by=world.people["aline"], now=MORNING + timedelta(days=7))
    with time_machine.travel(MORNING, tick=False):
        page = text_of(sign_in("aline").get(reverse("letting", args=[routing.vacancy_id])))
        unit = with_stage(Vacancy.objects.filter(pk=routing.vacancy_id)).get()
        assert stage_of(unit) == Stage.TO_PROPOSE
        assert progress([unit])[unit.pk].words == "nouveau délai, le réservataire cherche des candidats"
    assert "d’autres sont attendus : nouveau délai depuis le 24 novembre 2026" in page
    assert "Rendre ce logement" not in page
    say_no_candidate(routing=routing, by=world.people["chloe"], now=MORNING)  # but it may itself say no


def test_giving_back_releases_drafts_and_states_everybody(world: World, routing: Routing) -> None:
    withdraw(world, sent(world, routing, 1).proposals.get(), "WITHDREW", now=MORNING)
    draft = candidate(world, routing.vacancy, 2, routing=routing)
    given = give_back(routing=routing, by=world.people["aline"], now=MORNING)
    draft.refresh_from_db()
    assert (given.reason, draft.status) == ("REFUSED", "RELEASED")
    after = routing.vacancy.recommendations.latest("attempt").holder
    names = {name for name, text in notified("NOBODY_LEFT") if text.startswith("tous les candidats ont refusé")}
    assert names == {"Robine Habitat", "Ville de Narbonne", after.organisation.name}
    check_books(routing.vacancy.ledger)


def test_candidate_that_was_never_sent_gives_nothing_back(world: World, routing: Routing) -> None:
    withdraw(world, candidate(world, routing.vacancy, 1, routing=routing), "WITHDREW", "chloe", now=MORNING)
    with pytest.raises(ProposalRefused, match="attend des candidats"):
        give_back(routing=routing, by=world.people["aline"], now=MORNING)


def test_unit_that_cannot_be_let_waits_for_no_delay(world: World, routing: Routing) -> None:
    agree(world.conventions["city"], new_candidates_days=5, clock_restarts=["UNIT"])
    withdraw(world, sent(world, routing, 1).proposals.get(), "UNIT_UNFIT", now=MORNING)
    assert give_back(routing=routing, by=world.people["aline"], now=MORNING).reason == "WORKS"
    assert notified("TAKEN_BACK") == [("Ville de Narbonne", "travaux découverts.")]
