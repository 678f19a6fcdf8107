"""What pages say of vacancies.

* Where a freed unit stands, in the few words of a list, and why there.
* The list of vacancies: where each went, as far as the reader may see, and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.delegating import instead
from flux.models import Return, Unit, Vacancy
from flux.pages.units import headline
from flux.queries.queue import NO_CONVENTION, NOT_LIVE
from flux.queries.vacancies import VacancyRow, expected
from flux.queries.why_not_file import EXCLUSIONS, KINDS, FileVacancy
from flux.words import NOT_CALCULATED, foreseen
from reservations.pages.pieces import below, beside, bold, button, definition, link, muted, pill, whole
from reservations.pages.table import Head, Rows, Shown, Table, Text, acting
from reservations.words import near_day, short_day, to, towards, upper_first

#: Why a vacancy that is not of the flow goes nowhere, or straight to its holder.
OUTSIDE = {
    Vacancy.Kind.STOCK: "Droit en stock : va directement à son titulaire, hors du flux.",
    Vacancy.Kind.FIRST_LETTING: "Première mise en location : enregistrée, elle attend la répartition de son programme.",
    Vacancy.Kind.OUTSIDE: f"{Vacancy.Kind.OUTSIDE.label.capitalize()}.",
    Vacancy.Kind.TECHNICAL: "Vacance technique : ce logement ne se loue pas pour l’instant.",
}

#: What opens on the reason of the rule, and on why the reader was not first.
WHY = "Pourquoi"


@dataclass(frozen=True, slots=True)
class VacancyLine:
    """A row of the list: its state, the class of its pill, and why it goes there or goes nowhere."""

    row: VacancyRow
    state: str
    pill: str
    why: str


def vacancy_lines(rows: Iterable[VacancyRow], blocked: Mapping[int, str]) -> list[VacancyLine]:
    """Rows in words; `blocked`: those whose calculation will not come by itself, by id, and why. No query."""
    return [_line(row, blocked.get(row.vacancy.pk, "")) for row in rows]


def _line(row: VacancyRow, blocked: str) -> VacancyLine:
    return VacancyLine(row, *_state(row, blocked), _why(row, blocked))


def _state(row: VacancyRow, blocked: str) -> tuple[str, str]:
    """The first that holds, and the class of its pill."""
    kind = row.vacancy.kind
    states = (
        (row.is_out, "Sorti du flux", "no"),
        (row.routing and kind == Vacancy.Kind.STOCK, "En stock", "ok"),
        (row.routing, "Orienté", "ok"),
        (row.recommendation, "À confirmer", "todo"),
        (row.expected, "Prévision", "wait"),
        (blocked == NO_CONVENTION, "Sans convention", "late"),
        (blocked == NOT_LIVE, "Avant la mise en service", "wait"),
        (blocked, "Orientation impossible", "late"),
        (kind == Vacancy.Kind.IN_FLOW, "Calcul en attente", "wait"),
        (kind == Vacancy.Kind.EXCLUDED, "Soustrait du flux", "no"),
        (True, upper_first(str(row.vacancy.get_kind_display())), "no"),
    )
    return next((words, pill) for holds, words, pill in states if holds)


def _why(row: VacancyRow, blocked: str) -> str:
    there = to(row.vacancy.unit.commune)
    if blocked == NO_CONVENTION:
        return f"Aucune convention n’est en vigueur {there} : il attend d’être orienté que l’une y soit signée."
    if blocked == NOT_LIVE:
        return "Enregistré à sa place : il sera orienté à partir du jour que le bailleur a choisi."
    if blocked:
        return (
            f"Plus de 100 % du flux est promis {there} : l’orientation reprendra quand le bailleur aura corrigé une "
            "convention."
        )
    return vacancy_reason(row)


def entered_as(vacancy: Vacancy | FileVacancy) -> str:
    """Why it is subtracted from the flow, or how it was classed."""
    return EXCLUSIONS.get(vacancy.exclusion) or KINDS[vacancy.kind]


def vacancy_reason(row: VacancyRow) -> str:
    """Why there, in one sentence."""
    vacancy, routing = row.vacancy, row.routing
    if row.is_cancelled:
        return f"Annulé, {vacancy.get_cancellation_display()} : {vacancy.cancellation_text}"
    if routing and routing.motive:
        return f"Choix du bailleur, {routing.get_motive_display()} : {routing.motive_text}"
    if row.is_out:
        last = row.returns[-1]
        return f"{upper_first(last.who)}, {last.get_reason_display()} : hors du flux."
    if row.recommendation:
        return row.recommendation.sentence
    return undecided(vacancy) if vacancy.kind == Vacancy.Kind.IN_FLOW else outside(vacancy)


def undecided(vacancy: Vacancy | FileVacancy) -> str:
    """What a vacancy of the flow `with_destinations` waits for, without a recommendation yet."""
    found = vacancy.expected if isinstance(vacancy, FileVacancy) else expected(vacancy)
    if found is None:
        return NOT_CALCULATED
    return foreseen(found.holder, since=timezone.localdate(found.since), until=found.firm_on)


def outside(vacancy: Vacancy | FileVacancy) -> str:
    """Why a vacancy that is not of the flow goes where it goes."""
    if vacancy.kind == Vacancy.Kind.EXCLUDED:
        return f"Soustrait du flux (CCH, R441-5) : {vacancy.get_exclusion_display()}."
    if vacancy.kind == Vacancy.Kind.FIRST_LETTING and vacancy.ledger_id is not None:
        if vacancy.allotment_id is None:
            return "Première location : la répartition du programme le laisse au bailleur."
        return "Première location : part de ce réservataire dans la répartition du programme."
    return OUTSIDE[Vacancy.Kind(vacancy.kind)]


def _registered(line: VacancyLine) -> str:
    return near_day(line.row.vacancy.registered_on)


def _unit(row: VacancyRow) -> str:
    unit = row.vacancy.unit
    if not row.file_open:
        return below(bold(headline(unit)), muted(unit.commune.name))
    return addressed(unit, reverse("unit-detail", args=[unit.pk]))


def addressed(unit: Unit, leads: str) -> str:
    """A unit whose address the reader may know: its reference leads somewhere."""
    name = beside(link(leads, bold(unit.reference)), bold(headline(unit)))
    return below(whole(name), muted(f"{unit.address}, {unit.commune.name}"))


def _vacancy_table_state(line: VacancyLine) -> str:
    row = line.row
    same_day = timezone.localdate(row.since) == row.vacancy.registered_on
    since = "" if same_day else format_html('<span class="muted nw">depuis le {}</span>', near_day(row.since))
    past = pill("reprise", "no") if row.vacancy.is_past else ""
    return below(beside(pill(line.state, line.pill), since), past)


def awaited(row: VacancyRow) -> Text:
    """By when candidates are awaited, or when they came; left out on a phone where nothing is."""
    clock = row.clock
    if clock is not None and clock.answered_on:
        return Text(f"transmis le {near_day(clock.answered_on)}")
    if clock is None or not clock.until:
        return Text(muted("–"), css="wide-only")
    until = whole(format_html("{}{}", "" if clock.late else "au plus tard le ", bold(near_day(clock.until))))
    again = muted(f"nouveau délai depuis le {near_day(clock.restarted_on)}") if clock.restarted_on else ""
    return Text(below(beside(until, pill("Délai dépassé", "late") if clock.late else ""), again))


def _destination(line: VacancyLine) -> SafeString:
    row = line.row
    if row.expected is not None:  # its state says that it is a forecast
        until = muted(f"décidé le {near_day(row.expected.firm_on)} au plus tard")
        return below(bold(row.expected.holder), until)
    ruled = row.recommendation is not None and row.destination is not None and not row.overridden
    why = "" if ruled else format_html('<span class="muted said clamp">{}</span>', line.why)
    before = muted(f"Auparavant {given_back(row.returns)}.") if row.returns and not row.is_out else ""
    ranks = " et ".join(f"{each.position}{'re' if each.position == 1 else 'e'}" for each in row.ours)
    places = (beside(bold(f"{each.name} :"), each.hint) for each in row.ours)
    ruling = definition(WHY, below(line.why if ruled else "", *places)) if ruled or row.ours else ""
    return below(_where(row), why, before, beside(f"Vous : {ranks}." if ranks else "", ruling))


def _where(row: VacancyRow) -> SafeString | str:
    if row.destination is None:
        return ""
    return format_html("{}{}", bold(row.destination), by_another(row))


def by_another(row: VacancyRow) -> str:
    """Who proposes in the place of the holder of a unit, and why; empty where it proposes itself."""
    if row.routing is None or row.acting is None:
        return ""
    return f", par {towards(row.acting)} ({instead(row.routing)})"


def given_back(returns: Iterable[Return]) -> str:
    """Who gave it back before, and whether that counted."""
    return ", ".join(f"{each.who}{' (compté)' if each.counted else ''}" for each in returns)


def _acts(row: VacancyRow) -> SafeString:
    vacancy, unit = row.vacancy, row.vacancy.unit
    hidden = f"{headline(unit)}, {unit.commune.name}, enregistré le {short_day(vacancy.registered_on)}"
    named = unit.reference if row.file_open else hidden
    also = f" la fiche d’orientation : {named}"
    acts = [button(reverse("vacancy-detail", args=[vacancy.pk]), "Lire", also=also)]
    if row.routing or vacancy.kind == Vacancy.Kind.EXCLUDED:
        acts.append(button(reverse("file", args=[vacancy.pk]), "Candidats", also=f" : {named}"))
    return format_html('<div class="row">{}</div>', beside(*acts))


LANDLORD: Shown[VacancyLine] = Shown(
    Head("Bailleur", ""), lambda line: line.row.vacancy.unit.landlord.organisation.name
)
SHOWN: tuple[Shown[VacancyLine], ...] = (
    Shown(Head("Enregistré", "nw"), _registered),
    Shown("Logement", lambda line: _unit(line.row)),
    LANDLORD,
    Shown(Head("État", ""), _vacancy_table_state),
    Shown(Head("Candidats attendus", "first-cell"), lambda line: awaited(line.row)),
    Shown(Head("Destination, et pourquoi", label=""), _destination),
    Shown(acting(hidden=True), lambda line: _acts(line.row)),
)


def vacancies_table(lines: Iterable[VacancyLine], *, show_landlord: bool) -> Table:
    """A vacancy a row: its state, until when candidates are awaited, where it went and why."""
    columns = [column for column in SHOWN if show_landlord or column is not LANDLORD]
    title = "Logements libérés, du plus récent au plus ancien"
    return Rows(lines, *columns).titled("liste", title, head_at=1, quiet=True, css="stack cards")
