"""Candidates as tests need them: a unit routed to somebody, households that exist nowhere, sent or not."""

from __future__ import annotations

from datetime import date, datetime

from attributions.households.models import Designation, PriorityCategory, Proposal
from attributions.households.operations.application import Identity
from attributions.households.operations.proposal import add_candidate
from attributions.households.operations.sending import send_proposals
from flux.models import Routing, Vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from reservations.models import Convention, Organisation
from tests.guards import unguarded
from tests.world import MORNING, World
from tests.world_again import done_once

BORN = date(1984, 3, 12)


def number(rank: int) -> str:
    """A numéro unique that nobody bears."""
    return f"{1_100_000_000_000 + rank:013d}1107A"


def agree(convention: Convention, **terms: object) -> Convention:
    """Give a signed convention other terms, as no act can: the tests say only what they are about."""
    rules = ("terms", "delays", "procedure", "renewal", "returned_cap", "uniform_communes", "end")
    with unguarded(*(f"reservations_convention.{rule}_kept" for rule in rules)):
        Convention.objects.filter(pk=convention.pk).update(**terms)
    convention.refresh_from_db()
    return convention


@done_once
def routed(world: World, holder: str = "city", vacancy: Vacancy | None = None, *, now: datetime = MORNING) -> Routing:
    """A vacancy routed to this holder, whatever the rule stated."""
    vacancy = vacancy or world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)
    aline, to = world.people["aline"], world.holders[holder]
    if vacancy.recommendations.latest("attempt").holder == to:
        [routing] = confirm_recommendations(vacancies=[vacancy.pk], by=aline, now=now)
        return routing
    return route_elsewhere(vacancy=vacancy, holder=to, motive="OTHER", motive_text="Test.", by=aline, now=now)


def excluded(world: World) -> Vacancy:
    """A vacancy subtracted from the flow: the landlord's own candidates."""
    return world.vacancy(kind=Vacancy.Kind.EXCLUDED, exclusion=Vacancy.Exclusion.INTERNAL_TRANSFER)


def candidate(
    world: World,
    vacancy: Vacancy,
    rank: int,
    *,
    routing: Routing | None = None,
    proposer: Organisation | None = None,
    by: str = "chloe",
    now: datetime = MORNING,
    dalo_designated: bool = False,
    **facts: object,
) -> Proposal:
    """A household in preparation for a unit, by default of the city."""
    return add_candidate(
        vacancy=vacancy,
        routing=routing,
        number=number(rank),
        identity=Identity(f"Durand {rank:02d} Amina", BORN),
        facts={"adults": 2, "children": 1, "income": 18_000} | facts,
        dalo_designated=dalo_designated,
        proposer=proposer or world.city,
        by=world.people[by],
        now=now,
    )


def sent(world: World, routing: Routing, *ranks: int, now: datetime = MORNING) -> Designation:
    """The city's candidates of these ranks, sent to the landlord."""
    for rank in ranks:
        candidate(world, routing.vacancy, rank, routing=routing, now=now)
    few = {"exemption": "TOO_FEW", "exemption_text": "Peu de demandes."}
    return send_proposals(
        vacancy=routing.vacancy, routing=routing, sender=world.city, by=world.people["chloe"], now=now, **few
    )


def priority(code: str = "DALO") -> PriorityCategory:
    """A category of the law."""
    return PriorityCategory.objects.get(code=code)
