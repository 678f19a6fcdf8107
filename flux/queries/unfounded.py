"""Entries that no act founds: a unit given back, or let, in the account alone."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Collection, Iterator

from django.db.models import Count, F, Max, Sum

from flux.models import FlowEntry, Return, Vacancy
from reservations.models import HistoryEntry

Stage = FlowEntry.Stage

#: (ledger, holder or None, stage, how many the acts say, how many the entries)
Unfounded = tuple[int, int | None, str, int, int]


def unfounded(ledgers: Collection[int]) -> Iterator[Unfounded]:
    """Where the entries of these ledgers (ids) count other returns than were made, or other leases than were recorded.
    Four statements, whatever they hold."""
    yield from _returned(ledgers)
    yield from _leased(ledgers)


def _returned(ledgers: Collection[int]) -> Iterator[Unfounded]:
    entries = FlowEntry.objects.filter(ledger__in=ledgers, stage=Stage.RETURNED).order_by()
    told = entries.values_list("ledger", "holder").annotate(Sum("quantity"))
    counted = {(ledger, holder): n for ledger, holder, n in told}
    made = Return.objects.filter(routing__vacancy__ledger__in=ledgers, routing__vacancy__cancelled_at=None).order_by()
    given = made.values_list("routing__vacancy__ledger", "routing__holder").annotate(Count("pk"))
    acts = {(ledger, holder): n for ledger, holder, n in given}
    for ledger, holder in sorted({*counted, *acts}):
        said, found = acts.get((ledger, holder), 0), counted.get((ledger, holder), 0)
        if said != found:
            yield ledger, holder, Stage.RETURNED.value, said, found


def _leased(ledgers: Collection[int]) -> Iterator[Unfounded]:
    """What is done here is in the story of its unit. A unit routed before the account was kept here may have been let
    then: one lease of it is told by its file."""
    entries = FlowEntry.objects.filter(ledger__in=ledgers, ledger=F("vacancy__ledger"), stage=Stage.LEASED).order_by()
    units = entries.values_list("vacancy").annotate(Sum("quantity"), Max("holder"))
    counted = {vacancy: (number, holder) for vacancy, number, holder in units}
    own = Vacancy.objects.filter(ledger__in=ledgers).order_by()
    story = HistoryEntry.objects.filter(subject=Vacancy._meta.label_lower, details__has_key=Stage.LEASED.value)
    acts: Tally[int] = Tally()
    for vacancy, details in story.filter(subject_id__in=own.values("pk")).values_list("subject_id", "details"):
        acts[vacancy] += details[Stage.LEASED.value][1]
    doubtful = {each for each in {*counted, *acts} if counted.get(each, (0, None))[0] != acts[each]}
    found: dict[tuple[int, int | None], list[int]] = {}
    for vacancy, ledger, source in own.filter(pk__in=doubtful).values_list("pk", "ledger", "source"):
        number, holder = counted.get(vacancy, (0, None))
        if source == Vacancy.Source.PAST and number == acts[vacancy] + 1:
            continue
        sums = found.setdefault((ledger, holder), [0, 0])
        sums[0] += acts[vacancy]
        sums[1] += number
    for (ledger, holder), (said, number) in sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or 0)):
        yield ledger, holder, Stage.LEASED.value, said, number
