"""What a file of conventions reports their suspensions, agreed on paper before: one cell a convention."""

from __future__ import annotations

import re

from reservations.imports.cells import CellRefused, day
from reservations.imports.kinds import Column, FileLine
from reservations.models import Convention
from reservations.operations.pause_carrying import TakenUp
from reservations.pages.pauses import in_force
from reservations.queries.signatories import signs_here

PAUSES = "suspensions"
PAUSE_TEXT = re.compile(r"du (\S+) au (\S+), convenue le (\S+) : (.+)")


def pauses_in(cell: str) -> list[TakenUp]:
    """Those that a cell says. Raises CellRefused for what cannot be read."""
    found = []
    for each in (part.strip() for part in cell.split("|") if part.strip()):
        match = PAUSE_TEXT.fullmatch(each)
        if match is None:
            raise CellRefused("écrivez « du 01/03/2027 au 31/03/2027, convenue le 12/02/2027 : motif ».")
        found.append(TakenUp(day(match[1]), day(match[2]), day(match[3]), match[4].strip()))
    return found


def readable(cell: str) -> str:
    """The same cell, once it was read."""
    pauses_in(cell)
    return cell.strip()


PAUSES_COLUMN = Column(
    PAUSES,
    readable,
    "D’une convention signée : « du … au …, convenue le … : motif », entre barres verticales s’il y en a plusieurs.",
    ("suspension", "suspendue"),
    example="du 01/06/2026 au 30/06/2026, convenue le 15/05/2026 : service fermé",
)


def warn_of_pauses(line: FileLine, convention: Convention) -> None:
    """Say that a suspension of the file is not taken up where a party signs here, which then agrees to it here too."""
    ours = convention.landlord.organisation_id
    others = convention.signatories.exclude(organisation=ours).select_related("organisation")
    if line.values.get(PAUSES) and any(signs_here(party.organisation) for party in others.order_by("pk")):
        line.warn(PAUSES, "une partie signe ici : proposez-lui la suspension, une fois la convention signée.", value="")


def pauses_cell(convention: Convention) -> str:
    """The same cell, of a convention that goes out, read with its suspensions."""
    return " | ".join(
        f"du {pause.starts_on:%d/%m/%Y} au {pause.ends_on:%d/%m/%Y}, convenue le {pause.agreed_on:%d/%m/%Y} : "
        f"{pause.why.replace('|', '/')}"
        for pause in in_force(convention)
    )
