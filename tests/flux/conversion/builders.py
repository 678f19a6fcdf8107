"""Files of conversion for the tests: the documented example, and a bare one to change."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from flux.conversion.compute import convert
from flux.conversion.reading import ConversionRefused, read
from flux.conversion.worksheet import Worksheet, WorksheetLine
from tests.house.tree import ROOT

EXAMPLE = ROOT / "docs" / "examples" / "conversion.json"


def example() -> dict[str, Any]:
    """The documented example, free to change."""
    data: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    return data


def right(reference: str = "R1", **changes: Any) -> dict[str, Any]:
    """A recurring right on 10 units, alive all along."""
    usual = {"ground": "LAND", "use": "RECURRING", "units": 10, "starts_on": "2000-01-01"}
    return {"reference": reference, **usual, **changes}


def bare(**changes: Any) -> dict[str, Any]:
    """100 units, 10 % rotation, no exclusion, a term of 2027: what is not the matter of the test."""
    data = {
        "format": 1,
        "landlord": {"name": "Bailleur"},
        "holder": {"name": "Ville", "contingent": "AUTHORITY"},
        "perimeter": {"kind": "DEPARTEMENT", "code": "11", "name": "Aude"},
        "term": {"starts_on": "2027-01-01", "ends_on": "2027-12-31"},
        "base": [{"territory": "11262", "name": "Narbonne", "units": 100}],
        "rights": [right()],
        "weights_in": "UNITS",
        "rotation": [{"weight": 100, "rate": 10}],
    }
    return copy.deepcopy(data | changes)


def sheet(**changes: Any) -> Worksheet:
    return convert(read(bare(**changes)))


def lines(worked: Worksheet) -> dict[str, WorksheetLine]:
    """Every line by its code; two of the same code fail."""
    found = {line.code: line for line in worked.lines()}
    assert len(found) == len(list(worked.lines()))
    return found


def remarks(worked: Worksheet) -> dict[str, str]:
    """{code: level}."""
    return {remark.code: remark.level for remark in worked.remarks}


def faults(data: object) -> dict[str, str]:
    """{path: sentence} of a refused file; fails when it is accepted."""
    with pytest.raises(ConversionRefused) as refused:
        convert(read(data))
    assert len({fault.path for fault in refused.value.faults}) == len(refused.value.faults)
    return {fault.path: fault.sentence for fault in refused.value.faults}
