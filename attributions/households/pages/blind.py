"""The cases of an item, side by side, criterion by criterion, without who they are.

Nothing here reads a name: `queries.blind` leaves them in the database. A number is known by its last four characters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from attributions.households.fitting import category_of
from attributions.households.models import AgendaCase, PriorityCategory, Proposal
from attributions.households.models.priority import EFFORT
from attributions.households.queries.applications import asks_label
from reservations.pages.pieces import below, beside, pill
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.rounding import THIN, rate_of, short
from reservations.words import day, euros, percent

UNKNOWN = "non renseigné"


@dataclass(frozen=True, slots=True)
class BlindCell:
    """What one case has for one criterion; `pill` is the class of its state, when it has one."""

    text: str
    pill: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A line of the comparison."""

    words: str
    cells: list[BlindCell]


def comparison(
    cases: Sequence[AgendaCase], *, held_on: date, ceiling: Callable[[int], int | None] | None = None
) -> list[Criterion]:
    """Criterion by criterion, in the order of the committee's questions. No query.

    `ceiling`: the most that a household of a category may earn, in euros a year; None when it is not recorded.
    """
    proposals = [case.proposal for case in cases]
    lines = [
        ("Numéro unique", [BlindCell(ending(each.application.number)) for each in proposals]),
        ("Ménage", [BlindCell(household(each)) for each in proposals]),
        ("Demande", [BlindCell(asked(_since(each), held_on)) for each in proposals]),
        ("Ressources / plafond du ménage", [BlindCell(resources(each, ceiling)) for each in proposals])
        if ceiling
        else ("Ressources (revenu fiscal de référence)", [BlindCell(earned(each.income)) for each in proposals]),
        ("Quartile de ressources", [BlindCell(quartile(each.income_quartile)) for each in proposals]),
        ("Priorité (L441-1)", [priority(each, held_on) for each in proposals]),
        ("Cotation", [BlindCell(f"{each.score} points" if each.score is not None else UNKNOWN) for each in proposals]),
        (
            "Taux d’effort, APL déduite",
            [effort(each.effort_rate) for each in proposals],
        ),
        (
            "Reste pour vivre, par personne et par jour",
            [BlindCell(decimal(each.living_rest, " €")) for each in proposals],
        ),
    ]
    if any(each.urban_renewal for each in proposals):
        lines.append(
            (
                "Relogement de renouvellement urbain",
                [BlindCell("oui" if each.urban_renewal else "non") for each in proposals],
            )
        )
    if any(each.state_agent for each in proposals):
        lines.append(("Agent de l’État", [_yes_no(each.state_agent) for each in proposals]))
    if any(each.essential_worker for each in proposals):
        lines.append(("Travailleur essentiel", [_yes_no(each.essential_worker) for each in proposals]))
    return [Criterion(words, cells) for words, cells in lines]


def _since(proposal: Proposal) -> date | None:
    """The day of the request, or of the one that it merged into: that of the oldest."""
    request = proposal.application
    return (request.merged_into or request).requested_on


def _yes_no(value: bool | None) -> BlindCell:
    return BlindCell(UNKNOWN if value is None else "oui" if value else "non")


def ending(number: str) -> str:
    """« se termine par 41 07 »: enough to find a file again, not enough to know whose."""
    last = number[-4:]
    return f"se termine par {last[:-2]} {last[-2:]}".replace("  ", " ") if last else "numéro effacé"


def household(proposal: Proposal) -> str:
    """« 1 adulte, 2 enfants »."""
    if proposal.adults is None:
        return UNKNOWN
    adults = f"{proposal.adults} adulte{'s' * (proposal.adults > 1)}"
    children = proposal.children or 0
    return f"{adults}, {children} enfant{'s' * (children > 1)}" if children else adults


def asked(since: date | None, held_on: date) -> str:
    """« de mars 2023, 3 ans et 8 mois » on the day of the session."""
    if since is None:
        return UNKNOWN
    months = max(0, (held_on.year - since.year) * 12 + held_on.month - since.month - (held_on.day < since.day))
    years, left = divmod(months, 12)
    parts = [f"{years} an{'s' * (years > 1)}"] * bool(years) + [f"{left} mois"] * bool(left)
    month = day(since).split(" ", 1)[1]
    of = "d’" if month[0] in "ao" else "de "
    return f"{of}{month}, {' et '.join(parts) or 'moins d’un mois'}"


def earned(income: int | None) -> str:
    """« 14 210 € », in a year."""
    return UNKNOWN if income is None else euros(income)


def resources(proposal: Proposal, ceiling: Callable[[int], int | None]) -> str:
    """« 14 210 € / 47 020 €, 30,2 % »; the income alone when the ceiling is not known."""
    category = category_of(proposal)
    most = ceiling(category) if category else None
    if proposal.income is None or not most:
        return earned(proposal.income)
    part = rate_of(proposal.income, most)
    return f"{euros(proposal.income)} / {euros(most)}{f', {percent(part)}' if part is not None else ''}"


def decimal(value: Decimal | None, unit: str, *, places: int = 2) -> str:
    """« 18,4 % », « 14,20 € »."""
    return UNKNOWN if value is None else short(value, places) + unit


def quartile(number: int | None) -> str:
    """« 1er », « 2e »."""
    return UNKNOWN if number is None else "1er" if number == 1 else f"{number}e"


def effort(rate: Decimal | None) -> BlindCell:
    """What the rent takes of the income; more than all of it is marked, for the committee to see."""
    words = decimal(rate, f"{THIN}%", places=1)
    return BlindCell(words, "late", "plus que ses ressources") if EFFORT.doubt(rate) else BlindCell(words)


def priority(proposal: Proposal, held_on: date) -> BlindCell:
    """Is the household of priority in law, and was it so labelled in time? The category itself is not shown. A label
    that is missing is shown as one that comes too late, of all those that `late_labels` states before the meeting."""
    has = True if proposal.dalo_designated else proposal.has_priority
    words = "Oui" if has else UNKNOWN.capitalize() if has is None else "Non"
    if not asks_label(proposal):
        return BlindCell(words, "plain")
    labelled = proposal.labelled_on
    if labelled is None:
        return BlindCell(words, "late", ", ".join([*_group(proposal), "sans label"]))
    late = labelled > held_on
    when = f"labellisé le {day(labelled)}, {'après' if late else 'avant'} la séance"
    if labelled == held_on:
        when = f"labellisé le {day(labelled)}, jour de la séance"
    return BlindCell(words, "late" if late else "ok", ", ".join([*_group(proposal), when]))


def _group(proposal: Proposal) -> list[str]:
    """DALO, or a priority of the law; or the contingent that the unit is for."""
    if proposal.priority is not None:
        return [str(proposal.priority.get_group_display())]
    if proposal.dalo_designated:
        return [str(PriorityCategory.Group.DALO.label)]
    return ["catégorie non renseignée" if proposal.has_priority else "contingent de l’État"]


def cases_table(cases: Sequence[AgendaCase], criteria: Sequence[Criterion]) -> Table:
    """A criterion a row, a case a column: what the committee compares."""
    dalo = "DALO désigné par le préfet"
    note = (
        "Sans nom, date de naissance ni nationalité : ils s’affichent au procès-verbal. Chaque consultation est "
        "journalisée."
    )
    title = f"Les {len(cases)} dossiers, côte à côte" if len(cases) > 1 else "Le dossier"
    return Rows(
        criteria,
        Shown[Criterion](Head("Critère", ""), lambda criterion: criterion.words),
        *(
            Shown[Criterion](
                Head(below(f"Dossier {each.letter}", dalo if each.proposal.dalo_designated else ""), "", label=""),
                partial(_compared, at=at),
            )
            for at, each in enumerate(cases)
        ),
    ).titled("comparer", title, note, css="")


def _compared(criterion: Criterion, *, at: int) -> str:
    """What one case has in a criterion."""
    cell = criterion.cells[at]
    return beside(pill(cell.text, cell.pill), cell.more) if cell.pill else cell.text
