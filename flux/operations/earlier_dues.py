"""What units owed between the first day of a convention and its signature, settled in one entry of each account."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from flux.models import FlowEntry, Ledger, SettledDue
from flux.operations.decision import write_lines
from flux.situation import Earlier, LedgerSituation, earlier_dues, earlier_ledgers, load, settled_from
from reservations.models import Convention, HistoryEntry
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.operations.apart import each_apart

#: How long a night looks back for what a lost wake-up call left unsettled.
LOOKED_BACK = timedelta(days=3)


@atomic
def settle_earlier_dues(*, convention: Convention, on: date, before: datetime | None = None) -> int:
    """Write, in each account, what the units that it credited since the first day of a signed convention, or since its
    signature where its text leaves what precedes it, owe its holders, taken from what nobody reserves, on that day:
    how many entries. Twice is once.

    `before`: when it was recorded as signed, where that is over; what was credited since counted it already.
    """
    since = settled_from(convention)
    if since is None or SettledDue.objects.filter(convention=convention).exists():
        return 0
    found = earlier_ledgers(convention, since=since)
    ids, places = {ledger.pk for ledger in found}, {ledger.departement_id for ledger in found}
    # The years that carry them too, before any of them moves.
    books = in_order(Ledger.objects.ordinary()).select_related("landlord", "departement")
    after = books.filter(landlord=convention.landlord_id, departement__in=places, exercise__gte=since.year)
    held = [ledger for ledger in after if ledger.pk in ids]
    return sum(_settle(load(ledger), convention, on=on, since=since, before=before) for ledger in held)


def _settle(
    situation: LedgerSituation, convention: Convention, *, on: date, since: date, before: datetime | None
) -> int:
    found = earlier_dues(situation, convention, since=since, before=before)
    entries: list[tuple[Earlier, FlowEntry]] = []
    for each in found:
        key = str(each.holder.pk)
        less, more = situation.take_over(situation.landlord, key, each.amount, each.parts)
        for holder, quantity, spread in ((key, each.amount, more), (situation.landlord, -each.amount, less)):
            entry = FlowEntry(
                ledger=situation.ledger,
                holder=situation.holders[holder],
                stage=FlowEntry.Stage.TRANSFERRED,
                quantity=quantity,
                spread=spread,
                on=on,
            )
            entries.append((each, entry))
    if entries:
        FlowEntry.objects.bulk_create(entry for _, entry in entries)
        SettledDue.objects.bulk_create(
            SettledDue(convention=convention, entry=entry, units=each.units, since=each.since, until=each.until)
            for each, entry in entries
        )
        write_lines(situation, on=on)
    return len(entries)


def settle_signed(*, convention_id: int, now: datetime | None = None) -> int:
    """Settle a convention that was recorded as signed, an order or a file for instance: how many entries."""
    convention = Convention.objects.filter(pk=convention_id, status__in=Convention.BINDING).first()
    if convention is None:
        return 0
    signed = HistoryEntry.objects.about(convention).filter(act=HistoryEntry.Act.SIGNED).order_by("pk").last()
    before = signed.at if signed is not None else None
    return settle_earlier_dues(convention=convention, on=timezone.localdate(now), before=before)


def settle_lately_signed(*, now: datetime | None = None) -> int:
    """Every night: what a lost wake-up call left unsettled. How many entries."""
    now = now or timezone.now()
    acts = HistoryEntry.objects.filter(
        act=HistoryEntry.Act.SIGNED, subject=Convention._meta.label_lower, at__gte=now - LOOKED_BACK
    )
    found = Convention.objects.binding().filter(pk__in=acts.order_by().values("subject_id"), settled=None)
    late = found.filter(starts_on__lt=timezone.localdate(now)).order_by("pk").values_list("pk", flat=True)
    return each_apart(
        "flux.earlier_dues",
        list(late),
        lambda pk: settle_signed(convention_id=pk, now=now),
        name="convention:{}".format,
        now=now,
    )
