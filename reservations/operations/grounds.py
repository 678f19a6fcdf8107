"""The grounds of a share, as people write them, a line each: « garantie d’emprunt : 12 %, emprunt jusqu’au
31/12/2031 ; délibération 2012-45 »; of units a year, « apport de terrain : 4 logements »."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from reservations.models.convention import UNIT
from reservations.models.ground import Ground, ShareGround
from reservations.models.territory import search_key
from reservations.operations.rate_table import RateTerms
from reservations.refusals import Refusal
from reservations.words import integer, percent, yearly

LINE = re.compile(
    r"(?P<ground>[^:]+):\s*(?:(?P<share>\d{1,3}(?:[.,]\d{1,4})?)\s*%"
    r"|(?P<units>[1-9]\d{0,2}\s\d{3}|[1-9]\d{0,3})\s*logements?(?:\s+par\s+an)?)\s*"
    r"(?:,\s*emprunt jusqu['’]au\s+(?P<loan>\d{1,2}/\d{1,2}/\d{4})\s*)?(?:;\s*(?P<reference>.*))?"
)

#: How people write each ground, as `search_key` makes it.
WORDS = {search_key(each.label): each for each in Ground} | {
    "garantie": Ground.LOAN_GUARANTEE,
    "terrain": Ground.LAND,
    "financement": Ground.FUNDING,
    "agents": Ground.AGENTS,
    "accord": Ground.AGREEMENT,
}

EXAMPLE = "garantie d’emprunt : 12 %, emprunt jusqu’au 31/12/2031"
EXAMPLE_UNITS = "garantie d’emprunt : 8 logements, emprunt jusqu’au 31/12/2031"
MOST_REFERENCE = 120


class GroundsRefused(Refusal):
    """The grounds of a share cannot be read, or are not those of that share."""


def parse_grounds(text: str, *, years: int | None, in_units: bool = False) -> tuple[ShareGround, ...]:
    """The grounds of a share. `years`: how long a right goes on after the loan that it guarantees, on that day.
    `in_units`: the right is of so many units a year, and so is the example of a refusal.

    Raises GroundsRefused on the first line that cannot be read.
    """
    example = EXAMPLE_UNITS if in_units else EXAMPLE
    return tuple(_read(line, years, example) for each in text.splitlines() if (line := " ".join(each.split())))


def _read(line: str, years: int | None, example: str) -> ShareGround:
    read = LINE.fullmatch(line)
    if read is None:
        raise GroundsRefused(f"« {line} » ne se lit pas : écrivez « {example} ».", field="grounds")
    ground = WORDS.get(search_key(read["ground"]))
    if ground is None:
        known = ", ".join(each.label for each in Ground)
        raise GroundsRefused(
            f"« {read['ground'].strip()} » n’est pas un fondement connu : écrivez l’un de : {known}.", field="grounds"
        )
    units = int("".join(read["units"].split())) if read["units"] else None
    share = 0 if units else int(Decimal(read["share"].replace(",", ".")) * UNIT / 100)
    loan = _loan_end(line, read["loan"])
    if (loan is None) is (ground == Ground.LOAN_GUARANTEE):
        raise GroundsRefused(
            f"« {line} » : "
            + (
                "écrivez la fin de l’emprunt garanti, "
                if loan is None
                else "seule une garantie finit avec un emprunt, "
            )
            + f"comme dans « {example} ».",
            field="grounds",
        )
    if loan is not None and years is None:
        raise GroundsRefused(
            "Aucune valeur n’est enregistrée pour la durée d’un droit après l’emprunt garanti (CCH, R441-6) : demandez "
            "à l’administrateur de l’enregistrer avec sa source.",
            field="grounds",
        )
    reference = (read["reference"] or "").strip()[:MOST_REFERENCE]
    return ShareGround(ground, share, loan, years if loan else None, reference, units)


def shared_out(grounds: tuple[ShareGround, ...], share: int, yearly_units: int | None) -> tuple[ShareGround, ...]:
    """Those of units a year, each with its part of the share: together the whole of it, when they make all the units.
    Those of a percentage as they are."""
    if yearly_units is None:
        return grounds
    found, done = [], 0
    for each in grounds:
        before, done = share * done // yearly_units, done + (each.units or 0)
        found.append(replace(each, share=share * done // yearly_units - before))
    return tuple(found)


def _loan_end(line: str, written: str | None) -> date | None:
    if written is None:
        return None
    try:
        day, month, year = map(int, written.split("/"))
        return date(year, month, day)
    except ValueError:
        raise GroundsRefused(f"« {line} » : cette date n’existe pas, corrigez-la.", field="grounds") from None


def written_grounds(grounds: Iterable[ShareGround]) -> str:
    """As `parse_grounds` reads them back."""
    return "\n".join(ground_line(each) for each in grounds)


def ground_line(each: ShareGround) -> str:
    """« garantie d’emprunt : 12 %, emprunt jusqu’au 31/12/2031 »."""
    loan = f", emprunt jusqu’au {each.loan_ends_on:%d/%m/%Y}" if each.loan_ends_on else ""
    reference = f" ; {each.reference}" if each.reference else ""
    return f"{Ground(each.ground).label} : {each.amount}{loan}{reference}"


def check_grounds(
    grounds: Sequence[ShareGround], share: int, rates: Sequence[RateTerms] = (), *, yearly_units: int | None = None
) -> None:
    """Raise GroundsRefused unless the grounds make the whole share, and those of each row of its table its rate.

    A row without any has the one ground of the share: where the share has several, nothing says which part of the rate
    is whose. `yearly_units`: the share is that of so many units a year, which its grounds make together.
    """
    if not grounds and not any(row.grounds for row in rates):
        return
    if yearly_units is not None:
        _check_units(grounds, yearly_units)
    elif any(each.units for held in (grounds, *(row.grounds for row in rates)) for each in held):
        raise GroundsRefused(
            f"La part est en % : écrivez chacun de ses fondements en %, comme dans « {EXAMPLE} ».", field="grounds"
        )
    if not grounds:
        raise GroundsRefused("Écrivez aussi les fondements de la part générale.", field="grounds")
    _check_sum(grounds, share, "la part")
    for row in rates:
        if row.grounds:
            _check_sum(row.grounds, row.share, f"le taux « {row.when} »")
        elif row.share and len(grounds) > 1:
            raise GroundsRefused(
                f"La part générale a plusieurs fondements, et le taux « {row.when} » n’en dit aucun : écrivez les "
                "siens sur sa ligne.",
                field="grounds",
            )


def _check_units(grounds: Sequence[ShareGround], yearly_units: int) -> None:
    if any(each.units is None for each in grounds):
        raise GroundsRefused(
            "La part est en logements par an : écrivez chacun de ses fondements en logements, comme dans "
            f"« {EXAMPLE_UNITS} ».",
            field="grounds",
        )
    if (total := sum(each.units or 0 for each in grounds)) != yearly_units:
        raise GroundsRefused(
            f"Les fondements font {yearly(total)} et la part {integer(yearly_units)} : corrigez-les, ils font "
            "ensemble toute la part.",
            field="grounds",
        )


def _check_sum(grounds: Sequence[ShareGround], share: int, of_what: str) -> None:
    total = sum(each.share for each in grounds)
    if any(not 0 < each.share <= UNIT for each in grounds) or total != share:
        raise GroundsRefused(
            f"Les fondements font {percent(total)} et {of_what} {percent(share)} : corrigez-les, ils font ensemble "
            "toute la part.",
            field="grounds",
        )
