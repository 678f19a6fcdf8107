"""The parts of a year that the préfet fixed by his order, for want of a convention, as a balance keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flux.queries.account import AccountLine
from reservations.models import Convention, Organisation


@dataclass(frozen=True, slots=True)
class Ordered:
    """One order: whose part, over which territory, on which days, and its source. `of_the_state`: the State's own part;
    the part of another holder is served by the State (docs/decisions/0119)."""

    name: str
    of_the_state: bool
    order: str
    perimeter: str
    starts_on: date
    ends_on: date
    article: str = ""

    def __str__(self) -> str:
        return self.name

    def as_json(self) -> dict[str, Any]:
        days = {"starts_on": self.starts_on.isoformat(), "ends_on": self.ends_on.isoformat()}
        return {
            "name": self.name,
            "article": self.article,
            "of_the_state": self.of_the_state,
            "order": self.order,
            "perimeter": self.perimeter,
            **days,
        }

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Ordered:
        """As a sealed content has it."""
        days = {name: date.fromisoformat(content[name]) for name in ("starts_on", "ends_on")}
        return cls(**{**content, **days})


def ordered_in(lines: Iterable[AccountLine]) -> list[Ordered]:
    """The orders under which holders of an account have their rights, each once. No query."""
    found = {right.convention.pk: right.convention for line in lines for right in line.rights}
    return [_ordered(each) for each in found.values() if each.is_order]


def _ordered(order: Convention) -> Ordered:
    return Ordered(
        order.organisation.name,
        order.organisation.kind == Organisation.Kind.STATE,
        order.prefect_order,
        str(order.perimeter),
        order.starts_on,
        order.ends_on,
        order.organisation.article,
    )
