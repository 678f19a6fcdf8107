"""What the screen says of a reason is what will be written beside it."""

from __future__ import annotations

import pytest

from attributions.households.models import Proposal, ProposalEnd
from attributions.households.operations.candidate_state import end, lock_candidates
from attributions.households.queries.deadlines import reason_choices
from flux.models import Routing
from tests.attributions.households.candidates import agree, routed, sent
from tests.world import MORNING, World

TERMS = [
    {"returns_effect": "YES_IF_HOLDER_FAULT", "new_candidates_days": 10},
    {"returns_effect": "YES", "new_candidates_days": None},
    {"returns_effect": "NO", "clock_restarts": ["UNIT"], "new_candidates_days": 5, "not_offered": ["APPLICANT"]},
]


@pytest.mark.parametrize("terms", TERMS)
def test_what_is_stated_is_what_is_written(world: World, terms: dict[str, object]) -> None:
    agree(world.conventions["city"], **terms)
    routing = routed(world)
    reasons = list(ProposalEnd.Reason)
    sent(world, routing, *range(1, len(reasons) + 1))
    rows = reason_choices(Routing.objects.select_related("convention").get(pk=routing.pk), reasons)
    for proposal, choice in zip(lock_candidates(routing.vacancy_id).proposals, rows, strict=True):
        [written] = end([proposal], choice.reason, by=world.people["aline"], now=MORNING)
        effects = choice.effects
        assert (written.side, written.offered, written.consumed, written.restarts) == (
            choice.side,
            effects.offered,
            effects.consumed,
            effects.restarts,
        )
    assert not Proposal.objects.live().exists()


def test_a_convention_changed_since_moves_nothing_that_is_written(world: World) -> None:
    routing = routed(world)
    sent(world, routing, 1)
    [before] = end(lock_candidates(routing.vacancy_id).proposals, "WITHDREW", by=world.people["aline"], now=MORNING)
    agree(world.conventions["city"], returns_effect="YES")
    assert ProposalEnd.objects.get(pk=before.pk).consumed is before.consumed is False


def test_words_and_whose_doing(world: World) -> None:
    [choice] = reason_choices(None, ["RENT_REFUSED"])
    assert (choice.words, choice.whose) == ("refus : le loyer et les charges", "le demandeur")
