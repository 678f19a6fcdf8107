"""What each figure of the law measures, and how a person reads it."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from reservations.models import LegalParameter
from reservations.pages.checks.check import french_percent
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.queries.checks.caps import share_of_percent
from reservations.words import day as day_in_words
from reservations.words import upper_first

Code = LegalParameter.Code

#: A year with a 29 February: every day that a limit may be.
LEAP_YEAR = 2024
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


class Measure(StrEnum):
    """The unit of a figure of the law."""

    PERCENT = "%"
    YEARS = "ans"
    MONTHS = "mois"
    DAYS = "jours"
    MINUTES = "minutes"
    WORKING_DAYS = "jours ouvrés"
    CANDIDATES = "candidats"
    MEMBERS = "membres"
    HOUSEHOLDS = "ménages"
    ROOMS = "pièces"
    SQUARE_METRES = "m²"
    DAY_OF_YEAR = "jour de l’année"
    YES_OR_NO = "oui ou non"


MEASURES = {
    Code.STATE_SHARE_MAX: Measure.PERCENT,
    Code.STATE_AGENTS_SHARE_MAX: Measure.PERCENT,
    Code.STATE_OUTSIDE_QPV_MIN: Measure.PERCENT,
    Code.GUARANTEE_SHARE_MAX: Measure.PERCENT,
    Code.GUARANTEE_EXTENSION_YEARS: Measure.YEARS,
    Code.DEROGATION_MONTHS_MAX: Measure.MONTHS,
    Code.TERMINATION_NOTICE_MONTHS: Measure.MONTHS,
    Code.MINIMUM_CANDIDATES: Measure.CANDIDATES,
    Code.PROPOSAL_DAYS: Measure.WORKING_DAYS,
    Code.FIRST_LETTING_DAYS: Measure.WORKING_DAYS,
    Code.FORECAST_DUE: Measure.DAY_OF_YEAR,
    Code.FLOW_REQUIRED: Measure.YES_OR_NO,
    Code.EXPIRY_WARNING_DAYS: Measure.DAYS,
    Code.HOLDING_BACK_DAYS: Measure.DAYS,
    Code.REMARK_DAYS: Measure.WORKING_DAYS,
    Code.DORMANT_MONTHS: Measure.MONTHS,
    Code.DORMANT_WARNING_DAYS: Measure.DAYS,
    Code.PROOF_MINUTES: Measure.MINUTES,
    Code.OFFER_DAYS_MIN: Measure.DAYS,
    Code.COMMITTEE_MEMBERS: Measure.MEMBERS,
    Code.RETENTION_MONTHS: Measure.MONTHS,
    Code.ACCESS_LOG_MONTHS: Measure.MONTHS,
    Code.MINUTES_READ_MONTHS: Measure.MONTHS,
    Code.UNCONFIRMED_FILE_DAYS: Measure.DAYS,
    Code.SMALL_CELL: Measure.HOUSEHOLDS,
    Code.RIGHT_END_DAYS: Measure.DAYS,
    Code.SPARE_ROOMS_MAX: Measure.ROOMS,
    Code.AREA_ALONE_MIN: Measure.SQUARE_METRES,
    Code.AREA_OF_TWO_MIN: Measure.SQUARE_METRES,
    Code.AREA_OF_EACH_MIN: Measure.SQUARE_METRES,
    Code.AREA_MIN_MOST: Measure.SQUARE_METRES,
}


def measure_of(code: str) -> Measure:
    """What the figure of this code measures."""
    return MEASURES[Code(code)]


def fault(code: str, value: Decimal) -> str:
    """Why a value cannot be the figure of this code, in a French sentence; "" when it can."""
    measure = measure_of(code)
    if measure == Measure.PERCENT:
        if not 0 <= value <= 100:
            return "Un plafond va de 0 % à 100 %."
        exact = value == value.quantize(Decimal("0.0001"))
        return "" if exact else "Un plafond s’écrit avec quatre décimales au plus."
    if value != value.to_integral_value() or not 0 <= value <= 9999:
        return "Écrivez un nombre entier, de 0 à 9999."
    if measure == Measure.YES_OR_NO and value > 1:
        return "Écrivez 1 pour oui, 0 pour non."
    if measure == Measure.DAY_OF_YEAR and day_of_year(value) is None:
        return "Écrivez le mois puis le jour en deux chiffres : 228 pour le 28 février."
    return ""


def day_of_year(value: Decimal) -> date | None:
    """The day that « mois × 100 + jour » names, in a leap year; None when no calendar has it."""
    month, day = divmod(int(value), 100)
    try:
        return date(LEAP_YEAR, month, day)
    except ValueError:
        return None


def in_words(parameter: LegalParameter) -> str:
    """« 30 % », « 12 mois », « 28 février », « oui »."""
    measure, value = measure_of(parameter.code), parameter.value
    if measure == Measure.PERCENT:
        return french_percent(share_of_percent(value))
    if measure == Measure.YES_OR_NO:
        return "oui" if value else "non"
    if measure == Measure.DAY_OF_YEAR and (day := day_of_year(value)):
        return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]}"
    unit = measure.value if value >= 2 or measure == Measure.MONTHS else measure.value.replace("s ", " ").rstrip("s")
    return f"{value.normalize():f}\u00a0{unit}"


def parameter_name(parameter: LegalParameter) -> str:
    """What a value settles, without how it is typed: « convention en flux exigée de tout réservataire »."""
    return str(parameter.get_code_display()).split(" (")[0]


def state_of(parameter: LegalParameter, today: date) -> Text:
    """Is a dated value in force, past or to come?"""
    if parameter.starts_on > today:
        return Text("à venir", pill="wait")
    if parameter.ends_on is not None and parameter.ends_on < today:
        return Text("passée", pill="no")
    return Text("en vigueur", pill="ok")


def parameters_table(parameters: Iterable[LegalParameter], today: date, doubted: Container[int] = ()) -> Table:
    """A dated value a row, and what the law says it is. `doubted`: those (ids) that nobody confirmed yet."""
    return Rows(
        parameters,
        Shown("Paramètre", lambda each: upper_first(parameter_name(each))),
        Number("Valeur", lambda each: Text(in_words(each))),
        Shown(Head("Du", "nw"), lambda each: Text(day_in_words(each.starts_on))),
        Shown(Head("Au", "nw"), lambda each: Text(day_in_words(each.ends_on))),
        Shown("Source", lambda each: each.source),
        Shown("État", lambda each: Text("à confirmer", pill="todo") if each.pk in doubted else state_of(each, today)),
    ).titled("liste", "Valeurs datées", "La plus récente d’abord, pour chaque paramètre.")
