"""Candidates that a holder handed to its landlord on paper, since nobody acts for it here: typed by the landlord's
staff in the holder's name, sent as of the day they were received, and notified to the holder.

Who proposes stays the holder; who typed stays the person. The landlord proves the identity of each household, as
whoever opens a request: acting for a holder opens nothing that the holder alone had registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from attributions.households.models import Designation, Proposal
from attributions.households.operations.application import Identity, register_application
from attributions.households.operations.candidate_state import ProposalRefused, held_to_propose
from attributions.households.operations.proposal import add_candidate
from attributions.households.operations.sending import send_proposals
from attributions.households.permissions import proposes_here
from flux.delegating import proposing
from flux.models import Routing, Vacancy
from flux.permissions import landlord_proposes
from reservations.models import Organisation, User
from reservations.models.wall import atomic_act
from reservations.words import upper_first


def proposer_on_paper(vacancy: Vacancy, routing: Routing | None) -> Organisation | None:
    """In whose name a landlord may type candidates; None when it proposes itself, or when nobody has the unit.

    Raises ProposalRefused: whoever proposes for this unit acts here, and proposes itself.
    """
    if routing is None or landlord_proposes(vacancy, routing):
        return None
    who = proposing(routing)
    if who.pk == vacancy.unit.landlord.organisation_id:
        return None
    if proposes_here(who):
        raise ProposalRefused(
            f"{upper_first(str(who))} agit ici et propose ses candidats : ce n’est pas au bailleur de les saisir. "
            "Demandez-lui de les enregistrer.",
            field="proposer",
        )
    return who


@atomic_act
def type_candidate(
    *,
    vacancy: Vacancy,
    routing: Routing,
    number: str,
    identity: Identity,
    facts: Mapping[str, object] | None = None,
    by: User,
    now: datetime | None = None,
) -> Proposal:
    """Prepare a candidate in the name of the holder that handed it to the landlord; `send_typed` then sends them all.

    Raises ProposalRefused: the holder acts here, the landlord proposes itself, or what `add_candidate` refuses.
    """
    proposer = proposer_on_paper(vacancy, routing)
    if proposer is None:
        raise ProposalRefused("C’est à vous de proposer pour ce logement : préparez vos candidats sur sa page.")
    held_to_propose(vacancy, routing, proposer)  # the unit before the request, as everywhere
    register_application(
        number=number,
        name=identity.name,
        birth_date=identity.birth_date,
        requested_on=identity.requested_on,
        organisation=vacancy.unit.landlord.organisation,
        by=by,
        now=now,
    )
    return add_candidate(
        vacancy=vacancy,
        routing=routing,
        number=number,
        identity=identity,
        facts=facts,
        proposer=proposer,
        by=by,
        now=now,
    )


@atomic_act
def send_typed(
    *, vacancy: Vacancy, routing: Routing, received_on: date, why_few: str = "", by: User, now: datetime | None = None
) -> Designation:
    """Send those that were typed, as of the day the landlord received them: the clock of the holder stops that day, and
    it is notified of who typed them. `why_few`: what it stated when it handed fewer than the law asks (CCH, R441-3).

    Raises what `send_proposals` does; ProposalRefused: the holder acts here.
    """
    proposer = proposer_on_paper(vacancy, routing)
    if proposer is None:
        raise ProposalRefused("C’est à vous de proposer pour ce logement : transmettez vos candidats sur sa page.")
    return send_proposals(
        vacancy=vacancy,
        routing=routing,
        sender=proposer,
        exemption=Designation.Exemption.TOO_FEW if why_few else "",
        exemption_text=why_few,
        received_on=received_on,
        by=by,
        now=now,
    )
