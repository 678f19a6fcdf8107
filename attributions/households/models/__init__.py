"""Tables of the households. One module a noun."""

from attributions.households.models.application import Application, ApplicationAlias, RequestReader
from attributions.households.models.candidacy import HouseholdCandidacy, PastCandidacy
from attributions.households.models.committee import AccessRecord, Committee, CommitteeMember, CommitteeRules
from attributions.households.models.counted import LEASE_COUNT
from attributions.households.models.decision import (
    Ballot,
    BallotLine,
    BallotVote,
    CaseDecision,
    ConditionMet,
    DecisionTerms,
)
from attributions.households.models.lease_count import LeaseCount, SpanCount, TermReading, UnitSpan, UnitStage
from attributions.households.models.letting import Lease, Offer
from attributions.households.models.priority import HouseholdFacts, PriorityCategory
from attributions.households.models.proposal import Designation, Proposal, ProposalEnd
from attributions.households.models.session import AgendaCase, AgendaItem, Attendance, CommitteeSession, Recusal

__all__ = [
    "LEASE_COUNT",
    "AccessRecord",
    "AgendaCase",
    "AgendaItem",
    "Application",
    "ApplicationAlias",
    "Attendance",
    "Ballot",
    "BallotLine",
    "BallotVote",
    "CaseDecision",
    "Committee",
    "CommitteeMember",
    "CommitteeRules",
    "CommitteeSession",
    "ConditionMet",
    "DecisionTerms",
    "Designation",
    "HouseholdCandidacy",
    "HouseholdFacts",
    "Lease",
    "LeaseCount",
    "Offer",
    "PastCandidacy",
    "PriorityCategory",
    "Proposal",
    "ProposalEnd",
    "Recusal",
    "RequestReader",
    "SpanCount",
    "TermReading",
    "UnitSpan",
    "UnitStage",
]
