"""The figures of a content of the balance, each at its place: to contest one, to compare two versions, to show them.

Pure: a content is a mapping, read from what was sent or made for the draft (`balance_content`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

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

#: What each form said for the first time, beside the figures.
ADDED = {SINCE: "kept_here", PASSED: "passed", ORDERED: "orders", DELEGATED: "delegated"}


def counts_by_act(content: Content) -> bool:
    """Are its figures what was done in the year? Else, what became of the units registered in it."""
    return bool(content["format"] >= BY_ACT)


def in_form(content: Content, form: int) -> Content:
    """A content as an earlier form of it would have said it: before the sixth, without what delegates propose for;
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
    Of what was missing, the first form told otherwise: its axes say the same."""
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
