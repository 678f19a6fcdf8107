"""What a holder reads first, in tables: what the landlord has to confirm, what was routed to it, how it resembles what
falls vacant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.home.progress import Progress
from attributions.home.queries import HolderHome, MixRow
from flux.delegating import instead
from flux.models import Routing, Unit
from flux.pages.clock import clock_words
from flux.pages.drawn import gauge
from flux.pages.dwelling import headline
from flux.pages.vacancies import vacancy_reason
from flux.queries.vacancies import VacancyRow
from flux.words import gap, units
from reservations.models import Membership, ReservationHolder
from reservations.pages.pieces import below, beside, bold, link, muted, pill
from reservations.pages.table import FIGURE, Head, Table, table
from reservations.words import day, integer, near_day, of, tenths, towards, upper_first


def waiting_table(rows: Iterable[VacancyRow], *, several: bool) -> Table:
    """Units recommended for the reader, that the landlord has not confirmed: their address is not theirs to read yet.
    `several`: its own contingents are told apart."""
    told = [
        (
            near_day(row.vacancy.registered_on),
            below(
                link(
                    reverse("vacancy-detail", args=[row.vacancy.pk]),
                    bold(headline(row.vacancy.unit)),
                    also=f", enregistré le {day(row.vacancy.registered_on)}",
                ),
                muted(row.vacancy.unit.commune),
                pill("En attente du bailleur", "wait"),
            ),
            str(row.vacancy.unit.landlord),
            below(bold(row.recommendation.holder) if several else "", muted(row.recommendation.sentence)),
        )
        for row in rows
        if row.recommendation is not None
    ]
    headings = (Head("Enregistré", "nw"), "Logement", Head("Bailleur", ""), Head("Pourquoi vous", label=""))
    title = "Logements recommandés pour vous et pas encore confirmés"
    return table("", title, "", headings, told, head_at=1, quiet=True)


def routed_table(rows: Iterable[tuple[VacancyRow, Progress]], member: Membership) -> Table:
    """Units that the reader has, the latest first: where each stands, and why it came."""
    told = [
        (
            near_day(row.routing.routed_at),
            _unit(row.vacancy.pk, row.vacancy.unit),
            below(row.vacancy.unit.programme, muted(row.vacancy.unit.landlord)),
            near_day(row.vacancy.available_on),
            _stands(row, stands),
            _why(row, member),
        )
        for row, stands in rows
        if row.routing is not None
    ]
    headings = (
        *(Head("Orienté", "nw"), Head("Logement", "all unit"), "Résidence", Head("Libre le", "nw")),
        *("Où en est-on", Head("Pourquoi vous", label="")),
    )
    title = "Logements orientés vers vous, du plus récent au plus ancien"
    return table("", title, "", headings, told, head_at=1, quiet=True)


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
    """In whose name, what is to be done of it, then why there."""
    routing = row.routing
    assert routing is not None
    whose, clock = "", ""
    if routing.acting_id == member.organisation_id:
        whose = on_behalf(routing)
    elif member.is_overseer:
        acting = f", par {towards(routing.acting)} ({instead(routing)})" if routing.acting else ""
        whose = format_html("{}{}", bold(routing.holder), acting)
    if row.clock:
        clock = clock_words(row.clock, routing.holder, row.vacancy.unit.landlord.organisation.name, ours=True)
    return below(whose, clock, format_html('<span class="muted said">{}</span>', vacancy_reason(row)))


def on_behalf(routing: Routing) -> SafeString:
    """Of whose share a unit is, that its holder lets another propose."""
    if routing.holder.is_not_reserved:
        return format_html("<b>{}</b>, pour cette location", "Sur la part non réservée du bailleur")
    state = routing.holder.contingent in ReservationHolder.STATE
    whose = "de l’État" if state else of(routing.holder)
    return format_html("<b>Au nom {}</b>, par {}", whose, instead(routing))


def mix_table(home: HolderHome, today: date) -> Table:
    """What was due and received, typology by typology, and how one reads the difference."""
    rows = [
        (
            bold(row.typology),
            units(row.due),
            integer(row.received),
            gap(row.gap),
            gauge(row.due, row.received, home.scale),
            _reading(row),
        )
        for row in home.mix
    ]
    note = (
        f"Logements dus et reçus depuis le 1er janvier {today.year}, par typologie. Reçus : orientés vers vous, ou "
        "recommandés et à confirmer ; en cours compris, comme la règle les compte."
    )
    headings = (
        *("Typologie", f"Dû{FIGURE}", f"Reçu{FIGURE}", f"Écart{FIGURE}", Head("Reçu et dû", label="")),
        Head("Lecture", label=""),
    )
    key = render_to_string("components/gauge_key.html")
    return table("", "Ressemblent-ils à ce qui se libère ?", note, headings, rows, under=key)


def _reading(row: MixRow) -> str:
    if row.near:
        return "À moins d’un logement"
    return f"Il vous en manque {row.lacking}" if row.lacking > 0 else f"Vous en avez reçu {row.surplus} de plus"
