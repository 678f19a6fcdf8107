"""The axes of the decree, as a remark on one of their lines calls them."""

from __future__ import annotations

from attributions.bilan.models import BalanceRemark
from flux.queries.cells import Axis


def axis_name(axis: Axis) -> str:
    """« typologie »."""
    return str(BalanceRemark.Line(axis).label)
