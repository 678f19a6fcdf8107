"""What pages say of objectives.

* Objectives in tables: the leases behind one, the rates that somebody recorded.
* What the objectives of a sealed year say of their seals, and the leases that they count otherwise since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.urls import reverse
from django.utils.safestring import SafeString

from attributions.bilan.models import Objective
from attributions.bilan.moved import Cause
from attributions.bilan.moved_leases import LeaseChange
from attributions.bilan.queries.objective_leases import OF_UNITS, Counts
from attributions.bilan.queries.objectives import Reading
from attributions.households.models import Lease
from reservations.models import Landlord, Territory
from reservations.pages.pieces import button, link, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import day, integer, of, percent, plural, signed, upper_first

UNKNOWN = muted("non renseigné")
PAST = muted("compté avec d’autres, au terme")

#: How a lease stands in an objective.
STANDINGS = {"counted": Text("compté", pill="ok"), "unknown": Text("non renseigné", pill="wait")}
NOT_COUNTED = Text("non compté", pill="no")


def leases_table(objective: Objective.Code, found: Iterable[Lease]) -> Table:
    """A lease a row, with the facts of the day it was signed, and how it stands. Units and holders: fetched."""
    return Rows(
        found,
        Shown(
            "Logement",
            lambda each: link(reverse("vacancy-detail", args=[each.vacancy_id]), each.vacancy.unit.reference),
        ),
        Shown(Head("Commune", ""), lambda each: str(commune_of(each))),
        Shown(Head("Réservataire", ""), lambda each: str(each.holder or "hors du flux")),
        Shown(Head("Signé le", "nw"), lambda each: day(each.signed_on)),
        Shown(Head("Quartier", ""), _district),
        Shown(Head("Quartile", ""), _quartile),
        Shown(Head("Prioritaire", ""), _priority),
        Shown(Head("Dans l’objectif", ""), _stands),
    ).titled("t-baux", upper_first(objective.label), "Faits du jour de la signature.")


def _stands(lease: Lease) -> Text | str:
    """`stands` is set by `leases_behind`."""
    found: str = vars(lease).get("stands", "")
    return PAST if lease.facts_among is not None else STANDINGS.get(found, NOT_COUNTED)


def district_of(lease: Lease) -> bool | None:
    """As `leases_behind` reads it, for a year that is sealed."""
    found: bool | None = vars(lease).get("district", lease.in_qpv)
    return found


def commune_of(lease: Lease) -> Territory:
    """Where the unit was when it fell vacant."""
    return (lease.vacancy.description or lease.vacancy.unit).commune


def _district(lease: Lease) -> SafeString | str:
    found = district_of(lease)
    return UNKNOWN if found is None else "en QPV" if found else "hors QPV"


def _priority(lease: Lease) -> str:
    """Was the household of priority? At its term nothing is given of it alone."""
    if lease.facts_among is not None:
        return PAST
    return UNKNOWN if lease.has_priority is None else "oui" if lease.has_priority else "non"


def _quartile(lease: Lease) -> str:
    """Of the household, as its priority is."""
    if lease.facts_among is not None:
        return PAST
    result = UNKNOWN if lease.income_quartile is None else str(lease.income_quartile)
    return result + ", renouvellement urbain" if lease.urban_renewal else result


def rates_table(found: Iterable[Objective]) -> Table:
    """The latest rates that may be taken back, one by one."""
    title = "Le plus récent de chaque objectif et de chaque territoire"
    return Rows(
        found,
        Shown("Objectif", lambda each: upper_first(each.get_code_display())),
        Shown(
            Head("Territoire", ""),
            lambda each: f"{each.territory} · {each.landlord}" if each.landlord else str(each.territory),
        ),
        Number("Taux", lambda each: percent(each.share)),
        Shown(Head("Depuis le", "nw"), lambda each: day(each.starts_on)),
        Shown("Source", lambda each: each.source),
        Shown(
            Head("Corriger", ""),
            lambda each: button(
                reverse("objective-withdraw", args=[each.pk]), "Retirer", also=f" ce taux {of(each.territory)}"
            ),
        ),
    ).titled("t-enregistres", title, "Retiré, il reste dans l’historique avec son motif.")


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
