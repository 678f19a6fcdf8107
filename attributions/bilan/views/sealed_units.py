"""The units behind a figure of a sealed balance, as it was sealed: those of the day, less what was recorded since
(docs/decisions/0121)."""

from __future__ import annotations

from collections import Counter

from django.db.models import F, QuerySet

from attributions.bilan.moved import Moved
from attributions.bilan.queries.since import Since
from flux.models import Ledger, Vacancy
from flux.queries.behind import Behind
from flux.queries.cells import COLUMNS, ENTRIES, bounds_of, category_of
from reservations.models import Territory


def moved_in(behind: Behind, since: Since, year: int) -> Counter[int]:
    """By vacancy (id), how many times more it counts today in a figure than it did when the balance was sealed. One
    query where communes are told apart; none where nothing came."""
    if not since.moved:
        return Counter()
    stage, kind = ENTRIES[behind.measure]
    ledgers = {ledger.pk for ledger in behind.ledgers if ledger.kind == kind}
    bounds = bounds_of(behind.ledgers, year)
    codes = dict(Territory.objects.filter(pk__in=since.communes).order_by().values_list("pk", "code"))

    def counts(each: Moved) -> bool:
        return (
            each.own
            and each.stage == stage
            and each.first == (kind == Ledger.Kind.FIRST_LETTING)
            and each.ledger in ledgers
            and behind.holder in (None, each.holder)
            and behind.acted_in in (None, each.acted_on.year)
            and (behind.communes is None or each.commune in behind.communes)
        )

    def category(each: Moved) -> str:
        assert behind.axis is not None, "asked of an axis alone"
        raw = dict(zip(COLUMNS, each.described, strict=True))[behind.axis]
        return codes.get(raw, "") if COLUMNS[behind.axis] == "commune_id" else category_of(behind.axis, raw, bounds)

    found: Counter[int] = Counter()
    for each in since.moved:
        if counts(each) and each.vacancy is not None and (behind.axis is None or category(each) == behind.category):
            found[each.vacancy] += each.quantity
    return Counter({vacancy: times for vacancy, times in found.items() if times})


def as_sealed(behind: Behind, vacancies: QuerySet[Vacancy], moved: Counter[int]) -> list[tuple[int, int]]:
    """Of some vacancies, those (ids) that count in a sealed figure, and how many times, in the order of registration.
    Two queries."""
    times = dict(behind.among(vacancies).values_list("pk", F("times")))
    others = [vacancy for vacancy in moved if vacancy not in times]
    times |= dict.fromkeys(vacancies.filter(pk__in=others).order_by().values_list("pk", flat=True), 0)
    return [(vacancy, had) for vacancy in sorted(times) if (had := times[vacancy] - moved[vacancy])]
