"""What pages say of charts.

* What the charts of a year show, in figures.
* The table of times in step, in words.
* An account at the end of its year, holder by holder, with the band that chance leaves.
* The equity of the mix: what answers the question, everybody’s answer, then one holder category by category.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import partial

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from attributions.bilan.queries.empty_units import EmptyUnits
from attributions.bilan.queries.steps import By, LongStep, StepTimes
from attributions.households.pages.procedure import NAMES as STEPS
from flux.mix import ENOUGH, Verdict
from flux.models import Ledger
from flux.pages.accounts import between
from flux.pages.needs import DIMENSIONS, category_name, category_names, offered_kind
from flux.queries.flow import FlowMonth, Ranked
from flux.queries.mix import Equity, EquityRow, HolderMix, Mix
from flux.queries.projection import Outlook
from flux.words import tenth, units
from reservations.pages.pieces import beside, bold, hint, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.rounding import rounded
from reservations.words import MONTHS, day, euros, integer, plural, tenths, to, towards, upper_first


def flow_table(months: Iterable[FlowMonth], whole: FlowMonth, year: int) -> Table:
    """The units that fell vacant, month by month, by what they are to the flow."""
    return Rows(
        months,
        Shown(Head(f"Mois de {year}", ""), lambda each: upper_first(MONTHS[each.first.month - 1]), "Ensemble"),
        Number("Dans le flux", lambda each: each.in_flow, whole.in_flow),
        Number("Soustraits", lambda each: each.excluded, whole.excluded),
        Number("En stock", lambda each: each.stock, whole.stock),
        Number("Autres", lambda each: each.others, whole.others),
        Number("Ensemble", lambda each: bold(integer(each.vacated)), whole.vacated),
    ).titled("t-flux", "Logements libérés, par classement", "Enregistrés dans le mois.", css="")


def communes_table(found: Iterable[Ranked], whole: Ranked, year: int) -> Table:
    """What was offered and given, commune by commune."""
    note = (
        "Proposés : orientés vers un réservataire, et non repris. Un logement rendu puis proposé de nouveau compte "
        "deux fois."
    )
    title = f"Logements proposés et attribués en {year}, par commune"
    return Rows(
        found,
        Shown(Head("Commune", ""), lambda each: each.name, total="Ensemble"),
        Number("Proposés", lambda each: each.offered, total=whole.offered),
        Number("Attribués", lambda each: each.allocated, total=whole.allocated),
    ).titled("t-communes", title, note, css="")


#: What the table has a row for.
BY = {
    By.HOLDER: "réservataire",
    By.LANDLORD: "bailleur",
    By.COMMUNE: "commune",
    By.EPCI: "intercommunalité",
}


#: How the table of delays is read.
STEP_NOTE = (
    "En jours ouvrés, fériés exclus, selon le calendrier de la convention. Leurs baux : seuls les baux de candidats "
    "transmis ici ; un parcours mesuré peut finir par un autre. Concrétisation : ces baux sur ces candidats."
)


def step_times_table(read: StepTimes) -> StepTimes:
    """Each line with its name, in the order of names."""
    none = "hors du flux" if read.by is By.HOLDER else "sans intercommunalité"
    rows = [replace(row, name=row.name or none) for row in read.rows]
    total = replace(read.total, name="Ensemble")
    return replace(read, rows=sorted(rows, key=lambda row: row.name), total=total)


def long_step(found: LongStep | None) -> str:
    """« logement orienté → candidats transmis, 12,5 j »; nothing when nobody waited."""
    return f"{STEPS[found.start]} → {STEPS[found.end]}, {tenths(found.mean)} j" if found else ""


def empty_words(empty: EmptyUnits, on: date) -> str:
    """What a day without a tenant costs, of the units of the table that have none; nothing where no rent is known."""
    if not empty.rented:
        return ""
    units = f"{integer(empty.units)} {plural(empty.units, 'logement,logements')} sans locataire"
    known = "" if empty.rented == empty.units else f", dont {integer(empty.rented)} au loyer connu"
    return format_html(
        "Au {}, {}{} : {} de loyer hors charges par jour, {} depuis qu’ils sont libres, travaux finis.",
        day(on),
        units,
        known,
        bold(euros(rounded(empty.a_day))),
        euros(rounded(empty.lost)),
    )


def projection_table(found: Outlook, year: int) -> Table:
    """A holder a row: today, then on 31 December."""
    note = "En logements. Entre parenthèses, la fourchette. Au 31 décembre et à recevoir : en cours compris."
    note += "" if found.is_over else " À recevoir : d’ici au 31 décembre, pour finir à l’équilibre."
    return Rows(
        found.lines,
        Shown("Réservataire", lambda each: str(each.line.holder)),
        Number("Dû à ce jour", lambda each: units(each.line.figures.due)),
        Number(
            "Reçus à ce jour", lambda each: format_html("{}{}", integer(each.line.figures.received), between(each.line))
        ),
        Number("Dû au 31 décembre", lambda each: _banded(each.found.due, units)),
        Number("Reçus au 31 décembre", lambda each: _banded(each.found.received, integer)),
        Number("À recevoir", lambda each: _banded(each.found.missing, integer, strong=True)),
        Number("Par mois", lambda each: "–" if each.a_month is None else tenth(each.a_month)),
    ).titled("t-projection", f"Chaque réservataire au 31 décembre {year}", note, css="stack dense")


def _banded(band: tuple[int, int, int], describe: Callable[[int], str], *, strong: bool = False) -> str:
    """What is most likely, and from what to what; nothing more where chance leaves nothing."""
    low, middle, high = band
    figure = bold(describe(middle)) if strong else describe(middle)
    return beside(figure, hint(f"({describe(low)} à {describe(high)})") if low != high else "")


#: What can be stated of a category, and the class of its pill; without one, it is paler.
READINGS = {
    Verdict.MORE: ("Plus que le hasard n’explique", "late"),
    Verdict.LESS: ("Moins que le hasard n’explique", "late"),
    Verdict.EXPECTED: ("Dans l’intervalle", "ok"),
    Verdict.FEW: ("Petit effectif", ""),
    Verdict.NOT_ASKED: ("Non demandé", ""),
    Verdict.UNKNOWN: ("Donnée à compléter", ""),
}


def answer(found: Equity, small: int) -> SafeString:
    """Is anybody offered other units than the others? `small`: holders with too few units for a verdict."""
    others = f"{integer(small)} {plural(small, 'autre,autres')}"
    few = f"Petit effectif pour {others} : pas de verdict sous {ENOUGH} logements."
    return beside(_found(found), few if small and found.judged else "")


def _found(found: Equity) -> SafeString:
    if found.alarms:
        return _alarm(found.alarms[0], others=len(found.alarms) - 1)
    count = len(found.judged)
    if count:
        offered = f"{plural(found.offered, 'logement proposé,logements proposés')} à {count}"
        holders = f"{plural(count, 'réservataire,réservataires')}, rien que le hasard n’explique."
        return format_html("Non : sur {} {} {}", bold(integer(found.offered)), offered, holders)
    return format_html(
        "Trop tôt pour le dire : {} réservataire ne s’est vu proposer {} logements.", bold("aucun"), ENOUGH
    )


def _alarm(alarm: tuple[HolderMix, Mix, EquityRow], *, others: int) -> SafeString:
    each, _, row = alarm
    read = row.reading
    units = f"{integer(read.offered)} {plural(read.offered, 'logement,logements')} {offered_kind(read.category)}"
    offered = f"{plural(read.offered, 'proposé,proposés')} {to(each.holder)}"
    drawn = f"là où un tirage au sort en donnerait {integer(read.low)} à {integer(read.high)}"
    more = f", et {integer(others)} {plural(others, 'autre écart,autres écarts')} à expliquer" if others else ""
    return format_html("Oui : {} {}, {}{}.", bold(units), offered, drawn, more)


def holders_table(found: Equity, ledger: Ledger | None, chosen: HolderMix | None, year: int) -> Table:
    """A holder a row: what chance does not explain, in each dimension."""
    title = f"Logements de l’exercice {year} proposés, et ce qui reste à expliquer"
    return Rows(
        found.holders,
        Shown("Réservataire", lambda each: _holder(each, ledger, chosen)),
        Number("Proposés", lambda each: each.offered),
        *(Shown(Head(words, ""), partial(_mix, at=at)) for at, words in enumerate(DIMENSIONS.values())),
    ).titled("", title, "Écarts que le hasard n’explique pas, par réservataire.")


def _holder(each: HolderMix, ledger: Ledger | None, chosen: HolderMix | None) -> str:
    if not each.offered or ledger is None:
        return str(each.holder)
    current = SafeString(' aria-current="true"') if each == chosen else ""
    address = f"?ledger={ledger.pk}&holder={each.holder.pk}#detail"
    return format_html('<a href="{}"{}>{}</a>', address, current, each.holder)


def _mix(each: HolderMix, *, at: int) -> SafeString:
    mix = each.mixes[at]
    wanted = hint(f"{category_names(mix.wanted)} : comme il l’a demandé") if mix.wanted else ""
    unmet = hint(f"besoin non servi : {category_names(mix.unmet)}") if mix.unmet else ""
    return format_html("{}{}{}", _explained(mix, each), wanted, unmet)


def _explained(mix: Mix, each: HolderMix) -> SafeString:
    if not mix.is_enough:
        return muted("Petit effectif" if each.offered else "–")
    if not mix.alarms:
        return pill("Rien à expliquer", "ok")
    return format_html_join(SafeString("<br>"), "{}", ((pill(_instead(row), "late"),) for row in mix.alarms))


def _instead(row: EquityRow) -> str:
    category = upper_first(category_name(row.reading.category))
    return f"{category} : {integer(row.reading.offered)} au lieu de {tenth(row.reading.expected)}"


def detail_tables(chosen: HolderMix) -> list[tuple[Mix, Table, Table | None]]:
    """One holder, dimension by dimension: beside the flow, then beside the needs it declared there."""
    flow = f"En logements. Flux : ce qui a été proposé à tous là où {towards(chosen.holder)} a un droit."
    return [
        (
            mix,
            _categories("Au regard du flux", flow, mix.flow, show_flow=True),
            _categories("Au regard de ses besoins déclarés", _needs(mix), mix.needs) if mix.needs else None,
        )
        for mix in chosen.mixes
    ]


def _needs(mix: Mix) -> str:
    counted = f"{integer(mix.known)} {plural(mix.known, 'logement proposé,logements proposés')}"
    return f"{counted} de catégorie connue, tirés aux parts déclarées (loi binomiale)."


def _categories(title: str, note: str, rows: Iterable[EquityRow], *, show_flow: bool = False) -> Table:
    return Rows(
        rows,
        Shown("Catégorie", lambda row: category_name(row.reading.category)),
        Number("Flux", lambda row: row.reading.base or 0, when=show_flow),
        Number("Proposés", lambda row: row.reading.offered),
        Number("Attendus", lambda row: tenth(row.reading.expected)),
        Number("Intervalle", lambda row: f"{integer(row.reading.low)} à {integer(row.reading.high)}"),
        Shown("Lecture", reading),
    ).titled("", title, note)


def reading_words(row: EquityRow) -> str:
    """What can be stated of one category."""
    if row.wanted:
        return f"{'Plus' if row.reading.verdict == Verdict.MORE else 'Moins'} que le flux, comme demandé"
    return READINGS[row.reading.verdict][0]


def reading(row: EquityRow) -> Text:
    """The same, with its pill."""
    kind = "part" if row.wanted else READINGS[row.reading.verdict][1]
    return Text(reading_words(row), pill=kind) if kind else Text(muted(reading_words(row)))
