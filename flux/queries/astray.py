"""What an act could leave wrong in the flow, or a hand in the database: found by the night, mended by an act.

Each control gives what differs, one difference an object: the figures, and under its own name the object's id, by which
its page is found. Nothing is written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db.models import Q

from flux.models import AwaitedDecision, Routing, Unit, Vacancy
from flux.queries.audit import Check, Difference
from flux.queries.folds import drift

logger = logging.getLogger(__name__)


def about_vacancy(
    check: Check, vacancy: Vacancy, expected: dict[str, Any], found: dict[str, Any], *, holder: int | None = None
) -> Difference:
    """What differs of one unit that fell vacant: of its account or, when it has none, of its landlord."""
    ledger = vacancy.ledger_id
    return Difference(
        ledger,
        check,
        expected,
        found | {"vacancy": vacancy.pk},
        holder=holder,
        landlord=None if ledger else vacancy.landlord_id,
    )


def adrift_rows(check: Check, rows: dict[str, list[Any]]) -> Iterator[Difference]:
    """Of each table, that it does not hold what it sums. A table is told again when twice as many rows differ."""
    for table, those in rows.items():
        if those:
            logger.error("Fold %s: %s rows differ from what they sum, first %s", table, len(those), those[0])
            yield Difference(None, check, {"rows": 0}, {"rows": 1 << len(those).bit_length() - 1, "table": table})


def counts_adrift() -> Iterable[Difference]:
    """The folds of the accounts beside what they sum."""
    return adrift_rows(Check.COUNTS, drift())


def gone_but_vacant(today: date) -> Iterator[Difference]:
    """Units declared vacant, and not let, that left the stock otherwise than to another landlord: nobody can be
    housed there. One query."""
    sold = Vacancy.objects.filter(is_let=False, unit__left_on__lte=today).exclude(unit__left_why=Unit.Left.TRANSFERRED)
    gone = sold.exclude(kind__in=[Vacancy.Kind.TECHNICAL, Vacancy.Kind.OUTSIDE])
    for vacancy in gone.order_by("pk").iterator():
        yield about_vacancy(Check.GONE, vacancy, {"vacant": 0}, {"vacant": 1})


def closed_but_awaited() -> Iterator[Difference]:
    """Units that are not let, and that a closed organisation is to propose for: routed to it, or about to be. Two
    queries."""
    closed = Q(holder__organisation__closed_on__isnull=False) | Q(acting__closed_on__isnull=False)
    routed = Routing.objects.filter(closed, closed_at=None, vacancy__is_let=False, vacancy__cancelled_at=None)
    for routing in routed.select_related("vacancy").order_by("pk").iterator():
        yield about_vacancy(Check.CLOSED, routing.vacancy, {"routed": 0}, {"routed": 1}, holder=routing.holder_id)
    awaited = AwaitedDecision.objects.filter(holder__organisation__closed_on__isnull=False)
    for each in awaited.select_related("vacancy").order_by("pk").iterator():
        yield about_vacancy(Check.CLOSED, each.vacancy, {"recommended": 0}, {"recommended": 1}, holder=each.holder_id)
