"""« Exercices antérieurs » : what was registered after a balance was sealed, for an act of its year, and which balance
says it (`attributions.bilan.late_acts`; docs/decisions/0042)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from itertools import count, takewhile
from typing import Any

from django.db.models import Sum

from attributions.bilan import late_acts as rule
from attributions.bilan.late_acts import Counts, Stated, chain
from attributions.bilan.models import BalanceVersion
from attributions.bilan.queries.figures import counts_by_act
from attributions.bilan.queries.keys import holders_of, key_of
from flux.models import FlowCell, Ledger
from flux.queries.cells import Measures
from reservations.models import Landlord, ReservationHolder

MEASURES = tuple(each.name for each in fields(Measures))


@dataclass(frozen=True, slots=True)
class LateActs:
    """What one holder was late, or lost, in the acts of one exercise: signed. `taken_by`: the year of the balance that
    takes it, the next version of its own left aside."""

    exercise: int
    taken_by: int
    holder: ReservationHolder
    measures: Measures


@dataclass(frozen=True, slots=True)
class Late:
    """Beside a balance. `earlier`: what it takes of the acts of earlier exercises; `since`: of the acts of its own
    year, what its sealed versions do not say, and that the next one will, or the balance that takes it."""

    earlier: tuple[LateActs, ...] = ()
    since: tuple[LateActs, ...] = ()


def late_acts(landlord: Landlord, year: int, departements: Collection[int], *, draft: bool = False) -> Late:
    """Of the balances of a landlord in some départements (ids), read whole. `draft`: what the next version of a sealed
    balance would take, and not what its file says. Five queries; one where none is sealed."""
    versions = _versions(landlord, departements)
    sealed = _sealed(year, versions)
    if not sealed:
        return Late()
    acts = _acts(landlord, sealed, {of for by_year in sealed.values() for of in by_year})
    before: list[tuple[int, int, Counts]] = []
    after: list[tuple[int, int, Counts]] = []
    for departement, by_year in sealed.items():
        known = acts.get(departement, {})
        kept = year in by_year and not draft
        told = rule.stated(year, by_year) if kept else rule.earlier(year, known, by_year)
        before += [(of, year, counts) for of, counts in told.items()]
        if year in by_year:
            after += [(year, taker, counts) for taker, counts in rule.since(year, known, by_year).items()]
    holders = holders_of({key for *_, counts in (*before, *after) for key, _ in counts})
    return Late(_lines(before, holders), _lines(after, holders))


def as_json(late: Iterable[LateActs]) -> list[dict[str, Any]]:
    """For a content, by exercise then holder: as `stated` reads it back."""
    return [
        {"exercise": each.exercise, "holder": key_of(each.holder), "name": str(each.holder), **each.measures.as_json()}
        for each in late
    ]


def stated(content: Mapping[str, Any]) -> Stated:
    """What a content states by act, its own year and earlier ones."""
    before: dict[int, dict[tuple[str, str], int]] = {}
    for line in content["earlier"]:
        before.setdefault(line["exercise"], {}).update(_counts(line))
    own = {key: number for line in content["holders"] for key, number in _counts(line).items()}
    return Stated(own, before)


def _counts(line: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    return {(line["holder"], name): line[name] for name in MEASURES if line[name]}


def _lines(found: Iterable[tuple[int, int, Counts]], holders: Mapping[str, ReservationHolder]) -> tuple[LateActs, ...]:
    """Départements together, by exercise, balance that takes, then holder."""
    summed: dict[tuple[int, int, str], dict[str, int]] = {}
    for exercise, taker, counts in found:
        for (key, name), number in counts.items():
            of = summed.setdefault((exercise, taker, key), {})
            of[name] = of.get(name, 0) + number
    lines = ((key, Measures(**counts)) for key, counts in sorted(summed.items()))
    return tuple(LateActs(of, taker, holders[key], measures) for (of, taker, key), measures in lines if measures)


def _versions(landlord: Landlord, departements: Collection[int]) -> dict[int, dict[int, int]]:
    """{département id: {year: id of the latest sealed version of its balance}}. One query."""
    rows: Iterable[Any] = (
        BalanceVersion.objects.filter(
            balance__landlord=landlord, balance__departement__in=departements, sealed_at__isnull=False
        )
        .order_by("number")
        .values_list("balance__departement", "balance__exercise", "pk")
    )
    found: dict[int, dict[int, int]] = {}
    for departement, year, version in rows:
        found.setdefault(departement, {})[year] = version
    return found


def _sealed(year: int, versions: Mapping[int, Mapping[int, int]]) -> dict[int, dict[int, Stated]]:
    """{département id: {year: what its sealed balance states}} of a year and of those sealed just before it and, when
    it is sealed too, just after; those that count by act. One query, none where none is sealed."""
    wanted = {
        (departement, of): by_year[of]
        for departement, by_year in versions.items()
        for of in (*chain(year, by_year), *takewhile(by_year.__contains__, count(year)))
    }
    if not wanted:
        return {}
    read = BalanceVersion.objects.in_bulk(wanted.values())
    found: dict[int, dict[int, Stated]] = {}
    for (departement, of), version in wanted.items():
        content = json.loads(read[version].content)
        if counts_by_act(content):
            found.setdefault(departement, {})[of] = stated(content)
    return found


def _acts(
    landlord: Landlord, departements: Collection[int], years: Collection[int]
) -> dict[int, dict[int, dict[tuple[str, str], int]]]:
    """{département id: {year: {(holder key, measure): count}}} of the acts of some years. Two queries."""
    first = {"offered": "first_lettings", "allocated": "first_allocated", "leased": "first_leased"}
    rows: list[Any] = list(
        FlowCell.objects.filter(year__in=years, ledger__landlord=landlord, ledger__departement__in=departements)
        .order_by()
        .values("ledger__departement", "ledger__kind", "year", "holder")
        .annotate(**{f"sum_{name}": Sum(name) for name in FlowCell.MEASURES})
    )
    holders = ReservationHolder.objects.select_related("organisation").in_bulk({row["holder"] for row in rows})
    found: dict[int, dict[int, dict[tuple[str, str], int]]] = {}
    for row in rows:
        of = found.setdefault(row["ledger__departement"], {}).setdefault(row["year"], {})
        key = key_of(holders[row["holder"]])
        for name in FlowCell.MEASURES:
            measure = name if row["ledger__kind"] == Ledger.Kind.ORDINARY else first.get(name)
            if measure and row[f"sum_{name}"]:
                of[key, measure] = of.get((key, measure), 0) + row[f"sum_{name}"]
    return found
