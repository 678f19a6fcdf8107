"""Files verified by the landlord: what is corrected stays in the history."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from attributions.households.fitting import category_of
from attributions.households.forms.requests import InstructionForm
from attributions.households.models import Application, Proposal
from attributions.households.operations.candidate_state import ProposalRefused, move
from attributions.households.operations.needs import instruct_proposal
from attributions.households.operations.request_facts import FactsRefused
from attributions.households.queries.deadlines import compared
from flux.models import IncomeCeiling
from flux.operations.departures import HoldRefused
from flux.operations.routing import route_elsewhere
from reservations.models import HistoryEntry
from tests.attributions.households.candidates import candidate, priority, routed, sent
from tests.world import MORNING, World
from tests.world_again import kept

TODAY = MORNING.date()


@pytest.fixture
@kept
def proposal(world: World) -> Proposal:
    sent(world, routed(world), 1)
    return Proposal.objects.get()


def instruct(world: World, proposal: Proposal, **given: object) -> Proposal:
    return instruct_proposal(proposal=proposal, by=world.people["aline"], now=MORNING, **given)


def test_a_file_is_verified_with_its_corrections_kept(world: World, proposal: Proposal) -> None:
    ready = instruct(
        world,
        proposal,
        facts={"income": 21_500, "adults": 2, "priority": priority("EVICTION"), "income_units": Decimal("1.8")},
        effort_rate=Decimal("28.4"),
        living_rest=Decimal("14.20"),
    )
    ready.refresh_from_db()
    assert (ready.status, ready.income, ready.ready_at, ready.ready_by) == (
        "READY",
        21_500,
        MORNING,
        world.people["aline"],
    )
    [entry] = HistoryEntry.objects.about(proposal)
    assert entry.details == {
        "income": [18_000, 21_500],
        "has_priority": [None, True],
        "priority": [None, "EVICTION"],
        "income_units": [None, "1.8"],
    }
    assert Application.objects.get().income == 21_500


def test_it_is_verified_again_until_it_is_on_an_agenda(world: World, proposal: Proposal) -> None:
    instruct(world, proposal)
    assert instruct(world, proposal, facts={"adults": 1}).adults == 1
    move([proposal], "ON_AGENDA", now=MORNING)
    with pytest.raises(ProposalRefused, match="à l’ordre du jour » : elle ne s’instruit pas"):
        instruct(world, proposal)


def test_what_cannot_be_is_refused(world: World, proposal: Proposal) -> None:
    with pytest.raises(ProposalRefused, match="taux d’effort"):
        instruct(world, proposal, effort_rate=Decimal(1000))
    with pytest.raises(ProposalRefused, match="reste pour vivre"):
        instruct(world, proposal, living_rest=Decimal(10_000))
    with pytest.raises(FactsRefused):
        instruct(world, proposal, facts={"adults": 30})
    proposal.refresh_from_db()
    assert (proposal.status, proposal.adults) == ("SENT", 2)


@pytest.mark.parametrize("typed", ["200.05", "900", "999.96", "-0.06", "1E+30"])
def test_a_rate_out_of_bounds_once_rounded_is_refused(world: World, proposal: Proposal, typed: str) -> None:
    with pytest.raises(ProposalRefused, match="pourcentage du revenu : entre 0 et 200") as refused:
        instruct(world, proposal, effort_rate=Decimal(typed))
    assert refused.value.field == "effort_rate"
    with pytest.raises(ProposalRefused, match="Vérifiez le reste"):
        instruct(world, proposal, living_rest=Decimal("9999.996"))
    assert instruct(world, proposal, effort_rate=Decimal("200.04")).effort_rate == 200
    ready = instruct(world, proposal, effort_rate=Decimal("28.45"), living_rest=Decimal("14.205"))
    ready.refresh_from_db()
    assert (ready.effort_rate, ready.living_rest) == (Decimal("28.5"), Decimal("14.21"))


def test_a_category_that_the_law_ended_since_stays_the_one_of_its_file(world: World, proposal: Proposal) -> None:
    """Verifying a file does not take away what was true when it was made; another file does not get it."""
    ended = priority()
    ended.ends_on = date(2026, 1, 1)
    ended.save()
    with pytest.raises(FactsRefused, match="en vigueur"):
        instruct(world, proposal, facts={"priority": ended})
    Proposal.objects.update(priority=ended, has_priority=True)
    proposal.refresh_from_db()
    form = InstructionForm({"priority": ended.pk}, today=TODAY, kept=proposal.priority)
    assert form.is_valid()
    assert instruct(world, proposal, facts=form.facts).priority == ended
    assert not InstructionForm({"priority": ended.pk}, today=TODAY).is_valid()


def test_a_draft_is_not_instructed(world: World) -> None:
    routing = routed(world)
    with pytest.raises(ProposalRefused, match="en préparation"):
        instruct(world, candidate(world, routing.vacancy, 5, routing=routing))


def test_neither_is_a_candidate_whose_unit_went_elsewhere_or_whose_request_is_closed(
    world: World, proposal: Proposal
) -> None:
    Application.objects.update(closed_on=TODAY, closure="WAIVED")
    with pytest.raises(ProposalRefused, match="radiée"):
        instruct(world, proposal)
    route_elsewhere(
        vacancy=proposal.vacancy,
        holder=world.holders["als"],
        motive="OTHER",
        motive_text="Test.",
        by=world.people["aline"],
        now=MORNING,
    )
    with pytest.raises(HoldRefused):
        instruct(world, proposal)


@pytest.mark.parametrize(
    ("adults", "children", "category"),
    [(1, 0, 1), (2, 0, 2), (1, 1, 3), (2, 1, 3), (1, 2, 4), (2, 6, 8), (None, 2, None)],
)
def test_category_of_a_household(adults: int | None, children: int, category: int | None) -> None:
    assert category_of(Proposal(adults=adults, children=children)) == category


def test_an_income_over_the_ceiling_is_only_compared(world: World, proposal: Proposal) -> None:
    IncomeCeiling.objects.all().delete()
    unit = proposal.vacancy.unit
    assert compared(proposal, unit, on=TODAY) is None
    for household, amount, extra in ((3, 17_000, None), (6, 30_000, 3_000)):
        IncomeCeiling.objects.create(
            financing="PLUS",
            zone="ELSEWHERE",
            household=household,
            amount=amount,
            extra=extra,
            starts_on=TODAY,
            source="essai",
        )
    beside = compared(proposal, unit, on=TODAY)
    assert beside is not None
    assert (beside.ceiling, beside.is_over) == (17_000, True)
    proposal.children = 6
    large = compared(proposal, unit, on=TODAY)
    assert large is not None
    assert (large.ceiling, large.is_over) == (36_000, False)
