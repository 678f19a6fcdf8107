"""The balance as JSON: what `balance.json` and the `balance` command give (docs/balance.md).

Whole numbers only, for no two machines to write them in two ways: dues, gaps and shares are in millionths.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from itertools import batched
from typing import Any

from attributions.bilan.exports.changes import change_as_json, seal_as_json
from attributions.bilan.exports.kept import passage_as_json
from attributions.bilan.queries.transmissions import SUMMED, Month, WholeBalance
from flux.queries.accounts import AccountLine
from flux.queries.cells import Axis, Bridge, Cells, Measures
from flux.words import known
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT

#: The words of both readings, and the measures that they are.
ACTS = {
    "proposed": "offered",
    "allocated": "allocated",
    "leased": "leased",
    "returned": "returned",
    "refused": "refused",
}

#: Pieces of text of one chunk.
PIECES = 2000


def balance_json(content: WholeBalance) -> Iterator[bytes]:
    """The same, as the chunks of a file."""
    pieces = json.JSONEncoder(ensure_ascii=False).iterencode(as_json(content))
    for some in batched(pieces, PIECES):
        yield "".join(some).encode()


def as_json(content: WholeBalance) -> dict[str, Any]:
    """Every figure of a balance, by code. `by_act` says what was done in the year; `by_cohort`, what became of the
    units registered in it, as do the measures of `holders`, of `total` and of `cells`, there since the first form."""
    organisation, flow, place = content.landlord.organisation, content.balance.flow, content.balance.territory
    found = {
        "landlord": {"siren": organisation.siren, "name": organisation.name},
        "year": content.year,
        "on": content.on.isoformat(),
        "territory": {"kind": place.kind, "code": place.code, "name": place.name} if place else None,
        "unit": UNIT,
        "sealed": [seal_as_json(each) for each in content.balance.since.seals],
        "since": [change_as_json(each) for each in content.changes],
        "passages": [passage_as_json(each) for each in content.passages],
        "by_act": _by_act(content),
        "by_cohort": _by_cohort(content),
        "bridge": [_bridge(content.balance.bridge, word, name) for word, name in ACTS.items()],
        "vacated": flow.vacated,
        "excluded": {**flow.by_exclusion, "total": flow.excluded},
        "stock": flow.stock,
        "technical": flow.technical,
        "outside": flow.outside,
        "first_lettings": flow.first_lettings,
        "net_flow": flow.net,
        "transmissions": [
            {
                "paper": "FORECAST" if each.version is None else "BALANCE",
                "exercise": each.exercise,
                "version": each.version,
                "departement": each.departement,
                "act": "SEALED" if each.is_seal else "SENT",
                "on": each.on.isoformat(),
                "by": each.by,
                "recipients": each.recipients,
            }
            for each in content.transmissions
        ],
        "planned": {line.code: line.planned for line in content.flow if line.planned is not None} or None,
        "holders": [_line(content, line) for line in content.lines],
        "total": {**content.balance.total.as_json(), "measures": content.cohort.total().as_json()},
        "cells": [cell for axis in Axis for cell in _cells(content, content.cohort, axis)],
        "months": [_month(month) for month in content.months],
        "kept_here": [{"departement": place.code, **kept.as_json()} for place, kept in content.kept],
        "passed": [{"departement": place.code, **each.as_json()} for place, each in content.passed],
        "orders": [each.as_json() for each in content.orders],
        "delegated": [each.as_json() for each in content.delegated],
    }
    if content.lacking is not None:
        found["lacking"] = [
            {"unit": unit.reference, "commune": unit.code, "axes": [axis.value for axis in unit.lacks]}
            for unit in content.lacking
        ]
    return found


def _line(content: WholeBalance, line: AccountLine) -> dict[str, Any]:
    quotas = [
        {
            "share": right.share,
            "perimeter": {"kind": right.convention.perimeter.kind, "code": right.convention.perimeter.code},
            "starts_on": right.starts_on.isoformat(),
            "ends_on": min(right.ends_on, right.convention.term(date(content.year, 12, 31))).isoformat(),
        }
        for right in line.rights
    ]
    return {**line.as_json(), "quotas": quotas, "measures": content.cohort.holder(line.holder.pk).as_json()}


def _by_act(content: WholeBalance) -> dict[str, Any]:
    """What was done from 1 January to 31 December, whenever the units were registered (CCH, R441-5-1)."""
    balance, cells = content.balance, content.cells
    late = balance.late
    return {
        "holders": [{**_named(line.holder), **_acts(cells.holder(line.holder.pk))} for line in content.lines],
        "corrections": [
            {**_named(each.holder), "year": each.year, **_acts(each.measures)} for each in content.corrections
        ],
        "earlier": [
            {**_named(each.holder), "exercise": each.exercise, **_acts(each.measures)}
            for each in (late.earlier if late else ())
        ],
        "since_sealed": [
            {**_named(each.holder), "taken_by": each.taken_by, **_acts(each.measures)}
            for each in (late.since if late else ())
        ],
        "bridge": [
            {"registered_in": year, **_acts(of)}
            for year, of in ((content.year, balance.bridge.both), *balance.bridge.registered_otherwise)
        ],
        "cells": [cell for axis in Axis for cell in _cells(content, cells, axis)],
    }


def _by_cohort(content: WholeBalance) -> dict[str, Any]:
    """What became, whenever, of the units registered in the year."""
    bridge = content.balance.bridge
    return {
        "holders": [{**_named(line.holder), **_acts(content.cohort.holder(line.holder.pk))} for line in content.lines],
        "bridge": [
            {"done_in": year, **_acts(of)} for year, of in ((content.year, bridge.both), *bridge.done_otherwise)
        ],
    }


def _bridge(bridge: Bridge, word: str, name: str) -> dict[str, Any]:
    """From one reading to the other, of one measure: what is in both, then, by year, what is in one alone."""

    def by_year(found: list[tuple[int, Measures]], key: str) -> list[dict[str, int]]:
        return [{key: year, "units": getattr(of, name)} for year, of in found if getattr(of, name)]

    both = getattr(bridge.both, name)
    later, before = bridge.done_otherwise, bridge.registered_otherwise
    return {
        "measure": word,
        "by_cohort": both + sum(getattr(of, name) for _, of in later),
        "done_otherwise": by_year(later, "done_in"),
        "both": both,
        "registered_otherwise": by_year(before, "registered_in"),
        "by_act": both + sum(getattr(of, name) for _, of in before),
    }


def _acts(measures: Measures) -> dict[str, int]:
    """Those of the yearly flow that the law names, and what became of them."""
    return {word: getattr(measures, name) for word, name in ACTS.items()}


def _named(holder: ReservationHolder) -> dict[str, str | int]:
    """As `journey` names it."""
    return {"siren": holder.organisation.siren, "contingent": holder.contingent, "name": str(holder)}


def _cells(content: WholeBalance, cells: Cells, axis: Axis) -> Iterator[dict[str, Any]]:
    for line in content.lines:
        row = cells.of(axis).get(line.holder.pk, {})
        for category in cells.categories(axis):
            if measures := row.get(category):
                yield {
                    "axis": axis.value,
                    **_holder(line.holder),
                    "category": category or None,
                    "name": known(cells.name(axis, category)),
                    **measures.as_json(),
                }


def _month(month: Month) -> dict[str, Any]:
    figures = {name: getattr(month, name) for name in SUMMED}
    return {**_holder(month.holder), "month": f"{month.first:%Y-%m}", **figures}


def _holder(holder: ReservationHolder) -> dict[str, str | int]:
    """As in the lines: the pair that names a holder."""
    return {"organisation": holder.organisation.siren, "contingent": holder.contingent}
