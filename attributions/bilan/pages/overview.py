"""Balances side by side: what fell vacant landlord by landlord, and what each did of what it owes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html

from attributions.bilan.queries.gaps import Gap
from attributions.bilan.queries.landlord_figures import Comparison
from attributions.bilan.queries.overview import Overview
from flux.pages.drawn import gap_key, more_than_offered, on_the_way, widest_cell
from flux.words import gap, units
from reservations.models import Landlord, Membership, Territory
from reservations.pages.pieces import beside, bold, heard, link, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import integer, plural

WIDEST = Head("Plus grand écart d’un réservataire", "all grp")


def overview_table(
    key: str, rows: Iterable[Overview], territory: Territory | None, member: Membership | None, *, show_year: bool
) -> Table:
    """A balance a row: what fell vacant, by class, each count leading to its units; the widest gap of a holder."""
    where = f", {territory}" if territory else ""
    within = "Comptés dans les communes de ce territoire. " if territory else ""
    if not territory and not (member and member.is_landlord):
        within = "Comptés là où vous avez un droit. "
    note = (
        "En logements. Flux net = libérés − soustraits − en stock − autres. Orientés : au compte, où un logement rendu "
        "dont le tour a compté reste, et compte de nouveau avec son orientation suivante ; la liste des logements "
        f"montre ceux qui le sont aujourd’hui. {within}Plus grand écart d’un réservataire, sur tout le compte du "
        "département (hors part non réservée) : là se tient l’engagement."
    )
    title = f"Logements libérés{where}, bailleur par bailleur"
    return Rows(
        rows,
        Shown("Bailleur", lambda row: _balance(row, show_year=show_year)),
        Number("Libérés", lambda row: _leading(row.flow.vacated, row, territory)),
        Number("Soustraits", lambda row: _leading(row.flow.excluded, row, territory, kind="EXCLUDED")),
        Number("En stock", lambda row: row.flow.stock),
        Number("Autres hors flux", lambda row: row.flow.others),
        Shown(Head("Flux net", "n grp"), lambda row: _leading(row.flow.net, row, territory, kind="IN_FLOW")),
        Number("Orientés", lambda row: row.figures.routed),
        Number("À confirmer", lambda row: row.figures.awaiting),
        Shown(WIDEST, lambda row: _widest(row.widest, "aucun réservataire")),
    ).titled(key, title, note, under=gap_key())


def no_balance(*, by_landlord: bool) -> str:
    """What the list of balances says as long as it has none."""
    none = "Aucun bilan pour l’instant. Le premier apparaîtra ici dès qu’un logement sera déclaré libéré"
    if by_landlord:
        return beside(f"{none}.", link(reverse("vacancy-declare"), "Déclarer un logement libéré"))
    return f"{none} là où vous avez un droit ou un regard."


def _balance(row: Overview, *, show_year: bool) -> str:
    name = format_html("{}{}", bold(row.landlord), f", {row.year}" if show_year else "")
    return link(reverse("balance", args=[row.landlord.pk, row.year]), name, also=f" : lire le bilan {row.year}")


def _leading(count: int, row: Overview, territory: Territory | None, *, kind: str = "") -> str:
    """A count, which leads to its units when there are some."""
    if not count:
        return "0"
    asked: Mapping[str, object] = {
        "landlord": row.landlord.pk,
        "exercise": row.year,
        **({"territory": territory.pk} if territory else {}),
        **({"kind": kind} if kind else {}),
    }
    return link(f"{reverse('vacancy-list')}?{urlencode(asked)}", integer(count))


def _widest(widest: Gap | None, nobody: str) -> str:
    return widest_cell(widest.line) if widest else muted(nobody)


def compared_table(key: str, found: Comparison, territory: Territory, year: int, readable: Container[int]) -> Table:
    """The landlords of a territory with the same definitions, then all of them. `readable`: those whose balance
    opens."""
    note = (
        f"En logements, {territory}, exercice {year}. Dû et reçus : ceux des réservataires, sans la part non "
        "réservée ; "
        "reçus : au point de comptage de leur convention, en cours à part ; écart = dû − reçus. Proposés, attribués et "
        f"loués en {year}, quelle que soit l’année d’enregistrement du logement : tous ceux du flux annuel (CCH, "
        "R441-5-1). Plus grand écart d’un réservataire, sur tout le compte du département (hors part non réservée) : "
        "là se tient l’engagement."
    )
    title = f"{len(found.lines)} {plural(len(found.lines), 'bailleur,bailleurs')}, mêmes définitions"
    return Rows(
        found.lines,
        Shown(
            "Bailleur",
            lambda line: _landlord(line.landlord, territory, year, opens=line.landlord.pk in readable),
            total="Ensemble",
        ),
        Number("Flux net", lambda line: line.figures.net, total=found.total.net),
        Number("Dû aux réservataires", lambda line: units(line.reserved.due), total=units(found.reserved.due)),
        Number(
            "Reçus",
            lambda line: format_html(
                "{}{}{}",
                integer(line.reserved.received),
                on_the_way(line.reserved),
                more_than_offered(line.reserved.received, line.figures.offered, line.reserved.awaiting),
            ),
            total=format_html(
                "{}{}{}",
                integer(found.reserved.received),
                on_the_way(found.reserved),
                more_than_offered(found.reserved.received, found.total.offered, found.reserved.awaiting),
            ),
        ),
        Number("Écart", lambda line: gap(line.reserved.gap), total=gap(found.reserved.gap)),
        Shown(Head("Proposés", "n grp"), lambda line: line.figures.offered, total=found.total.offered),
        Number("Attribués", lambda line: line.figures.allocated, total=found.total.allocated),
        Number("Loués", lambda line: line.figures.leased, total=found.total.leased),
        Shown(WIDEST, lambda line: _widest(line.widest, "aucun mouvement"), total=""),
    ).titled(key, title, note, under=gap_key())


def _landlord(landlord: Landlord, territory: Territory, year: int, *, opens: bool) -> str:
    if not opens:
        return bold(landlord)
    words = format_html("{}{}", bold(landlord), heard(f" : lire le bilan {year} limité à ce territoire"))
    return link(f"{reverse('balance', args=[landlord.pk, year])}?territory={territory.pk}", words)
