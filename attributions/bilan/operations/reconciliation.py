"""Keeping what a comparison found. Nothing of the ledger, of the leases nor of the requests is ever changed by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from attributions.bilan.models import Reconciliation, ReconciliationLine
from attributions.bilan.queries.reconciliation import Point, landlords_of, reconciled, states_of
from attributions.bilan.reconciliation import FileRow, Source
from attributions.households.models import AccessRecord
from attributions.households.operations.needs import record_access
from attributions.households.queries.applications import Retention
from reservations.models import Landlord, Membership, Organisation
from reservations.models.wall import atomic_act
from reservations.refusals import Refusal, constraints_speak

LONGEST_NAME = 100


class ReconciliationRefused(Refusal):
    """The file cannot be compared so; nothing is written."""


def whose(landlord: Landlord, source: Source, state: Organisation | None) -> Organisation | None:
    """The service whose SYPLO the file is: the one given, else the only one that this landlord serves; None for the
    SNE. Raises ReconciliationRefused: none, several, or one that it does not serve."""
    if source == Source.SNE:
        return None
    services = list(states_of(landlord))
    if state is not None and state in services:
        return state
    if state is None and len(services) == 1:
        return services[0]
    if not services:
        raise ReconciliationRefused(
            "Aucun contingent de l’État n’a de mouvement au compte de ce bailleur : il n’y a rien à comparer à SYPLO.",
            field="source",
        )
    names = ", ".join(service.name for service in services)
    raise ReconciliationRefused(f"Dites de quel service de l’État est cet extrait : {names}.", field="state")


@atomic_act
def reconcile(
    *,
    landlord: Landlord,
    year: int,
    source: Source,
    rows: Sequence[FileRow],
    file_name: str,
    digest: str,
    member: Membership,
    state: Organisation | None = None,
    now: datetime | None = None,
) -> Reconciliation:
    """Compare the rows of a file with the lettings of a landlord in a year, and keep the points to settle, with their
    number until its term. Written in the journal of accesses: the file holds numbers of households.

    Raises ReconciliationRefused: not a landlord of this person, or no service of the State to compare with.
    """
    now = now or timezone.now()
    if not landlords_of(member).filter(pk=landlord.pk).exists():
        raise ReconciliationRefused("Choisissez un bailleur de la liste.", field="landlord")
    if not member.is_landlord:
        if source != Source.SYPLO:
            raise ReconciliationRefused("L’export du SNE se compare chez le bailleur.", field="source")
        state = member.organisation
    service = whose(landlord, source, state)
    found = reconciled(rows, landlord=landlord, year=year, source=source, state=service)
    record_access(
        member=member,
        keeper=landlord.organisation,
        what=AccessRecord.What.COMPARE,
        subject=f"{Reconciliation.Source(source).label} comparé au compte de {year}",
        files=len(rows),
        now=now,
    )
    with constraints_speak(Reconciliation, ReconciliationLine):
        kept = Reconciliation.objects.create(
            landlord=landlord,
            exercise=year,
            source=source,
            state=service,
            file_name=file_name[-LONGEST_NAME:],
            digest=digest,
            rows=len(rows),
            counts=found.counts,
            at=now,
            by_id=member.user_id,
        )
        retention, today = Retention(), timezone.localdate(now)
        ReconciliationLine.objects.bulk_create(_line(kept, point, retention, today) for point in found.points)
    return kept


def _line(kept: Reconciliation, point: Point, retention: Retention, today: date) -> ReconciliationLine:
    """A lease closes its request (R441-2-8 a): the term of its number runs from it. Over already, or unknown, no number
    is kept."""
    until = retention.until(point.their_day or point.our_day or today) if point.number else None
    keeps = until is not None and until >= today
    return ReconciliationLine(
        reconciliation=kept,
        finding=point.finding,
        owner=point.owner,
        organisation=point.organisation,
        line=point.line,
        vacancy_id=point.vacancy,
        unit_reference=point.unit,
        number=point.number if keeps else "",
        forget_on=until if keeps else None,
        their_contingent=point.theirs,
        our_holder=point.ours,
        their_day=point.their_day,
        our_day=point.our_day,
    )
