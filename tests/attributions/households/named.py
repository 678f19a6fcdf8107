"""Households with a name, for tests: three of them candidates to a unit, sent through the acts; then all that people
type about them, as rows."""

from __future__ import annotations

from datetime import date

from attributions.households.models import (
    AgendaCase,
    AgendaItem,
    Application,
    Ballot,
    BallotLine,
    CaseDecision,
    Committee,
    CommitteeSession,
    Lease,
    Proposal,
)
from attributions.households.operations.application import register_application
from attributions.households.operations.candidate_state import end, move
from attributions.households.operations.proposal import prepare_proposal
from attributions.households.operations.sending import send_proposals
from flux.models import Routing
from flux.operations.outcomes import record_allocation, record_lease
from reservations.models import Organisation
from tests.attributions.households.sne_files import number
from tests.flux.operations.test_returning import send
from tests.world import MORNING, World

NAMES = (
    "DELORME Ysaline",
    "VASSEUR Théophile",
    "QUENTIN Maïwenn",
    "LANGLADE Octave",
    "PEYRAUD Solveig",
    "ROUVIÈRE Zacharie",
)
BORN = (date(1984, 5, 12), date(1991, 8, 27), date(1977, 2, 3), date(1969, 9, 30), date(1995, 1, 6), date(1988, 6, 17))
TODAY = MORNING.date()
SALT = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


def household(world: World, rank: int = 1, *, organisation: Organisation | None = None, **given: object) -> Application:
    """A request registered by the city, named after its rank from 1; each of the first six has its own name."""
    place = (rank - 1) % len(NAMES)
    terms = {
        "number": number(rank),
        "name": NAMES[place],
        "birth_date": BORN[place],
        "nationality": "FRENCH",
        "requested_on": date(2024, 3, 12),
        "facts": {"adults": 2, "children": 1, "income": 18_000, "income_quartile": 1},
        "organisation": organisation or world.city,
        "by": world.people["chloe"],
        "now": MORNING,
    }
    return register_application(**(terms | given))


def candidates(world: World, *, sent: bool = True, routing: Routing | None = None) -> list[Proposal]:
    """Three named households for a unit routed to the city; sent to the landlord unless stated otherwise."""
    routing = routing or send(world, "city")
    known = Application.objects.count()
    who = {"by": world.people["chloe"], "now": MORNING}
    made = [
        prepare_proposal(
            vacancy=routing.vacancy,
            routing=routing,
            application=household(world, known + rank),
            proposer=world.city,
            **who,
        )
        for rank in (1, 2, 3)
    ]
    if sent:
        send_proposals(vacancy=routing.vacancy, routing=routing, sender=world.city, **who)
        for each in made:
            each.refresh_from_db()
    return made


def housed(world: World, *, text: str = "") -> list[Proposal]:
    """Three candidates decided on, the first of whom signs; `text` is what people typed wherever they may."""
    made = candidates(world)
    first, others, by = made[0], made[1:], world.people["aline"]
    vacancy, routing = first.vacancy, first.routing
    committee = Committee.objects.create(landlord=vacancy.unit.landlord, name="CALEOL")
    session = CommitteeSession.objects.create(
        committee=committee, held_at=MORNING, convened_at=MORNING, convened_by=by, opened_at=MORNING
    )
    item = AgendaItem.objects.create(
        session=session, vacancy=vacancy, routing=routing, position=1, postponed_at=MORNING, postponed_why=text
    )
    ballot = Ballot.objects.create(item=item, opened_at=MORNING, opened_by=by, closed_at=MORNING, outcome="ADOPTED")
    for place, each in enumerate(made):
        terms = {"kind": "NOT_ALLOCATED", "reason": "SIZE"} if place else {"kind": "ALLOCATED"}
        case = AgendaCase.objects.create(item=item, proposal=each, letter="ABC"[place], salt=SALT)
        BallotLine.objects.create(ballot=ballot, case=case, text=text, **terms)
        values = {"item": item, "ballot": ballot, "proposal": each, "decided_on": TODAY, "recorded_by": by}
        old = CaseDecision.objects.create(**values, text=text, recorded_at=MORNING, superseded_at=MORNING, **terms)
        CaseDecision.objects.create(**values, recorded_at=MORNING, corrects=old, why=text or "Rectifiée.", **terms)
    record_allocation(vacancy=vacancy, on=TODAY, by=by, today=TODAY)
    record_lease(vacancy=vacancy, on=TODAY, by=by, today=TODAY)
    facts = {"income_quartile": 1, "has_priority": False, "in_qpv": False, "urban_renewal": False, "persons": 3}
    about = {"vacancy": vacancy, "routing": routing, "proposal": first, "holder": routing.holder}
    lease = {"signed_on": TODAY, "recorded_at": MORNING, "recorded_by": by, **facts}
    Lease.objects.create(
        **about, **lease, cancelled_at=MORNING, cancelled_by=by, cancelled_why=text or "Saisi par erreur."
    )
    Lease.objects.create(**about, **lease)
    end(others, "SIZE", by=by, now=MORNING, text=text)
    move([first], Proposal.Status.HOUSED, now=MORNING)
    return made
