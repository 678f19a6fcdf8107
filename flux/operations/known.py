"""What is forecast for the departures that wait in a ledger, its row locked: written beside them, in no account."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils import timezone

from flux.models import DecisionWindow, ExpectedHolder, FormerForecast, Vacancy
from flux.situation import LedgerSituation
from flux.situation.planned import plan
from flux.wakeups import wake_ledger

#: What makes a forecast another one, and what is written of it.
COMPARED = ("holder_id", "rank", "known", "firm_on", "seen_on")
Cause = FormerForecast.Cause

WRITTEN = ("holder", "rank", "known", "since", "firm_on", "seen_on")


def foresee(situation: LedgerSituation, queue: Sequence[Vacancy], window: DecisionWindow, *, now: datetime) -> None:
    """Write where each of a queue would go if its first were decided now. Its forecasts were read with it.

    Where the destination is another one, the forecast of before is kept with what changed it. Two statements, for those
    that change; none when none does. The situation is used up (`plan`).
    """
    found = plan(situation, queue, window)
    drawn, changed = [], []
    cause = _cause(queue)
    for rank, departure in enumerate(found.departures if found else (), start=1):
        before: ExpectedHolder | None = getattr(departure.vacancy, "expected", None)
        same = before is not None and before.holder_id == departure.holder.pk
        after = ExpectedHolder(
            vacancy=departure.vacancy,
            holder=departure.holder,
            rank=rank,
            known=len(found.departures) if found else 0,
            since=before.since if before is not None and same else now,
            firm_on=departure.firm_on,
            seen_on=timezone.localdate(now),
        )
        if before is not None and not same:
            changed.append(_former(before, cause, now=now))
        if before is None or any(getattr(before, name) != getattr(after, name) for name in COMPARED):
            drawn.append(after)
    if drawn:
        ExpectedHolder.objects.bulk_create(
            drawn, update_conflicts=True, unique_fields=["vacancy"], update_fields=WRITTEN
        )
    FormerForecast.objects.bulk_create(changed)


def _cause(queue: Sequence[Vacancy]) -> Cause:
    """What a queue has that its forecasts had not: a departure more, one less, or the accounts alone moved."""
    before = [each.expected for each in queue if hasattr(each, "expected")]
    if len(before) < len(queue):
        return Cause.KNOWN
    if any(each.known > len(queue) for each in before):
        return Cause.DECIDED
    return Cause.MOVED


def _former(expected: ExpectedHolder, cause: Cause, *, now: datetime) -> FormerForecast:
    return FormerForecast(
        vacancy_id=expected.vacancy_id, holder_id=expected.holder_id, since=expected.since, until=now, cause=cause
    )


def forget(gone: Collection[Vacancy], *, now: datetime, cause: Cause = Cause.OVER) -> None:
    """These do not wait any more: nothing is forecast for them, and what was is kept. No query when nothing was."""
    had = [vacancy.expected for vacancy in gone if hasattr(vacancy, "expected")]
    if had:
        FormerForecast.objects.bulk_create(_former(each, cause, now=now) for each in had)
        ExpectedHolder.objects.filter(vacancy__in=[each.vacancy_id for each in had]).delete()


def foresee_again(ledger_id: int) -> None:
    """Once the transaction commits, have the forecasts of a ledger drawn anew, if it has some: its counters moved, or a
    known departure is gone. One query. A message that is lost is made up for by the next registration, or in the
    morning."""
    if ExpectedHolder.objects.filter(vacancy__ledger=ledger_id).exists():
        wake_ledger(ledger_id)
