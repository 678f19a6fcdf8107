"""Between the signature of an amendment and its effect: what may still be agreed, and what is then without effect."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from reservations.models import Convention, HistoryEntry, Organisation, StockRight, User
from reservations.models.guards import in_order
from reservations.operations.history import record
from reservations.refusals import Refusal
from reservations.wakeups import wake
from reservations.words import day, towards


class WaitingKept(Refusal):
    """The amendment that waits has already changed what nobody can put back."""


def first_day(convention: Convention, *, today: date | None) -> date:
    """The day from which an act may fall: the start of the version that runs today; `today` None, of the first one.

    Of a version that has begun, its own start.
    """
    row = convention
    while row.amends is not None and (today is None or row.starts_on > today):
        row = row.amends
    return row.starts_on


def check_waiting(convention: Convention, last: date) -> None:
    """Raise WaitingKept when a later version, that would be without effect, converted rights in stock."""
    row = convention
    while row.amends is not None and row.starts_on > last:
        if StockRight.objects.filter(converted_in=row).exists():
            raise WaitingKept(
                f"L’avenant n° {row.version - 1}, signé, a converti des droits en stock à compter du "
                f"{day(row.starts_on)} : choisissez un jour à partir de cette date.",
                field="ends_on",
            )
        row = row.amends


def running_on(convention: Convention, last: date, *, why: str, by: User) -> Convention:
    """The version that binds on a day, of those signed: later ones, that have not begun, are without effect.

    The caller holds `convention`, the last signed. Raises WaitingKept when one of them converted rights in stock.
    """
    check_waiting(convention, last)
    row = convention
    while row.amends_id is not None and row.starts_on > last:
        details = {"status": [row.status, Convention.Status.VOID.value]}
        record(row, HistoryEntry.Act.VOIDED, by=by, why=why, details=details)
        row.status = Convention.Status.VOID
        row.save(update_fields=["status"])
        row = in_order(Convention.objects.all()).get(pk=row.amends_id)
    return row


def settle_since(convention: Convention, *, today: date | None = None) -> Convention:
    """Once it is signed, have what entered the flow since its first day settled, where that day is past: the flow is
    above, and is woken by name (docs/decisions/0118). The convention."""
    if convention.starts_on < (today or timezone.localdate()):
        wake("flux.settle_earlier_dues", convention.pk)
    return convention


def signed_instead(order: Convention) -> str:
    """Why a préfet's order ends: a convention takes its place."""
    state = order.organisation.kind == Organisation.Kind.STATE
    return f"Une convention est signée avec {'l’État' if state else towards(order.organisation)}."
