"""What a figure or a day may be: stated once, with its sentence, for the form, the act and the database alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from reservations.rounding import THIN, rounded

#: A figure longer than any column is out of every bound, and is not rounded.
LONGEST = 12
#: Of what a confirmation sends back.
LONGEST_ANSWER = 300


@dataclass(frozen=True, slots=True)
class Bound:
    """A column holds nothing, or from `least` to `most`, included. A figure keeps `places` decimals at most; one that
    `rounds` is rounded to them (as every figure that is read, and as the column does) before it is compared.

    As a validator of a form field, `bound(value)` raises ValidationError with the `sentence`.
    """

    field: str
    least: Any
    most: Any
    sentence: str
    places: int = 0
    rounds: bool = False

    def kept(self, value: Any) -> Any:
        """The value as its column keeps it."""
        if not self.rounds or not isinstance(value, Decimal) or value.adjusted() > LONGEST:
            return value
        return rounded(value, self.places)

    def fault(self, value: Any) -> str:
        """The sentence when this value cannot be; "" when it can, or says nothing."""
        value = self.kept(value)
        if value is None:
            return ""
        if not self.least <= value <= self.most:
            return self.sentence
        finer = isinstance(value, Decimal) and value != rounded(value, self.places)
        return self.sentence if finer else ""

    def __call__(self, value: Any) -> None:
        if sentence := self.fault(value):
            raise ValidationError(sentence, code="bound")

    def until(self, day: date) -> Bound:
        """The same, up to a day that only an act knows: today."""
        return replace(self, most=day)

    def constraint(self, table: str) -> models.CheckConstraint:
        """What the database refuses with the same sentence, in a table: `<table>_<field>_bounds`."""
        return models.CheckConstraint(
            condition=Q(**{self.field: None})
            | Q(**{f"{self.field}__gte": self.least, f"{self.field}__lte": self.most}),
            name=f"{table}_{self.field}_bounds",
            violation_error_message=self.sentence,
        )


@dataclass(frozen=True, slots=True)
class Usual:
    """What a value usually is, from `least` to `most`, included; None: no such end. Beyond, inside what is possible, it
    may be true: a form, a line of a file and the API ask once whether it is (`sentence`, « {} » is the value)."""

    field: str
    sentence: str
    least: Any = None
    most: Any = None

    def doubt(self, value: Any, shown: str = "") -> str:
        """The sentence when this value is seldom true; "" when it is usual, or says nothing."""
        if value is None or value == "":
            return ""
        usual = (self.least is None or value >= self.least) and (self.most is None or value <= self.most)
        written = str(value)
        if isinstance(value, Decimal):
            written = f"{value.normalize():,f}".replace(",", THIN).replace(".", ",")
        return "" if usual else self.sentence.format(shown or written)


def answer_to(doubts: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """What a confirmation of these doubts is about: the very values; one that changes is asked again."""
    return ";".join(f"{field}={values.get(field)}" for field in sorted(doubts))[:LONGEST_ANSWER]


def constraints(bounds: Iterable[Bound], *, table: str) -> list[models.CheckConstraint]:
    """The constraint of each of these, in a table."""
    return [bound.constraint(table) for bound in bounds]


def first_fault(bounds: Iterable[Bound], values: dict[str, Any]) -> tuple[str, str] | None:
    """(column, sentence) of the first of these values, by column, that cannot be; None when all can."""
    for bound in bounds:
        if sentence := bound.fault(values.get(bound.field)):
            return bound.field, sentence
    return None
