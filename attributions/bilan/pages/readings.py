"""The other reading of a balance: what became of the units registered in the year, and what leads there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html_join

from attributions.bilan.pages.opened import Figure
from attributions.bilan.queries.earlier import LateActs
from flux.words import ratio
from reservations.models import ReservationHolder
from reservations.pages.table import FIGURE, Head, Table, table
from reservations.words import integer, signed, upper_first

#: What is shown of the units registered, in its order, and its heading.
SHOWN = {"offered": "Proposés", "returned": "Rendus", "allocated": "Attribués", "leased": "Loués"}
MEASURES = tuple(f"{words}{FIGURE}" for words in SHOWN.values())


@dataclass(frozen=True, slots=True)
class BridgeRow:
    """One measure, from the units registered in the year to the acts done in it; (year, count) of what is in one
    alone."""

    words: str
    by_cohort: int
    later: list[tuple[int, int]]
    before: list[tuple[int, int]]
    by_act: int


@dataclass(frozen=True, slots=True)
class OtherReading:
    """`late`: acts of sealed years, with the year of the balance that says them, None for this one."""

    cohort: list[tuple[ReservationHolder, dict[str, Figure]]]
    whole: dict[str, Figure]
    bridge: list[BridgeRow]
    late: list[tuple[LateActs, int | None]]


def late_table(late: Iterable[tuple[LateActs, int | None]]) -> Table:
    """What was recorded or cancelled once the balance of its year was sealed."""
    rows: list[tuple[str, ...]] = [
        (
            str(each.holder),
            str(each.exercise),
            f"la prochaine version de ce bilan, ou le bilan {taker}" if taker else "ce bilan",
            *(signed(getattr(each.measures, measure)) for measure in SHOWN),
        )
        for each, taker in late
    ]
    note = (
        "En logements, avec leur signe ; non comptés dans la synthèse. Un acte compte l’année de sa date, et ce qui le "
        "défait l’en retire. Si le bilan de cette année est scellé, la différence entre dans sa prochaine version, et "
        "jusque-là dans le premier bilan suivant qui n’est pas scellé."
    )
    headings: tuple[Head | str, ...] = ("Réservataire", Head("Année des actes", ""), "Dits par", *MEASURES)
    title = "Enregistrés ou annulés après le scellement du bilan de leur année"
    return table("", title, note, headings, rows)


def cohort_table(told: OtherReading, year: int) -> Table:
    """What became of the units registered in the year, each figure leading to its units."""
    rows = [(str(holder), *_cohort(shown)) for holder, shown in told.cohort]
    total = ("Ensemble", *_cohort(told.whole))
    title = f"Ce que sont devenus depuis les logements enregistrés en {year}"
    note = (
        "En logements. Seconde lecture : proposés, attribués, loués à ce jour, même l’année suivante. Attribués / "
        "proposés : des mêmes logements ; pas de pourcentage sous 30 proposés, petit effectif."
    )
    headings = ("Réservataire", *MEASURES, f"Attribués / proposés{FIGURE}")
    return table("t-cohorte", title, note, headings, rows, totals=[total])


def _cohort(shown: dict[str, Figure]) -> tuple[str, ...]:
    """Both sides of the ratio are of the same units: those of one year are not, of what was done in it."""
    counts = tuple(shown[measure].said for measure in SHOWN)
    return *counts, ratio(shown["allocated"].value, shown["offered"].value)


def bridge_table(bridge: Iterable[BridgeRow], year: int) -> Table:
    """From one reading to the other, measure by measure."""
    rows = [
        (
            upper_first(row.words),
            integer(row.by_cohort),
            format_html_join("", "<div>−{} en {}</div>", ((integer(count), other) for other, count in row.later))
            or "0",
            format_html_join("", "<div>+{} de {}</div>", ((integer(count), other) for other, count in row.before))
            or "0",
            integer(row.by_act),
        )
        for row in bridge
    ]
    headings = (
        "Mesure",
        Head(f"Parmi les logements enregistrés en {year}", "n", label="Parmi les enregistrés"),
        *(f"Faits une autre année{FIGURE}", f"Enregistrés une autre année{FIGURE}", f"Faits en {year}{FIGURE}"),
    )
    note = (
        "En logements, sauf les candidatures non abouties. De ce que sont devenus les logements enregistrés en "
        f"{year}, "
        f"on ôte ce qui a été fait une autre année, on ajoute ce qui a été fait en {year} de logements enregistrés une "
        "autre année."
    )
    return table("t-passage", "D’une lecture à l’autre", note, headings, rows, css="stack dense")
