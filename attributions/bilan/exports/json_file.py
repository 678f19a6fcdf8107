"""The balance as JSON: what `balance.json` and the `balance` command give (docs/balance.md).

Whole numbers only, for no two machines to write them in two ways: dues, gaps and shares are in millionths.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import batched
from typing import Any

from attributions.bilan.queries.whole import SUMMED, Month, WholeBalance
from flux.queries.account import AccountLine
from flux.queries.cells import Axis
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT

#: Pieces of text of one chunk.
PIECES = 2000


def balance_json(content: WholeBalance) -> Iterator[bytes]:
    """The same, as the chunks of a file."""
    pieces = json.JSONEncoder(ensure_ascii=False).iterencode(as_json(content))
    for some in batched(pieces, PIECES):
        yield "".join(some).encode()


def as_json(content: WholeBalance) -> dict[str, Any]:
    """Every figure of a balance, by code."""
    organisation, flow, place = content.landlord.organisation, content.balance.flow, content.balance.territory
    found = {
        "landlord": {"siren": organisation.siren, "name": organisation.name},
        "year": content.year,
        "on": content.on.isoformat(),
        "territory": {"kind": place.kind, "code": place.code, "name": place.name} if place else None,
        "unit": UNIT,
        "vacated": flow.vacated,
        "excluded": {**flow.by_exclusion, "total": flow.excluded},
        "stock": flow.stock,
        "technical": flow.technical,
        "first_lettings": flow.first_lettings,
        "net_flow": flow.net,
        "planned": {line.code: line.planned for line in content.flow if line.planned is not None} or None,
        "holders": [_line(content, line) for line in content.lines],
        "total": {**content.balance.total.as_json(), "measures": content.cells.total().as_json()},
        "cells": [cell for axis in Axis for cell in _cells(content, axis)],
        "months": [_month(month) for month in content.months],
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
            "ends_on": right.ends_on.isoformat(),
        }
        for right in line.rights
    ]
    return {**line.as_json(), "quotas": quotas, "measures": content.cells.holder(line.holder.pk).as_json()}


def _cells(content: WholeBalance, axis: Axis) -> Iterator[dict[str, Any]]:
    cells = content.cells
    for line in content.lines:
        row = cells.of(axis).get(line.holder.pk, {})
        for category in cells.categories(axis):
            if measures := row.get(category):
                yield {
                    "axis": axis.value,
                    **_holder(line.holder),
                    "category": category or None,
                    "name": cells.words(axis, category),
                    **measures.as_json(),
                }


def _month(month: Month) -> dict[str, Any]:
    figures = {name: getattr(month, name) for name in SUMMED}
    return {**_holder(month.holder), "month": f"{month.first:%Y-%m}", **figures}


def _holder(holder: ReservationHolder) -> dict[str, str | int]:
    """As in the lines: the pair that names a holder."""
    return {"organisation": holder.organisation.siren, "contingent": holder.contingent}
