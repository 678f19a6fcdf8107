"""Two people on the candidates of one unit: one wins, the other reads a sentence, and no candidate is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from attributions.households.models import Application, Designation, Proposal
from attributions.households.operations.application import add_alias, register_application
from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.proposal import edit_proposal
from attributions.households.operations.sending import send_proposals
from flux.models import Return, Routing
from flux.operations.departures import HoldRefused
from flux.operations.returning import return_vacancy
from reservations.refusals import Refusal
from tests.attributions.households.candidates import BORN, candidate, number, routed
from tests.concurrency.together import at_once
from tests.flux.books import check_books
from tests.world import World
from tests.world_again import kept

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
@kept
def routing(world: World) -> Routing:
    """A unit of the city's."""
    return routed(world)


def sending(world: World, routing: Routing) -> Callable[[], Designation]:
    return lambda: send_proposals(
        vacancy=routing.vacancy,
        routing=routing,
        sender=world.city,
        exemption="TOO_FEW",
        exemption_text="Une seule demande.",
        by=world.people["chloe"],
    )


def taking_back(world: World, routing: Routing) -> Callable[[], Return]:
    return lambda: return_vacancy(routing=routing, reason="WITHDRAWN", text="Vente.", by=world.people["aline"])


def test_the_holder_sends_while_the_landlord_takes_the_unit_back(world: World, routing: Routing) -> None:
    """Sent first, the candidates go with the routing that closes; taken back first, the holder reads where it is."""
    draft = candidate(world, routing.vacancy, 1, routing=routing)
    sent, given = at_once(sending(world, routing), taking_back(world, routing))
    assert isinstance(given, Return)
    draft.refresh_from_db()
    assert draft.status_now == "RELEASED"
    if isinstance(sent, Exception):
        assert isinstance(sent, HoldRefused)
        assert str(sent).startswith("Entre-temps, ce logement n’est plus orienté.")
        assert not Designation.objects.exists()
    else:
        assert draft.designation == sent
    check_books(routing.vacancy.ledger)


def test_without_the_lock_a_routing_that_is_closed_gets_candidates(
    world: World, routing: Routing, without_row_locks: None
) -> None:
    candidate(world, routing.vacancy, 1, routing=routing)
    sent, given = at_once(sending(world, routing), taking_back(world, routing))
    assert not (isinstance(sent, HoldRefused) and isinstance(given, Return))


def test_two_clerks_add_the_same_household(world: World, routing: Routing) -> None:
    def adding() -> Proposal:
        return candidate(world, routing.vacancy, 1, routing=routing)

    outcomes = at_once(adding, adding)
    [error] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(error, ProposalRefused)
    assert str(error) == "Ce ménage est déjà candidat à ce logement."
    assert Proposal.objects.count() == Application.objects.count() == 1


def test_without_the_lock_the_database_still_refuses_it_twice(
    world: World, routing: Routing, without_row_locks: None
) -> None:
    def adding() -> Proposal:
        return candidate(world, routing.vacancy, 1, routing=routing)

    outcomes = at_once(adding, adding, before="attributions_proposal")
    assert sorted(isinstance(outcome, Refusal) for outcome in outcomes) == [False, True]
    assert Proposal.objects.count() == 1


def test_two_organisations_register_one_number_at_once(world: World) -> None:
    def registering(organisation: str) -> Callable[[], Application]:
        return lambda: register_application(
            number=number(1),
            name="Durand Amina",
            birth_date=BORN,
            organisation=getattr(world, organisation),
            by=world.people["chloe"],
        )

    outcomes = at_once(registering("city"), registering("als"))
    assert [type(outcome) for outcome in outcomes] == [Application, Application]
    assert set(Application.objects.get().organisations.order_by("pk")) == {world.city, world.als}


def test_one_sends_while_another_corrects(world: World, routing: Routing) -> None:
    draft = candidate(world, routing.vacancy, 1, routing=routing)
    sent, edited = at_once(
        sending(world, routing),
        lambda: edit_proposal(proposal=draft, facts={"adults": 4}, by=world.people["chloe"]),
    )
    assert isinstance(sent, Designation)
    draft.refresh_from_db()
    assert draft.status == "SENT"
    if isinstance(edited, Exception):
        assert str(edited).startswith("Entre-temps, cette candidature en est à « transmise »")
        assert draft.adults == 2
    else:
        assert draft.adults == 4


def test_one_request_merges_while_another_is_proposed(world: World, routing: Routing) -> None:
    """They take the unit, then the request, in that order: neither waits for the other for ever."""
    other = routed(world)
    kept = candidate(world, other.vacancy, 1, routing=other).application
    Application.objects.update(name="Durand 02 Amina")
    absorbed = register_application(
        number=number(2),
        name="Durand 02 Amina",
        birth_date=BORN,
        organisation=world.city,
        by=world.people["chloe"],
    )
    merged, proposed = at_once(
        lambda: add_alias(application=kept, number=number(2), organisation=world.city, by=world.people["chloe"]),
        lambda: candidate(world, routing.vacancy, 2, routing=routing),
    )
    assert (merged, proposed.application in (kept, absorbed)) == (kept, True)
