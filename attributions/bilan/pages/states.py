"""What pages say of states.

* The two contingents of the State in a year: what is due and came, what is left unused, where.
* Conventions in flow that miss on a territory, in words: one list for every page and paper.
* The widest gap of a holder, in the one sentence that every page says of it.
* What a balance lacks, unit by unit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.bilan.pages.balances import ratio_cell
from attributions.bilan.queries.content import Gap
from attributions.bilan.queries.deadlines import AnswerKey
from attributions.bilan.queries.landlord_figures import HolderLine, LandlordFigures
from attributions.bilan.queries.recipients import Lacking, lacking_conventions
from attributions.bilan.queries.state_rights import CapLine, LandlordRights, Ratio, StateRights, StateRightsPlace
from flux.pages.accounts import gap_cell, gap_key, more_than_offered, on_the_way
from flux.pages.checks import verdict_name, verdict_pill
from flux.pages.compliance import consequence, situation_name, todo
from flux.pages.units import headline
from flux.words import counted, gap, units
from reservations.models import Landlord, Membership, Territory
from reservations.models.together import Steps, stepwise
from reservations.pages.pieces import below, beside, bold, button, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import day, integer, percent, plural, towards, upper_first


@dataclass(frozen=True, slots=True)
class Missing:
    """A convention that the law asks for and that is not in force: where it stands, what to do, what follows."""

    landlord: Landlord
    holder: str
    stands: str
    todo: str
    consequence: str


@stepwise
def missing_conventions(member: Membership, owners: Collection[AnswerKey], *, on: date) -> Steps[tuple[Missing, ...]]:
    """As `lacking_conventions`, whose queries it costs."""
    return tuple(_missing(each) for each in (yield from lacking_conventions.steps(member, owners, on=on)))


def _missing(each: Lacking) -> Missing:
    row = each.row
    if row is not None:
        stands = situation_name(row.situation)
        return Missing(each.landlord, str(row.organisation), stands, todo(row), consequence(row))
    return Missing(
        each.landlord,
        str(each.state or f"État ({each.departement})"),
        "aucune convention signée enregistrée",
        "Préparer la convention de l’État avec ce bailleur, puis la signer.",
        "Le préfet fixe les règles par arrêté (CCH, R441-5-2 IV).",
    )


def lines_table(state: StateRights, territory: Territory, year: int) -> Table:
    """A contingent of a landlord a row, then each contingent, all landlords together."""
    note = (
        f"En logements du flux annuel, {territory}. Reçus : au point de comptage de chaque convention, en cours à "
        "part ; "
        f"écart = dû − reçus. Proposés, attribués, loués et rendus en {year}, quelle que soit l’année d’enregistrement "
        "du logement."
    )
    return Rows(
        [_Contingent(line.figures, str(line.holder), line.landlord) for line in state.lines],
        Shown("Bailleur", lambda each: _landlord(each, territory, year)),
        Shown("Contingent", lambda each: each.words),
        Number("Dû", lambda each: units(each.figures.due)),
        Number("Proposés", lambda each: each.figures.offered),
        Number("Reçus", lambda each: _received(each.figures)),
        Number("Attribués", lambda each: each.figures.allocated),
        Number("Loués", lambda each: each.figures.leased),
        Number("Rendus", lambda each: each.figures.returned),
        Number("Délais écoulés sans candidat", lambda each: each.figures.lapsed),
        Shown("Écart", _gap),
    ).titled(
        "",
        f"Dû, proposé, reçu en {year}",
        note,
        totals=[_Contingent(figures, words) for words, figures in state.by_contingent],
        under=gap_key(),
    )


@dataclass(frozen=True, slots=True)
class _Contingent:
    """What a contingent has of a landlord; of all of them, without any."""

    figures: LandlordFigures
    words: str
    landlord: Landlord | None = None


def _landlord(each: _Contingent, territory: Territory, year: int) -> str:
    if each.landlord is None:
        return "Ensemble"
    address = f"{reverse('balance', args=[each.landlord.pk, year])}?territory={territory.pk}"
    return link(address, each.landlord, also=f" : lire le bilan {year}")


def _gap(each: _Contingent) -> str:
    if each.landlord is None:
        return format_html('<span class="n">{}</span>', gap(each.figures.gap))
    return gap_cell(each.figures.gap)


def _received(figures: LandlordFigures) -> SafeString:
    more = more_than_offered(figures.received, figures.offered, figures.awaiting)
    return format_html("{}{}{}", integer(figures.received), on_the_way(figures), more)


def unused_table(lines: Iterable[HolderLine]) -> Table:
    """What is still due, came back, or waited for a candidate in vain."""
    note = (
        "Non reçus : logements entiers encore dus. Rendus : pour tout motif, travaux ou décision du bailleur compris."
    )
    return Rows(
        lines,
        Shown("Bailleur", lambda line: str(line.landlord)),
        Shown("Contingent", lambda line: str(line.holder)),
        Number("Non reçus", lambda line: line.figures.unused),
        Number("Rendus", lambda line: line.figures.returned),
        Number("Délais écoulés sans candidat", lambda line: line.figures.lapsed),
    ).titled("", "Dus et non reçus, rendus, délais écoulés sans candidat", note)


def places_table(places: Iterable[StateRightsPlace]) -> Table:
    """What the State was offered in each commune, of all that was offered there."""
    return Rows(
        places,
        Shown("Commune", lambda each: str(each.commune)),
        Shown(Head("État, les deux contingents", "", label="État"), lambda each: _ratio(each.ratio)),
        Shown(Head("dont agents", ""), lambda each: _ratio(each.agents)),
    ).titled("", "Proposés à l’État sur tous les logements proposés, par commune")


def _ratio(ratio: Ratio) -> str:
    return ratio_cell(ratio.numerator, ratio.denominator, ratio.rate)


def caps_table(state: StateRights, year: int) -> Table:
    """A rule of a landlord a row: its caps, then its floor out of QPV."""
    note = (
        f"Plafonds lus au {day(state.caps_on)}, sur les logements gardés : orientés et à confirmer, sans les logements "
        "rendus, que « Reçus » compte encore quand leur tour a compté. Verdict : toutes les années de la convention "
        "ensemble, ou l’année seule là où elle est choisie. Les mêmes taux en baux signés, année par année, se lisent "
        "dans les objectifs."
    )
    return Rows(
        [rule for each in state.landlords for rule in _rules(each)],
        Shown("Bailleur", lambda rule: rule.landlord),
        Shown("Règle", lambda rule: rule.words),
        Shown(Head("Logements", ""), lambda rule: _ratio(rule.ratio)),
        Number("Borne", lambda rule: "–" if rule.ratio.asked is None else percent(rule.ratio.asked)),
        Shown("Lecture", lambda rule: rule.reading),
    ).titled("", f"Numérateur sur dénominateur, {year}", note)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A bound of a landlord: what it asks, what is read of it."""

    landlord: str
    words: str
    ratio: Ratio
    reading: Text


def _rules(each: LandlordRights) -> Iterable[_Rule]:
    name, floor = str(each.landlord), each.outside_qpv
    for cap in each.caps:
        yield _Rule(name, f"{upper_first(cap.words)}, au plus{cap.by_order}", cap.ratio, _cap_reading(cap))
    yield _Rule(name, "Hors QPV, au moins, sauf accord", floor, _floor_reading(floor))


def _cap_reading(cap: CapLine) -> Text:
    verdict = cap.year.verdict
    if verdict.is_kept and cap.ratio.is_small:
        return Text(pill("Petit effectif"))
    return Text(upper_first(verdict_name(verdict)), pill=verdict_pill(verdict))


def _floor_reading(floor: Ratio) -> Text:
    if floor.holds:
        return Text("Tenu", pill="ok")
    if floor.holds is False:
        return Text("Sous le plancher", pill="todo")
    return Text(pill("Aucune borne en vigueur" if floor.asked is None else "Petit effectif"))


def missing_table(missing: Sequence[Missing], today: date) -> Table:
    """A convention that the law asks for and that is not in force a row."""
    count = plural(len(missing), "convention en flux n’est pas en vigueur,conventions en flux ne sont pas en vigueur")
    return Rows(
        missing,
        Shown("Bailleur", lambda each: str(each.landlord)),
        Shown("Réservataire", lambda each: each.holder),
        Shown(Head("Où elle en est", ""), lambda each: upper_first(each.stands)),
        Shown("À faire", lambda each: beside(each.todo, muted(each.consequence, "small") if each.consequence else "")),
    ).titled("", f"{len(missing)} {count} le {day(today)}")


def widest_gap(widest: Gap, *, sized: Callable[[int], str] = counted) -> str:
    """With what it is of: the account, and no part of it. `sized`: how its size is written."""
    gap, course = widest.gap, widest.line.figures.in_course
    size = sized(gap)
    state = "d’avance" if gap < 0 else f"encore {'dus' if 'logements' in size else 'dû'}" if gap else "d’écart"
    return (
        f"Plus grand écart d’un réservataire, sur tout un compte du département : {size} {state}"
        f"{f' ({integer(course)} en cours)' if course else ''}, {widest.holder} chez {towards(widest.landlord)}."
    )


def defects_table(rows: Iterable[Mapping[str, Any]], year: int, *, can_edit: bool) -> Table:
    """A unit a row, with what it lacks; its address and its sheet, for who completes it."""
    note = (
        "Complétée, elle range le logement dans sa catégorie, sur le bilan de chaque année ; une version déjà envoyée "
        "reste telle qu’elle est partie."
    )
    return Rows(
        rows,
        Shown("Logement", lambda row: _unit(row, can_edit=can_edit)),
        Shown("Il manque", lambda row: below(*row["lacked"])),
        Number("Proposé", lambda row: f"{integer(row['offers'])} fois"),
        Shown(Head("À faire", "noprint", label=""), _complete, when=can_edit),
    ).titled("", f"Logements proposés en {year} dont une donnée manque", note)


def _unit(row: Mapping[str, Any], *, can_edit: bool) -> str:
    unit = row["unit"]
    name = link(reverse("unit-detail", args=[unit.pk]), bold(unit.reference)) if can_edit else ""
    where = f"{unit.address}, {unit.commune.name}" if can_edit else unit.commune.name
    return below(beside(name, headline(unit)), muted(where))


def _complete(row: Mapping[str, Any]) -> str:
    unit = row["unit"]
    return button(reverse("unit-edit", args=[unit.pk]), "Compléter", also=f" la fiche de {unit.reference}")
