"""Telling the parties, inside the transaction of the act: what is done is told, what is not done is not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Model

from attributions.notices.models import Notice
from flux.models import Routing, Vacancy
from reservations.models import Membership, User


def parties(vacancy: Vacancy, routing: Routing | None) -> set[int]:
    """The organisations (by id) that follow a unit: its landlord, its holder, and whoever proposes in its name."""
    found = {vacancy.unit.landlord.organisation_id}
    if routing is not None:
        found.add(routing.holder.organisation_id)
        if routing.acting_id:
            found.add(routing.acting_id)
    return found


def tell(
    kind: Notice.Kind,
    vacancy: Vacancy,
    organisations: Iterable[int],
    *,
    now: datetime,
    by: User | None = None,
    text: str = "",
    proposal: Model | None = None,
) -> None:
    """One notice to each organisation. `text` names nobody; `proposal`: the candidate concerned. `by`: who did what is
    told; for an organisation of this person the notice is read already, since nobody is told of their own act. None: it
    follows from an act, or from a term, and everybody is told."""
    told, candidate = set(organisations), proposal.pk if proposal else None
    own = (
        set(Membership.objects.filter(user=by, organisation__in=told).values_list("organisation", flat=True))
        if by
        else ()
    )
    Notice.objects.bulk_create(
        Notice(
            organisation_id=each,
            vacancy=vacancy,
            proposal_id=candidate,
            kind=kind,
            text=text,
            at=now,
            read_at=now if each in own else None,
            read_by=by if each in own else None,
        )
        for each in sorted(told)
    )
