"""Candidates of a unit for tests, as model rows: sent, then decided by a committee, whatever the acts ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
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
    Offer,
    Proposal,
    ProposalEnd,
)
from attributions.households.operations.candidate_state import end, lock_candidates
from attributions.households.operations.silence import settle_allocation
from flux.models import Routing, Vacancy
from reservations.models import Organisation
from tests.flux.operations.test_returning import send
from tests.world import MORNING, World
from tests.world_again import done_once

__all__ = [
    "Case",
    "accepted",
    "application",
    "candidates",
    "decide",
    "decided",
    "decisions_of",
    "reasons",
    "send",
    "statuses",
]


@dataclass(frozen=True)
class Case:
    """What the committee decides of one candidate; ranked by its place in the list when nothing is stated."""

    kind: str = "RANKED"
    rank: int | None = None
    document: str = ""
    due: date | None = None
    reason: str = ""


def application(world: World, organisation: Organisation | None = None, **given: object) -> Application:
    """One more household, with a name, a birth date and an invented number."""
    ordinal = Application.objects.count() + 1
    facts = {"number": f"0112{ordinal:014d}", "name": f"MARTIN Camille {ordinal}", "birth_date": date(1984, 5, 12)}
    facts |= {"adults": 2, "children": 1, "income": 18_000, "income_quartile": 1 + ordinal % 4}
    facts |= {"has_priority": True} if given.get("priority") else {}
    made = Application.objects.create(**(facts | given))
    made.organisations.add(organisation or world.city)
    return made


def candidates(
    world: World,
    routing: Routing | None = None,
    count: int = 3,
    *,
    vacancy: Vacancy | None = None,
    proposer: Organisation | None = None,
    applications: list[Application] | None = None,
    status: str = Proposal.Status.READY,
    now: datetime = MORNING,
) -> list[Proposal]:
    """Households for a unit: sent together to the landlord unless `status` is DRAFT. `vacancy` without routing:
    subtracted from the flow, its landlord proposes."""
    of = routing.vacancy if routing else vacancy
    assert of is not None, "a routing, or a vacancy"
    proposer = proposer or (routing.holder.organisation if routing else of.unit.landlord.organisation)
    people = applications or [application(world, proposer) for _ in range(count)]
    aline, before = world.people["aline"], Proposal.objects.filter(vacancy=of).count()
    designation = None
    if status != Proposal.Status.DRAFT:
        designation = Designation.objects.create(
            vacancy=of, routing=routing, sent_at=now, sent_by=aline, sent_for=proposer
        )
        if routing is not None:
            routing.answered_on = timezone.localdate(now)
            routing.save(update_fields=["answered_on"])
    return [
        Proposal.objects.create(
            vacancy=of,
            routing=routing,
            application=each,
            designation=designation,
            proposer=proposer,
            position=before + place,
            status=status,
            since=now,
            created_at=now,
            created_by=aline,
            adults=each.adults,
            children=each.children,
            income=each.income,
            income_quartile=each.income_quartile,
            has_priority=each.has_priority,
            priority=each.priority,
            urban_renewal=each.urban_renewal,
            state_agent=each.state_agent,
        )
        for place, each in enumerate(people, start=1)
    ]


@transaction.atomic
def decide(world: World, proposals: list[Proposal], *cases: Case, now: datetime = MORNING) -> list[CaseDecision]:
    """Decisions on these candidates, one each; the kept ones become ALLOCATED, the account too; the others end."""
    by, vacancy, routing = world.people["aline"], proposals[0].vacancy, proposals[0].routing
    committee, _ = Committee.objects.get_or_create(landlord=vacancy.unit.landlord, name="CALEOL")
    session = CommitteeSession.objects.create(
        committee=committee, held_at=now, convened_at=now, convened_by=by, opened_at=now
    )
    item = AgendaItem.objects.create(session=session, vacancy=vacancy, routing=routing, position=1, concluded_at=now)
    ballot = Ballot.objects.create(item=item, opened_at=now, opened_by=by, closed_at=now, outcome="ADOPTED")
    found = []
    for place, (proposal, case) in enumerate(zip(proposals, cases, strict=True), start=1):
        AgendaCase.objects.create(item=item, proposal=proposal, letter=chr(64 + place))
        found.append(
            CaseDecision.objects.create(
                item=item,
                proposal=proposal,
                ballot=ballot,
                kind=case.kind,
                rank=case.rank or (place if case.kind == "RANKED" else None),
                document=case.document or ("TAX_NOTICE" if case.kind == "CONDITIONAL" else ""),
                document_due_on=case.due,
                reason=case.reason,
                decided_on=timezone.localdate(now),
                recorded_at=now,
                recorded_by=by,
            )
        )
        if found[-1].keeps:
            Proposal.objects.filter(pk=proposal.pk).update(status=Proposal.Status.ALLOCATED, since=now)
    state = lock_candidates(vacancy.pk, routing=routing.pk if routing else None)
    for decision in found:
        if not decision.keeps:
            end([state.one(decision.proposal_id)], decision.reason, by=by, now=now)
    settle_allocation(state, on=timezone.localdate(now), by=by, now=now)
    for proposal in proposals:
        proposal.refresh_from_db()
    return found


@done_once
def decided(
    world: World,
    *cases: Case,
    holder: str = "city",
    routing: Routing | None = None,
    vacancy: Vacancy | None = None,
    applications: list[Application] | None = None,
    now: datetime = MORNING,
) -> list[Proposal]:
    """Candidates that the committee decided, ranked 1 to 3 unless `cases` says otherwise. Routed to `holder`, unless
    `routing` is given, or a `vacancy` that goes to nobody."""
    cases = cases or (Case(), Case(), Case())
    if routing is None and vacancy is None:
        routing = send(world, holder, now=now)
    made = candidates(world, routing, len(cases), vacancy=vacancy, applications=applications, now=now)
    decide(world, made, *cases, now=now)
    return made


def decisions_of(proposals: list[Proposal]) -> list[CaseDecision]:
    """The decisions that stand for these, in their order."""
    of = {each.proposal_id: each for each in CaseDecision.objects.filter(superseded_at=None).order_by("pk")}
    return [of[each.pk] for each in proposals]


@done_once
def accepted(world: World, *cases: Case, now: datetime = MORNING, **given: object) -> list[Proposal]:
    """Decided candidates, the first of whom accepted the offer that was sent to it."""
    made = decided(world, *cases, now=now, **given)
    today = timezone.localdate(now)
    Offer.objects.create(
        proposal=made[0],
        decision=decisions_of(made)[0],
        sent_on=today,
        answer_by=today.fromordinal(today.toordinal() + 10),
        sent_by=world.people["aline"],
        answer=Offer.Answer.ACCEPTED,
        answered_on=today,
    )
    made[0].status = Proposal.Status.ACCEPTED
    made[0].save(update_fields=["status"])
    return made


def reasons(proposals: list[Proposal]) -> list[str]:
    """Why each ended, "" while it has not."""
    ends = dict(ProposalEnd.objects.order_by("pk").values_list("proposal", "reason"))
    return [ends.get(each.pk, "") for each in proposals]


def statuses(proposals: list[Proposal]) -> list[str]:
    """Where each stands in the database now."""
    now = dict(Proposal.objects.order_by("pk").values_list("pk", "status"))
    return [now[each.pk] for each in proposals]
