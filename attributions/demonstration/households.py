"""What became of the units of a year: candidates, committee, offers and leases, day by day, through operations only."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from attributions.demonstration.cast import Cast
from attributions.demonstration.committee import Table, at, next_thursday, working
from attributions.demonstration.people import People
from attributions.households.models import (
    AgendaCase,
    AgendaItem,
    CaseDecision,
    CommitteeMember,
    Designation,
    Offer,
    PriorityCategory,
    Proposal,
    ProposalEnd,
)
from attributions.households.operations.agenda import add_to_agenda
from attributions.households.operations.ballot import LineTerms, decide_in_room
from attributions.households.operations.calls import close_missed_conditions, record_document
from attributions.households.operations.lease import sign_lease
from attributions.households.operations.needs import instruct_proposal
from attributions.households.operations.offers import answer_offer, close_silent_offers, send_offer, withdraw_proposal
from attributions.households.operations.proposal import prepare_proposal
from attributions.households.operations.sending import send_proposals
from attributions.households.operations.session import close_session, convene_session, open_session
from attributions.households.operations.silence import lapse_silent_routings, say_no_candidate
from attributions.households.queries.committees import may_vote
from attributions.households.queries.deadlines import recorded_until
from attributions.households.queries.minimum import ready_units
from flux.models import Routing, Vacancy
from flux.permissions import landlord_proposes
from flux.queries.returns import clock
from reservations.deadlines import is_working
from reservations.models import Organisation, ReservationHolder, User

Status = Proposal.Status
Kind = CaseDecision.Kind
Reason = ProposalEnd.Reason

#: What a holder does with a unit, in thousandths; the rest sends candidates.
NO_CANDIDATE, SILENT = 60, 50
#: Of those that the State designates as DALO, in hundredths, how many are not labelled yet, which the meeting shows.
NOT_LABELLED = 25
#: How households answer, in hundredths; the rest accepts.
REFUSE, SAY_NOTHING, WITHDRAW_LATER = 13, 6, 2

VACANCIES = Vacancy.declared.select_related("unit__landlord__organisation")
ROUTINGS = Routing.objects.select_related(
    "vacancy__unit__landlord__organisation", "holder__organisation", "convention", "acting"
)
PROPOSALS = Proposal.objects.select_related("vacancy__unit__landlord__organisation", "routing")
OFFERS = Offer.objects.select_related("proposal")

#: What is to come on a day: the name of an act of `Households`, and the numbers of what it bears on.
Plan = tuple[str, list[int]]


@dataclass(slots=True)
class Households:
    """One landlord's units, from the routing on. `diary` holds what is to come, by day: with the rows of the database,
    it is all that the next day needs.
    """

    cast: Cast
    table: Table
    draw: random.Random
    people: People
    diary: dict[date, list[Plan]] = field(default_factory=lambda: defaultdict(list))
    followed: set[int] = field(default_factory=set)

    @classmethod
    def settle(cls, cast: Cast, table: Table) -> Households:
        """Nobody has come yet, nothing is to come."""
        draw = random.Random()  # noqa: S311 - a story, not a secret: its seed is the day’s
        return cls(cast, table, draw, People(draw))

    @classmethod
    def again(cls, cast: Cast, notes: dict[str, Any]) -> Households:
        """The same, from `notes()` and the database where they live."""
        found = cls.settle(cast, Table.again(cast))
        found.people.count, found.followed = notes["came"], set(notes["followed"])
        for day, plans in notes["diary"].items():
            found.diary[date.fromisoformat(day)] = [(act, on) for act, on in plans]
        return found

    def notes(self) -> dict[str, Any]:
        """What the database does not hold, in plain values."""
        diary = {day.isoformat(): plans for day, plans in sorted(self.diary.items()) if plans}
        return {"came": self.people.count, "followed": sorted(self.followed), "diary": diary}

    @property
    def clerk(self) -> User:
        return self.table.secretary

    def plan(self, day: date, act: str, *on: int) -> None:
        """Later, on a working day."""
        self.diary[working(day)].append((act, list(on)))

    def follow(self, vacancies: Iterable[Vacancy], day: date) -> None:
        """Units that went to somebody that day, or are the landlord's own for a transfer or a rehousing."""
        vacancies = list(vacancies)
        routings = ROUTINGS.filter(vacancy__in=[each.pk for each in vacancies], closed_at=None).order_by("pk")
        for routing in routings:
            if routing.pk not in self.followed:
                self.followed.add(routing.pk)
                self._choose(routing, day)
        for vacancy in vacancies:
            if vacancy.kind == Vacancy.Kind.EXCLUDED:
                self.plan(day + timedelta(self.draw.randrange(4, 15)), "propose", vacancy.pk)

    def live(self, vacancies: Iterable[Vacancy], day: date) -> None:
        """What became of the units of that day, what was planned for it, then the session when the committee sits."""
        self.draw.seed(f"ménages de Robine, {day}")
        self.follow(vacancies, day)
        for act, on in self.diary.pop(day, []):
            getattr(self, f"_{act}")(day, *on)
        if is_working(day) and day == next_thursday(day):
            self._sit(day)

    def _choose(self, routing: Routing, day: date) -> None:
        at_random = self.draw.randrange(1000)
        own = landlord_proposes(routing.vacancy, routing)
        asked = clock(routing, routing.vacancy.kind, today=day)
        until = asked.until if asked else None
        if not own and at_random < NO_CANDIDATE:
            self.plan(day + timedelta(self.draw.randrange(2, 9)), "decline", routing.pk)
        elif not own and until is not None and at_random < NO_CANDIDATE + SILENT:
            self.plan(until + timedelta(1), "lapse", routing.pk)
        else:
            self.plan(day + timedelta(self.draw.randrange(4, 19)), "propose", routing.vacancy_id, routing.pk)

    def _decline(self, day: date, number: int) -> None:
        routing = ROUTINGS.get(pk=number)
        say_no_candidate(routing=routing, by=self._person(routing.holder.organisation), now=at(day, 10))
        self.follow([routing.vacancy], day)

    def _lapse(self, day: date, number: int) -> None:
        lapse_silent_routings(now=at(day, 0, 20))
        self.follow([ROUTINGS.get(pk=number).vacancy], day)

    def _person(self, organisation: Organisation) -> User:
        if organisation == self.cast.robine.organisation:
            return self.clerk
        return User.objects.filter(memberships__organisation=organisation).order_by("pk")[0]

    def _propose(self, day: date, unit: int, number: int | None = None) -> None:
        routing = None if number is None else ROUTINGS.get(pk=number)
        vacancy = VACANCIES.get(pk=unit) if routing is None else routing.vacancy
        if self._live(unit, *Proposal.LIVE) or (routing is not None and routing.closed_at is not None):
            return
        now, sender = at(day, 11), self._sender(vacancy, routing)
        by = self._person(sender)
        first, exemption, text, count = self._how_many(vacancy, routing, day)
        for _ in range(count):
            application = self.people.come(sender, by, rooms=vacancy.unit.rooms, now=now, **first)
            prepare_proposal(
                vacancy=vacancy,
                routing=routing,
                application=application,
                proposer=sender,
                dalo_designated=exemption == Designation.Exemption.DALO,
                by=by,
                now=now,
            )
        send_proposals(
            vacancy=vacancy, routing=routing, sender=sender, exemption=exemption, exemption_text=text, by=by, now=now
        )
        self.plan(day + timedelta(self.draw.randrange(2, 12)), "instruct", unit)

    def _sender(self, vacancy: Vacancy, routing: Routing | None) -> Organisation:
        landlord = vacancy.unit.landlord.organisation
        if routing is None or landlord_proposes(vacancy, routing):
            return landlord
        return routing.acting or routing.holder.organisation

    def _how_many(
        self, vacancy: Vacancy, routing: Routing | None, day: date
    ) -> tuple[dict[str, object], str, str, int]:
        """Facts of the households, exemption and its sentence, number of candidates."""
        exemptions = Designation.Exemption
        if routing is None:
            facts: dict[str, object] = {"urban_renewal": vacancy.exclusion == Vacancy.Exclusion.URBAN_RENEWAL}
            return facts, exemptions.TOO_FEW, "Ménage déjà connu : mutation ou relogement.", 1
        contingent = routing.holder.contingent
        if contingent == ReservationHolder.Contingent.STATE_PRIORITY and self.draw.random() < 0.3:
            labelled = self.draw.randrange(100) >= NOT_LABELLED
            labelled_on = day - timedelta(self.draw.randrange(5, 60)) if labelled else None
            return {"priority": self._dalo(), "labelled_on": labelled_on}, exemptions.DALO, "", 1
        agent: dict[str, object] = (
            {"state_agent": True} if contingent == ReservationHolder.Contingent.STATE_AGENTS else {}
        )
        if self.draw.random() < 0.06:
            return agent, exemptions.TOO_FEW, "Deux demandes seulement pour ce type de logement dans ce secteur.", 2
        return agent, "", "", 3

    def _dalo(self) -> object:
        return PriorityCategory.objects.get(code="DALO")

    def _instruct(self, day: date, unit: int) -> None:
        for number, proposal in enumerate(self._live(unit, Status.SENT)):
            instruct_proposal(
                proposal=proposal,
                effort_rate=Decimal(self.draw.randrange(120, 340)) / 10,
                living_rest=Decimal(self.draw.randrange(900, 2800)) / 100,
                by=self.clerk,
                now=at(day, 15, number),
            )

    def _live(self, unit: int, *statuses: str) -> list[Proposal]:
        """The live candidatures for a unit that fell vacant."""
        found = Proposal.objects.live().filter(vacancy=unit, status__in=statuses)
        return list(found.select_related("vacancy__unit__landlord__organisation", "routing").order_by("position", "pk"))

    # --- the committee ---

    def _sit(self, day: date) -> None:
        """Every unit that is ready is examined; the session is closed and sealed the same morning."""
        ready = [each.vacancy for each in ready_units(self.cast.robine, on=day) if not each.blocked]
        if not ready:
            return
        secretary, committee = self.table.secretary, self.table.committee
        session = convene_session(
            committee=committee, held_at=at(day, 9), place="Siège, salle du conseil", by=secretary, now=at(day, 8)
        )
        items = add_to_agenda(session=session, vacancies=ready, by=secretary, now=at(day, 8, 10))
        appointed = [each for each in self.table.members if each.capacity == CommitteeMember.Capacity.APPOINTED]
        absent = set(self.draw.sample([each.pk for each in appointed], self.draw.randrange(0, 3)))
        present = [each for each in self.table.members if each.votes and each.pk not in absent]
        beside = [each for each in self.table.members if not each.votes]  # advisers, and the secretary
        open_session(session=session, present=[*present, *beside], by=secretary, now=at(day, 9))
        for number, item in enumerate(items):
            self._decide(item, present, at(day, 9, min(59, 2 * number)))
        close_session(session=session, by=secretary, now=at(day, 12))
        for item in items:
            self.plan(day + timedelta(1), "offer", item.vacancy_id)

    def _decide(self, item: AgendaItem, present: list[CommitteeMember], now: datetime) -> None:
        cases = list(item.cases.select_related("proposal").order_by("letter"))
        lines = self._lines(cases, now.date())
        votes = {each.pk: "FOR" for each in present if may_vote(each, item.vacancy.unit)}
        if len(votes) > 5 and self.draw.random() < 0.1:
            votes[self.draw.choice(sorted(votes))] = "AGAINST"
        decide_in_room(item=item, lines=lines, votes=votes, by=self.table.secretary, now=now)

    def _lines(self, cases: list[AgendaCase], day: date) -> list[LineTerms]:
        """One of the usual outcomes: all ranked, one chosen, the last one set aside, or nobody."""
        order = sorted(cases, key=lambda case: (case.proposal.income_quartile or 5, case.letter))
        at_random = self.draw.randrange(100)
        if at_random < 4 and len(order) > 1:
            return [LineTerms(case, Kind.NOT_ALLOCATED, reason=self._why_not()) for case in order]
        if at_random < 20:
            first, *others = order
            return [
                LineTerms(first, Kind.ALLOCATED),
                *(LineTerms(case, Kind.NOT_ALLOCATED, reason=Reason.OTHER_CANDIDATE) for case in others),
            ]
        aside: list[LineTerms] = []
        if at_random < 45 and len(order) > 1:
            kind, reason = (
                (Kind.INELIGIBLE, Reason.OVER_CEILING) if at_random < 25 else (Kind.NOT_ALLOCATED, self._why_not())
            )
            aside = [LineTerms(order.pop(), kind, reason=reason)]
        ranked = [LineTerms(case, Kind.RANKED, rank=rank) for rank, case in enumerate(order, start=1)]
        if at_random > 92:
            ranked[0] = LineTerms(
                order[0],
                Kind.CONDITIONAL,
                rank=1 if len(order) > 1 else None,
                document=CaseDecision.Document.TAX_NOTICE,
                document_due_on=working(day + timedelta(21)),
            )
        return ranked + aside

    def _why_not(self) -> str:
        return self.draw.choice((Reason.SIZE, Reason.EFFORT, Reason.BUILDING_BALANCE))

    # --- offers and leases ---

    def _offer(self, day: date, unit: int) -> None:
        kept = self._live(unit, Status.ALLOCATED)
        if not kept:
            self._after_nobody(unit, day)
            return
        found = CaseDecision.objects.filter(proposal__in=kept, superseded_at=None).order_by("pk")
        decisions = {each.proposal_id: each for each in found}
        first = min(kept, key=lambda each: decisions[each.pk].rank or 0)
        send_offer(proposal=first, by=self.clerk, now=at(day, 10))
        if decisions[first.pk].kind == Kind.CONDITIONAL:
            self._condition(decisions[first.pk], day)
        self._answer(unit, day)

    def _condition(self, decision: CaseDecision, day: date) -> None:
        assert decision.document_due_on is not None
        if self.draw.random() < 0.8:
            self.plan(day + timedelta(4), "receive", decision.pk)
        else:
            last = recorded_until(decision.document_due_on, decision.proposal.routing)
            self.plan(last + timedelta(1), "miss", decision.proposal.vacancy_id)

    def _receive(self, day: date, number: int) -> None:
        decision = CaseDecision.objects.select_related("proposal").get(pk=number)
        if Proposal.objects.live().filter(pk=decision.proposal_id).exists():
            record_document(decision=decision, received_on=day, by=self.clerk, now=at(day, 11))

    def _miss(self, day: date, unit: int) -> None:
        close_missed_conditions(now=at(day, 0, 40))
        self._go_on(unit, day)

    def _answer(self, unit: int, day: date) -> None:
        """Plan how the household of the current offer answers."""
        offer = OFFERS.filter(proposal__vacancy=unit, answer="").order_by("pk").last()
        if offer is None:
            return
        at_random = self.draw.randrange(100)
        if at_random < SAY_NOTHING:
            last = recorded_until(offer.answer_by, offer.proposal.routing)
            self.plan(last + timedelta(1), "silence", unit)
            return
        answered = working(day + timedelta(self.draw.randrange(2, 9)))
        act = "accept" if at_random >= SAY_NOTHING + REFUSE else "refuse"
        self.diary[min(answered, offer.answer_by)].append((act, [offer.pk]))

    def _silence(self, day: date, unit: int) -> None:
        close_silent_offers(now=at(day, 0, 30))
        self._go_on(unit, day)

    def _accept(self, day: date, number: int) -> None:
        offer = OFFERS.filter(pk=number, answer="").first()
        if offer is None:
            return
        answer_offer(offer=offer, accepted=True, reason="", by=self.clerk, now=at(day, 14))
        if self.draw.randrange(100) < WITHDRAW_LATER:
            self.plan(day + timedelta(6), "withdraw", offer.proposal_id)
        else:
            self.plan(day + timedelta(self.draw.randrange(8, 24)), "lease", offer.proposal_id)

    def _refuse(self, day: date, number: int) -> None:
        offer = OFFERS.filter(pk=number, answer="").first()
        if offer is None:
            return
        reason = self.draw.choice(ProposalEnd.ANSWERS)
        answer_offer(offer=offer, accepted=False, reason=reason, by=self.clerk, now=at(day, 14))
        self._go_on(offer.proposal.vacancy_id, day)

    def _withdraw(self, day: date, number: int) -> None:
        proposal = PROPOSALS.get(pk=number)
        withdraw_proposal(proposal=proposal, reason=Reason.WITHDREW, by=self.clerk, now=at(day, 16))
        self._go_on(proposal.vacancy_id, day)

    def _lease(self, day: date, number: int) -> None:
        proposal = PROPOSALS.get(pk=number)
        if self._awaits_document(proposal):
            self.plan(day + timedelta(3), "lease", number)
        elif proposal.status == Status.ACCEPTED:
            sign_lease(proposal=proposal, signed_on=day, by=self.clerk, now=at(day, 17))

    def _awaits_document(self, proposal: Proposal) -> bool:
        conditions = CaseDecision.objects.filter(proposal=proposal, superseded_at=None, kind=Kind.CONDITIONAL)
        return proposal.status == Status.ACCEPTED and conditions.filter(condition_met=None).exists()

    def _go_on(self, unit: int, day: date) -> None:
        """After a refusal: the next rank has its offer already, or nobody is left."""
        if self._live(unit, *Proposal.KEPT):
            self._answer(unit, day)
        else:
            self._after_nobody(unit, day)

    def _after_nobody(self, unit: int, day: date) -> None:
        """The holder finds others in its new delay."""
        if Proposal.objects.filter(vacancy=unit, status=Status.HOUSED).exists():
            return
        routing = ROUTINGS.filter(vacancy=unit, closed_at=None).first()
        if routing is not None:
            self.plan(day + timedelta(self.draw.randrange(4, 12)), "propose", unit, routing.pk)
        elif VACANCIES.get(pk=unit).kind == Vacancy.Kind.EXCLUDED:
            self.plan(day + timedelta(self.draw.randrange(4, 12)), "propose", unit)

    # --- this morning ---

    def wait_for_the_committee(self, today: date) -> None:
        """The next session is convened, with what is ready; one of its households may still lack its label."""
        day = next_thursday(today + timedelta(1))
        secretary, now = self.table.secretary, at(today, 8)
        ready = [each.vacancy for each in ready_units(self.cast.robine, on=today) if not each.blocked]
        session = convene_session(
            committee=self.table.committee, held_at=at(day, 9), place="Siège, salle du conseil", by=secretary, now=now
        )
        if ready:
            add_to_agenda(session=session, vacancies=ready, by=secretary, now=now)
