"""A candidate is taken out of the running: by whoever proposed it, or because the landlord was told so."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from attributions.households.models import Offer, Proposal, ProposalEnd
from attributions.households.operations.calling import lose
from attributions.households.operations.standing import ProposalRefused, stand
from attributions.households.permissions import BEFORE_THE_COMMITTEE, TAKEN_BACK, taken_back
from attributions.notices.models import Notice
from reservations.models import User
from reservations.models.wall import atomic_act

Kind = Notice.Kind
Reason = ProposalEnd.Reason

#: Why a person takes a candidate out; each of them by whom: `permissions.withdrawal_reasons`.
WITHDRAWALS = (
    Reason.WITHDREW,
    Reason.HOUSED_ELSEWHERE,
    Reason.HOLDER_WITHDREW,
    Reason.LANDLORD_WITHDREW,
    Reason.RECORDED_BY_MISTAKE,
    Reason.UNIT_UNFIT,
)


@atomic_act
def withdraw_proposal(
    *, proposal: Proposal, reason: str, text: str = "", by: User, now: datetime | None = None
) -> Offer | None:
    """End a candidate at any live step. When it had an offer, that offer ends and the next rank is called; every party
    is told, but for a draft, that nobody received.

    A unit that cannot be let loses all its candidates at once: it is then given back for works (`give_back`), which
    takes it out of the flow. The offer sent to the next rank, None when nobody is called.

    Raises ProposalRefused: no such reason, or another's than whoever proposed it; not of a candidate that the committee
    kept; or no longer in the running.
    """
    now = now or timezone.now()
    standing = stand(proposal.vacancy_id, routing=proposal.routing_id)
    read = standing.one(proposal.pk)
    if reason not in WITHDRAWALS or (reason in TAKEN_BACK and reason != taken_back(read)):
        raise ProposalRefused("Choisissez pourquoi cette candidature s’arrête.", field="reason")
    if reason in BEFORE_THE_COMMITTEE and read.status in Proposal.KEPT:
        raise ProposalRefused(
            "La CALEOL a retenu ce candidat : seul son désistement ou son relogement l’écarte. Si la décision est mal "
            "enregistrée, rectifiez-la sur la page de la séance.",
            field="reason",
        )
    lost = standing.proposals if reason == Reason.UNIT_UNFIT else [read]
    return lose(standing, list(lost), reason, by=by, now=now, text=text, told=Kind.WITHDREW)
