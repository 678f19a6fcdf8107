"""Every act on candidates, in any order, as hypothesis draws them: no state is reached outside the table of
docs/states.md, a refused act leaves nothing behind, and the account stays the sum of its entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from attributions.households.models import (
    AgendaItem,
    CaseDecision,
    Committee,
    CommitteeMember,
    CommitteeSession,
    Lease,
    Offer,
    Proposal,
    ProposalEnd,
)
from attributions.households.operations.agenda import add_to_agenda, postpone_item
from attributions.households.operations.application import register_application
from attributions.households.operations.ballot import LineTerms, decide_in_room
from attributions.households.operations.calls import close_missed_conditions, record_document
from attributions.households.operations.committee import found_committee, seat_member
from attributions.households.operations.lease import sign_lease, undo_lease
from attributions.households.operations.needs import instruct_proposal
from attributions.households.operations.offers import answer_offer, close_silent_offers, send_offer, withdraw_proposal
from attributions.households.operations.proposal import prepare_proposal
from attributions.households.operations.sending import send_proposals
from attributions.households.operations.session import cancel_session, convene_session, open_session
from attributions.households.operations.silence import give_back, lapse_silent_routings, say_no_candidate
from attributions.households.queries.applications import readers_adrift
from attributions.households.queries.counts import counts_adrift
from attributions.households.queries.stage import adrift
from flux.models import FlowEntry, Ledger, Routing, Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.queries.first_letting import outcomes
from reservations.refusals import Refusal
from tests.attributions.households.spans import counts_are_right
from tests.attributions.households.stages import stages_apart, stages_kept
from tests.flux.books import check_books
from tests.flux.operations.test_returning import agree
from tests.house.test_states import transitions
from tests.world import MORNING, World, build_world

TABLE = {(before, act.split(" ")[0], after) for before, act, after in transitions("Candidate")}
ANY = {(act, after) for before, act, after in TABLE if before == "any live"}
Kind = CaseDecision.Kind

#: What the committee says of all the cases of a unit.
SHAPES = ("ranked", "one", "nobody", "conditional")


class Households(RuleBasedStateMachine):
    """One landlord's candidates. Each rule is one act; each move of a candidate is looked up in the table."""

    walked: ClassVar[set[tuple[str, str, str]]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.world: World = build_world()
        self.now: datetime = MORNING
        self.count = 0
        self.refusals: list[str] = []

    def teardown(self) -> None:
        check_books(*Ledger.objects.order_by("pk"))
        assert [each for each in self.refusals if not each.endswith((".", "?"))] == [], "a refusal is a sentence"
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize()
    def settle_down(self) -> None:
        world = self.world
        terms = {"proposal_days": 10, "minimum_candidates": 1, "fallback": []}
        agree(world.conventions["city"], returns_effect="NO", new_candidates_days=5, **terms)
        agree(world.conventions["als"], returns_effect="YES", **terms)
        since, alice = MORNING.date(), world.people["alice"]
        committee = found_committee(
            landlord=world.landlord,
            name="CALEOL",
            quorum=1,
            remote_allowed=False,
            source="délibération",
            starts_on=since,
            by=alice,
            now=MORNING,
        )
        for capacity, name, user in (
            ("APPOINTED", "Membre", None),
            ("SECRETARY", "Secrétaire", world.people["aline"]),
        ):
            seat_member(
                committee=committee,
                capacity=capacity,
                full_name=name,
                user=user,
                starts_on=since,
                by=alice,
                now=MORNING,
            )
        for _ in range(3):
            self.fall()
        # One that is withdrawn, and one that is let: alone, chance would leave them out of a few walks.
        first, second, *_ = Routing.objects.filter(closed_at=None).select_related("holder__organisation").order_by("pk")
        self.prepare_on(first)
        self.send_on(first)
        self.withdraw_one(self.live("SENT")[0], "WITHDREW")
        self.go_on(second, 12, "one", accepted=True)

    # --- acts ---

    def act(self, name: str, act: Callable[[], object]) -> None:
        """Do it, or read a sentence; then look every move up in the table."""
        before = {each.pk: self.read(each) for each in self.every()}
        try:
            with transaction.atomic():
                act()
        except Refusal as refusal:
            self.refusals.append(str(refusal))
            assert {each.pk: self.read(each) for each in self.every()} == before
            return
        for each in self.every():
            was, now = before.get(each.pk, "–"), self.read(each)
            if was != now:
                self.walked.add((was, name, now))
                live = was in Proposal.LIVE
                assert (was, name, now) in TABLE or (live and (name, now) in ANY), (was, name, now)

    def every(self) -> Iterator[Proposal]:
        return Proposal.objects.select_related("vacancy", "routing").order_by("pk").iterator()

    def read(self, proposal: Proposal) -> str:
        return str(proposal.status_now)

    def pick(self, data: st.DataObject, rows: object) -> object | None:
        found = list(rows)
        return data.draw(st.sampled_from(found)) if found else None

    def live(self, *statuses: str) -> list[Proposal]:
        found = Proposal.objects.live().filter(status__in=statuses or Proposal.LIVE)
        return list(found.select_related("vacancy__unit__landlord__organisation", "routing").order_by("pk"))

    @property
    def clerk(self) -> object:
        return self.world.people["aline"]

    @rule()
    def fall(self) -> None:
        vacancy = self.world.vacancy(now=self.now)
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=self.now)
        confirm_recommendations(vacancies=[vacancy.pk], by=self.clerk, now=self.now)

    @rule(days=st.integers(1, 12))
    def wait(self, days: int) -> None:
        self.now += timedelta(days)

    @rule(data=st.data(), steps=st.integers(3, 12), shape=st.sampled_from(SHAPES), accepted=st.booleans())
    def walk(self, data: st.DataObject, steps: int, shape: str, accepted: bool) -> None:
        self.walk_on(data, steps, shape, accepted)

    def walk_on(self, data: st.DataObject, steps: int, shape: str, accepted: bool) -> None:
        routing = self.pick(data, Routing.objects.filter(closed_at=None).order_by("pk"))
        if routing is not None:
            self.go_on(routing, steps, shape, accepted=accepted)

    def go_on(self, routing: Routing, steps: int, shape: str, *, accepted: bool) -> None:
        """The natural course of one unit, for some steps: alone, chance would seldom go as far as a lease."""
        for _ in range(steps):
            live = [each for each in self.live() if each.routing_id == routing.pk]
            by = {each.status: each for each in reversed(live)}
            if len(live) < 2 and set(by) <= {"DRAFT"}:
                self.prepare_on(routing)
            elif "DRAFT" in by:
                self.send_on(routing)
            elif "SENT" in by:
                self.instruct_on(by["SENT"])
            elif "READY" in by:
                self.convene_on(routing.vacancy)
            elif "ON_AGENDA" in by:
                items = [item for item in self.pending() if item.vacancy_id == routing.vacancy_id]
                for item in items:
                    self.decide_on(item, shape)
            elif "ACCEPTED" in by:
                self.lease_on(by["ACCEPTED"])
            elif "OFFERED" in by:
                self.answer_on(Offer.objects.get(proposal=by["OFFERED"]), accepted)
            elif "ALLOCATED" in by:
                self.offer_on(by["ALLOCATED"])

    @rule(data=st.data(), shape=st.sampled_from(SHAPES), accepted=st.booleans())
    def walk_to_the_end(self, data: st.DataObject, shape: str, accepted: bool) -> None:
        self.walk_on(data, 12, shape, accepted)

    @rule(data=st.data())
    def prepare(self, data: st.DataObject) -> None:
        routing = self.pick(data, Routing.objects.filter(closed_at=None).order_by("pk"))
        if routing is not None:
            self.prepare_on(routing)

    def prepare_on(self, routing: Routing) -> None:
        self.count += 1
        sender = routing.holder.organisation
        by = self.clerk
        application = register_application(
            number=f"0111126{self.count:06d}11262",
            name=f"Ménage {self.count}",
            facts={"adults": 1, "children": 1, "income_quartile": 1},
            organisation=sender,
            by=by,
            now=self.now,
        )
        self.act(
            "prepare_proposal",
            lambda: prepare_proposal(
                vacancy=routing.vacancy,
                routing=routing,
                application=application,
                proposer=sender,
                by=by,
                now=self.now,
            ),
        )

    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        routing = self.pick(data, Routing.objects.filter(closed_at=None).order_by("pk"))
        if routing is not None:
            self.send_on(routing)

    def send_on(self, routing: Routing) -> None:
        self.act(
            "send_proposals",
            lambda: send_proposals(
                vacancy=routing.vacancy,
                routing=routing,
                sender=routing.holder.organisation,
                exemption="TOO_FEW",
                exemption_text="Une seule demande.",
                by=self.clerk,
                now=self.now,
            ),
        )

    @rule(data=st.data())
    def instruct(self, data: st.DataObject) -> None:
        proposal = self.pick(data, self.live())
        if proposal is not None:
            self.instruct_on(proposal)

    def instruct_on(self, proposal: Proposal) -> None:
        self.act("instruct_proposal", lambda: instruct_proposal(proposal=proposal, by=self.clerk, now=self.now))

    @rule(data=st.data())
    def convene(self, data: st.DataObject) -> None:
        vacancy = self.pick(data, Vacancy.objects.order_by("pk"))
        if vacancy is not None:
            self.convene_on(vacancy)

    def convene_on(self, vacancy: Vacancy) -> None:
        def act() -> None:
            session = convene_session(
                committee=Committee.objects.get(), held_at=self.now, place="Siège", by=self.clerk, now=self.now
            )
            add_to_agenda(session=session, vacancies=[vacancy], by=self.clerk, now=self.now)

        self.act("add_to_agenda", act)

    def pending(self) -> list[AgendaItem]:
        items = AgendaItem.objects.filter(concluded_at=None, postponed_at=None, session__cancelled_at=None)
        return list(items.select_related("session").order_by("pk"))

    @rule(data=st.data())
    def postpone(self, data: st.DataObject) -> None:
        item = self.pick(data, self.pending())
        if item is not None:
            self.act("postpone_item", lambda: postpone_item(item=item, why="Plus tard.", by=self.clerk, now=self.now))

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        session = self.pick(data, CommitteeSession.objects.filter(closed_at=None, cancelled_at=None).order_by("pk"))
        if session is not None:
            self.act(
                "cancel_session", lambda: cancel_session(session=session, why="Reportée.", by=self.clerk, now=self.now)
            )

    @rule(data=st.data(), shape=st.sampled_from(SHAPES))
    def decide(self, data: st.DataObject, shape: str) -> None:
        item = self.pick(data, self.pending())
        if item is not None:
            self.decide_on(item, shape)

    def decide_on(self, item: AgendaItem, shape: str) -> None:
        members = list(CommitteeMember.objects.filter(capacity="APPOINTED").order_by("pk"))
        cases = [
            case
            for case in item.cases.select_related("proposal__vacancy", "proposal__routing").order_by("letter")
            if case.proposal.is_live
        ]

        def act() -> None:
            if item.session.opened_at is None:
                open_session(session=item.session, present=members, by=self.clerk, now=self.now)
            votes = {each.pk: "FOR" for each in members}
            decide_in_room(item=item, lines=self.lines(cases, shape), votes=votes, by=self.clerk, now=self.now)

        self.act("decide_in_room", act)

    def lines(self, cases: list, shape: str) -> list[LineTerms]:
        if shape == "nobody":
            return [LineTerms(case, Kind.NOT_ALLOCATED, reason="SIZE") for case in cases]
        if shape == "one":
            return [
                LineTerms(case, Kind.NOT_ALLOCATED, reason="OTHER_CANDIDATE") if n else LineTerms(case, Kind.ALLOCATED)
                for n, case in enumerate(cases)
            ]
        lines = [LineTerms(case, Kind.RANKED, rank=rank) for rank, case in enumerate(cases, start=1)]
        if shape == "conditional" and cases:
            lines[0] = LineTerms(
                cases[0],
                Kind.CONDITIONAL,
                rank=1 if len(cases) > 1 else None,
                document="TAX_NOTICE",
                document_due_on=self.now.date() + timedelta(8),
            )
        return lines

    @rule(data=st.data())
    def offer(self, data: st.DataObject) -> None:
        proposal = self.pick(data, self.live())
        if proposal is not None:
            self.offer_on(proposal)

    def offer_on(self, proposal: Proposal) -> None:
        self.act("send_offer", lambda: send_offer(proposal=proposal, by=self.clerk, now=self.now))

    @rule(data=st.data(), accepted=st.booleans())
    def answer(self, data: st.DataObject, accepted: bool) -> None:
        offer = self.pick(data, Offer.objects.order_by("pk"))
        if offer is not None:
            self.answer_on(offer, accepted)

    def answer_on(self, offer: Offer, accepted: bool) -> None:
        reason = "" if accepted else "RENT_REFUSED"
        self.act(
            "answer_offer",
            lambda: answer_offer(offer=offer, accepted=accepted, reason=reason, by=self.clerk, now=self.now),
        )

    @rule()
    def night(self) -> None:
        self.act("lapse_silent_routings", lambda: lapse_silent_routings(now=self.now))
        self.act("close_silent_offers", lambda: close_silent_offers(now=self.now))
        self.act("close_missed_conditions", lambda: close_missed_conditions(now=self.now))

    @rule(data=st.data())
    def document(self, data: st.DataObject) -> None:
        decision = self.pick(data, CaseDecision.objects.filter(kind="CONDITIONAL").order_by("pk"))
        if decision is not None:
            self.act(
                "record_document",
                lambda: record_document(decision=decision, received_on=self.now.date(), by=self.clerk, now=self.now),
            )

    @rule(data=st.data())
    def lease(self, data: st.DataObject) -> None:
        proposal = self.pick(data, self.live())
        if proposal is not None:
            self.lease_on(proposal)

    def lease_on(self, proposal: Proposal) -> None:
        self.act(
            "sign_lease",
            lambda: sign_lease(proposal=proposal, signed_on=self.now.date(), by=self.clerk, now=self.now),
        )

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        lease = self.pick(data, Lease.objects.order_by("pk"))
        if lease is not None:
            self.act("undo_lease", lambda: undo_lease(lease=lease, why="Par erreur.", by=self.clerk, now=self.now))

    @rule(data=st.data(), reason=st.sampled_from(("WITHDREW", "RECORDED_BY_MISTAKE")))
    def withdraw(self, data: st.DataObject, reason: str) -> None:
        proposal = self.pick(data, self.live())
        if proposal is not None:
            self.withdraw_one(proposal, reason)

    def withdraw_one(self, proposal: Proposal, reason: str) -> None:
        self.act(
            "withdraw_proposal",
            lambda: withdraw_proposal(proposal=proposal, reason=reason, by=self.clerk, now=self.now),
        )

    @rule(data=st.data(), how=st.sampled_from(("give_back", "say_no_candidate", "route_elsewhere", "cancel_vacancy")))
    def lose(self, data: st.DataObject, how: str) -> None:
        routing = self.pick(data, Routing.objects.filter(closed_at=None).select_related("vacancy").order_by("pk"))
        if routing is None:
            return
        acts: dict[str, Callable[[], object]] = {
            "give_back": lambda: give_back(routing=routing, by=self.clerk, now=self.now),
            "say_no_candidate": lambda: say_no_candidate(routing=routing, by=self.clerk, now=self.now),
            "route_elsewhere": lambda: route_elsewhere(
                vacancy=routing.vacancy,
                holder=self.world.holders["epci"],
                motive="OTHER",
                motive_text="Au hasard.",
                by=self.clerk,
                now=self.now,
            ),
            "cancel_vacancy": lambda: cancel_vacancy(
                vacancy=routing.vacancy,
                reason="NOTICE_WITHDRAWN",
                text="Au hasard.",
                by=self.clerk,
                now=self.now,
            ),
        }
        self.act(how, acts[how])
        waiting = Vacancy.objects.to_confirm().values_list("pk", flat=True)
        if waiting:
            confirm_recommendations(vacancies=list(waiting), by=self.clerk, now=self.now)

    # --- what holds after any of them ---

    @invariant()
    def account_says_what_the_candidates_say(self) -> None:
        for vacancy in Vacancy.objects.filter(kind="IN_FLOW").order_by("pk"):
            found = outcomes([vacancy]).get(vacancy.pk, {})
            statuses = {
                each.status
                for each in Proposal.objects.filter(vacancy=vacancy).select_related("routing", "vacancy").order_by("pk")
                if each.is_live or each.status == Proposal.Status.HOUSED
            }
            kept = bool(statuses & {*Proposal.KEPT, Proposal.Status.HOUSED})
            assert (FlowEntry.Stage.ALLOCATED in found) == kept
            leased = Lease.objects.filter(vacancy=vacancy, cancelled_at=None).exists()
            assert (FlowEntry.Stage.LEASED in found) == leased == (Proposal.Status.HOUSED in statuses)

    @invariant()
    def the_stage_that_lists_read_is_the_one_that_candidates_say(self) -> None:
        assert adrift() == []
        assert stages_kept() == stages_apart()
        assert readers_adrift() == []

    @invariant()
    def leases_are_counted_as_they_stand(self) -> None:
        assert counts_adrift() == []

    @invariant()
    def delays_are_counted_as_steps_are_told(self) -> None:
        assert counts_are_right()

    @invariant()
    def every_end_has_its_reason(self) -> None:
        ended = set(Proposal.objects.filter(status="ENDED").values_list("pk", flat=True))
        assert ended <= set(ProposalEnd.objects.values_list("proposal", flat=True))


@pytest.mark.django_db
def test_no_state_is_reached_outside_the_table() -> None:
    Households.walked.clear()
    run_state_machine_as_test(
        Households,
        settings=settings(
            max_examples=settings.default.max_examples // 20,  # five at night
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            phases=[Phase.generate],
        ),
    )
    assert {act for _, act, _ in Households.walked} >= {
        "prepare_proposal",
        "send_proposals",
        "instruct_proposal",
        "add_to_agenda",
        "decide_in_room",
        "send_offer",
        "answer_offer",
        "sign_lease",
        "withdraw_proposal",
    }
