"""What the convention of a routing settles of its candidates: publics, files, refusals (arrêté of 10 March 2011,
article 1, 3°, 6° and 9°)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from attributions.households.models import PriorityCategory, Proposal
from flux.models import Routing
from reservations.deadlines import last_day
from reservations.models import Convention

Public = Convention.Public


def publics_of(proposal: Proposal) -> set[str]:
    """The publics that a candidate belongs to, as its facts tell it. No query when its priority is fetched."""
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
    """Is a candidate of none of the publics of this convention, as far as its facts tell it?"""
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


def is_to_be_said(proposal: Proposal, routing: Routing | None) -> bool:
    """Does the convention ask a refusal of this household, or by it, to be said in a sentence: it is a DALO one?"""
    convention = routing.convention if routing is not None else None
    return convention is not None and convention.dalo_refusal_said and Public.DALO in publics_of(proposal)


def mark(proposals: Iterable[Proposal], routing: Routing | None, *, today: date) -> None:
    """Write on candidates what the pages say of them: `outside` the publics, `complete_by` a day, `is_late` past it."""
    convention = routing.convention if routing is not None else None
    for each in proposals:
        each.outside = is_outside(each, convention)
        each.complete_by = complete_by(each, convention)
        each.is_late = each.complete_by is not None and today > each.complete_by
