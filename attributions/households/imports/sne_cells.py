"""What one cell of an export of the SNE says: a number, a day, a figure, a household, a DALO status.

An empty cell is « non renseigné ». What cannot be read raises CellRefused; what is read but not understood (a
household, a status) is UNKNOWN, and left « non renseigné » by the caller.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from attributions.households.operations.application import ApplicationRefused, normalised
from reservations.bounds import LONGEST
from reservations.imports.cells import CellRefused
from reservations.imports.table import Unreadable
from reservations.models.territory import search_key

#: What those who read such cells take from here.
__all__ = ["CellRefused", "day_of", "figure_of", "household_of", "is_dalo", "text_of", "unique_number"]

#: Above it, a spreadsheet that holds a number as a figure has rounded it.
EXACT = 2**53
SCIENTIFIC = re.compile(r"-?\d+(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
AS_TEXT = (
    "le numéro unique est écrit comme un nombre et a perdu des chiffres : mettez la colonne au format texte, puis "
    "exportez de nouveau."
)

DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})|(\d{4})-(\d{2})-(\d{2})")
FIRST_DAY = date(1980, 1, 1)
#: Day 0 of the spreadsheets.
EPOCH = date(1899, 12, 30)

EMPTY = {"", "-", "non renseigne", "nr", "nc", "non communique", "null", "none", "nan", "n a", "sans objet"}

#: « Composition foyer demandeur », as `search_key` writes it: who is adult, then who is in their charge.
ADULTS = r"(?P<one>personne seule|isolee?|seule?|homme seul|femme seule|parent isole|famille monoparentale)"
COUPLE = r"(?P<two>couple)"
COUNTED = r"(?P<adults>\d{1,2}) adultes?"
CHARGE = r"(?:enfants?|personnes? a charge|pers a charge)"
CHILDREN = (
    rf"(?:(?: avec| et| plus)? (?P<children>\d{{1,2}}|un|une) {CHARGE}| plus (?P<more>\d{{1,2}})| sans enfants?)?"
)
HOUSEHOLD = re.compile(rf"(?:{ADULTS}|{COUPLE}|{COUNTED}){CHILDREN}")

DALO_YES = {"oui", "dalo", "o", "1", "vrai", "prioritaire", "reconnu", "reconnue", "favorable", "reconnu dalo"}
DALO_NO = {"non", "n", "0", "faux", "aucun", "aucune", "neant", "defavorable", "rejet", "rejete", "non reconnu"}


def text_of(value: object) -> str:
    """The text of a cell on one line; "" when it is empty or says that nothing is known.

    Raises CellRefused when it holds no plain value: a formula, an error.
    """
    if isinstance(value, Unreadable):
        raise CellRefused(value.why)
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        value = int(value)
    text = " ".join(str(value).split())
    return "" if text.strip(" -") == "" or search_key(text) in EMPTY else text


def unique_number(value: object) -> str:
    """The numéro unique, 18 characters kept as text.

    Raises CellRefused: empty, not written as one, or held as a figure that may have been rounded.
    """
    if isinstance(value, bool | float):
        raise CellRefused(AS_TEXT)
    if isinstance(value, int) and value > EXACT and (int(float(value)) == value or value % 1000 == 0):
        raise CellRefused(AS_TEXT)  # as a spreadsheet that rounded it would have written it
    text = "".join(text_of(value).split()).upper()
    if not text:
        raise CellRefused("il manque le numéro unique.")
    if SCIENTIFIC.fullmatch(text) or re.fullmatch(r"\d+[.,]0*", text):
        raise CellRefused(AS_TEXT)
    try:
        return normalised(text)
    except ApplicationRefused as refused:
        raise CellRefused(str(refused)) from refused


def day_of(value: object, *, today: date) -> date | None:
    """A day; None when empty. Raises CellRefused: no day, or one that cannot be."""
    found: date | None = None
    if isinstance(value, datetime):
        found = value.date()
    elif isinstance(value, date):
        found = value
    elif text := text_of(value):
        found = _written_day(text)
    if found is None:
        return None
    if not FIRST_DAY <= found <= today:
        raise CellRefused(f"le {found:%d/%m/%Y} est hors du possible : de {FIRST_DAY.year} à aujourd’hui.")
    return found


def _written_day(text: str) -> date:
    serial = re.fullmatch(r"(\d{5})(?:[.,]\d+)?", text)
    match = DAY.fullmatch(re.split("[ T]", text, maxsplit=1)[0])
    try:
        if serial:
            return EPOCH + timedelta(days=int(serial[1]))
        d, m, y, year, month, day = match.groups() if match else [None] * 6
        return date(int(y or year or 0), int(m or month or 0), int(d or day or 0))
    except ValueError as error:
        raise CellRefused(f"« {text[:30]} » n’est pas une date : écrivez jour, mois, année.") from error


def figure_of(value: object) -> Decimal | None:
    """A figure that can be rounded; None when empty. Raises CellRefused: anything else."""
    if isinstance(value, bool | date):
        raise CellRefused("un nombre est attendu.")
    text = str(value) if isinstance(value, float) else text_of(value)
    plain = "".join(text.replace("€", "").split()).replace(",", ".")
    if not plain:
        return None
    try:
        figure = Decimal(plain)
    except InvalidOperation as error:
        raise CellRefused(f"« {text[:30]} » n’est pas un nombre.") from error
    if not figure.is_finite() or figure.adjusted() > LONGEST:
        raise CellRefused(f"« {text[:30]} » est hors du possible.")
    return figure


def household_of(value: object) -> tuple[int, int] | None:
    """(adults, children), those in their charge among the children; None when it is not understood.

    « Personne seule », « Couple », « 2 adultes », then « avec », « et » or « + », then « 1 enfant », « 2 enfants »,
    « 1 personne à charge » or « sans enfant ». A mere count of persons does not say who is adult.
    """
    match = HOUSEHOLD.fullmatch(search_key(text_of(value).replace("+", " plus ").replace("(", "").replace(")", "")))
    if match is None:
        return None
    adults = int(match["adults"] or (2 if match["two"] else 1))
    children = match["children"] or match["more"] or "0"
    children = 1 if children.startswith("un") else int(children)
    return (adults, children) if 1 <= adults <= 20 and children <= 20 else None


def is_dalo(value: object) -> bool | None:
    """Recognised as DALO; False when empty; None when it is not understood."""
    key = search_key(text_of(value))
    if not key or key in DALO_NO or key.startswith(("non ", "recours", "en cours", "pas ")):
        return False
    return True if key in DALO_YES or key.startswith(("reconnu", "prioritaire", "oui ")) else None
