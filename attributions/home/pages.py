"""What a holder reads first, in tables: what the landlord has to confirm, what was routed to it, how it resembles what
falls vacant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.home.progress import Progress
from attributions.home.queries import HolderHome, MixRow
from flux.delegating import instead
from flux.models import Recommendation, Routing, Unit
from flux.pages.accounts import gauge
from flux.pages.sheet_words import clock_words
from flux.pages.units import headline
from flux.pages.vacancies import by_another, vacancy_reason
from flux.queries.flow import KindsMonth
from flux.queries.vacancies import VacancyRow
from flux.words import gap, units
from reservations.models import Membership, ReservationHolder
from reservations.pages.pieces import below, beside, bold, definition, heard, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import MONTHS, day, near_day, of, tenths, upper_first


def waiting_table(rows: Iterable[VacancyRow], *, several: bool) -> Table:
    """Units recommended for the reader, that the landlord has not confirmed: their address is not theirs to read yet.
    `several`: its own contingents are distinguished."""
    title = "Logements recommandés pour vous et pas encore confirmés"
    return Rows(
        (row for row in rows if row.recommendation is not None),
        Shown(Head("Enregistré", "nw"), lambda row: near_day(row.vacancy.registered_on)),
        Shown(
            "Logement",
            lambda row: below(
                link(
                    reverse("vacancy-detail", args=[row.vacancy.pk]),
                    bold(headline(row.vacancy.unit)),
                    also=f", enregistré le {day(row.vacancy.registered_on)}",
                ),
                muted(row.vacancy.unit.commune),
                pill("En attente du bailleur", "wait"),
            ),
        ),
        Shown(Head("Bailleur", ""), lambda row: str(row.vacancy.unit.landlord)),
        Shown(
            Head("Pourquoi vous", label=""),
            lambda row: _recommended(row.recommendation, several=several),
        ),
    ).titled("", title, head_at=1, quiet=True)


def _recommended(made: Recommendation | None, *, several: bool) -> SafeString | str:
    return below(bold(made.holder) if several else "", muted(made.sentence)) if made else ""


def routed_table(rows: Iterable[tuple[VacancyRow, Progress]], member: Membership) -> Table:
    """Units that the reader has, the latest first: where each stands, and why it came."""
    title = "Logements orientés vers vous, du plus récent au plus ancien"
    return Rows(
        ((row, row.routing, stands) for row, stands in rows if row.routing is not None),
        Shown(Head("Orienté", "nw"), lambda each: near_day(each[1].routed_at)),
        Shown(Head("Logement", "all unit"), lambda each: _unit(each[0].vacancy.pk, each[0].vacancy.unit)),
        Shown("Résidence", lambda each: below(each[0].vacancy.unit.programme, muted(each[0].vacancy.unit.landlord))),
        Shown(Head("Libre le", "nw"), lambda each: near_day(each[0].vacancy.available_on)),
        Shown("Où en est-on", lambda each: _stands(each[0], each[2])),
        Shown(Head("Pourquoi vous", label=""), lambda each: _why(each[0], member)),
    ).titled("", title, head_at=1, quiet=True)


def _unit(vacancy: int, unit: Unit) -> str:
    where = [f"{unit.address}, {unit.commune}"]
    if unit.surface:
        where.append(f"{tenths(unit.surface)} m² en moyenne à l’adresse")
    if unit.energy_class:
        where.append(f"étiquette {unit.energy_class}")
    name = link(reverse("vacancy-detail", args=[vacancy]), bold(unit.reference))
    return below(beside(name, bold(headline(unit))), muted(" · ".join(where)))


def _stands(row: VacancyRow, stands: Progress) -> str:
    words, also = upper_first(stands.words), f" : candidats de {row.vacancy.unit.reference}"
    since = muted(f"depuis le {near_day(stands.since)}")
    return below(link(reverse("file", args=[row.vacancy.pk]), words, also=also), since)


def _why(row: VacancyRow, member: Membership) -> str:
    """In whose name, what is to be done of it; then, folded, why there."""
    routing = row.routing
    assert routing is not None
    whose, clock = "", ""
    if row.acting is not None and row.acting.pk == member.organisation_id:
        whose = on_behalf(routing)
    elif member.is_overseer:
        whose = format_html("{}{}", bold(routing.holder), by_another(row))
    if row.clock:
        clock = clock_words(row.clock, routing.holder, row.vacancy.unit.landlord.organisation.name, ours=True)
    term = format_html("Pourquoi vous{}", heard(f", {row.vacancy.unit.reference}"))
    return below(whose, clock, definition(term, format_html('<span class="said">{}</span>', vacancy_reason(row))))


def on_behalf(routing: Routing) -> SafeString:
    """Of whose share a unit is, that its holder lets another propose."""
    if routing.holder.is_not_reserved:
        return format_html("<b>{}</b>, pour cette location", "Sur la part non réservée du bailleur")
    state = routing.holder.contingent in ReservationHolder.STATE
    whose = "de l’État" if state else of(routing.holder)
    return format_html("<b>Au nom {}</b>, par {}", whose, instead(routing))


def mix_table(home: HolderHome, today: date) -> Table:
    """What was due and received, typology by typology, and how one reads the difference."""
    note = (
        f"Logements dus et reçus depuis le 1er janvier {today.year}, par typologie. Reçus : orientés vers vous, ou "
        "recommandés et à confirmer ; en cours compris, comme la règle les compte."
    )
    key = render_to_string("components/gauge_key.html")
    return Rows(
        home.mix,
        Shown("Typologie", lambda row: bold(row.typology)),
        Number("Dû", lambda row: units(row.due)),
        Number("Reçu", lambda row: row.received),
        Number("Écart", lambda row: gap(row.gap)),
        Shown(Head("Reçu et dû", label=""), lambda row: gauge(row.due, row.received, home.scale)),
        Shown(Head("Lecture", label=""), _reading),
    ).titled("", "Ressemblent-ils à ce qui se libère ?", note, under=key)


def _reading(row: MixRow) -> str:
    if row.near:
        return "À moins d’un logement"
    return f"Il vous en manque {row.lacking}" if row.lacking > 0 else f"Vous en avez reçu {row.surplus} de plus"


def year_table(months: Sequence[KindsMonth]) -> Table:
    """What the small charts of the year draw."""
    return Rows(
        months,
        Shown(Head(f"Mois de {months[0].first.year}", ""), lambda each: upper_first(MONTHS[each.first.month - 1])),
        Number("Dû", lambda each: units(each.due)),
        Number("Proposés", lambda each: each.offered),
        Number("Reçus", lambda each: each.received),
    ).titled("", "Dû, proposé et reçu, mois par mois", css="", quiet=True)
