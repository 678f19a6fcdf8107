"""Who may do what with the households. Predicates: `can_<act>(member, object)`."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from attributions.households.models import (
    Application,
    Committee,
    CommitteeMember,
    CommitteeSession,
    Proposal,
    ProposalEnd,
)
from attributions.households.models.committee import CommitteeMemberQuerySet
from flux.models import Vacancy
from flux.permissions import can_declare_vacancy, landlord_proposes
from reservations.models import HistoryEntry, Landlord, Membership, Organisation
from reservations.models.once_a_request import once_in_steps
from reservations.models.together import Steps

#: Stated of a candidate by whoever proposed it; which of them: `taken_back`.
TAKEN_BACK = (ProposalEnd.Reason.HOLDER_WITHDREW, ProposalEnd.Reason.LANDLORD_WITHDREW)

#: Roles of those who propose for a holder.
PROPOSING = tuple(role for role, part in Membership.ROLES.items() if part.is_holder)

#: What is stated of a candidate that the committee has not kept.
BEFORE_THE_COMMITTEE = (*TAKEN_BACK, ProposalEnd.Reason.RECORDED_BY_MISTAKE)


def can_instruct(member: Membership | None, vacancy: Vacancy) -> bool:
    """Instruct files, send offers, sign leases: the landlord's staff."""
    return can_declare_vacancy(member, vacancy.unit.landlord)


def can_withdraw(member: Membership | None, proposal: Proposal) -> bool:
    """A candidate is taken back by whoever proposed it; the landlord records what the applicant declared to it."""
    if member is None:
        return False
    return proposal.proposer_id == member.organisation_id or can_instruct(member, proposal.vacancy)


def withdrawal_reasons(member: Membership | None, proposal: Proposal) -> tuple[str, ...]:
    """Why this person may take a candidate out; nothing when it may not.

    Withdrawing its candidate is the doing of whoever proposed it: the landlord, where it looks for them itself. A slip
    of the keyboard and a unit that cannot be let are stated by the landlord; both record what the applicant declared to
    them. Once the committee kept it, it is the applicant's, unless the unit cannot be let: nobody takes its choice back
    for it."""
    if member is None or not can_withdraw(member, proposal):
        return ()
    reported = (ProposalEnd.Reason.WITHDREW, ProposalEnd.Reason.HOUSED_ELSEWHERE)
    own = (taken_back(proposal),) if proposal.proposer_id == member.organisation_id else ()
    unfit = (
        (ProposalEnd.Reason.RECORDED_BY_MISTAKE, ProposalEnd.Reason.UNIT_UNFIT)
        if can_instruct(member, proposal.vacancy)
        else ()
    )
    every = (*reported, *own, *unfit)
    return tuple(each for each in every if each not in BEFORE_THE_COMMITTEE or proposal.status not in Proposal.KEPT)


def removal_reasons(proposal: Proposal) -> tuple[str, ...]:
    """Why whoever prepares a candidate takes it out before it is sent."""
    return (taken_back(proposal), ProposalEnd.Reason.RECORDED_BY_MISTAKE)


def taken_back(proposal: Proposal) -> ProposalEnd.Reason:
    """Why, when whoever proposed it takes it back: a holder is not charged with what its landlord does for it."""
    by_landlord = landlord_proposes(proposal.vacancy, proposal.routing)
    return ProposalEnd.Reason.LANDLORD_WITHDREW if by_landlord else ProposalEnd.Reason.HOLDER_WITHDREW


def can_manage_committee(member: Membership | None, landlord: Landlord) -> bool:
    """Members and rules of a committee are kept by the landlord's manager, as its board settled them."""
    return member is not None and member.is_manager and member.organisation_id == landlord.organisation_id


def can_convene(member: Membership | None, committee: Committee) -> bool:
    """Sessions are convened and their agenda built by the landlord's staff."""
    return can_declare_vacancy(member, committee.landlord)


@once_in_steps
def can_keep_minutes(member: Membership | None, committee: Committee) -> Steps[bool]:
    """Only the committee's secretaries open a session, record its votes and decisions, and close it."""
    if member is None or not can_convene(member, committee):
        return False
    seats = CommitteeMember.objects.filter(committee=committee, user=member.user_id)
    held = seats.filter(capacity=CommitteeMember.Capacity.SECRETARY).sitting(timezone.localdate())
    (rows,) = yield [held.values_list("pk")[:1]]
    return bool(rows)


def can_vote(member: Membership | None, session: CommitteeSession) -> bool:
    """Whoever has a voting seat under the organisation the person acts for; which units, the act looks at."""
    return member is not None and seats_of(member, session.committee, on=session.day).exists()


def seats_of(member: Membership, committee: Committee, *, on: date | None = None) -> CommitteeMemberQuerySet:
    """The voting seats this person has in a committee, under the organisation the person acts for; `on`: the day of a
    session, by default today."""
    seats = CommitteeMember.objects.filter(
        committee=committee, user=member.user_id, capacity__in=CommitteeMember.VOTING
    ).sitting(on or timezone.localdate())
    return seats.filter(organisation=None) | seats.filter(organisation=member.organisation_id)


def can_register(member: Membership | None) -> bool:
    """Register requests, or instruct them: the staff of a landlord, of a holder, of the State as a holder."""
    return member is not None and (member.is_landlord or member.is_holder)


def can_keep_households(member: Membership | None) -> bool:
    """Keep households of one's own, see which units fit them, and send several: the staff of a holder."""
    return member is not None and member.is_holder


def proposes_here(organisation: Organisation) -> bool:
    """Does anybody act here for an organisation that proposes? Its landlord then types nothing in its name."""
    acting = Membership.objects.filter(organisation=organisation, role__in=PROPOSING, user__is_active=True)
    return acting.exists()


def can_close_application(member: Membership | None, application: Application) -> bool:
    """A request is closed, or its other numbers recorded, by the organisations that registered it: a landlord that
    instructs one of its candidates reads it, and closes it by a lease only."""
    return (
        member is not None
        and can_register(member)
        and application.organisations.filter(pk=member.organisation_id).exists()
    )


def can_reopen_application(member: Membership | None, application: Application) -> bool:
    """A request closed by mistake is opened again by those who registered it, or by the organisation whose member
    closed it, as long as it reads it."""
    if member is None:
        return False
    if can_close_application(member, application):
        return True
    closing = HistoryEntry.objects.about(application).filter(act=HistoryEntry.Act.ENDED).last()
    if closing is None or closing.by is None:
        return False
    ours = closing.by.memberships.filter(organisation=member.organisation_id).exists()
    return ours and Application.objects.visible_to(member).filter(pk=application.pk).exists()


def can_read_journal(member: Membership | None) -> bool:
    """Everybody reads the accesses of their own organisation; `AccessRecord.visible_to` says which others."""
    return member is not None


def can_read_minutes(member: Membership | None, session: CommitteeSession) -> bool:
    """The minutes are nominative: the landlord's staff and the voting members read them."""
    return member is not None and (can_convene(member, session.committee) or can_vote(member, session))
