"""What a convention owes of the units before its signature, recounted from its clause: found by the night, settled by a
person where nothing was (docs/decisions/0118)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django.db.models import F, Min, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import TruncDate

from flux.models import FlowEntry, SettledDue, Vacancy
from flux.operations.earlier_dues import settle_signed
from flux.queries.audit import Check, Difference
from flux.queries.rates import bearing
from flux.situation import settled_from
from reservations.models import Convention, HistoryEntry, User
from reservations.models.acting import atomic
from reservations.models.convention import UNIT
from reservations.operations.history import record
from reservations.queries.rights import Right, rights_in
from reservations.refusals import Refusal

#: By account and holder (ids), in millionths.
type Dues = dict[tuple[int, int], int]


def settlements_adrift(today: date) -> Iterator[Difference]:
    """Of each convention recorded as signed after its first day, this year or the last: what its accounts settled,
    where it is not what its clause gives of the units that they had credited. A query, and five for each of them."""
    act = HistoryEntry.objects.filter(
        act=HistoryEntry.Act.SIGNED, subject=Convention._meta.label_lower, subject_id=OuterRef("pk")
    )
    recorded = Subquery(act.order_by("-pk").values("at")[:1])
    late = Convention.objects.binding().annotate(recorded_at=recorded, day=TruncDate(recorded))
    for convention in late.filter(starts_on__lt=F("day"), day__gte=date(today.year - 1, 1, 1)).order_by("pk"):
        expected, found = _owed(convention), _settled(convention)
        for ledger, holder in sorted({*expected, *found}):
            wanted, had = expected.get((ledger, holder), 0), found.get((ledger, holder), 0)
            if wanted != had:
                figures = {"settled": had, "convention": convention.pk}
                yield Difference(ledger, Check.SETTLED, {"settled": wanted}, figures, holder=holder)


def _settled(convention: Convention) -> Dues:
    rows = SettledDue.objects.filter(convention=convention, entry__quantity__gt=0).order_by()
    summed = rows.values_list("entry__ledger", "entry__holder").annotate(Sum("entry__quantity"))
    return {(ledger, holder): amount for ledger, holder, amount in summed}


def _owed(convention: Convention) -> Dues:
    """What its clause gives of each unit that was credited before it was recorded, one after the other."""
    since, owed = settled_from(convention), defaultdict[tuple[int, int], int](int)
    if since is None:
        return owed
    written = FlowEntry.objects.filter(recorded_at__lte=convention.recorded_at)  # type: ignore[attr-defined]
    if first := SettledDue.objects.filter(convention=convention).aggregate(first=Min("entry"))["first"]:
        written = written.filter(pk__lt=first)
    written = written.filter(ledger__landlord=convention.landlord_id, ledger__kind="ORDINARY")
    credited = written.filter(stage=FlowEntry.Stage.DUE, ledger__exercise__gte=since.year)
    mine = rights_in(convention)
    for ledger, vacancy in _units(credited):
        if not since <= vacancy.rights_on <= convention.ends_on:
            continue
        for right in bearing(mine, vacancy):
            place = ledger, right.holder.pk
            share = right.share
            if right.yearly_units is not None:
                before = written.filter(ledger=ledger, holder=right.holder)
                share = min(share, _left(right, before) - owed[place])
            owed[place] += max(0, share)
    return {place: amount for place, amount in owed.items() if amount}


def _units(credited: QuerySet[FlowEntry]) -> Iterator[tuple[int, Vacancy]]:
    """The units that accounts (ids) hold as credited, in the order in which they fell vacant."""
    pairs = credited.order_by("vacancy").values_list("ledger", "vacancy").annotate(due=Sum("quantity")).exclude(due=0)
    found = [(ledger, vacancy) for ledger, vacancy, _ in pairs]
    read = Vacancy.objects.select_related("unit__commune", "unit__programme").in_bulk({pk for _, pk in found})
    return ((ledger, read[pk]) for ledger, pk in found)


def _left(right: Right, before: QuerySet[FlowEntry]) -> int:
    """What a right of N units a year still has, once what was credited or settled is taken off."""
    credited = before.filter(stage=FlowEntry.Stage.DUE) | before.filter(settled__isnull=False)
    return UNIT * (right.yearly_units or 0) - (credited.aggregate(due=Sum("quantity"))["due"] or 0)


@atomic
def settle_missing(*, convention: int, by: User) -> int:
    """Settle what a convention (id) owes of the units before its signature, where nothing was: how many entries.

    Raises Refusal: it is settled already.
    """
    about = Convention.objects.get(pk=convention)
    written = settle_signed(convention_id=about.pk)
    if not written:
        raise Refusal(
            "Cette convention est déjà réglée, ou ne règle rien : si le chiffre diffère, l’exploitant cherche qui a "
            "écrit hors de l’application."
        )
    details = {"settled": [0, written]}
    record(about, HistoryEntry.Act.RECORDED, by=by, why="Règlement manquant, trouvé par un contrôle.", details=details)
    return written
