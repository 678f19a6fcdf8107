"""What pages say of overview.

* Balances side by side: what fell vacant landlord by landlord, and what each did of what it owes.
* What a sealed balance says of itself on every page and paper, and what was recorded since.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html

from attributions.bilan.models import BalanceRemark
from attributions.bilan.moved import Cause, Seal
from attributions.bilan.queries.changes import Change, acts_of
from attributions.bilan.queries.content import Gap
from attributions.bilan.queries.landlord_figures import Comparison
from attributions.bilan.queries.overview import Overview
from flux.pages.accounts import gap_key, more_than_offered, on_the_way, widest_cell
from flux.queries.cells import Axis
from flux.words import gap, known, units
from reservations.models import Landlord, Membership, Territory
from reservations.pages.pieces import below, beside, bold, heard, link, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day, integer, plural, signed, upper_first

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
    leading = link(reverse("balance", args=[row.landlord.pk, row.year]), name, also=f" : lire le bilan {row.year}")
    return below(leading, muted(sealed_when(row.seals))) if row.seals else leading


def sealed_when(seals: Iterable[Seal]) -> str:
    """« scellé le 24 février 2026 (Aude) »; nothing where nothing is sealed."""
    return ", ".join(f"scellé le {day(each.sealed_on)} ({each.departement})" for each in seals)


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


#: What each figure is called, in the order of the tables.
FIGURES = {
    **{choice.value: str(choice.label) for choice in BalanceRemark.Measure},
    "routed": "orientés",
    "awaiting": "à confirmer",
}


def sealed_words(seals: Collection[Seal], found: Collection[Change]) -> list[str]:
    """A sentence a seal, then how many acts came since; nothing where nothing is sealed."""
    if not seals:
        return []
    sentences = [
        f"{f'{each.departement} : bilan' if len(seals) > 1 else 'Bilan'} scellé le {day(each.sealed_on)}, version "
        f"{each.version}, empreinte {each.digest[:12]}. Les chiffres ci-dessous sont ceux de la version scellée."
        for each in seals
    ]
    acts = acts_of(found)
    if not acts:
        return [*sentences, "Aucun acte n’a été enregistré depuis."]
    return [*sentences, f"{_left_out(acts)} : voyez « Depuis le scellement »."]


def of_the_day_words(seals: Collection[Seal]) -> list[str]:
    """On a page of a sealed year that reads the account of the day: a seal holds no such figure."""
    return [
        f"Le bilan de cet exercice est scellé depuis le {day(each.sealed_on)}, version {each.version}. Cette page lit "
        "le compte de ce jour : ce qui a été enregistré depuis y est compris."
        for each in seals
    ]


def _left_out(acts: int) -> str:
    """« 2 actes enregistrés depuis n’y sont pas comptés »."""
    forms = "acte enregistré depuis n’y est pas compté,actes enregistrés depuis n’y sont pas comptés"
    return f"{integer(acts)} {plural(acts, forms)}"


def units_words(moved: int) -> list[str]:
    """Above the units of a sealed figure, where what was recorded since would make it count others."""
    forms = "logement y compterait autrement,logements y compteraient autrement"
    return [
        "Cette liste est celle de la version scellée ; avec ce qui a été enregistré depuis le scellement, "
        f"{integer(moved)} {plural(moved, forms)}."
    ]


def board_words(read: Comparison, found: Collection[Change]) -> list[str]:
    """The same of the landlords of a territory, in one sentence."""
    if not read.since.seals:
        return []
    named = {line.landlord.pk: line.landlord for line in read.lines}
    whose = ", ".join(
        f"{named[each.key.landlord]} ({each.departement})" for each in read.since.seals if each.key.landlord in named
    )
    acts = acts_of(found)
    more = f"{_left_out(acts)}." if acts else "Aucun acte n’a été enregistré depuis."
    return [f"Bilans scellés : {whose}. Leurs chiffres sont ceux de la version scellée. {more}"]


def cause_words(each: Change) -> str:
    """« Bail annulé », « acte tardif », « description corrigée »."""
    if each.cause == Cause.UNDONE:
        undone = {"leased": "bail annulé", "first_leased": "bail annulé", "allocated": "attribution restée sans effet"}
        return next((words for name, words in undone.items() if name in each.figures), "acte annulé")
    return {
        Cause.FOLLOWED: f"suite donnée en {each.acted_on.year if each.acted_on else each.recorded_on.year}",
        Cause.LATE: "acte tardif",
        Cause.CORRECTED: "ligne corrigée",
        Cause.DESCRIBED: "description corrigée",
    }[each.cause]


def taken_words(each: Change) -> str:
    """« la prochaine version de ce bilan, ou le bilan 2027 »."""
    if each.cause == Cause.FOLLOWED and each.taken_by is not None:
        return f"le bilan {each.taken_by}"
    later = f", ou le bilan {each.taken_by}" if each.taken_by is not None else ""
    return f"la prochaine version de ce bilan{later}"


def cell_words(each: Change) -> str:
    """« T3, PLUS, hors QPV, Narbonne, 1975-1989 »; « tout le compte » for what bears on no unit."""
    parts = [known(each.categories[axis]) for axis in Axis if axis in each.categories]
    return ", ".join(parts) or "tout le compte"


def figures_words(each: Change) -> str:
    """« attribués +1, loués +1 »."""
    parts = [
        f"{words} {gap(each.figures[name]) if name == 'due' else signed(each.figures[name])}"
        for name, words in FIGURES.items()
        if name in each.figures
    ]
    return ", ".join(parts)


EVERY: Mapping[int, Landlord] = {}


def changes_table(found: Iterable[Change], landlords: Mapping[int, Landlord] = EVERY) -> Table:
    """Each difference, an act and a cell a line; of several `landlords`, by id, each with its name."""
    note = (
        "À ajouter aux chiffres scellés, avec leur signe, pour lire ce qui est connu aujourd’hui. Un acte compte "
        "l’année de sa date ; une description corrigée retire le logement d’une case et l’ajoute à une autre."
    )
    return Rows(
        found,
        Shown("Bailleur", lambda each: str(landlords[each.landlord]), when=bool(landlords)),
        Shown(Head("Cause", ""), lambda each: upper_first(cause_words(each))),
        Shown("Logement", lambda each: each.unit or "un logement" if each.categories else "–"),
        Shown(Head("Acte du", "nw"), lambda each: day(each.acted_on) if each.acted_on else "–"),
        Shown(Head("Enregistré le", "nw"), lambda each: day(each.recorded_on)),
        Shown("Réservataire", lambda each: str(each.holder)),
        Shown("Case", cell_words),
        Shown("Différence", figures_words),
        Shown("Pris par", taken_words),
    ).titled("t-depuis", "Enregistré depuis le scellement", note)


#: Acts that a paper of one page names, each on a line of half its width.
ON_ONE_PAGE = 10


def acts_on_one_page(found: Iterable[Change], landlords: Mapping[int, Landlord]) -> tuple[list[str], int]:
    """Each act once, whatever the cells that it moves, without hundredths: « bail annulé, acte du 18 décembre 2026,
    Robine Habitat : attribués −1, loués −1 »; then how many the page does not hold."""
    acts: dict[object, list[Change]] = {}
    for each in found:
        acts.setdefault(each.act, []).append(each)
    return [_act_words(cells, landlords) for cells in [*acts.values()][:ON_ONE_PAGE]], max(0, len(acts) - ON_ONE_PAGE)


def _act_words(cells: Collection[Change], landlords: Mapping[int, Landlord]) -> str:
    first, *_ = cells
    moved = {name: sum(each.figures.get(name, 0) for each in cells) for name in FIGURES if name != "due"}
    whole = replace(first, figures={name: value for name, value in moved.items() if value})
    when = f"acte du {day(first.acted_on)}" if first.acted_on else f"le {day(first.recorded_on)}"
    words = f"{cause_words(whole)}, {when}, {landlords[first.landlord]}"
    return f"{words} : {figures_words(whole)}" if whole.figures else words
