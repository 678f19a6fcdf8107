"""What pages say of needs.

* The categories of the flow, as the pages of needs and of their equity call them.
* What a holder asks for, beside what its share of the flow brings, in tables.
* How the years of construction are cut, in words.
* What is stated of the income ceilings: the dated figures of the yearly order.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flux.models import IncomeCeiling, PeriodCut
from flux.models.unit import period_names
from flux.queries.mix import EquityRow
from flux.queries.needs import Ceilings, Comparison, Declared
from flux.words import known
from reservations.models import ReservationHolder
from reservations.pages.pieces import below, bold, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import day, euros

#: By the name of the dimension.
DIMENSIONS = {"typology": "Typologie", "financing": "Financement", "qpv": "Quartier prioritaire (QPV)"}


def dimension_name(dimension: str) -> str:
    """« Typologie »."""
    return DIMENSIONS[dimension]


def category_name(category: str) -> str:
    """« T2 »; of one that is not known, « non renseigné »."""
    return "autre" if category == "AUTRE" else known(category)


def offered_kind(category: str) -> str:
    """What comes after « 12 logements »: « T2 », « en QPV »."""
    return "d’un autre financement" if category == "AUTRE" else category_name(category)


def category_names(rows: Iterable[EquityRow]) -> str:
    """« T2, T4 »."""
    return ", ".join(category_name(row.reading.category) for row in rows)


def comparison_table(part: Comparison, last: str) -> Table:
    """One dimension, category by category: the flow, what is asked, and what that gives (`last`, in words)."""
    note = "En pourcentage de ce qui revient au réservataire."
    return Rows(
        part.rows,
        Shown(Head("Catégorie", ""), lambda row: category_name(row.category)),
        Number("Dans le flux", lambda row: f"{row.flow} %"),
        Number("Besoin", lambda row: f"{row.declared} %" if part.declares else "–"),
        Number(last, lambda row: bold(f"{row.target} %") if part.targeted else "–"),
    ).titled(f"t-{part.dimension}", dimension_name(part.dimension), note, css="")


def declared_table(acts: Iterable[Declared], holder: ReservationHolder, *, own: bool) -> Table:
    """What was declared, the latest first; by whom, for the holder's own people."""
    title = "Déclarations de besoins, de la plus récente à la plus ancienne"
    return Rows(
        acts,
        Shown(Head("Date", "nw"), lambda each: day(each.declaration.declared_at)),
        Shown(
            "Besoins",
            lambda each: below(
                *([_asked(part) for part in each.mix] or ["Besoins retirés"]),
                muted(each.declaration.note) if each.declaration.note else "",
            ),
        ),
        Shown(Head("À partir du n°", "n"), lambda each: str(each.declaration.from_sequence)),
        Shown(Head("Par", ""), lambda each: str(each.declaration.declared_by if own else holder.organisation)),
    ).titled("", title, head_at=1, quiet=True, none="Aucun besoin déclaré dans ce compte.")


def _asked(part: Comparison) -> str:
    """« Typologie : T2 40 % T3 60 % »."""
    asked = " ".join(f"{category_name(row.category)} {row.declared} %" for row in part.rows if row.declared)
    return f"{dimension_name(part.dimension)} : {asked}"


def cuts_table(cuts: Iterable[PeriodCut]) -> Table:
    """A cut a row: for whom, since when, its periods and its source."""
    note = "La plus proche d’un compte compte : du bailleur, du département, de la région, de tous."
    return Rows(
        cuts,
        Shown("Pour", lambda cut: ", ".join(str(each) for each in (cut.landlord, cut.territory) if each) or "tous"),
        Shown("Depuis", lambda cut: "le début" if cut.starts_on == date.min else day(cut.starts_on)),
        Shown("Périodes", lambda cut: " · ".join(period_names(tuple(cut.bounds)))),
        Shown("Source", lambda cut: cut.source),
    ).titled("cuts", "Découpages", note)


def ceilings_table(ceilings: Iterable[IncomeCeiling], today: date) -> Table:
    """A figure a row: of which financing, zone and household, from when, and whether it is in force."""
    note = "Revenu fiscal de référence ; le plus récent d’abord, pour chaque catégorie."
    return Rows(
        ceilings,
        Shown("Financement, zone", lambda each: f"{each.financing}, {each.get_zone_display()}"),
        Number("Catégorie", lambda each: Text(str(each.household))),
        Number("Plafond", lambda each: Text(euros(each.amount))),
        Number("Par personne de plus", lambda each: Text(euros(each.extra) if each.extra else "–")),
        Shown(Head("Du", "nw"), lambda each: Text(day(each.starts_on))),
        Shown(Head("Au", "nw"), lambda each: Text(day(each.ends_on))),
        Shown("Source", lambda each: each.source),
        Shown("État", lambda each: _state(each, today)),
    ).titled("liste", "Plafonds annuels datés", note)


def _state(ceiling: IncomeCeiling, today: date) -> Text:
    """Past, to come, in force; or of an earlier year, and to confirm."""
    if ceiling.starts_on > today:
        return Text("à venir", pill="wait")
    if ceiling.ends_on and ceiling.ends_on < today:
        return Text("passé", pill="no")
    if ceiling.starts_on.year < today.year:
        return Text("à confirmer", pill="todo")
    return Text("en vigueur", pill="ok")


def unit_ceilings(ceilings: Ceilings) -> Table:
    """What a household may earn to be let a unit: a size of household a row."""
    confirmed = f" : à confirmer pour {ceilings.on.year}" if ceilings.stale else ""
    note = (
        f"{ceilings.zone}, en vigueur depuis le {day(ceilings.starts_on)}{confirmed}. Revenu fiscal de référence, par "
        "nombre de personnes logées."
    )
    extra = ceilings.extra
    return Rows(
        ceilings.rows,
        Shown(Head("Personnes", ""), lambda each: str(each[0]), below="par personne de plus" if extra else None),
        Number("Plafond annuel", lambda each: euros(each[1]), below=euros(extra) if extra else None),
    ).titled("", f"Plafonds de ressources {ceilings.financing}", note, css="")
