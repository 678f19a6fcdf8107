"""What the objectives of a sealed year say of their seals, and the leases that they count otherwise since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from attributions.bilan.models import Objective
from attributions.bilan.moved import Cause
from attributions.bilan.moved_leases import LeaseChange
from attributions.bilan.queries.objective_rules import OF_UNITS, Counts
from attributions.bilan.queries.objectives import Reading
from reservations.models import Landlord
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import day, integer, plural, signed, upper_first

LEASES_SINCE = (
    "bail y compte autrement depuis : voyez « Depuis le scellement »,"
    "baux y comptent autrement depuis : voyez « Depuis le scellement »"
)
CAUSES = {
    Cause.UNDONE: "Bail annulé",
    Cause.LATE: "Bail enregistré après",
    Cause.DESCRIBED: "Description corrigée",
}


def objective_words(read: Reading, found: Collection[LeaseChange]) -> list[str]:
    """A sentence where a balance of the year is sealed, and how many leases were `found` since."""
    if not read.since.seals:
        return []
    days = ", ".join(dict.fromkeys(f"{each.departement}, le {day(each.sealed_on)}" for each in read.since.seals))
    count = len(found)
    more = f"{integer(count)} {plural(count, LEASES_SINCE)}." if count else "Aucun bail n’y compte autrement depuis."
    return [f"Bilans scellés ({days}) : les objectifs sont ceux des versions scellées. {more}"]


def objectives_table(read: Reading, found: Iterable[LeaseChange], landlords: Mapping[int, Landlord]) -> Table | None:
    """Each lease that objectives count otherwise than when they were sealed; None where there is none. How many of them
    are counted is written for who reads every count, and of units for everybody."""
    known = list(found)
    if not known:
        return None
    note = (
        "À ajouter aux objectifs scellés, avec leur signe, pour lire ce qui est connu aujourd’hui. Pris par la "
        "prochaine version du bilan de ce bailleur."
    )
    return Rows(
        known,
        Shown("Bailleur", lambda each: str(landlords[each.landlord])),
        Shown(Head("Cause", ""), lambda each: CAUSES[each.cause]),
        Shown("Logement", lambda each: each.unit or "un logement"),
        Shown(Head("Signé le", "nw"), lambda each: day(each.signed_on)),
        Shown(Head("Commune", ""), lambda each: each.commune.name),
        Shown(Head("Réservataire", ""), lambda each: str(each.holder or "hors du flux")),
        Shown(
            "Différence",
            lambda each: upper_first(" ; ".join(_moved(code, counts, read) for code, counts in each.moved.items())),
        ),
    ).titled("t-baux-depuis", "Objectifs : baux comptés autrement depuis", note)


def _moved(code: Objective.Code, counts: Counts, read: Reading) -> str:
    """« hors QPV : −1 bail, −1 compté »."""
    among, name = counts.denominator, str(code.label).split(" : ", maxsplit=1)[0]
    leases = f"{name} : {signed(among)} {plural(abs(among), 'bail,baux')}"
    if not (read.is_whole or code in OF_UNITS):
        return leases
    return f"{leases}, {signed(counts.numerator)} {plural(abs(counts.numerator), 'compté,comptés')}"
