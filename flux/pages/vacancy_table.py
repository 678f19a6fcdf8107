"""The list of vacancies: where each went, as far as the reader may see, and why."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from flux.delegating import instead
from flux.models import Return, Unit, Vacancy
from flux.pages.dwelling import headline
from flux.pages.vacancies import VacancyLine
from flux.queries.vacancies import VacancyRow
from reservations.pages.pieces import below, beside, bold, button, hint, link, muted, pill, whole
from reservations.pages.table import Head, Rows, Said, Shown, Table, acting
from reservations.words import near_day, short_day, towards


def _registered(line: VacancyLine) -> SafeString:
    on = line.row.vacancy.registered_on
    return beside(short_day(on), muted(on.year))


def _unit(row: VacancyRow) -> str:
    unit = row.vacancy.unit
    if not row.file_open:
        return below(bold(headline(unit)), muted(unit.commune.name))
    return addressed(unit, reverse("unit-detail", args=[unit.pk]))


def addressed(unit: Unit, leads: str) -> str:
    """A unit whose address the reader may know: its reference leads somewhere."""
    name = beside(link(leads, bold(unit.reference)), bold(headline(unit)))
    return below(whole(name), muted(f"{unit.address}, {unit.commune.name}"))


def _state(line: VacancyLine) -> str:
    since = format_html('<span class="muted nw">depuis le {}</span>', near_day(line.row.since))
    past = pill("reprise", "no") if line.row.vacancy.is_past else ""
    return below(beside(pill(line.state, line.pill), since), past)


def awaited(row: VacancyRow) -> Said:
    """By when candidates are awaited, or when they came; left out on a phone where nothing is."""
    clock = row.clock
    if clock is not None and clock.answered_on:
        return Said(f"transmis le {near_day(clock.answered_on)}")
    if clock is None or not clock.until:
        return Said(muted("–"), css="wide-only")
    until = whole(format_html("{}{}", "" if clock.late else "au plus tard le ", bold(near_day(clock.until))))
    again = muted(f"nouveau délai depuis le {near_day(clock.restarted_on)}") if clock.restarted_on else ""
    return Said(below(beside(until, pill("Délai dépassé", "late") if clock.late else ""), again))


def _destination(line: VacancyLine) -> SafeString:
    row = line.row
    why = format_html('<span class="muted said clamp">{}</span>', line.why)
    before = muted(f"Auparavant {given_back(row.returns)}.") if row.returns and not row.is_out else ""
    places = format_html_join(
        "",
        "{}",
        (
            (hint(beside(bold(f"{each.name} : {each.position}{'re' if each.position == 1 else 'e'}."), each.hint)),)
            for each in row.ours
        ),
    )
    return format_html("{}{}", below(_where(row), why, before), places)


def _where(row: VacancyRow) -> SafeString | str:
    if row.destination is None:
        return ""
    acting_for = ""
    if row.routing is not None and row.routing.acting:
        acting_for = f", par {towards(row.routing.acting)} ({instead(row.routing)})"
    return format_html("{}{}", bold(row.destination), acting_for)


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
    Shown(Head("État", ""), _state),
    Shown(Head("Candidats attendus", "first-cell"), lambda line: awaited(line.row)),
    Shown(Head("Destination, et pourquoi", label=""), _destination),
    Shown(acting(hidden=True), lambda line: _acts(line.row)),
)


def vacancies_table(lines: Iterable[VacancyLine], *, show_landlord: bool) -> Table:
    """A vacancy a row: its state, until when candidates are awaited, where it went and why."""
    columns = [column for column in SHOWN if show_landlord or column is not LANDLORD]
    title = "Logements libérés, du plus récent au plus ancien"
    return Rows(lines, *columns).titled("liste", title, head_at=1, quiet=True, css="stack cards")
