"""The one rounding of the house: exact figures in, the nearest out, half away from zero.

Every figure that a person reads goes through here, whatever shows it: a page, a paper, a sentence of the engine, a
command. What machines add up (cells of a workbook, lines of a CSV, JSON) is never rounded: it holds the exact figure,
in millionths or in decimals, and reads alike once shown with the same places.

Half away from zero, and not half to even: it is how one rounds by hand, what the sentences of the engine have always
stated, and what Excel and LibreOffice do to an exact cell that they show with two decimals. A due of 11.865 is « 11,87
» on the screen, on paper, in a sentence and in a workbook. Half to even only helps sums of rounded figures, and nothing
that is summed here was rounded before. No float comes in: 2.675 as a float is less than 2.675.

A gap is rounded from the exact due, once, and never from the due that is printed beside it: 11.865 due and 13 received
read « 11,87 » and « −1,14 », a hundredth away from what the two printed figures give. Their keys say so.

Pure, plain Python: the engine and the conversion say their figures with it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

#: Under so many leases, or units, a rate states nothing: one or two more or less change it all. It is not judged.
ENOUGH = 30

type Exact = int | Fraction | Decimal

#: Narrow no-break space: groups of thousands, and before a percent sign.
THIN = "\u202f"

#: A rate is shown to the tenth of a per cent: so many of them in a whole, and millionths in each.
TENTHS, IN_A_TENTH = 1000, 1000


def nearest(part: int, whole: int = 1) -> int:
    """The whole number nearest to part/whole, half away from zero: 5/2 → 3, −5/2 → −3. `whole` is above zero."""
    size = (2 * abs(part) + whole) // (2 * whole)
    return -size if part < 0 else size


def adding_up(parts: Sequence[int], whole: int = 1) -> list[int]:
    """Each part/whole as a whole number, less than one away from it, so that they add up to their sum to the nearest:
    12.4, 0.7 and 0.3 → 12, 1 and 0 (largest remainder, the first between equal ones)."""
    found = [part // whole for part in parts]
    left = nearest(sum(parts), whole) - sum(found)
    for at in sorted(range(len(parts)), key=lambda at: -(parts[at] % whole))[:left]:  # stable
        found[at] += 1
    return found


def steps(value: Exact, places: int = 0) -> int:
    """An exact figure in units of its last shown decimal: 11.865 with two places → 1187. Raises TypeError on a float,
    which is not exact."""
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float: give the exact figure, as an integer, a fraction or a decimal")
    part, whole = value.as_integer_ratio()
    return nearest(part * 10**places, whole)


def rounded(value: Exact, places: int = 0) -> Decimal:
    """The same as a figure, to be kept in a column of so many decimals: 11.865 → Decimal("11.87")."""
    return Decimal(steps(value, places)).scaleb(-places)


def written(shown: int, places: int, *, signed: bool = False) -> str:
    """So many units of the last decimal, the French way: 1187 with two places → « 11,87 »; « +0,76 » when signed, a
    true minus, thousands in groups, and no sign before zero."""
    whole, rest = divmod(abs(shown), 10**places)
    sign = "" if not shown else "−" if shown < 0 else "+" if signed else ""
    return f"{sign}{f'{whole:,}'.replace(',', THIN)}{f',{rest:0{places}d}' if places else ''}"


def figure(value: Exact, places: int = 2, *, signed: bool = False) -> str:
    """An exact figure as one reads it, always with so many decimals: « 11,87 », « 1 204,50 », « −0,80 »."""
    return written(steps(value, places), places, signed=signed)


def short(value: Exact, places: int = 2) -> str:
    """The same, without decimals when the exact figure is whole: « 12 », « 12,50 »."""
    return figure(value, 0 if value.as_integer_ratio()[1] == 1 else places)


def rate_of(part: int, whole: int) -> int | None:
    """`part` of `whole` as a share in millionths, to the nearest tenth of a per cent; None when there is nothing to
    share. What is stated reached, missed or passed follows from the counts themselves, never from this."""
    return nearest(TENTHS * part, whole) * IN_A_TENTH if whole > 0 else None
