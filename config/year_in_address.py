"""The year of an exercise, in an address."""

from __future__ import annotations

from django.urls.converters import IntConverter

#: Reservations in flow are of this century; past these years no day can be computed nor stored.
FIRST, LAST = 2000, 2100


class YearConverter(IntConverter):
    """Four digits, from FIRST to LAST; any other year is no address (404)."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        """Raises ValueError, which makes the address unknown."""
        year = super().to_python(value)
        if not FIRST <= year <= LAST:
            raise ValueError(f"no exercise {year}")
        return year
