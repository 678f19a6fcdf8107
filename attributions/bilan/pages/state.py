"""The two contingents of the State in a year: what is due and came, what is left unused, where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.urls import reverse
from django.utils.html import format_html

from attributions.bilan.pages.missing_conventions import Missing
from attributions.bilan.pages.opened import ratio_cell
from attributions.bilan.queries.landlord_figures import HolderLine, LandlordFigures
from attributions.bilan.queries.state_rights import CapLine, LandlordRights, Ratio, StateRights, StateRightsPlace
from flux.pages.caps import verdict_name, verdict_pill
from flux.pages.drawn import gap_cell, gap_key, more_than_offered, on_the_way
from flux.words import gap, units
from reservations.models import Territory
from reservations.pages.pieces import beside, link, muted, pill
from reservations.pages.table import FIGURE, Head, Said, Table, table
from reservations.words import day, integer, percent, plural, upper_first


def lines_table(state: StateRights, territory: Territory, year: int) -> Table:
    """A contingent of a landlord a row, then each contingent, all landlords together."""
    rows = [
        (
            link(
                f"{reverse('balance', args=[line.landlord.pk, year])}?territory={territory.pk}",
                line.landlord,
                also=f" : lire le bilan {year}",
            ),
            str(line.holder),
            *_figures(line.figures),
            gap_cell(line.figures.gap),
        )
        for line in state.lines
    ]
    totals = [
        ("Ensemble", words, *_figures(figures), format_html('<span class="n">{}</span>', gap(figures.gap)))
        for words, figures in state.by_contingent
    ]
    headings = (
        *("Bailleur", "Contingent", f"Dû{FIGURE}", f"Proposés{FIGURE}", f"Reçus{FIGURE}", f"Attribués{FIGURE}"),
        *(f"Loués{FIGURE}", f"Rendus{FIGURE}", f"Délais écoulés sans candidat{FIGURE}", "Écart"),
    )
    note = (
        f"En logements du flux annuel, {territory}. Reçus : au point de comptage de chaque convention, en cours à "
        "part ; "
        f"écart = dû − reçus. Proposés, attribués, loués et rendus en {year}, quelle que soit l’année d’enregistrement "
        "du logement."
    )
    title = f"Dû, proposé, reçu en {year}"
    return table("", title, note, headings, rows, totals=totals, under=gap_key())


def _figures(figures: LandlordFigures) -> tuple[str, ...]:
    return (
        units(figures.due),
        integer(figures.offered),
        format_html(
            "{}{}{}",
            integer(figures.received),
            on_the_way(figures),
            more_than_offered(figures.received, figures.offered, figures.awaiting),
        ),
        *(integer(each) for each in (figures.allocated, figures.leased, figures.returned, figures.lapsed)),
    )


def unused_table(lines: Iterable[HolderLine]) -> Table:
    """What is still due, came back, or waited for a candidate in vain."""
    rows = [
        (
            str(line.landlord),
            str(line.holder),
            *(integer(each) for each in (line.figures.unused, line.figures.returned, line.figures.lapsed)),
        )
        for line in lines
    ]
    headings = (
        *("Bailleur", "Contingent", f"Non reçus{FIGURE}", f"Rendus{FIGURE}"),
        f"Délais écoulés sans candidat{FIGURE}",
    )
    note = (
        "Non reçus : logements entiers encore dus. Rendus : pour tout motif, travaux ou décision du bailleur compris."
    )
    return table("", "Dus et non reçus, rendus, délais écoulés sans candidat", note, headings, rows)


def places_table(places: Iterable[StateRightsPlace]) -> Table:
    """What the State was offered in each commune, of all that was offered there."""
    rows = [(str(each.commune), _ratio(each.ratio), _ratio(each.agents)) for each in places]
    headings = (
        *("Commune", Head("État, les deux contingents", "", label="État")),
        Head("dont agents", ""),
    )
    return table("", "Proposés à l’État sur tous les logements proposés, par commune", "", headings, rows)


def _ratio(ratio: Ratio) -> str:
    return ratio_cell(ratio.numerator, ratio.denominator, ratio.rate)


def caps_table(state: StateRights, year: int) -> Table:
    """A rule of a landlord a row: its caps, then its floor out of QPV."""
    rows = [row for each in state.landlords for row in _rules(each)]
    headings = ("Bailleur", "Règle", Head("Logements", ""), f"Borne{FIGURE}", "Lecture")
    note = (
        f"Plafonds lus au {day(state.caps_on)}, sur les logements gardés : orientés et à confirmer, sans les logements "
        "rendus, que « Reçus » compte encore quand leur tour a compté. Verdict : toutes les années de la convention "
        "ensemble, ou l’année seule là où elle est choisie. Les mêmes taux en baux signés, année par année, se lisent "
        "dans les objectifs."
    )
    return table("", f"Numérateur sur dénominateur, {year}", note, headings, rows)


def _rules(each: LandlordRights) -> Iterable[tuple[Said | str, ...]]:
    name, floor = str(each.landlord), each.outside_qpv
    for cap in each.caps:
        rule = f"{upper_first(cap.words)}, au plus{cap.by_order}"
        yield name, rule, _ratio(cap.ratio), _asked(cap.ratio), _cap_reading(cap)
    yield name, "Hors QPV, au moins, sauf accord", _ratio(floor), _asked(floor), _floor_reading(floor)


def _asked(ratio: Ratio) -> str:
    return "–" if ratio.asked is None else percent(ratio.asked)


def _cap_reading(cap: CapLine) -> Said:
    verdict = cap.year.verdict
    if verdict.is_kept and cap.ratio.is_small:
        return Said(pill("Petit effectif"))
    return Said(upper_first(verdict_name(verdict)), pill=verdict_pill(verdict))


def _floor_reading(floor: Ratio) -> Said:
    if floor.holds:
        return Said("Tenu", pill="ok")
    if floor.holds is False:
        return Said("Sous le plancher", pill="todo")
    return Said(pill("Aucune borne en vigueur" if floor.asked is None else "Petit effectif"))


def missing_table(missing: Sequence[Missing], today: date) -> Table:
    """A convention that the law asks for and that is not in force a row."""
    rows = [
        (
            str(each.landlord),
            each.holder,
            upper_first(each.stands),
            beside(each.todo, muted(each.consequence, "small") if each.consequence else ""),
        )
        for each in missing
    ]
    count = plural(len(missing), "convention en flux n’est pas en vigueur,conventions en flux ne sont pas en vigueur")
    headings = ("Bailleur", "Réservataire", Head("Où elle en est", ""), "À faire")
    return table("", f"{len(missing)} {count} le {day(today)}", "", headings, rows)
