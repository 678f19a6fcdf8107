"""What a cell of a workbook shows of a number: 0,0625 under a percent format is « 6,25 % », 1004 under « 00000 » is
« 01004 ». A person reads what is shown; a number is never taken without its format."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

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
    said = "".join(one or two for one, two in LITERAL.findall(first))
    bare = LITERAL.sub("", first).strip()
    digits = bare.count("0") if PADDED.fullmatch(bare) else 0
    return "%" in bare, "%" in said, digits


def plainly(number: float | Decimal) -> str:
    """A number with all its digits and no exponent, as people write it: 6,25."""
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    said = f"{exact:f}"
    return (said.rstrip("0").rstrip(".") if "." in said else said).replace(".", ",")


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
