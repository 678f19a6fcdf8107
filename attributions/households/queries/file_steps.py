"""What is read of file steps.

* What happened to a unit since its routing, dated: its candidates counted, never named.
* What the convention of a routing settles of its candidates: publics, files, refusals (arrêté of 10 March 2011,
  article 1, 3°, 6° and 9°).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Count, Q
from django.utils import timezone

from attributions.households.models import (
    AgendaItem,
    CaseDecision,
    Designation,
    Lease,
    Offer,
    PriorityCategory,
    Proposal,
    ProposalEnd,
)
from flux.models import Routing, Vacancy
from flux.queries.returns import Effects
from reservations.deadlines import last_day
from reservations.models import Convention, Organisation


class FileEvent(StrEnum):
    """What may happen to a unit between its routing and its lease."""

    SENT = "SENT"
    READY = "READY"
    CONVENED = "CONVENED"
    POSTPONED = "POSTPONED"
    CONCLUDED = "CONCLUDED"
    OFFERED = "OFFERED"
    ANSWERED = "ANSWERED"
    ENDED = "ENDED"
    LEASED = "LEASED"
    LEASE_CANCELLED = "LEASE_CANCELLED"


@dataclass(frozen=True, slots=True)
class FileStep:
    """One thing that happened on a day.

    `number`: of candidates sent, of files instructed, of candidates kept, or the place of the one that ended. `whose`:
    who sent, `code` being the exception claimed. `day`: of the session, or the last one to answer. `code`: an answer,
    or why a candidate ended, "" for who may not know; `side`: whose doing it was, `effects`: what that does to the
    account. `text`: why an examination was postponed, or a lease cancelled.
    """

    on: date
    event: FileEvent
    number: int = 0
    day: date | None = None
    whose: Organisation | None = None
    code: str = ""
    side: str = ""
    text: str = ""
    effects: Effects | None = None


def steps(vacancy: Vacancy, routing: Routing | None, *, named: bool) -> list[FileStep]:
    """The steps of a unit under a routing (None: subtracted from the flow), oldest first. Six queries.

    `named`: for whoever reads the files, each end says its reason, and a designation its exception, which may be a DALO
    household; for others, whose doing it was. A lease that was undone keeps both its days, as the account does.
    """
    found = [
        *_designations(vacancy, routing, named=named),
        *_instructions(vacancy, routing),
        *_sessions(vacancy, routing, named=named),
        *_offers(vacancy, routing),
        *_ends(vacancy, routing, named=named),
        *_leases(vacancy, routing, named=named),
    ]
    return sorted(found, key=lambda step: step.on)


def _designations(vacancy: Vacancy, routing: Routing | None, *, named: bool) -> Iterator[FileStep]:
    sent = Designation.objects.filter(vacancy=vacancy, routing=routing).select_related("sent_for")
    for each in sent.annotate(number=Count("proposals")).order_by("pk"):
        yield FileStep(
            timezone.localdate(each.sent_at),
            FileEvent.SENT,
            number=each.number,
            whose=each.sent_for,
            code=each.exemption if named else "",
        )


def _instructions(vacancy: Vacancy, routing: Routing | None) -> Iterator[FileStep]:
    ready = Proposal.objects.filter(vacancy=vacancy, routing=routing, ready_at__isnull=False)
    days = Counter(map(timezone.localdate, ready.order_by("ready_at", "pk").values_list("ready_at", flat=True)))
    for on, number in days.items():
        yield FileStep(on, FileEvent.READY, number=number)


def _sessions(vacancy: Vacancy, routing: Routing | None, *, named: bool) -> Iterator[FileStep]:
    items = AgendaItem.objects.filter(vacancy=vacancy, routing=routing).select_related("session").order_by("pk")
    kept = Count("decisions", filter=Q(decisions__superseded_at=None, decisions__kind__in=CaseDecision.KEPT))
    for item in items.annotate(kept=kept):
        held = timezone.localdate(item.session.held_at)
        if item.concluded_at is not None:
            yield FileStep(timezone.localdate(item.concluded_at), FileEvent.CONCLUDED, day=held, number=item.kept)
        elif item.postponed_at is not None:
            why = item.postponed_why if named else ""
            yield FileStep(timezone.localdate(item.postponed_at), FileEvent.POSTPONED, day=held, text=why)
        else:
            yield FileStep(timezone.localdate(item.session.convened_at), FileEvent.CONVENED, day=held)


def _offers(vacancy: Vacancy, routing: Routing | None) -> Iterator[FileStep]:
    offers = Offer.objects.filter(proposal__vacancy=vacancy, proposal__routing=routing)
    for each in offers.order_by("pk"):
        yield FileStep(each.sent_on, FileEvent.OFFERED, day=each.answer_by)
        if each.answered_on is not None:
            answer = Offer.Answer(each.answer)
            result = Offer.Answer.ACCEPTED if answer == Offer.Answer.WITHDRAWN else answer  # its end has its own day
            yield FileStep(each.answered_on, FileEvent.ANSWERED, code=result)


def _ends(vacancy: Vacancy, routing: Routing | None, *, named: bool) -> Iterator[FileStep]:
    ended = ProposalEnd.objects.filter(
        proposal__vacancy=vacancy, proposal__routing=routing, proposal__designation__isnull=False
    )
    for each in ended.select_related("proposal").order_by("pk"):
        assert each.proposal is not None, "those undone by a correction are left out"
        effects = Effects(each.offered, each.consumed, each.restarts)
        number, reason = (each.proposal.position, each.reason) if named else (0, "")
        yield FileStep(each.on, FileEvent.ENDED, number=number, code=reason, side=each.side, effects=effects)


def _leases(vacancy: Vacancy, routing: Routing | None, *, named: bool) -> Iterator[FileStep]:
    here = Lease.objects.filter(Q(cancelled_at=None) | Q(routing=routing), vacancy=vacancy)
    for lease in here.order_by("pk"):
        yield FileStep(lease.signed_on, FileEvent.LEASED)
        if lease.cancelled_at is not None:
            why = lease.cancelled_why if named else ""
            yield FileStep(timezone.localdate(lease.cancelled_at), FileEvent.LEASE_CANCELLED, text=why)


Public = Convention.Public


def publics_of(proposal: Proposal) -> set[str]:
    """The publics that a candidate belongs to, as its facts state it. No query when its priority is fetched."""
    is_dalo = proposal.priority is not None and proposal.priority.group == PriorityCategory.Group.DALO
    held = {
        Public.DALO: is_dalo or proposal.dalo_designated,
        Public.PRIORITY: bool(proposal.has_priority),
        Public.LABELLED: proposal.labelled_on is not None,
        Public.FIRST_QUARTILE: proposal.income_quartile == 1,
        Public.URBAN_RENEWAL: proposal.urban_renewal,
        Public.STATE_AGENT: proposal.state_agent,
    }
    return {public.value for public, belongs in held.items() if belongs}


def is_outside(proposal: Proposal, convention: Convention | None) -> bool:
    """Is a candidate of none of the publics of this convention, as far as its facts state it?"""
    return convention is not None and bool(convention.publics) and not publics_of(proposal) & set(convention.publics)


def refused_outside(proposals: Iterable[Proposal], convention: Convention | None) -> list[Proposal]:
    """Of these candidates, those that this convention refuses: of none of its publics."""
    if convention is None or convention.outside_publics != Convention.Outside.REFUSED:
        return []
    return [each for each in proposals if is_outside(each, convention)]


def complete_by(proposal: Proposal, convention: Convention | None) -> date | None:
    """The last day to complete a file that was sent and is not verified yet; None when no delay is agreed. No query
    when its designation is fetched."""
    sent = proposal.designation
    if sent is None or convention is None or convention.file_days is None or proposal.status != Proposal.Status.SENT:
        return None
    return last_day(timezone.localdate(sent.sent_at), convention.file_days, convention.days)


def needs_reason(proposal: Proposal, routing: Routing | None) -> bool:
    """Does the convention ask a refusal of this household, or by it, to be stated in a sentence: it is a DALO one?"""
    convention = routing.convention if routing is not None else None
    return convention is not None and convention.dalo_refusal_said and Public.DALO in publics_of(proposal)


def mark(proposals: Iterable[Proposal], routing: Routing | None, *, today: date) -> None:
    """Write on candidates what the pages say of them: `outside` the publics, `complete_by` a day, `is_late` past it."""
    convention = routing.convention if routing is not None else None
    for each in proposals:
        each.outside = is_outside(each, convention)
        each.complete_by = complete_by(each, convention)
        each.is_late = each.complete_by is not None and today > each.complete_by
