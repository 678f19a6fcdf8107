"""Closing a request by hand, with one of the six causes of the law; opening it again when that was a mistake."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from attributions.households.models import Application, Lease, Proposal
from reservations.models import HistoryEntry, User
from reservations.models.locking import in_order
from reservations.models.wall import atomic_act
from reservations.operations.history import record
from reservations.refusals import Refusal
from reservations.words import day


class ClosureRefused(Refusal):
    """This request cannot be closed or opened again so; the sentence says what to do next."""


@atomic_act
def close_application(
    *, application: Application, cause: str, on: date, by: User, now: datetime | None = None
) -> Application:
    """Close a request on a day, for a cause of `Application.Closure` (CCH, R441-2-8). The term of its identity starts.

    Raises ClosureRefused: closed already, a candidate somewhere, or a day that cannot be.
    """
    held = in_order(Application.objects.all()).get(pk=application.pk)
    if held.closed_on is not None:
        raise ClosureRefused(f"Cette demande est déjà radiée depuis le {day(held.closed_on)}.")
    if cause not in Application.Closure.values:
        raise ClosureRefused("Choisissez l’une des six causes de radiation.", field="cause")
    if on > timezone.localdate(now):
        raise ClosureRefused(
            "Une radiation ne se date pas dans le futur : écrivez le jour où elle a eu lieu.", field="on"
        )
    if held.requested_on is not None and on < held.requested_on:
        raise ClosureRefused(
            f"La demande date du {day(held.requested_on)} : elle n’a pas été radiée avant.", field="on"
        )
    live = Proposal.objects.live().of(held).select_related("vacancy__unit").order_by("pk").first()
    if live is not None:
        raise ClosureRefused(
            f"Ce ménage est encore candidat à {live.vacancy.unit.reference} : terminez cette candidature, puis radiez "
            "la demande."
        )
    held.closed_on, held.closure = on, cause
    held.save(update_fields=["closed_on", "closure"])
    record(held, HistoryEntry.Act.ENDED, by=by, details={"closure": ["", cause], "closed_on": [None, str(on)]})
    return held


@atomic_act
def reopen_application(*, application: Application, why: str, by: User, now: datetime | None = None) -> Application:
    """Open again a request closed by mistake: its candidates may sign, the term of its identity runs no more.

    Its history keeps when and why it had been closed.

    Raises ClosureRefused: open already, erased, merged into another, housed by a lease that stands, or no sentence.
    """
    held = in_order(Application.objects.all()).get(pk=application.pk)
    if held.closed_on is None:
        raise ClosureRefused("Cette demande est déjà active. Rechargez la page.")
    if held.pseudonymised_on is not None:
        raise ClosureRefused(
            "L’identité de cette demande est effacée : elle ne se rouvre plus. Enregistrez la nouvelle."
        )
    if held.merged_into_id is not None:
        raise ClosureRefused("Cette demande a fusionné : c’est celle qui reste qui vit. Cherchez-la par ce numéro.")
    if not why.strip():
        raise ClosureRefused("Dites pourquoi, en une phrase : l’historique la garde.", field="why")
    proposals = Proposal.objects.of(held).order_by().values("pk")
    if Lease.objects.filter(proposal__in=proposals, cancelled_at=None).exists():
        raise ClosureRefused("Un bail est signé pour ce ménage : faites d’abord annuler ce bail par le bailleur.")
    details = {"closure": [held.closure, ""], "closed_on": [str(held.closed_on), None]}
    held.closed_on, held.closure = None, ""
    held.save(update_fields=["closed_on", "closure"])
    record(held, HistoryEntry.Act.EDITED, by=by, why=why, details=details)
    return held
