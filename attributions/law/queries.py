"""What the lists of the law hold, and what of it nobody has confirmed. Reads a few rows a list, whatever is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min

from attributions.bilan.models import Objective
from attributions.households.models import PriorityCategory
from flux.models import IncomeCeiling
from reservations.models import LegalParameter, Unconfirmed

#: The tables of the law of which a row may be left to confirm, but for ceilings, which a year makes old.
KEPT: tuple[type[LegalParameter | PriorityCategory | Objective], ...] = (LegalParameter, PriorityCategory, Objective)

Dated = LegalParameter | PriorityCategory | Objective


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """A dated row in force or to come, and what would confirm it."""

    doubt: Unconfirmed
    row: Dated


@dataclass(frozen=True, slots=True)
class OldCeilings:
    """Income ceilings in force that an earlier year wrote: how many, and since when the oldest."""

    count: int
    since: date | None


def law_categories() -> list[PriorityCategory]:
    """Every category, past, in force and to come. One query."""
    return list(PriorityCategory.objects.order_by("group", "label", "-starts_on"))


def law_rates() -> list[Objective]:
    """Every rate of the law, the newest first of each objective. One query."""
    return list(Objective.objects.filter(territory=None).order_by("code", "-starts_on"))


def left_to_confirm(today: date) -> list[ToConfirm]:
    """What is in force or to come, and that nobody confirmed, in the order of the lists. One query a list, and one."""
    doubts = {(each.subject, each.subject_id): each for each in Unconfirmed.objects.left()}
    found = []
    for kind in KEPT:
        label = kind._meta.label_lower
        asked = [pk for subject, pk in doubts if subject == label]
        rows: Iterable[Dated] = kind._default_manager.filter(pk__in=asked).exclude(ends_on__lt=today)
        if kind is Objective:  # a rate of a territory names it
            rates = Objective.objects.select_related("territory")
            rows = rates.filter(pk__in=asked).exclude(ends_on__lt=today)
        found += [ToConfirm(doubts[(label, row.pk)], row) for row in rows]
    return found


def doubted(rows: Iterable[Dated]) -> dict[int, Unconfirmed]:
    """What would confirm each of these rows of one table, by their id; those that are sure are not there. One query."""
    rows = list(rows)
    if not rows:
        return {}
    found = Unconfirmed.objects.left().filter(subject=rows[0]._meta.label_lower, subject_id__in=[r.pk for r in rows])
    return {each.subject_id: each for each in found}


def row_of(doubt: Unconfirmed) -> Dated | None:
    """The dated row that is to confirm; None when it went."""
    kind = next(each for each in KEPT if each._meta.label_lower == doubt.subject)
    return kind._default_manager.filter(pk=doubt.subject_id).first()


def old_ceilings(today: date) -> OldCeilings:
    """Those of the yearly order that still run though the year has changed. One query."""
    running = IncomeCeiling.objects.filter(starts_on__lte=today).exclude(ends_on__lt=today)
    read = running.filter(starts_on__lt=date(today.year, 1, 1)).aggregate(count=Count("pk"), since=Min("starts_on"))
    return OldCeilings(read["count"], read["since"])
