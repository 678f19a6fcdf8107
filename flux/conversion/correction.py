"""What a person changes in a mapping before it is worked out: a figure for another, with the reason kept."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flux.conversion import facts

#: A file, or what the database gives in its place (docs/conversion.md).
type Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that may be changed. `was`: as it was found, before anybody changed it; `reason`: why it was.

    `field` is its key in its row, `whole` whether it is a whole number.
    """

    path: str
    label: str
    value: str
    was: str
    reason: str
    whole: bool

    @property
    def key(self) -> str:
        """The path as the name of a form field: « base-0-units »."""
        return key_of(self.path)


@dataclass(frozen=True, slots=True)
class Group:
    """Figures of one kind, in the order of the mapping."""

    code: str
    label: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What was typed for a figure, and why."""

    value: int | str
    reason: str


@dataclass(frozen=True, slots=True)
class AddedOut:
    """Units out of the base that nothing reported: where, under which code, how many, and who says so."""

    territory: str
    reason: str
    units: int
    source: str


@dataclass(frozen=True, slots=True)
class PublishedRate:
    """A rotation rate of one type of housing, as somebody publishes it: weight and rate are exact texts."""

    type: str
    weight: str
    rate: str


def key_of(path: str) -> str:
    """« base[0].out[1].units » → « base-0-out-1-units »."""
    return path.replace("[", "-").replace("].", "-").replace("]", "").replace(".", "-")


def groups(given: Given) -> list[Group]:
    """Every figure that may be changed. Dates and figures of the law are put right where they are recorded."""
    return [
        Group("base", "Le parc, par commune", tuple(_base(given))),
        Group("rights", "Les droits", tuple(_rows(given, "rights", "units", lambda row: str(row["reference"])))),
        Group("rotation", "Les libérations d’une année", tuple(_rotation(given))),
        Group(
            "exclusions",
            "Les soustractions d’une année",
            tuple(_rows(given, "exclusions", "units", lambda row: facts.EXCLUSIONS[row["category"]][0])),
        ),
        Group(
            "others",
            "Les autres parts du même flux, en %",
            tuple(_rows(given, "others", "share", lambda row: str(row["name"]), whole=False)),
        ),
    ]


def _base(given: Given) -> Iterator[Figure]:
    for place, row in enumerate(given["base"]):
        yield _figure(row, f"base[{place}].units", row["name"])
        for number, out in enumerate(row.get("out", ())):
            label = f"{row['name']}, hors assiette : {facts.OUT[out['reason']][0]}"
            yield _figure(out, f"base[{place}].out[{number}].units", label)


def _rotation(given: Given) -> Iterator[Figure]:
    names = {row["territory"]: row["name"] for row in given["base"]}
    for place, row in enumerate(given["rotation"]):
        where = names.get(row.get("territory", ""), "tout le périmètre")
        label = f"{where}, {row['type']}" if row.get("type") else where
        if "vacancies" in row:
            yield _figure(row, f"rotation[{place}].vacancies", label)
        else:
            yield _figure(row, f"rotation[{place}].rate", f"{label} : taux, en %", whole=False)


def _rows(given: Given, key: str, field: str, label: Any, *, whole: bool = True) -> Iterator[Figure]:
    for place, row in enumerate(given.get(key, ())):
        yield _figure(row, f"{key}[{place}].{field}", label(row), whole=whole)


def _figure(row: Given, path: str, label: str, *, whole: bool = True) -> Figure:
    field = path.rpartition(".")[2]
    changed = next((override for override in row.get("overrides", ()) if override["field"] == field), None)
    value = str(row[field])
    was, reason = (changed["was"], changed["reason"]) if changed else (value, "")
    return Figure(path, label, value, was, reason, whole)


def corrected(
    given: Given,
    *,
    changes: Mapping[str, Change],
    outs: Sequence[AddedOut] = (),
    rates: Sequence[PublishedRate] = (),
    weights_in: str = "",
    source: str = "",
) -> dict[str, Any]:
    """The mapping with these changes, by key of figure; what was found stays beside what is typed, with the reason.

    A figure typed as it was found is no change. Vacancies counted in a commune are a rate of its base, and follow
    it. `rates`, if any, with their `source` and what their weights are, take the place of counted vacancies.
    """
    written: dict[str, Any] = copy.deepcopy(dict(given))
    for group in groups(given):
        for figure in group.figures:
            if figure.key in changes:
                _change(_row(written, figure.path), figure, changes[figure.key])
    for out in outs:
        row = next(row for row in written["base"] if row["territory"] == out.territory)
        row.setdefault("out", []).append({"reason": out.reason, "units": out.units, "source": out.source})
    if rates:
        written["weights_in"] = weights_in
        written["rotation"] = [
            {"type": rate.type, "weight": rate.weight, "rate": rate.rate, "source": source} for rate in rates
        ]
    _weigh(written)
    return written


def _row(written: dict[str, Any], path: str) -> dict[str, Any]:
    row: Any = written
    for step in key_of(path).split("-")[:-1]:
        row = row[int(step)] if step.isdigit() else row[step]
    found: dict[str, Any] = row
    return found


def _change(row: dict[str, Any], figure: Figure, change: Change) -> None:
    field = figure.path.rpartition(".")[2]
    row[field] = change.value
    kept = [override for override in row.pop("overrides", ()) if override["field"] != field]
    if str(change.value) != figure.was:
        kept.append({"field": field, "was": figure.was, "reason": change.reason})
    if kept:
        row["overrides"] = kept


def _weigh(written: dict[str, Any]) -> None:
    base = {row["territory"]: row["units"] - sum(out["units"] for out in row.get("out", ())) for row in written["base"]}
    for row in written["rotation"]:
        if "vacancies" in row and row.get("territory") in base:
            row["weight"] = max(base[row["territory"]], 0)
