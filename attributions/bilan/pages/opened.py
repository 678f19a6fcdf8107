"""A figure of a balance, which leads to its units."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from reservations.pages.pieces import link
from reservations.words import integer


@dataclass(frozen=True, slots=True)
class Figure:
    """A count, and where its units are listed; "" when there is none."""

    value: int
    href: str

    @property
    def said(self) -> str:
        """As a cell writes it."""
        return link(self.href, integer(self.value)) if self.href else integer(self.value)


def ratio_cell(numerator: int, denominator: int, rate: int | None) -> SafeString:
    """« 12 sur 40 = 30 % »; under thirty, no percentage."""
    told = {"numerator": numerator, "denominator": denominator, "rate": rate}
    return render_to_string("bilan/ratio.html", told)
