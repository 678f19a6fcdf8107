"""Rows of the following of households, built directly: what the queries read, whoever wrote it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count

from django.utils import timezone

from attributions.households.models import (
    AgendaCase,
    AgendaItem,
    Application,
    Ballot,
    CaseDecision,
    Committee,
    CommitteeSession,
    Designation,
    Lease,
    Offer,
    Proposal,
    ProposalEnd,
)
from flux.models import Routing, Vacancy
from tests.world import MORNING, World

NUMBERS = count(1)
TODAY = MORNING.date()


def sign(
    world: World, vacancy: Vacancy, *, signed_on: date = TODAY, proposal: Proposal | None = None, **facts: object
) -> Lease:
    """A current lease, of the holder of the open routing unless stated otherwise; facts not given are unknown."""
    routing = vacancy.routings.filter(closed_at=None).order_by("pk").first()
    given = {
        "routing": routing,
        "holder": routing.holder if routing else None,
        "in_qpv": vacancy.unit.in_qpv,
        "recorded_at": MORNING,
        "recorded_by": world.people["aline"],
    }
    return Lease.objects.create(vacancy=vacancy, signed_on=signed_on, proposal=proposal, **(given | facts))


def candidate(
    world: World,
    vacancy: Vacancy,
    *,
    routing: Routing | None = None,
    sent_at: datetime | None = MORNING,
    status: str = "SENT",
    designation: Designation | None = None,
    **given: object,
) -> Proposal:
    """A candidate of the open routing; sent alone unless a designation is given; never sent without `sent_at`."""
    routing = routing or vacancy.routings.filter(closed_at=None).order_by("pk").first()
    number = next(NUMBERS)
    application = Application.objects.create(number=f"011{number:015d}", name=f"Ménage Secret {number}")
    if designation is None and sent_at is not None:
        designation = Designation.objects.create(
            vacancy=vacancy,
            routing=routing,
            sent_at=sent_at,
            sent_by=world.people["chloe"],
            sent_for=routing.holder.organisation if routing else world.landlord.organisation,
        )
    defaults = {
        "proposer": routing.holder.organisation if routing else world.landlord.organisation,
        "position": number,
        "since": sent_at or MORNING,
        "created_at": sent_at or MORNING,
        "created_by": world.people["chloe"],
    }
    return Proposal.objects.create(
        vacancy=vacancy,
        routing=routing,
        application=application,
        designation=designation,
        status=status if designation else "DRAFT",
        **(defaults | given),
    )


def convene(world: World, held_at: datetime = MORNING + timedelta(days=7), **given: object) -> CommitteeSession:
    """A meeting of the landlord's committee."""
    committee, _ = Committee.objects.get_or_create(landlord=world.landlord, name="CALEOL de Narbonne")
    defaults = {"held_at": held_at, "convened_at": MORNING, "convened_by": world.people["aline"]}
    return CommitteeSession.objects.create(committee=committee, **(defaults | given))


def put_on_agenda(session: CommitteeSession, *proposals: Proposal, **given: object) -> AgendaItem:
    """One item for these candidates of one unit, lettered from A."""
    first = proposals[0]
    item = AgendaItem.objects.create(
        session=session,
        vacancy=first.vacancy,
        routing=first.routing,
        position=session.items.count() + 1,
        **given,
    )
    for letter, proposal in zip("ABCDEFGH", proposals, strict=False):
        AgendaCase.objects.create(item=item, proposal=proposal, letter=letter)
    Proposal.objects.filter(pk__in=[each.pk for each in proposals]).update(status="ON_AGENDA")
    return item


def decide(
    world: World, item: AgendaItem, proposal: Proposal, kind: str = "ALLOCATED", **given: object
) -> CaseDecision:
    """A decision of an adopted ballot."""
    held = item.session.held_at
    ballot, _ = Ballot.objects.get_or_create(
        item=item,
        defaults={
            "opened_at": held,
            "opened_by": world.people["aline"],
            "closed_at": held,
            "outcome": Ballot.Outcome.ADOPTED,
        },
    )
    defaults = {"decided_on": timezone.localdate(held), "recorded_at": held, "recorded_by": world.people["aline"]}
    return CaseDecision.objects.create(item=item, proposal=proposal, ballot=ballot, kind=kind, **(defaults | given))


def offer(decision: CaseDecision, *, sent_on: date, answer: str = "", answered_on: date | None = None) -> Offer:
    """An offer, answered or not."""
    return Offer.objects.create(
        proposal=decision.proposal,
        decision=decision,
        sent_on=sent_on,
        answer_by=sent_on + timedelta(days=10),
        answer=answer,
        answered_on=answered_on,
    )


def lose(world: World, proposal: Proposal, reason: str, *, on: date, **effect: bool) -> ProposalEnd:
    """The end of a candidate, with its effects."""
    Proposal.objects.filter(pk=proposal.pk).update(status="ENDED")
    effects = {"offered": True, "consumed": False, "restarts": True} | effect
    return ProposalEnd.objects.create(
        proposal=proposal,
        reason=reason,
        side=ProposalEnd.SIDES[ProposalEnd.Reason(reason)],
        text="Madame Secret a dit non.",
        on=on,
        recorded_at=MORNING,
        recorded_by=world.people["aline"],
        **effects,
    )
