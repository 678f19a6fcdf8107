"""Closing a request by hand: the six causes, a day that can be, and nobody still a candidate."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from attributions.households.models import Application, Proposal
from attributions.households.operations.application import add_alias
from attributions.households.operations.lease import LeaseRefused, sign_lease, undo_lease
from attributions.households.operations.past_candidacies import ClosureRefused, close_application, reopen_application
from attributions.households.operations.proposal import remove_proposal
from attributions.households.permissions import can_close_application, can_reopen_application
from attributions.retention import pseudonymise
from reservations.models import HistoryEntry
from tests.attributions.households.named import TODAY, candidates, housed, household
from tests.attributions.households.rows import Case, accepted
from tests.world import MORNING, World


def close(world: World, application: Application, **given: object) -> Application:
    terms = {"cause": "WAIVED", "on": TODAY, "by": world.people["chloe"], "now": MORNING}
    return close_application(application=application, **(terms | given))


@pytest.mark.parametrize("cause", Application.Closure.values)
def test_each_cause_closes_with_its_day(world: World, cause: str) -> None:
    closed = close(world, household(world), cause=cause)
    closed.refresh_from_db()
    assert (closed.closure, closed.closed_on) == (cause, TODAY)
    assert HistoryEntry.objects.about(closed).last().details == {
        "closure": ["", cause],
        "closed_on": [None, str(TODAY)],
    }


@pytest.mark.parametrize(
    ("given", "words", "field"),
    [
        ({"cause": "MOVED"}, "six causes", "cause"),
        ({"on": date(2026, 11, 25)}, "futur", "on"),
        ({"on": date(2024, 3, 11)}, "n’a pas été radiée avant", "on"),
    ],
)
def test_what_cannot_be_is_refused(world: World, given: dict[str, object], words: str, field: str) -> None:
    with pytest.raises(ClosureRefused, match=words) as refused:
        close(world, household(world), **given)
    assert refused.value.field == field


def test_closed_request_is_not_closed_again(world: World) -> None:
    application = household(world)
    close(world, application)
    with pytest.raises(ClosureRefused, match="déjà radiée"):
        close(world, application, cause="LEASE")


def test_candidate_is_ended_first(world: World) -> None:
    first, *_ = candidates(world, sent=False)
    with pytest.raises(ClosureRefused, match=f"encore candidat à {first.vacancy.unit.reference}"):
        close(world, first.application)
    remove_proposal(proposal=first, reason="HOLDER_WITHDREW", by=world.people["chloe"], now=MORNING)
    assert close(world, first.application).closed_on == TODAY


def reopen(world: World, application: Application, why: str = "Radiée par erreur.") -> Application:
    return reopen_application(application=application, why=why, by=world.people["chloe"], now=MORNING)


def test_a_request_closed_by_mistake_is_opened_again_and_its_history_keeps_both(world: World) -> None:
    opened = reopen(world, close(world, household(world), cause="INELIGIBLE"))
    opened.refresh_from_db()
    assert (opened.closed_on, opened.closure) == (None, "")
    *_, closed, again = HistoryEntry.objects.about(opened)
    assert closed.details["closure"] == ["", "INELIGIBLE"]
    assert (again.details["closure"], again.why) == (["INELIGIBLE", ""], "Radiée par erreur.")


def test_what_is_open_erased_merged_or_housed_is_not_opened_again(world: World) -> None:
    first, *others = housed(world)
    with pytest.raises(ClosureRefused, match="déjà active"):
        reopen(world, first.application)
    with pytest.raises(ClosureRefused, match="en une phrase") as refused:
        reopen(world, close(world, others[0].application), why=" ")
    assert refused.value.field == "why"
    with pytest.raises(ClosureRefused, match="annuler ce bail"):
        reopen(world, close(world, first.application, cause="LEASE"))
    absorbed, kept = household(world, 4), household(world, 10)
    add_alias(application=kept, number=absorbed.number, organisation=world.city, by=world.people["chloe"], now=MORNING)
    with pytest.raises(ClosureRefused, match="a fusionné"):
        reopen(world, absorbed)
    pseudonymise(ids=[others[0].application_id], now=MORNING + timedelta(days=400))
    with pytest.raises(ClosureRefused, match="effacée"):
        reopen(world, others[0].application)


def test_a_lease_that_was_undone_keeps_no_request_closed(world: World) -> None:
    """A lease that stands does; one recorded by mistake, and cancelled since, does not."""
    proposal, aline = accepted(world, Case("ALLOCATED"))[0], world.people["aline"]
    lease = sign_lease(proposal=proposal, signed_on=TODAY, by=aline, now=MORNING)
    undo_lease(lease=lease, why="Saisi par erreur.", by=aline, now=MORNING)
    Proposal.objects.filter(pk=proposal.pk).update(status="RELEASED")
    assert reopen(world, close(world, proposal.application)).closed_on is None


def test_a_decision_corrected_after_a_closure_leads_to_a_lease(world: World) -> None:
    """Found inadmissible, closed for it, then kept by a corrective decision: opened again, it signs."""
    proposal = accepted(world, Case("ALLOCATED"))[0]
    terms = {"closed_on": TODAY, "closure": "INELIGIBLE"}
    Application.objects.filter(pk=proposal.application_id).update(**terms)
    sign = {"proposal": proposal, "signed_on": TODAY, "by": world.people["aline"], "now": MORNING}
    with pytest.raises(LeaseRefused, match="« Rouvrir la demande »"):
        sign_lease(**sign)
    reopen(world, proposal.application)
    assert sign_lease(**sign).proposal == proposal


def test_registrants_close_and_open_again_and_so_does_who_closed(world: World) -> None:
    """A landlord that instructs reads the request, and closes it by a lease only."""
    first, *_ = candidates(world)
    application = first.application
    landlord, city, other = (world.member(who) for who in ("aline", "chloe", "bob"))
    assert Application.objects.visible_to(landlord).filter(pk=application.pk).exists()
    assert [can_close_application(each, application) for each in (landlord, city, other, None)] == [
        False,
        True,
        False,
        False,
    ]
    Proposal.objects.update(status="RELEASED")
    close(world, application)
    assert [can_reopen_application(each, application) for each in (landlord, city, other, None)] == [
        False,
        True,
        False,
        False,
    ]
    reopen(world, application)
    close(world, application, by=world.people["aline"])  # as landlords did before they no longer could
    assert can_reopen_application(landlord, application)
    assert not can_reopen_application(other, application)
