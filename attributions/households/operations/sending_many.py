"""Sending households to several units at once: each unit whole or not at all, and the others go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from attributions.households.models import Application, Designation, Proposal
from attributions.households.operations.proposal import prepare_proposal
from attributions.households.operations.proposing import held_to_propose
from attributions.households.operations.sending import send_proposals
from attributions.households.operations.standing import ProposalRefused
from flux.models import Routing, Vacancy
from reservations.models import Organisation, User
from reservations.models.locking import in_order
from reservations.models.wall import atomic_act
from reservations.refusals import Refusal

TWICE = (
    "Un même ménage est choisi pour deux logements : gardez‑en un. S’il doit être candidat aux deux, proposez‑le de la "
    "page de chacun."
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The households (ids) chosen for a unit under a routing, the first in rank first."""

    vacancy: Vacancy
    routing: Routing | None
    applications: Sequence[int]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a unit: its designation, or why nothing of it was sent."""

    vacancy: Vacancy
    designation: Designation | None
    refused: str = ""


@atomic_act
def propose_and_send(
    *,
    chosen: Chosen,
    sender: Organisation,
    exemption: str = "",
    exemption_text: str = "",
    by: User,
    now: datetime | None = None,
) -> Designation:
    """Prepare these households for a unit, in the order given, and send them with those that were prepared before: all,
    or none.

    Raises what `prepare_proposal` and `send_proposals` do; ProposalRefused: one of them is not of this organisation, or
    is its candidate to another unit since.
    """
    held_to_propose(chosen.vacancy, chosen.routing, sender, now=now)
    own = Application.objects.filter(organisations=sender).values("pk")
    found = in_order(Application.objects.filter(pk__in=own)).in_bulk(list(chosen.applications))
    if len(found) < len(set(chosen.applications)):
        raise ProposalRefused("L’un de ces ménages n’est pas de votre organisation : rechargez la page.")
    elsewhere = Proposal.objects.live().filter(application__in=found, proposer=sender).exclude(vacancy=chosen.vacancy)
    for taken in elsewhere.select_related("vacancy__unit").order_by("pk")[:1]:
        raise ProposalRefused(
            f"L’un de ces ménages est devenu candidat à {taken.vacancy.unit.reference} : rechargez la page, et "
            "choisissez-en un autre, ou proposez-le de la page de ce logement."
        )
    for pk in chosen.applications:
        prepare_proposal(
            vacancy=chosen.vacancy,
            routing=chosen.routing,
            application=found[pk],
            proposer=sender,
            by=by,
            now=now,
        )
    return send_proposals(
        vacancy=chosen.vacancy,
        routing=chosen.routing,
        sender=sender,
        exemption=exemption,
        exemption_text=exemption_text,
        by=by,
        now=now,
    )


def send_to_many(
    *,
    chosen: Sequence[Chosen],
    sender: Organisation,
    exemption: str = "",
    exemption_text: str = "",
    by: User,
    now: datetime | None = None,
) -> list[Sent]:
    """Send to each of these units the households chosen for it, a transaction each: what one refuses stops no other.
    The exception and its sentence are for those alone that have too few.

    Raises ProposalRefused: a household is chosen for two of them; nothing is sent.
    """
    times = Counter(pk for each in chosen for pk in each.applications)
    if any(number > 1 for number in times.values()):
        raise ProposalRefused(TWICE)
    outcomes = []
    for each in chosen:
        try:
            designation = propose_and_send(
                chosen=each, sender=sender, exemption=exemption, exemption_text=exemption_text, by=by, now=now
            )
        except Refusal as refused:
            outcomes.append(Sent(each.vacancy, None, str(refused)))
        else:
            outcomes.append(Sent(each.vacancy, designation))
    return outcomes
