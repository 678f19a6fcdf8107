"""What is read of figures.

* The figures of a content of the balance, each at its place: to contest one, to compare two versions, to show them.
* Pure: a content is a mapping, read from what was sent or made for the draft (`balance_content`).
* How files name a holder, so that they say all that they say without a database.
* « Exercices antérieurs » : what was registered after a balance was sealed, for an act of its year, and which balance
  says it (`attributions.bilan.late_acts`; docs/decisions/0042).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import count, takewhile
from typing import Any, NamedTuple, cast

from django.db.models import Sum

from attributions.bilan import late_acts as rule
from attributions.bilan.late_acts import Counts, Stated, chain
from attributions.bilan.models import BalanceVersion
from flux.models import FlowCell, Ledger
from flux.queries.cells import Measures
from reservations.models import Landlord, ReservationHolder
from reservations.models.once_a_request import by_id_steps
from reservations.models.together import Steps, stepwise

#: The key of all holders together.
EVERYBODY = ""

#: What a version says of itself and of the remarks on those before, not of the year: two contents that differ by these
#: alone say the same. A remark that was maintained asks for no other version: the one that was sent may be signed.
ABOUT_ITSELF = ("version", "made_on", "note", "remarks")

#: Columns of the axes that may be contested, in the order of the tables.
MEASURES = (
    *("offered", "designated", "returned", "lapsed", "refused", "allocated", "leased"),
    *("first_lettings", "first_allocated", "first_leased"),
)
#: Those of the synthesis: what was due and received comes first.
SUMMARY_MEASURES = ("due", "received", *MEASURES)
SUMMARY, SUBTRACTED, STOCK, FLOW, UNITS, DUE = "SUMMARY", "SUBTRACTED", "STOCK", "FLOW", "units", "due"
#: Those of the units kept in stock, outside the accounts.
STOCK_MEASURES = ("offered", "leased")
#: The line of what fell vacant that no class has: the first lettings that count in the yearly accounts.
COUNTED_FIRST = "COUNTED_FIRST_LETTINGS"

Content = Mapping[str, Any]


class FigurePlace(NamedTuple):
    """A figure: table, holder (its key; EVERYBODY for all), category (its code) and column."""

    line: str
    holder: str
    category: str
    measure: str


#: The first form of a content that counts what was done in the year; before it, figures were of the units registered.
BY_ACT = 2
#: The first that says from when the account is kept here.
SINCE = 3
#: The first that says which programmes passed from a landlord to another.
PASSED = 4
#: The first that says which préfet's orders stood for a convention.
ORDERED = 5
#: The first that says what delegates propose for, of what their holder was routed.
DELEGATED = 6

#: What each form stated for the first time, beside the figures.
ADDED = {SINCE: "kept_here", PASSED: "passed", ORDERED: "orders", DELEGATED: "delegated"}


def counts_by_act(content: Content) -> bool:
    """Are its figures what was done in the year? Else, what became of the units registered in it."""
    return bool(content["format"] >= BY_ACT)


def in_form(content: Content, form: int) -> Content:
    """A content as an earlier form of it would have stated it: before the sixth, without what delegates propose for;
    before the fifth, without the préfet's orders; before the fourth, without the programmes that passed; before the
    third, without the time before the account; in the first, of the units registered in the year."""
    if form >= content["format"]:
        return content
    unsaid = {name for since, name in ADDED.items() if form < since}
    kept = {name: value for name, value in content.items() if name not in unsaid}
    if form >= BY_ACT:
        return {**kept, "format": form}
    cohort = content["cohort"]
    measures = {line["holder"]: {name: line[name] for name in MEASURES} for line in cohort["holders"]}
    return {
        **{name: value for name, value in kept.items() if name not in ("cohort", "bridge", "earlier")},
        "format": form,
        "holders": [{**line, **measures[line["holder"]]} for line in content["holders"]],
        "total": {**content["total"], **cohort["total"]},
        "axes": cohort["axes"],
    }


def in_one_form(one: Content, other: Content) -> tuple[Content, Content]:
    """Both in the earlier of their forms, to be compared."""
    form = min(one["format"], other["format"])
    return in_form(one, form), in_form(other, form)


def figures(content: Content) -> dict[FigurePlace, int]:
    """Every figure that a reader may contest; those of a holder in a category without anything are not there: zero."""
    return dict(_figures(content))


def _figures(content: Content) -> Iterator[tuple[FigurePlace, int]]:
    for line in content["holders"]:
        for measure in SUMMARY_MEASURES:
            yield FigurePlace(SUMMARY, line["holder"], "", measure), line[measure]
    for measure in SUMMARY_MEASURES:
        yield FigurePlace(SUMMARY, EVERYBODY, "", measure), content["total"][measure]
    for axis in content["axes"]:
        yield from _of_axis(axis)
    for code, units in flow_figures(content).items():
        yield FigurePlace(FLOW, EVERYBODY, code, UNITS), units
    for row in content["subtracted"]:
        yield FigurePlace(SUBTRACTED, EVERYBODY, row["code"], UNITS), row["done"]
    for row in content["stock"]:
        for measure in STOCK_MEASURES:
            yield FigurePlace(STOCK, row["holder"], "", measure), row[measure]


def _of_axis(axis: Content) -> Iterator[tuple[FigurePlace, int]]:
    for row in axis["rows"]:
        for measure in MEASURES:
            yield FigurePlace(axis["code"], row["holder"], row["category"], measure), row[measure]
    for category in axis["categories"]:
        for measure in MEASURES:
            yield FigurePlace(axis["code"], EVERYBODY, category["code"], measure), category[measure]


def flow_figures(content: Content) -> dict[str, int]:
    """By code, what fell vacant: all (""), each class, and the first lettings that accounts count."""
    flow = content["flow"]
    kinds = {kind["code"]: kind["units"] for kind in flow["kinds"]}
    return {"": flow["vacated"], **kinds, COUNTED_FIRST: flow["counted_first_lettings"]}


def figure_at(content: Content, place: FigurePlace) -> int | None:
    """The figure at a place; zero where the version has the holder and the category but nothing there; None where it
    has no such line."""
    found = figures(content)
    if place in found:
        return found[place]
    whole = FigurePlace(place.line, EVERYBODY, place.category, place.measure)
    known = any(line["holder"] == place.holder for line in content["holders"])
    return 0 if known and whole in found and place.line not in (SUBTRACTED, FLOW) else None


def same(one: Content, other: Content) -> bool:
    """Do two contents say the same of the year, whatever their form, their number, their day and the remarks answered?
    Of what was missing, the first form described otherwise: its axes say the same."""
    first, second = in_one_form(one, other)
    left_out = () if counts_by_act(one) == counts_by_act(other) else ("missing",)
    return _of_the_year(first, left_out) == _of_the_year(second, left_out)


def _of_the_year(content: Content, left_out: Collection[str] = ()) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in (*ABOUT_ITSELF, *left_out)}


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that two versions do not give alike."""

    place: FigurePlace
    before: int
    after: int

    @property
    def is_due(self) -> bool:
        """In millionths of a unit; whole units otherwise."""
        return self.place.measure == DUE

    @property
    def gap(self) -> int:
        return self.after - self.before


def differences(before: Content, after: Content) -> list[Difference]:
    """The figures that differ, in the order of the tables and in the earlier form of the two; one that a version does
    not have is zero there."""
    old, new = map(figures, in_one_form(before, after))
    places = dict.fromkeys([*old, *new])
    found = [Difference(place, old.get(place, 0), new.get(place, 0)) for place in places]
    return [each for each in found if each.gap]


def first_difference(one: Any, other: Any, path: str = "") -> tuple[str, Any, Any] | None:
    """Where two JSON values first part, in the order of their keys: « axes[0].rows[3].offered », and both values.

    None when they are equal; a value that is missing on one side is None there.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            found = first_difference(one.get(key), other.get(key), f"{path}.{key}" if path else key)
            if found or (key in one) != (key in other):
                return found or (f"{path}.{key}" if path else key, one.get(key), other.get(key))
        return None
    if isinstance(one, list) and isinstance(other, list):
        for number in range(max(len(one), len(other))):
            mine = one[number] if number < len(one) else None
            yours = other[number] if number < len(other) else None
            if found := first_difference(mine, yours, f"{path}[{number}]"):
                return found
        return None if len(one) == len(other) else (path, one, other)
    return None if type(one) is type(other) and one == other else (path, one, other)


def key_of(holder: ReservationHolder) -> str:
    """« 215102629-4 »: the SIREN of a holder's organisation and its contingent."""
    return f"{holder.organisation.siren}-{holder.contingent}"


def holders_of(keys: Iterable[str]) -> dict[str, ReservationHolder]:
    """The holders that a content names, by their key. One query."""
    wanted = set(keys) - {EVERYBODY}
    found = ReservationHolder.objects.filter(organisation__siren__in={key.split("-")[0] for key in wanted})
    named = {key_of(holder): holder for holder in found.select_related("organisation").order_by("pk")}
    return {key: named[key] for key in sorted(wanted) if key in named}


EARLIER_MEASURES = tuple(each.name for each in fields(Measures))


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


@stepwise
def late_acts(landlord: Landlord, year: int, departements: Collection[int], *, draft: bool = False) -> Steps[Late]:
    """Of the balances of a landlord in some départements (ids), read whole. `draft`: what the next version of a sealed
    balance would take, and not what its file says. Five queries; one where none is sealed."""
    versions = yield from _versions(landlord, departements)
    sealed = yield from _sealed(year, versions)
    if not sealed:
        return Late()
    acts = yield from _acts(landlord, sealed, {of for by_year in sealed.values() for of in by_year})
    before: list[tuple[int, int, Counts]] = []
    after: list[tuple[int, int, Counts]] = []
    for departement, by_year in sealed.items():
        known = acts.get(departement, {})
        kept = year in by_year and not draft
        stated = rule.stated(year, by_year) if kept else rule.earlier(year, known, by_year)
        before += [(of, year, counts) for of, counts in stated.items()]
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
    return {(line["holder"], name): line[name] for name in EARLIER_MEASURES if line[name]}


def _lines(found: Iterable[tuple[int, int, Counts]], holders: Mapping[str, ReservationHolder]) -> tuple[LateActs, ...]:
    """Départements together, by exercise, balance that takes, then holder."""
    summed: dict[tuple[int, int, str], dict[str, int]] = {}
    for exercise, taker, counts in found:
        for (key, name), number in counts.items():
            of = summed.setdefault((exercise, taker, key), {})
            of[name] = of.get(name, 0) + number
    lines = ((key, Measures(**counts)) for key, counts in sorted(summed.items()))
    return tuple(LateActs(of, taker, holders[key], measures) for (of, taker, key), measures in lines if measures)


def _versions(landlord: Landlord, departements: Collection[int]) -> Steps[dict[int, dict[int, int]]]:
    """{département id: {year: id of the latest sealed version of its balance}}. One query."""
    kept = BalanceVersion.objects.filter(
        balance__landlord=landlord, balance__departement__in=departements, sealed_at__isnull=False
    )
    (rows,) = yield [kept.order_by("number").values_list("balance__departement", "balance__exercise", "pk")]
    found: dict[int, dict[int, int]] = {}
    for departement, year, version in rows:
        found.setdefault(departement, {})[year] = version
    return found


def _sealed(year: int, versions: Mapping[int, Mapping[int, int]]) -> Steps[dict[int, dict[int, Stated]]]:
    """{département id: {year: what its sealed balance states}} of a year and of those sealed just before it and, when
    it is sealed too, just after; those that count by act. One query, none where none is sealed."""
    wanted = {
        (departement, of): by_year[of]
        for departement, by_year in versions.items()
        for of in (*chain(year, by_year), *takewhile(by_year.__contains__, count(year)))
    }
    if not wanted:
        return {}
    (rows,) = yield [BalanceVersion.objects.filter(pk__in=wanted.values()).values_list("pk", "content")]
    read: dict[int, str] = dict(cast("Any", rows))
    found: dict[int, dict[int, Stated]] = {}
    for (departement, of), version in wanted.items():
        content = json.loads(read[version])
        if counts_by_act(content):
            found.setdefault(departement, {})[of] = stated(content)
    return found


def _acts(
    landlord: Landlord, departements: Collection[int], years: Collection[int]
) -> Steps[dict[int, dict[int, dict[tuple[str, str], int]]]]:
    """{département id: {year: {(holder key, measure): count}}} of the acts of some years. Two queries."""
    first = {"offered": "first_lettings", "allocated": "first_allocated", "leased": "first_leased"}
    cells = FlowCell.objects.filter(year__in=years, ledger__landlord=landlord, ledger__departement__in=departements)
    grouped = cells.order_by().values_list("ledger__departement", "ledger__kind", "year", "holder")
    (rows,) = yield [grouped.annotate(**{f"sum_{name}": Sum(name) for name in FlowCell.MEASURES})]
    holders = yield from by_id_steps(ReservationHolder, {row[3] for row in rows}, "organisation")
    found: dict[int, dict[int, dict[tuple[str, str], int]]] = {}
    for departement, kind, year, holder, *sums in rows:
        of = found.setdefault(departement, {}).setdefault(year, {})
        key = key_of(holders[holder])
        for name, counted in zip(FlowCell.MEASURES, sums, strict=True):
            measure = name if kind == Ledger.Kind.ORDINARY else first.get(name)
            if measure and counted:
                of[key, measure] = of.get((key, measure), 0) + counted
    return found
