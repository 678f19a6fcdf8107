"""The files of cells that come in.

* What a cell of a workbook shows of a number: 0,0625 under a percent format is « 6,25 % », 1004 under « 00000 » is «
  01004 ». A person reads what is shown; a number is never taken without its format.
* What a cell says: one reader a nature of value. Each takes the text of a cell that is not empty, and raises
  CellRefused with how to mend it, in French, without a capital: it is shown after the column and the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from reservations.models.party import validate_siren
from reservations.models.territory import search_key
from reservations.rounding import rounded

#: What a format writes as it is: between quotes, after a backslash, as wide as a character; then what is between
#: brackets (a colour, a currency, a condition).
LITERAL = re.compile(r'"([^"]*)"|\\(.)|[_*].|\[[^\]]*\]')
#: Above it, a number of a sheet has lost digits: its zeros say nothing.
EXACT = 2**53
#: A whole number written with all its zeros: a code of commune, a SIREN.
PADDED = re.compile(r"0[0 ]*0")


@lru_cache(maxsize=256)
def nature_of(number_format: str) -> tuple[bool, bool, int]:
    """What a format of Excel does to a number: is it shown times a hundred with « % », is « % » only written after it,
    and how many digits at least are shown of a whole number (0: as many as it has)."""
    first = number_format.split(";", maxsplit=1)[0]
    sentence = "".join(one or two for one, two in LITERAL.findall(first))
    bare = LITERAL.sub("", first).strip()
    digits = bare.count("0") if PADDED.fullmatch(bare) else 0
    return "%" in bare, "%" in sentence, digits


def plainly(number: float | Decimal) -> str:
    """A number with all its digits and no exponent, as people write it: 6,25."""
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    sentence = f"{exact:f}"
    return (sentence.rstrip("0").rstrip(".") if "." in sentence else sentence).replace(".", ",")


def percentage(number: float) -> str:
    """What a cell under a percent format shows, not rounded: 0.0625 is « 6,25 % »."""
    return f"{plainly(Decimal(repr(number)) * 100)} %"


def as_shown(number: float, number_format: str) -> float | str:
    """A number of a workbook as its cell shows it, with all its decimals; itself where its format adds nothing."""
    times_a_hundred, is_followed, digits = nature_of(number_format)
    if times_a_hundred:
        return percentage(number)
    if is_followed:
        return f"{plainly(number)} %"
    if digits and 0 <= number < EXACT and number == int(number):
        return f"{int(number):0{digits}d}"
    return number


def as_written(number: float, shown: str) -> float | str:
    """The same for a sheet of LibreOffice, which keeps what is shown beside the number."""
    if shown.endswith("%"):
        return f"{plainly(number)} %"
    bare = shown.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if bare.startswith("0") and bare.isdecimal() and number == int(bare) < EXACT:
        return bare
    return number


type Reader = Callable[[str], Any]

#: Digits, with one separator at most; in groups of three; or in groups, then a separator of decimals.
ONE_SIGN = re.compile(r"([+-]?)([0-9]{1,15})(?:([.,])([0-9]{1,40}))?")
IN_GROUPS = re.compile(r"([+-]?)([0-9]{1,3}(?:\.[0-9]{3}){2,4}|[0-9]{1,3}(?:,[0-9]{3}){2,4})")
BOTH_SIGNS = re.compile(r"([+-]?)([0-9]{1,3}(?:\.[0-9]{3}){1,4},[0-9]{1,40}|[0-9]{1,3}(?:,[0-9]{3}){1,4}\.[0-9]{1,40})")
FRENCH_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: 0?0:00(?::00)?)?")
OTHER_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00:00)?")
MONTH = re.compile(r"(?:\d{1,2}/)?(\d{1,2})/(\d{4})|(\d{4})-(\d{1,2})(?:-\d{1,2})?")
FIRST_DAY, LAST_DAY = date(1800, 1, 1), date(2099, 12, 31)
YES = frozenset({"oui", "o", "1", "vrai", "x", "true", "yes"})
NO = frozenset({"non", "n", "0", "2", "faux", "false", "no"})
SPACES = str.maketrans("", "", " \u00a0\u202f€")


class CellRefused(Exception):
    """A cell that cannot be read; `str()` says how to mend it."""


def text(longest: int) -> Reader:
    """A text, its spaces single."""

    def read(cell: str) -> str:
        sentence = " ".join(cell.split())
        if len(sentence) > longest:
            raise CellRefused(f"{longest} caractères au plus : raccourcissez-la.")
        return sentence

    return read


def readings(cell: str) -> list[Decimal]:
    """What a cell may say as a number: nothing, one figure, or two, when a point before three digits may part
    thousands or decimals: « 1.250 » is 1.25 or 1 250. A comma parts decimals, as in French."""
    result = cell.translate(SPACES)
    if match := BOTH_SIGNS.fullmatch(result):
        digits = match[2]
        whole_part, _, rest = digits.rpartition(max(".,", key=digits.rfind))
        return [Decimal(f"{match[1]}{re.sub('[.,]', '', whole_part)}.{rest}")]
    if match := IN_GROUPS.fullmatch(result):
        return [Decimal(match[1] + re.sub("[.,]", "", match[2]))]
    if (match := ONE_SIGN.fullmatch(result)) is None:
        return []
    sign, digits, separator, rest = match.groups()
    figure = Decimal(f"{sign}{digits}.{rest or 0}")
    in_thousands = separator == "." and len(rest) == 3 and len(digits) <= 3 and not digits.startswith("0")
    return [figure, Decimal(f"{sign}{digits}{rest}")] if in_thousands else [figure]


def _one_of(found: list[Decimal], cell: str, expected: str) -> Decimal:
    """The only figure that a cell may say. Raises CellRefused: none, or two, with how to write each."""
    if len(set(found)) > 1:
        one, other = (f"{plainly(each)}" for each in found)
        raise CellRefused(f"« {cell} » se lit {one} ou {other} : écrivez {one}, ou {other}.")
    if not found:
        raise CellRefused(expected)
    return found[0]


def whole(low: int, high: int) -> Reader:
    """An integer between two others; « 3.0 » and « 3,0 » are 3, « 1 250 » and « 1.250 » are 1250."""

    def read(cell: str) -> int:
        found = readings(cell)
        if found and cell.translate(SPACES).endswith(",000"):  # as software in English writes thousands
            found.append(found[0] * 1000)
        fitting = [each for each in found if each == int(each) and low <= each <= high]
        return int(_one_of(fitting, cell, f"écrivez un nombre entier de {low} à {high}."))

    return read


def decimal(low: int, high: int, *, places: int = 2) -> Reader:
    """A figure with its point or its comma, rounded to so many decimals."""

    def read(cell: str) -> Decimal:
        fitting = [each for each in readings(cell) if low <= each <= high]
        return rounded(
            _one_of(fitting, cell, f"écrivez un nombre de {low} à {high}, par exemple {low + 1},50."), places
        )

    return read


def percent(cell: str) -> Decimal:
    """A share in per cent, with its sign or without, to the fourth decimal. Without it, « 0,0625 » may be 6,25 % as a
    sheet keeps it, or less than one per cent: it is asked."""
    bare, sign, after = (each.strip() for each in cell.partition("%"))
    fitting = [each for each in readings(bare) if 0 <= each <= 100] if not after else []
    figure = _one_of(fitting, cell, "écrivez un pourcentage de 0 à 100, par exemple 12,50.")
    if not sign and 0 < figure <= 1 and ("." in bare or "," in bare):
        once, hundred = plainly(figure), plainly(figure * 100)
        raise CellRefused(f"« {cell} » se lit {once} % ou {hundred} % : écrivez le signe, {once} % ou {hundred} %.")
    return rounded(figure, 4)


def percent_cell(figure: Decimal) -> str:
    """A share in per cent as files state it, with its sign where `percent` asks for it: « 12,5 », « 0,5 % »."""
    sentence = plainly(figure)
    return f"{sentence} %" if "," in sentence and figure < 1 else sentence


def day(cell: str) -> date:
    """A day, French (31/12/2026) or as spreadsheets keep it (2026-12-31)."""
    try:
        if match := FRENCH_DAY.fullmatch(cell):
            result = date(int(match[3]), int(match[2]), int(match[1]))
        elif match := OTHER_DAY.fullmatch(cell):
            result = date(int(match[1]), int(match[2]), int(match[3]))
        else:
            raise ValueError
    except ValueError:
        raise CellRefused("écrivez jour, mois, année, par exemple 31/12/2026.") from None
    if not FIRST_DAY <= result <= LAST_DAY:
        raise CellRefused(f"vérifiez l’année, de {FIRST_DAY.year} à {LAST_DAY.year}.")
    return result


def month(cell: str) -> date:
    """A month, by its first day: « 09/2019 », « 2019-09 »; a day gives its month."""
    match = MONTH.fullmatch(cell)
    number, year = (match[1] or match[4], match[2] or match[3]) if match else ("0", "0")
    if not (1 <= int(number) <= 12 and FIRST_DAY.year <= int(year) <= LAST_DAY.year):
        raise CellRefused("écrivez mois et année, par exemple 09/2019.")
    return date(int(year), int(number), 1)


def yes_no(cell: str) -> bool:
    """Oui or non, in the ways of spreadsheets and of RPLS (1 and 2)."""
    word = search_key(cell)
    if word not in YES and word not in NO:
        raise CellRefused("écrivez oui ou non.")
    return word in YES


def choice(words: Mapping[str, Any]) -> Reader:
    """One of some words, whatever their accents and case; what each stands for."""
    keys = {search_key(word): value for word, value in words.items()}

    def read(cell: str) -> Any:
        result = keys.get(search_key(cell), CellRefused)
        if result is CellRefused:
            raise CellRefused(f"écrivez l’un de : {', '.join(words)}.")
        return result

    return read


def siren(cell: str) -> str:
    """A SIREN, or the one at the head of a SIRET."""
    digits = cell.translate(SPACES)
    digits = digits[:9] if len(digits) == 14 and digits.isdecimal() else digits
    try:
        validate_siren(digits)
    except ValidationError as error:
        sentence = str(error.messages[0])
        raise CellRefused(f"{sentence[0].lower()}{sentence[1:]}") from None
    return digits


def email(cell: str) -> str:
    """A plain e-mail address, in small letters."""
    sentence = cell.strip().lower()
    try:
        validate_email(sentence)
    except ValidationError:
        raise CellRefused("écrivez une adresse électronique, par exemple nom@domaine.fr.") from None
    if not sentence.isascii():
        raise CellRefused("écrivez cette adresse sans accent.")
    return sentence
