"""What a convention settles of its delays, apart from it; and what of it cannot be."""

from __future__ import annotations

from dataclasses import dataclass

from reservations.models import Convention
from reservations.refusals import Refusal


class TermsRefused(Refusal):
    """A term that cannot be; `field` is its column."""


#: What a person may agree on: wider is a slip of the keyboard.
MOST_DAYS = 365


@dataclass(frozen=True, slots=True)
class DelayTerms:
    """How days are counted, a field for each column of `reservations.models.delays`."""

    day_unit: str = Convention.DayUnit.WORKING
    august_suspended: bool = False
    opens_on: str = Convention.Opening.NOTICE
    signal_days: int | None = None
    local_holidays: bool = False


def check_delays(terms: DelayTerms) -> None:
    """Raise TermsRefused at the field of the first of these terms that cannot be."""
    if terms.day_unit not in Convention.DayUnit.values:
        raise TermsRefused("Choisissez ce qu’est un jour : l’une des réponses de la liste.", field="day_unit")
    if terms.opens_on not in Convention.Opening.values:
        raise TermsRefused("Choisissez ce qui ouvre le flux : l’une des réponses de la liste.", field="opens_on")
    within_bounds(terms.signal_days, MOST_DAYS, "Un délai va de 1 à 365 jours.", "signal_days")
    if terms.day_unit == Convention.DayUnit.CALENDAR and terms.local_holidays:
        raise TermsRefused(
            "En jours calendaires, les jours fériés comptent comme les autres : décochez ceux d’Alsace-Moselle, ou "
            "choisissez des jours ouvrés, ou des jours dont le dernier est reporté.",
            field="local_holidays",
        )


def within_bounds(value: int | None, most: int, sentence: str, field: str) -> None:
    """Raise TermsRefused with this sentence for a figure out of 1 to `most`; None is « nothing agreed »."""
    if value is not None and not 1 <= value <= most:
        raise TermsRefused(sentence, field=field)
