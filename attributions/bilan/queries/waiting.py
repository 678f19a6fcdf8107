"""Remarks and lines said corrected that wait for longer than their term (`LegalParameter`, REMARK_DAYS)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from attributions.bilan.models import BalanceRemark
from reservations.deadlines import deadline, working_days
from reservations.models import LegalParameter


@dataclass(frozen=True, slots=True)
class Waiting:
    """A remark that waits: `since` what day, the `until` by which it should not, and the `days` of the term. `elapsed`:
    working days since."""

    remark: BalanceRemark
    since: date
    until: date
    days: int
    elapsed: int

    @property
    def left(self) -> int:
        """Working days left; below zero, so many too many."""
        return self.days - self.elapsed


def term_on(on: date) -> int | None:
    """How many working days a remark may wait; None when no figure is in force. One query."""
    try:
        return int(LegalParameter.objects.value_on(LegalParameter.Code.REMARK_DAYS, on))
    except LegalParameter.DoesNotExist:
        return None


def open_remarks() -> QuerySet[BalanceRemark]:
    """Those without an answer, and those said corrected that no version has."""
    return BalanceRemark.objects.filter(Q(answer="") | Q(answer=BalanceRemark.Answer.CORRECTED, corrected_in=None))


def waiting(remark: BalanceRemark, *, today: date, days: int | None) -> Waiting | None:
    """How long this one waits, under a term of `days`; None when it waits for nothing, or no term is in force."""
    if days is None or (remark.answer and not remark.is_unsent_correction):
        return None
    moment = remark.answered_at if remark.answer else remark.made_at
    assert moment is not None
    since = timezone.localdate(moment)
    return Waiting(remark, since, deadline(since, days), days, working_days(since, today))


def late_remarks(*, today: date) -> list[Waiting]:
    """Those whose term is over, the oldest first. Two queries."""
    days = term_on(today)
    read = open_remarks().select_related(
        "version__balance__landlord__organisation", "version__balance__departement", "organisation"
    )
    found = (waiting(remark, today=today, days=days) for remark in read.order_by("made_at", "pk"))
    return [each for each in found if each is not None and each.until < today]
