"""An allocation decided in another tool: written in the account, and taken back from it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from attributions.operations.standing import ProposalRefused, Standing, stand
from flux.models import Routing, Vacancy
from flux.operations.holding import record_answer
from flux.operations.outcome import record_allocation, withdraw_outcome
from reservations.models import HistoryEntry, User
from reservations.operations.history import record


@transaction.atomic
def record_outside_answer(*, vacancy: Vacancy, on: date, by: User, now: datetime | None = None) -> Routing:
    """The holder sent its candidates on a day, and they are followed elsewhere: its clock stops, and never lapses.

    Raises ProposalRefused: candidates are followed here, the unit goes to nobody, its clock stopped already, or a day
    before the routing or still to come.
    """
    standing = _followed_elsewhere(vacancy)
    routing, today = standing.routing, timezone.localdate(now or timezone.now())
    if routing is None:
        raise ProposalRefused("Ce logement n’est orienté vers personne : personne n’a de candidats à transmettre.")
    if routing.answered_on is not None:
        raise ProposalRefused(f"Des candidats ont déjà été reçus, le {routing.answered_on:%d/%m/%Y}.")
    since = timezone.localdate(routing.routed_at)
    if not since <= on <= today:
        raise ProposalRefused(
            f"Choisissez un jour entre l’orientation, le {since:%d/%m/%Y}, et aujourd’hui, le {today:%d/%m/%Y}.",
            field="on",
        )
    record_answer(routing=routing, on=on)
    record(standing.vacancy, HistoryEntry.Act.RECORDED, by=by, details={"answered_on": [None, on.isoformat()]})
    return routing


@transaction.atomic
def record_outside_allocation(*, vacancy: Vacancy, on: date, by: User, now: datetime | None = None) -> Routing:
    """A committee whose cases are followed elsewhere allocated the unit on a day.

    Raises ProposalRefused: candidates are followed here; OutcomeRefused: as `record_allocation`.
    """
    standing = _followed_elsewhere(vacancy)
    return record_allocation(vacancy=standing.vacancy, on=on, by=by, today=timezone.localdate(now))


@transaction.atomic
def undo_outside(*, vacancy: Vacancy, why: str, by: User, now: datetime | None = None) -> Routing:
    """The allocation, or a lease that only the account knows, was written by mistake: the latest of the two is undone.

    Raises ProposalRefused: candidates are followed here; OutcomeRefused: as `withdraw_outcome`.
    """
    standing = _followed_elsewhere(vacancy)
    return withdraw_outcome(vacancy=standing.vacancy, why=why, by=by, today=timezone.localdate(now))


def _followed_elsewhere(vacancy: Vacancy) -> Standing:
    standing = stand(vacancy.pk)
    if standing.proposals:
        raise ProposalRefused(
            "Des candidats sont suivis ici pour ce logement : décision, offre et bail s’enregistrent sur sa page."
        )
    return standing
