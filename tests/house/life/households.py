"""Households: requests, candidates, sessions, votes, offers, leases, and every way in which each of them ends."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attributions.bilan.models import Objective
from attributions.bilan.operations.objectives import set_objective, withdraw_objective
from attributions.households.models import (
    AgendaItem,
    Application,
    CaseDecision,
    Committee,
    CommitteeMember,
    CommitteeSession,
    Lease,
    Offer,
    Proposal,
)
from attributions.households.operations.agenda import add_to_agenda, postpone_item, recuse
from attributions.households.operations.application import Identity, add_alias
from attributions.households.operations.ballot import LineTerms, cast_vote, close_ballot, decide_in_room, open_ballot
from attributions.households.operations.calls import close_missed_conditions, record_document
from attributions.households.operations.committee import found_committee, seat_member, set_rules
from attributions.households.operations.correction import correct_decisions
from attributions.households.operations.lease import record_outside_lease, sign_lease, undo_lease
from attributions.households.operations.needs import instruct_proposal
from attributions.households.operations.offers import answer_offer, close_silent_offers, send_offer, withdraw_proposal
from attributions.households.operations.past_candidacies import close_application, reopen_application
from attributions.households.operations.proposal import add_candidate, remove_proposal
from attributions.households.operations.sending import send_proposals
from attributions.households.operations.session import cancel_session, close_session, convene_session, open_session
from attributions.households.operations.withdrawals import (
    record_outside_allocation,
    record_outside_answer,
    undo_outside,
)
from attributions.retention import pseudonymise_due
from flux.delegating import proposing
from flux.models import Routing, Vacancy

if TYPE_CHECKING:
    from tests.house.life import Act, Life

Kind, Status = CaseDecision.Kind, Proposal.Status


def settle(life: Life) -> None:
    """A committee where everybody has a seat."""
    world = life.world
    committee = found_committee(
        landlord=world.landlord,
        name="CALEOL de Robine Habitat",
        quorum=1,
        remote_allowed=True,
        source="Délibération du 12 décembre 2025",
        starts_on=date(2026, 1, 1),
        **life.by("alice"),
    )
    seats: list[tuple[str, str, dict[str, Any]]] = [
        ("APPOINTED", "Paul", {"presides": True, "user": world.people["eric"]}),
        ("APPOINTED", "Rosa", {"represents_tenants": True}),
        ("PREFECT", "Bob", {"user": world.people["bob"], "organisation": world.state}),
        (
            "EPCI",
            "Emma",
            {
                "user": world.people["emma"],
                "organisation": world.epci,
                "territory": world.places["Le Grand Narbonne"],
            },
        ),
        (
            "MAYOR",
            "Chloé",
            {"user": world.people["chloe"], "organisation": world.city, "territory": world.places["Narbonne"]},
        ),
        ("SECRETARY", "Aline", {"user": world.people["aline"]}),
    ]
    for capacity, name, given in seats:
        seat_member(
            committee=committee,
            capacity=capacity,
            full_name=name,
            starts_on=date(2026, 1, 1),
            **given,
            **life.by("alice"),
        )


def _live(life: Life, *statuses: str) -> Proposal | None:
    found = Proposal.objects.live().filter(status__in=statuses or Proposal.LIVE)
    found = found.filter(vacancy=life.focus) if life.focus else found
    return life.pick(found.select_related("vacancy__unit__landlord__organisation", "routing").order_by("pk"))


def _searching(life: Life) -> tuple[Vacancy, Routing | None, Any, str] | None:
    """A unit for which somebody looks for candidates: who, and the person who acts."""
    world = life.world
    rows = Routing.objects.filter(closed_at=None, vacancy__unit__landlord=world.landlord)
    rows = rows.filter(vacancy=life.focus) if life.focus else rows
    routing = life.pick(rows.select_related("holder__organisation", "acting", "vacancy").order_by("pk"))
    if routing is None:
        return None
    proposer = proposing(routing, life.today)
    acting = {world.city.pk: "chloe", world.als.pk: "anna", world.state.pk: "bob", world.employer.pk: "ines"}
    return routing.vacancy, routing, proposer, acting.get(proposer.pk, "aline")


def prepare(life: Life) -> object:
    """One household more, sometimes known already."""
    found = _searching(life)
    if found is None:
        return None
    vacancy, routing, proposer, by = found
    rank = life.next_number() if life.count < 3 or life.chance.random() < 0.8 else life.chance.randint(1, life.count)
    facts = {
        "adults": 1 + rank % 2,
        "children": rank % 4,
        "income": 12_000 + 900 * rank,
        "income_quartile": 1 + rank % 4,
    }
    facts["income_quartile"] = 1 + rank % 4
    return add_candidate(
        vacancy=vacancy,
        routing=routing,
        number=f"0111126{rank:06d}AUDE{rank % 10}",
        identity=Identity(f"Durand {rank:02d} Amina", date(1984, 3, 12)),
        facts=facts | ({"has_priority": True} if rank % 3 == 0 else {}),
        proposer=proposer,
        **life.by(by),
    )


def take_out(life: Life) -> object:
    found = _live(life, Status.DRAFT)
    return found and (remove_proposal(proposal=found, reason="RECORDED_BY_MISTAKE", **life.by()) or True)


def send(life: Life) -> object:
    draft = _live(life, Status.DRAFT)
    if draft is None:
        return None
    few = {"exemption": "TOO_FEW", "exemption_text": "Peu de demandes."}
    about = {"vacancy": draft.vacancy, "routing": draft.routing, "sender": draft.proposer}
    return send_proposals(**about, **few, **life.by())


def instruct(life: Life) -> object:
    found = _live(life, Status.SENT)
    facts = {"income_quartile": life.chance.randint(1, 4)}
    rate, rest = Decimal("0.31"), Decimal("412.50")
    return found and instruct_proposal(proposal=found, facts=facts, effort_rate=rate, living_rest=rest, **life.by())


def convene(life: Life) -> object:
    """A session, in a room or remote, on the unit of a candidate that is ready."""
    found = _live(life, Status.READY)
    if found is None:
        return None
    given: dict[str, Any] = {"mode": "ROOM"}
    if life.shape == "remote" or life.chance.random() < 0.2:
        opens = life.now + timedelta(hours=1)
        given = {"mode": "REMOTE", "vote_opens_at": opens, "vote_closes_at": opens + timedelta(days=2)}
    session = convene_session(
        committee=Committee.objects.get(landlord=life.world.landlord),
        held_at=life.now + timedelta(hours=1),
        place="siège",
        **given,
        **life.by(),
    )
    add_to_agenda(session=session, vacancies=[found.vacancy], **life.by())
    return session


def _pending(life: Life, **which: object) -> AgendaItem | None:
    items = AgendaItem.objects.filter(concluded_at=None, postponed_at=None, session__cancelled_at=None, **which)
    items = items.filter(vacancy=life.focus) if life.focus else items
    return life.pick(items.select_related("session").order_by("pk"))


def _open(life: Life, item: AgendaItem) -> None:
    if item.session.opened_at is None:
        life.wait(hours=1)
        present = [*CommitteeMember.objects.exclude(capacity="SECRETARY").order_by("pk")]
        open_session(session=item.session, present=present, **life.by())
        item.session.refresh_from_db()


def open_only(life: Life) -> object:
    item = _pending(life, session__opened_at=None)
    return item and (_open(life, item) or True)


def postpone(life: Life) -> object:
    item = _pending(life)
    return item and postpone_item(item=item, why="Plus tard.", **life.by())


def stand_aside(life: Life) -> object:
    item = _pending(life)
    member = CommitteeMember.objects.get(full_name="Chloé")
    return item and recuse(item=item, member=member, **life.by("chloe"))


def call_off(life: Life) -> object:
    found = CommitteeSession.objects.filter(closed_at=None, cancelled_at=None, opened_at=None).order_by("pk")
    session = life.pick(found)
    return session and cancel_session(session=session, why="Reportée.", **life.by())


def _lines(life: Life, item: AgendaItem) -> list[LineTerms]:
    cases = [case for case in item.cases.select_related("proposal").order_by("letter") if case.proposal.is_live]
    shape = life.shape.replace("remote", "") or life.chance.choice(["ranked", "ranked", "one", "nobody", "conditional"])
    if shape == "nobody":
        return [LineTerms(case, Kind.NOT_ALLOCATED, reason="SIZE") for case in cases]
    if shape == "one":
        rest = [LineTerms(case, Kind.NOT_ALLOCATED, reason="OTHER_CANDIDATE") for case in cases[1:]]
        return [*(LineTerms(case, Kind.ALLOCATED) for case in cases[:1]), *rest]
    lines = [LineTerms(case, Kind.RANKED, rank=rank) for rank, case in enumerate(cases, start=1)]
    if shape == "conditional" and cases:
        due = life.today + timedelta(8)
        rank = 1 if len(cases) > 1 else None
        lines[0] = LineTerms(cases[0], Kind.CONDITIONAL, rank=rank, document="TAX_NOTICE", document_due_on=due)
    return lines


def decide(life: Life) -> object:
    item = _pending(life, session__mode="ROOM")
    if item is None:
        return None
    _open(life, item)
    votes = {each.pk: "FOR" for each in CommitteeMember.objects.filter(capacity="APPOINTED").order_by("pk")}
    return decide_in_room(item=item, lines=_lines(life, item), votes=votes, **life.by())


def vote(life: Life) -> object:
    """From afar: a proposal, one vote, sometimes the end."""
    item = _pending(life, session__mode="REMOTE")
    if item is None:
        return None
    _open(life, item)
    ballot = open_ballot(item=item, lines=_lines(life, item), **life.by())
    paul = CommitteeMember.objects.get(full_name="Paul")
    cast_vote(ballot=ballot, member=paul, choice="FOR", **life.by("eric"))
    if life.chance.random() < 0.7:
        close_ballot(ballot=ballot, **life.by())
    return ballot


def close(life: Life) -> object:
    session = life.pick(CommitteeSession.objects.filter(closed_at=None).exclude(opened_at=None).order_by("pk"))
    return session and close_session(session=session, **life.by())


def correct(life: Life) -> object:
    """A refusal recorded wrong is another."""
    rows = CaseDecision.objects.filter(kind=Kind.NOT_ALLOCATED, superseded_at=None)
    rows = rows.filter(proposal__vacancy=life.focus) if life.focus else rows
    found = life.pick(rows.select_related("item__session", "proposal").order_by("pk"))
    if found is None:
        return None
    case = found.item.cases.get(proposal=found.proposal)
    terms = LineTerms(case, Kind.NOT_ALLOCATED, reason="INCOMPLETE")
    return correct_decisions(item=found.item, terms={found: terms}, why="Motif mal saisi.", **life.by())


def offer(life: Life) -> object:
    found = _live(life, Status.ALLOCATED)
    return found and send_offer(proposal=found, **life.by())


def _offered(life: Life) -> Offer | None:
    rows = Offer.objects.filter(answer="")
    rows = rows.filter(proposal__vacancy=life.focus) if life.focus else rows
    return life.pick(rows.select_related("proposal__vacancy").order_by("pk"))


def accept(life: Life) -> object:
    found = _offered(life)
    return found and answer_offer(offer=found, accepted=True, **life.by())


def refuse(life: Life) -> object:
    found = _offered(life)
    reason = life.chance.choice(["UNIT_REFUSED", "AREA_REFUSED", "RENT_REFUSED"])
    return found and answer_offer(offer=found, accepted=False, reason=reason, **life.by())


def stay_silent(life: Life) -> object:
    """Past the term of an offer, and of a document."""
    if _offered(life) is None or life.now + timedelta(days=15) > life.until:
        return None
    life.wait(15)
    return (close_silent_offers(now=life.now) or 0) + (close_missed_conditions(now=life.now) or 0) or None


def bring(life: Life) -> object:
    rows = CaseDecision.objects.filter(kind=Kind.CONDITIONAL, superseded_at=None).order_by("pk")
    found = life.pick(rows.select_related("proposal"))
    return found and record_document(decision=found, received_on=life.today, **life.by())


def sign(life: Life) -> object:
    found = _live(life, Status.ACCEPTED)
    return found and sign_lease(proposal=found, signed_on=life.today, **life.by())


def undo(life: Life) -> object:
    rows = Lease.objects.filter(cancelled_at=None)
    found = life.pick((rows.filter(vacancy=life.focus) if life.focus else rows).order_by("pk"))
    return found and undo_lease(lease=found, why="Signé par erreur.", **life.by())


def withdraw(life: Life) -> object:
    found = _live(life, Status.SENT, Status.READY, Status.ON_AGENDA, Status.ALLOCATED, Status.ACCEPTED)
    return found and (withdraw_proposal(proposal=found, reason="WITHDREW", text="Relogé.", **life.by()) or True)


def _elsewhere(life: Life) -> Vacancy | None:
    """A unit that is followed in another tool: nobody proposes here."""
    rows = Routing.objects.filter(closed_at=None, vacancy__unit__landlord=life.world.landlord, vacancy__proposals=None)
    rows = rows.filter(vacancy=life.focus) if life.focus else rows
    routing = life.pick(rows.select_related("vacancy__unit__landlord").order_by("pk"))
    return routing and routing.vacancy


def answer_elsewhere(life: Life) -> object:
    vacancy = _elsewhere(life)
    return vacancy and record_outside_answer(vacancy=vacancy, on=life.today, **life.by())


def allocate_elsewhere(life: Life) -> object:
    vacancy = _elsewhere(life)
    return vacancy and (record_outside_allocation(vacancy=vacancy, on=life.today, **life.by()) or True)


def let_elsewhere(life: Life) -> object:
    vacancy = _elsewhere(life)
    if vacancy is None:
        return None
    record_outside_allocation(vacancy=vacancy, on=life.today, **life.by())
    facts = {"income_quartile": life.chance.randint(1, 4)}
    return record_outside_lease(vacancy=vacancy, signed_on=life.today, facts=facts, **life.by())


def undo_elsewhere(life: Life) -> object:
    vacancy = _elsewhere(life)
    return vacancy and (undo_outside(vacancy=vacancy, why="Saisi par erreur.", **life.by()) or True)


def let_subtracted(life: Life) -> object:
    rows = Vacancy.objects.filter(kind="EXCLUDED", cancelled_at=None, unit__landlord=life.world.landlord)
    vacancy = life.pick(rows.select_related("unit").order_by("pk"))
    return vacancy and record_outside_lease(vacancy=vacancy, signed_on=life.today, facts={}, **life.by())


def _request(life: Life, **which: object) -> Application | None:
    return life.pick(Application.objects.filter(**which).order_by("pk"))


def strike_off(life: Life) -> object:
    found = _request(life, closed_on=None)
    return found and close_application(application=found, cause="WAIVED", on=life.today, **life.by("chloe"))


def reopen(life: Life) -> object:
    found = _request(life, closed_on__isnull=False)
    return found and reopen_application(application=found, why="Radiée par erreur.", **life.by("chloe"))


def rename(life: Life) -> object:
    found = _request(life, closed_on=None)
    number = f"0111127{life.next_number():06d}AUDE0"
    return found and add_alias(application=found, number=number, organisation=life.world.city, **life.by("chloe"))


def forget(life: Life) -> object:
    return pseudonymise_due(now=life.now) or None


def aim(life: Life) -> object:
    return set_objective(
        code="OTHERS_IN_QPV",
        territory=life.world.places["Le Grand Narbonne"],
        percent=Decimal(45 + life.next_number() % 10),
        starts_on=life.today,
        source="CIA du 12 mars 2026",
        **life.by("emma"),
    )


def aim_no_more(life: Life) -> object:
    found = Objective.objects.filter(code="OTHERS_IN_QPV").exclude(territory=None).order_by("pk").last()
    return found and (withdraw_objective(objective=found, why="Annulée.", by=life.world.people["emma"]) or True)


def rule_again(life: Life) -> object:
    committee = Committee.objects.get(landlord=life.world.landlord)
    given = {"quorum": 1, "remote_allowed": True, "source": "Délibération", "starts_on": life.today + timedelta(1)}
    return set_rules(committee=committee, **given, **life.by("alice"))


OFTEN: list[Act] = [prepare, prepare, send, instruct, convene, decide, offer, accept, sign]
ACTS: list[Act] = [
    *(prepare, take_out, send, instruct, convene, open_only, postpone, stand_aside, call_off, decide, vote, close),
    *(correct, offer, accept, refuse, stay_silent, bring, sign, undo, withdraw),
    *(answer_elsewhere, allocate_elsewhere, let_elsewhere, undo_elsewhere, let_subtracted),
    *(strike_off, reopen, rename, aim, aim_no_more, rule_again),
]
