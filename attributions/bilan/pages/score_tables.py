"""An objective, landlord by landlord, in a table; the publics of leases, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from attributions.bilan.pages.opened import ratio_cell
from attributions.bilan.pages.publics import public_name
from attributions.bilan.pages.scales import kind_names
from attributions.bilan.pages.territory_board import counted_words, score_pill, verdict_words
from attributions.bilan.queries.publics import PublicRow, Publics, Tally
from attributions.bilan.queries.territory_board import ScoreLine, ScoreTable
from reservations.models import Territory
from reservations.pages.pieces import below, beside, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Said, Shown, Table
from reservations.words import integer, percent, plural, upper_first


def score_table(found: ScoreTable, year: int, territory: Territory | None) -> Table:
    """A landlord a row, then the territory: how many leases count, and what is read of them."""
    leases = f"Baux signés en {year}, {territory}."
    lacks = "Ce qui manque se compte au même nombre de baux."
    note = beside(leases, _target(found), lacks, _judged_elsewhere() if found.whole.score.is_ceiling else "")
    return Rows(
        found.lines,
        Shown("Bailleur", lambda line: line.words),
        Number("Comptés", _counted),
        Number("Baux", lambda line: line.score.denominator),
        Number("Taux", lambda line: muted("–") if line.score.rate is None else percent(line.score.rate)),
        Shown("Atteint et cible", lambda line: _bar(line.score.rate, line.score.share_asked)),
        Shown("Lecture", lambda line: pill(verdict_words(line.verdict), score_pill(line.verdict))),
    ).titled("", upper_first(found.words), note, totals=[found.whole])


def _target(found: ScoreTable) -> str:
    """The first rate in force on the territory, and its source."""
    score = found.whole.score
    if not score.targets:
        return ""
    first = score.targets[0]
    least = "au plus" if score.is_ceiling else "au moins"
    return f"Cible : {least} {percent(first.percent)} ({first.objective.source})."


def _judged_elsewhere() -> str:
    """What a ceiling counts here, and where it is judged (CCH, R441-5-2; docs/decisions/0047)."""
    controls = link(reverse("check-list"), "contrôles des conventions")
    return format_html("Ici, en baux signés ; le plafond se juge en logements gardés, dans les {}.", controls)


def _counted(line: ScoreLine) -> str:
    return counted_words(line.score) if line.score.ends else muted(counted_words(line.score))


def _bar(rate: int | None, asked: int | None) -> str:
    return "" if rate is None else render_to_string("bilan/rate_cell.html", {"rate": rate, "asked": asked})


def publics_tables(found: Publics) -> list[Table]:
    """The publics of the leases that are read, by landlord, then by kind of holder."""
    landlords = [str(each) for each in found.landlords]
    return [
        _publics("t-publics-bailleurs", "par bailleur", found, landlords, lambda row: row.by_landlord),
        _publics(
            "t-publics-types", "par type de réservataire", found, kind_names(found.types), lambda row: row.by_type
        ),
    ]


def _publics(
    key: str, sort: str, found: Publics, names: Iterable[str], tallies: Callable[[PublicRow], Sequence[Any]]
) -> Table:
    def tally(row: PublicRow, *, place: int) -> Said:
        return _tally(tallies(row)[place][1])

    return Rows(
        found.rows,
        Shown("Public", lambda row: upper_first(public_name(row.public.code))),
        Shown(Head("Ensemble", ""), lambda row: _tally(row.whole)),
        *(Shown(Head(name, "" if at else "grp"), partial(tally, place=at)) for at, name in enumerate(names)),
    ).titled(key, f"Baux signés par public et {sort}", "Comptés sur baux dont le fait est renseigné.")


def _tally(tally: Tally) -> Said:
    """How many of how many; then those of whom it is not given."""
    known = ratio_cell(tally.count, tally.known, tally.rate) if tally.known else muted("–")
    unknown = f"{integer(tally.unknown)} non {plural(tally.unknown, 'renseigné,renseignés')}"
    return Said(below(known, muted(unknown, "small") if tally.unknown else ""))
