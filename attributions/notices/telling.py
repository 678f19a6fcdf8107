"""Telling the parties, inside the transaction of the act: what is done is told, what is not done is not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Model

from attributions.notices.models import Notice
from flux.models import Routing, Vacancy


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
    text: str = "",
    proposal: Model | None = None,
) -> None:
    """One notice to each organisation. `text` names nobody; `proposal`: the candidate concerned."""
    candidate = proposal.pk if proposal else None
    Notice.objects.bulk_create(
        Notice(organisation_id=each, vacancy=vacancy, proposal_id=candidate, kind=kind, text=text, at=now)
        for each in sorted(set(organisations))
    )
