"""The files of convention rates that come in.

* What is seldom true is asked once, line by line: the line waits until its column « valeurs confirmées » says yes.
* What a line does not change is not asked again: confirmed once, it is what is kept (reservations/bounds.py,
  `Usual`).
* The columns by which a line of conventions states the rate of some units only, a row of its contingent’s table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from reservations.imports.cells import CellRefused, choice, percent_cell, text, whole, yes_no
from reservations.imports.grounds import GROUNDS, grounds_cell, grounds_given
from reservations.imports.kinds import Column, FileLine, Scope
from reservations.imports.parties import in_full, place_of
from reservations.models import Rate, ReservationHolder, Territory
from reservations.models.categories import CODES, DECLINABLE, code_of, codes_named
from reservations.models.convention import percent_of
from reservations.models.renewal import unusual_period, unusual_rate
from reservations.operations.rate_table import RateTerms
from reservations.refusals import Refusal

CONFIRMED = "valeurs confirmées"

#: The column of every kind of file whose lines may be asked something.
CONFIRMED_COLUMN = Column(
    CONFIRMED,
    yes_no,
    "Oui, pour une ligne dont une valeur est inhabituelle et que vous avez vérifiée. Vide : ces lignes sont refusées.",
    ("valeur confirmée", "c’est bien cela"),
)


def ask_once(line: FileLine, doubts: Mapping[str, str]) -> None:
    """Refuse a line for what is seldom true there, by column, unless it says that it is so."""
    if line.values.get(CONFIRMED):
        return
    for column, sentence in doubts.items():
        line.refuse(
            column,
            f"{sentence} Corrigez, ou, si c’est bien cela, écrivez oui dans la colonne « {CONFIRMED} » de cette ligne.",
        )


def of_columns(doubts: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, str]:
    """The doubts of fields, by the column of each: `columns`, the field of each column."""
    by_field = {field: column for column, field in columns.items()}
    return {by_field[field]: sentence for field, sentence in doubts.items() if field in by_field}


RATE = "taux"
#: For which units a rate holds: a line that fills one of these is a row of the table of its contingent, whose line
#: without any is the general share.
PLACE, SIZES, FUNDINGS, QPV, LETTING, SINCE = (
    *("lieu du taux", "tailles du taux", "financements du taux"),
    *("QPV du taux", "location du taux", "taux à partir de"),
)
WHEN = (PLACE, SIZES, FUNDINGS, QPV, LETTING, SINCE)
LETTINGS = {"première location": True, "relocation": False}


def codes(dimension: str) -> Callable[[str], tuple[str, ...]]:
    """A cell that names categories of one dimension: « T1, T2 »."""

    def read(cell: str) -> tuple[str, ...]:
        try:
            return codes_named(dimension, cell)
        except ValueError:
            raise CellRefused(f"écrivez parmi : {', '.join(DECLINABLE[dimension])}.") from None

    return read


RATE_COLUMNS = (
    Column(PLACE, text(140), "Un taux particulier : la commune ou l’intercommunalité où il vaut.", ("lieu",)),
    Column(SIZES, codes("typology"), "Un taux particulier : « T1, T2 ».", ("tailles", "typologies")),
    Column(FUNDINGS, codes("financing"), "Un taux particulier : « PLAI, PLUS ».", ("financements",)),
    Column(
        QPV,
        choice({each: (code_of("qpv", each),) for each in DECLINABLE["qpv"]}),
        "Un taux particulier : en QPV ou hors QPV.",
        ("QPV",),
    ),
    Column(LETTING, choice(LETTINGS), "Un taux particulier : première location, ou relocation.", ("location",)),
    Column(SINCE, whole(1990, 2099), "Un taux particulier : du 1er janvier de cette année.", ("à partir de",)),
    CONFIRMED_COLUMN,
)


def is_row(line: FileLine) -> bool:
    """Does a line state a rate of some units only?"""
    return any(column in line.values for column in WHEN)


def ask_terms(line: FileLine) -> None:
    """Ask what is seldom agreed in a convention: so small a rate, so short or so long a period."""
    values = {
        RATE: unusual_rate(line.values.get(RATE)),
        "fin": unusual_period(line.values["début"], line.values["fin"]),
    }
    ask_once(line, {column: sentence for column, sentence in values.items() if sentence})


def row_of(line: FileLine, scope: Scope) -> RateTerms:
    """What a line says of some units only. Raises Refusal at a place that nobody answers to."""
    values = line.values
    place = place_of(line, PLACE, tuple(Territory.Kind), scope) if PLACE in values else None
    if PLACE in values and place is None:
        raise Refusal(f"Aucun lieu ne répond à « {values[PLACE]} » : écrivez son nom entier ou son code.")
    named = {*values.get(SIZES, ()), *values.get(FUNDINGS, ()), *values.get(QPV, ())}
    rows = tuple(code for code in CODES if code in named)
    share = int(Decimal(values[RATE]) * 10_000)
    return RateTerms(share, place, rows, values.get(LETTING), values.get(SINCE), grounds_given(values))


type Lines = list[tuple[FileLine, ReservationHolder]]


def split(
    held: Sequence[tuple[FileLine, ReservationHolder]], scope: Scope
) -> tuple[Lines, dict[ReservationHolder, list[RateTerms]]]:
    """The lines of a convention that say general shares, and the table of each contingent.

    Raises Refusal for a table without a general share, or a row at a place that nobody answers to.
    """
    tables: dict[ReservationHolder, list[RateTerms]] = {}
    for line, holder in held:
        if is_row(line):
            tables.setdefault(holder, []).append(row_of(line, scope))
    general = [(line, holder) for line, holder in held if not is_row(line)]
    for holder in tables.keys() - {holder for _, holder in general}:
        raise Refusal(f"{holder} a des taux particuliers sans part générale : ajoutez sa ligne sans critère.")
    return general, tables


def rate_cells(rate: Rate) -> dict[str, str]:
    """A row of a table, as its line says it."""
    known: dict[str, list[str]] = {}
    for code in rate.categories:
        dimension, _, category = code.partition(":")
        known.setdefault(dimension, []).append(category)
    letting = next((word for word, first in LETTINGS.items() if first == rate.first_letting), "")
    return {
        RATE: percent_cell(percent_of(rate.share)),
        PLACE: in_full(rate.territory) if rate.territory else "",
        SIZES: ", ".join(known.get("typology", ())),
        FUNDINGS: ", ".join(known.get("financing", ())),
        QPV: ", ".join(known.get("qpv", ())),
        LETTING: letting,
        SINCE: str(rate.since_year or ""),
        GROUNDS: grounds_cell(rate),
    }
