"""The other reading of a balance: what became of the units registered in the year, and what leads there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from django.utils.html import format_html_join

from attributions.bilan.pages.balances import Figure
from attributions.bilan.queries.figures import LateActs
from flux.words import ratio
from reservations.models import ReservationHolder
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import integer, signed, upper_first

#: What is shown of the units registered, in its order, and its heading.
SHOWN = {"offered": "Proposés", "returned": "Rendus", "allocated": "Attribués", "leased": "Loués"}


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
    note = (
        "En logements, avec leur signe ; non comptés dans la synthèse. Un acte compte l’année de sa date, et ce qui le "
        "défait l’en retire. Si le bilan de cette année est scellé, la différence entre dans sa prochaine version, et "
        "jusque-là dans le premier bilan suivant qui n’est pas scellé."
    )
    return Rows(
        late,
        Shown("Réservataire", lambda each: str(each[0].holder)),
        Shown(Head("Année des actes", ""), lambda each: str(each[0].exercise)),
        Shown("Dits par", lambda each: _taken(each[1])),
        *(Number(words, partial(_late, measure=measure)) for measure, words in SHOWN.items()),
    ).titled("", "Enregistrés ou annulés après le scellement du bilan de leur année", note)


def _taken(taker: int | None) -> str:
    return f"la prochaine version de ce bilan, ou le bilan {taker}" if taker else "ce bilan"


def _late(each: tuple[LateActs, int | None], *, measure: str) -> str:
    return signed(getattr(each[0].measures, measure))


def cohort_table(other: OtherReading, year: int) -> Table:
    """What became of the units registered in the year, each figure leading to its units."""
    note = (
        "En logements. Seconde lecture : proposés, attribués, loués à ce jour, même l’année suivante. Attribués / "
        "proposés : des mêmes logements ; pas de pourcentage sous 30 proposés, petit effectif."
    )
    return Rows(
        other.cohort,
        Shown("Réservataire", lambda each: str(each[0]), "Ensemble"),
        *(
            Number(words, partial(_cohort, measure=measure), other.whole[measure].words)
            for measure, words in SHOWN.items()
        ),
        Number("Attribués / proposés", lambda each: _allocated(each[1]), _allocated(other.whole)),
    ).titled("t-cohorte", f"Ce que sont devenus depuis les logements enregistrés en {year}", note)


def _cohort(each: tuple[ReservationHolder, dict[str, Figure]], *, measure: str) -> str:
    return each[1][measure].words


def _allocated(shown: dict[str, Figure]) -> str:
    """Both sides of the ratio are of the same units: those of one year are not, of what was done in it."""
    return ratio(shown["allocated"].value, shown["offered"].value)


def bridge_table(bridge: Iterable[BridgeRow], year: int) -> Table:
    """From one reading to the other, measure by measure."""
    note = (
        "En logements, sauf les candidatures non abouties. De ce que sont devenus les logements enregistrés en "
        f"{year}, "
        f"on ôte ce qui a été fait une autre année, on ajoute ce qui a été fait en {year} de logements enregistrés une "
        "autre année."
    )
    return Rows(
        bridge,
        Shown("Mesure", lambda row: upper_first(row.words)),
        Shown(
            Head(f"Parmi les logements enregistrés en {year}", "n", label="Parmi les enregistrés"),
            lambda row: row.by_cohort,
        ),
        Number(
            "Faits une autre année",
            lambda row: (
                format_html_join("", "<div>−{} en {}</div>", ((integer(count), other) for other, count in row.later))
                or "0"
            ),
        ),
        Number(
            "Enregistrés une autre année",
            lambda row: (
                format_html_join("", "<div>+{} de {}</div>", ((integer(count), other) for other, count in row.before))
                or "0"
            ),
        ),
        Number(f"Faits en {year}", lambda row: row.by_act),
    ).titled("t-passage", "D’une lecture à l’autre", note, css="stack dense")
