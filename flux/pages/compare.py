"""Two conventions, or two versions of one, side by side: clause by clause, and what it makes in units a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flux.words import gap, units
from reservations.models import Convention
from reservations.models.convention import UNIT
from reservations.pages.table import Number, Rows, Said, Shown, Table
from reservations.words import day, integer, plural

#: A clause that one of the two does not have.
NONE = "–"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause in both, in words."""

    name: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


def clauses(before: Mapping[str, str], after: Mapping[str, str]) -> list[Clause]:
    """Every clause of either, in the order of the first, then what the second alone has."""
    return [Clause(name, before.get(name, NONE), after.get(name, NONE)) for name in dict.fromkeys((*before, *after))]


def title_of(convention: Convention) -> str:
    """« Narbonne, version 2 (du 1er janvier 2026 au 31 décembre 2028) »."""
    period = f"du {day(convention.starts_on)} au {day(convention.last_day)}"
    return f"{convention.organisation}, version {convention.version} ({period})"


def clauses_table(found: Sequence[Clause], first: str, second: str) -> Table:
    """A clause a row; what differs is marked."""
    return Rows(
        found,
        Shown("Clause", lambda each: each.name),
        Shown(first, lambda each: each.before),
        Shown(second, lambda each: each.after),
        Shown("Différence", lambda each: Said("change", pill="todo") if each.differs else Said("pareil", pill="ok")),
    ).titled("clauses", "Clause par clause")


@dataclass(frozen=True, slots=True)
class YearlyUnits:
    """What one holder would have a year under each, in millionths of a unit."""

    holder: str
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


def units_table(found: Sequence[YearlyUnits], flows: tuple[int, int], first: str, second: str) -> Table:
    """A holder a row, then what is left to the landlord and the others."""
    rows = list(found)
    if flows[0] == flows[1]:  # of one perimeter, what one gains the others lose
        before, after = sum(each.before for each in found), sum(each.after for each in found)
        whole = flows[0] * UNIT
        rows.append(YearlyUnits("Le bailleur et les autres réservataires", whole - before, whole - after))
    expected = " et ".join(f"{integer(flow)} {plural(flow, 'logement,logements')}" for flow in dict.fromkeys(flows))
    note = f"En logements par an, sur le flux attendu dans le périmètre : {expected}."
    return Rows(
        rows,
        Shown("Qui", lambda each: each.holder),
        Number(first, lambda each: units(each.before)),
        Number(second, lambda each: units(each.after)),
        Number("Écart", lambda each: gap(each.change)),
    ).titled("logements", "Ce que cela change", note)


def answer(found: Sequence[Clause], units_found: Sequence[YearlyUnits]) -> str:
    """The page in one sentence: how many clauses change, and who gains or loses most."""
    count = sum(each.differs for each in found)
    if not count:
        return "Les deux disent la même chose, clause par clause."
    said = f"{integer(count)} {plural(count, 'clause change,clauses changent')} sur {integer(len(found))}"
    moved = [each for each in units_found if each.change]
    if not moved:
        return f"{said} ; personne ne reçoit ni plus ni moins de logements."
    most = max(moved, key=lambda each: abs(each.change))
    return (
        f"{said} ; {most.holder} : {gap(most.change)} {plural(abs(most.change) // UNIT, 'logement,logements')} par an."
    )
