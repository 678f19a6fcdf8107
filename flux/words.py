"""Figures of the accounts in words: shares in millionths, shown as units of housing. Pure, plain Python."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from flux.engine import wording
from reservations.rounding import ENOUGH, THIN, figure, nearest, rate_of, written
from reservations.words import WHOLE as UNIT
from reservations.words import day, integer, percent, plural, to

#: What a vacancy of the flow waits for, before the worker comes.
NOT_CALCULATED = "En attente du calcul de sa destination."


#: Why a holder that has a right there was not proposed a unit.
SUSPENDED = "Sa convention était suspendue ce jour-là, d’accord entre ses parties."


def units(shares: int) -> str:
    """« 35,76 »."""
    return wording.units(shares, UNIT)


def gap(shares: int) -> str:
    """A gap keeps its sign: « +0,76 », « −0,80 »."""
    return wording.units(shares, UNIT, signed=True)


def counted(shares: int) -> str:
    """The size of a gap in a sentence, which says its sense: « 0,72 logement », « 2,00 logements »."""
    return wording.counted(abs(shares), UNIT)


def plural_units(shares: int, forms: str) -> str:
    """620000 and « dû,dus » → « dû »: what agrees with a figure in millionths, as the figure is shown."""
    singular, many = forms.split(",")
    return singular if units(shares).lstrip("−").startswith(("0,", "1,")) else many


def between(received: int, in_course: int, left: int, point: str = "") -> str:
    """What stands between the due and the units received, at the counting point of the convention (`point`), where some
    are on their way: « 9 reçus au bail signé, 2 en cours, reste 1,00 »; empty where none is."""
    if not in_course:
        return ""
    state = f"reste {units(left)}" if left > 0 else f"{units(-left)} d’avance ensuite" if left else "à jour ensuite"
    words = f"{integer(received)} {plural(received, 'reçu,reçus')} {point}".rstrip()
    return f"{words}, {integer(in_course)} en cours, {state}"


def rounded_percent(share: int) -> str:
    """The size of a share as a percentage of two decimals at most: « 12,5 % », « 44,5 % », « moins de 0,01 % »."""
    hundredths = nearest(abs(share), 100)
    if share and not hundredths:
        return f"moins de 0,01{THIN}%"
    return f"{written(hundredths, 2).rstrip('0').rstrip(',')}{THIN}%"


def ratio(part: int, whole: int) -> str:
    """« 113 / 125, 90,4 % »: a percentage never goes without what it is made of, nor comes out of a handful."""
    counts, found = f"{integer(part)} / {integer(whole)}", rate_of(part, whole)
    return counts if found is None or whole < ENOUGH else f"{counts}, {percent(found)}"


def foreseen(holder: object, *, since: date, until: date) -> str:
    """What a vacancy waits for, once it has its forecast: where it would go, since when, and until when."""
    return f"Prévision : {to(holder)}, depuis le {day(since)} ; décidé le {day(until)} au plus tard."


def counted_words(*, offered: bool, consumed: bool, restarts: bool | None = None) -> str:
    """What a refusal or a return did to the account: « compté comme proposé, sans être décompté du droit de
    réservation ; le délai repart ». Of a delay, nothing where `restarts` is None."""
    if offered:
        text = f"compté comme proposé{' et' if consumed else ', sans être'} décompté du droit de réservation"
    else:  # what is counted was proposed: nothing is counted alone
        text = "ni compté comme proposé, ni décompté du droit de réservation"
    if restarts is None:
        return text
    return f"{text} ; le délai {'repart' if restarts else 'ne repart pas'}"


def known(category: str) -> str:
    """A category as one reads it: « T2 », « non renseigné »."""
    return category or "non renseigné"


def tenth(value: Fraction) -> str:
    """« 12,5 »: a mean of units, to the tenth; « 12 » when that is whole."""
    return figure(value, 1).removesuffix(",0")


def written_so(other: str) -> str:
    """What is asked of a reference that another unit has but for its capitals."""
    return f"Le logement {other} a déjà cette référence, aux majuscules près : est-ce un autre logement ?"
