"""What is read of file steps.

* What happened to a unit since its routing, dated: its candidates counted, never named.
* What the convention of a routing settles of its candidates: publics, files, refusals (arrêté of 10 March 2011,
  article 1, 3°, 6° and 9°).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

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
from reservations.models.together import Steps, queried, together, whole


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


class Happened(NamedTuple):
    """What is recorded of a unit under a routing, each kind in its order; `ready`: when its files were instructed."""

    designations: list[Designation]
    ready: list[datetime]
    items: list[AgendaItem]
    offers: list[Offer]
    ends: list[ProposalEnd]
    leases: list[Lease]


def happened(vacancy: Vacancy, routing: Routing | None) -> Steps[Happened]:
    """Read it (`routing` None: subtracted from the flow). One step."""
    here: Any = {"vacancy": vacancy, "routing": routing}
    ready = Proposal.objects.filter(ready_at__isnull=False, **here).order_by("ready_at", "pk")
    of_candidates: Any = {"proposal__vacancy": vacancy, "proposal__routing": routing}
    ended = ProposalEnd.objects.filter(proposal__designation__isnull=False, **of_candidates)
    kept = Count("decisions", filter=Q(decisions__superseded_at=None, decisions__kind__in=CaseDecision.KEPT))
    leased = Lease.objects.filter(Q(cancelled_at=None) | Q(routing=routing), vacancy=vacancy)
    sent, [moments], *others = yield from together(
        whole(Designation.objects.filter(**here).annotate(number=Count("proposals")).order_by("pk"), "sent_for"),
        queried(ready.values_list("ready_at")),
        whole(AgendaItem.objects.filter(**here).annotate(kept=kept).order_by("pk"), "session"),
        whole(Offer.objects.filter(**of_candidates).order_by("pk")),
        whole(ended.order_by("pk"), "proposal"),
        whole(leased.order_by("pk")),
    )
    return Happened(sent, [moment for (moment,) in moments], *others)


def steps(read: Happened, *, named: bool) -> list[FileStep]:
    """The steps of a unit under a routing, oldest first.

    `named`: for whoever reads the files, each end says its reason, and a designation its exception, which may be a DALO
    household; for others, whose doing it was. A lease that was undone keeps both its days, as the account does.
    """
    found = [
        *_designations(read.designations, named=named),
        *_instructions(read.ready),
        *_sessions(read.items, named=named),
        *_offers(read.offers),
        *_ends(read.ends, named=named),
        *_leases(read.leases, named=named),
    ]
    return sorted(found, key=lambda step: step.on)


def _designations(sent: Iterable[Designation], *, named: bool) -> Iterator[FileStep]:
    for each in sent:
        yield FileStep(
            timezone.localdate(each.sent_at),
            FileEvent.SENT,
            number=vars(each)["number"],
            whose=each.sent_for,
            code=each.exemption if named else "",
        )


def _instructions(ready: Iterable[datetime]) -> Iterator[FileStep]:
    for on, number in Counter(map(timezone.localdate, ready)).items():
        yield FileStep(on, FileEvent.READY, number=number)


def _sessions(items: Iterable[AgendaItem], *, named: bool) -> Iterator[FileStep]:
    for item in items:
        held = timezone.localdate(item.session.held_at)
        if item.concluded_at is not None:
            kept = vars(item)["kept"]
            yield FileStep(timezone.localdate(item.concluded_at), FileEvent.CONCLUDED, day=held, number=kept)
        elif item.postponed_at is not None:
            why = item.postponed_why if named else ""
            yield FileStep(timezone.localdate(item.postponed_at), FileEvent.POSTPONED, day=held, text=why)
        else:
            yield FileStep(timezone.localdate(item.session.convened_at), FileEvent.CONVENED, day=held)


def _offers(offers: Iterable[Offer]) -> Iterator[FileStep]:
    for each in offers:
        yield FileStep(each.sent_on, FileEvent.OFFERED, day=each.answer_by)
        if each.answered_on is not None:
            answer = Offer.Answer(each.answer)
            result = Offer.Answer.ACCEPTED if answer == Offer.Answer.WITHDRAWN else answer  # its end has its own day
            yield FileStep(each.answered_on, FileEvent.ANSWERED, code=result)


def _ends(ends: Iterable[ProposalEnd], *, named: bool) -> Iterator[FileStep]:
    for each in ends:
        assert each.proposal is not None, "those undone by a correction are left out"
        effects = Effects(each.offered, each.consumed, each.restarts)
        number, reason = (each.proposal.position, each.reason) if named else (0, "")
        yield FileStep(each.on, FileEvent.ENDED, number=number, code=reason, side=each.side, effects=effects)


def _leases(leases: Iterable[Lease], *, named: bool) -> Iterator[FileStep]:
    for lease in leases:
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
