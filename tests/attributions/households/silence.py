"""Candidates as tests of silence need them, put there behind the acts that other tests are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attributions.households.models import Application, Designation, Proposal
from flux.operations.departures import record_answer
from tests.world import MORNING

if TYPE_CHECKING:
    from flux.models import Routing
    from tests.world import World


def draft(world: World, routing: Routing, number: str = "011262000000000001") -> Proposal:
    """A candidate of the city's, prepared and not sent."""
    application = Application.objects.create(number=number)
    application.organisations.add(world.city)
    return Proposal.objects.create(
        vacancy=routing.vacancy,
        routing=routing,
        application=application,
        proposer=world.city,
        position=1,
        since=MORNING,
        created_at=MORNING,
        created_by=world.people["chloe"],
    )


def sent(world: World, routing: Routing, number: str = "011262000000000002") -> Proposal:
    """A candidate of the city's that the landlord received."""
    proposal = draft(world, routing, number)
    proposal.designation = Designation.objects.create(
        vacancy=routing.vacancy,
        routing=routing,
        sent_at=MORNING,
        sent_by=world.people["chloe"],
        sent_for=world.city,
    )
    proposal.status = Proposal.Status.SENT
    proposal.save(update_fields=["designation", "status"])
    record_answer(routing=routing, on=MORNING.date())
    return proposal
