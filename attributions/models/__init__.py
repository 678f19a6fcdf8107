"""Tables of the households. One module a noun."""

from attributions.models.access import AccessRecord
from attributions.models.application import Application, ApplicationAlias
from attributions.models.balance import (
    AnnualBalance,
    BalanceDispatch,
    BalanceRemark,
    BalanceSignature,
    BalanceVersion,
)
from attributions.models.balance_beside import (
    BalanceComment,
    BalanceCorrection,
    BalanceDownload,
    BalanceTolerance,
)
from attributions.models.balance_reminder import BalanceReminder
from attributions.models.committee import Committee, CommitteeMember, CommitteeRules
from attributions.models.decision import Ballot, BallotLine, BallotVote, CaseDecision, ConditionMet, DecisionTerms
from attributions.models.household import HouseholdFacts
from attributions.models.letting import Lease, Offer
from attributions.models.notice import Notice
from attributions.models.objective import Objective
from attributions.models.printed_balance import PrintedBalance
from attributions.models.priority import PriorityCategory
from attributions.models.proposal import Designation, Proposal, ProposalEnd
from attributions.models.reconciliation import Reconciliation, ReconciliationLine
from attributions.models.session import AgendaCase, AgendaItem, Attendance, CommitteeSession, Recusal

__all__ = [
    "AccessRecord",
    "AgendaCase",
    "AgendaItem",
    "AnnualBalance",
    "Application",
    "ApplicationAlias",
    "Attendance",
    "BalanceComment",
    "BalanceCorrection",
    "BalanceDispatch",
    "BalanceDownload",
    "BalanceRemark",
    "BalanceReminder",
    "BalanceSignature",
    "BalanceTolerance",
    "BalanceVersion",
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
    "HouseholdFacts",
    "Lease",
    "Notice",
    "Objective",
    "Offer",
    "PrintedBalance",
    "PriorityCategory",
    "Proposal",
    "ProposalEnd",
    "Reconciliation",
    "ReconciliationLine",
    "Recusal",
]
