"""Accounts in the tables of their pages: the list, and one account holder by holder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from flux.models import Ledger
from flux.pages.drawn import between, gap_cell, gap_key, on_the_way, widest_cell
from flux.queries.account import Account, AccountLine
from flux.words import gap, units
from reservations.pages.pieces import beside, bold, link, muted
from reservations.pages.table import FIGURE, Said, Table, table
from reservations.words import day, integer, of, towards


def accounts_table(rows: Iterable[Mapping[str, Any]], *, today: date, first: bool, mine: bool) -> Table:
    """An account a row: what entered it, the reader's own gap where they hold something, and the widest of a holder.
    `first`: accounts of first lettings."""
    headings = (
        *("Compte", f"Logements {'loués' if first else 'entrés'}{FIGURE}", f"À confirmer{FIGURE}"),
        *(("Votre écart",) if mine else ()),
        "Plus grand écart d’un réservataire",
    )
    told = [
        (
            link(
                reverse("account", args=[ledger.pk]),
                format_html("<b>{}</b>, {}, {}", ledger.landlord, ledger.departement, ledger.exercise),
            ),
            integer(row["entered"]),
            integer(row["awaiting"]),
            *((_mine(row["mine"], ledger),) if mine else ()),
            widest_cell(row["widest"]) if row["widest"] else muted("aucun réservataire"),
        )
        for row in rows
        for ledger in [row["ledger"]]
    ]
    title = f"Comptes{' des premières locations' if first else ''}, arrêtés au {day(today)}"
    note = (
        "Écart = dû − reçu, en logements. Un logement est reçu au point de comptage de la convention (l’orientation, "
        "ou sa recommandation, sauf autre choix) ; avant, il est en cours."
    )
    return table("", title, note, headings, told, under=gap_key())


def _mine(lines: Sequence[AccountLine], ledger: Ledger) -> str:
    """The gap of each contingent of the reader, which leads to its statement."""
    if not lines:
        return muted("aucun mouvement")
    return format_html_join("", "{}", ((_own(line, ledger, several=len(lines) > 1),) for line in lines))


def _own(line: AccountLine, ledger: Ledger, *, several: bool) -> str:
    also = f", relevé {of(line.holder)} chez {towards(ledger.landlord)}, {ledger.exercise}"
    figure = link(reverse("statement", args=[ledger.pk, line.holder.pk]), gap(line.gap), also=also, css="n")
    whose = muted(line.holder, "small") if several else ""
    return format_html("{} {} {}", gap_cell(line.gap, figure), between(line), whose)


def account_table(
    found: Account, ledger: Ledger, terms: Callable[[AccountLine], Sequence[Any]], *, today: date
) -> Table:
    """A holder a row, each figure leading to its units. `terms`: the shares that a line comes from."""
    first = ledger.kind == Ledger.Kind.FIRST_LETTING
    since = "" if found.on == today else f"?on={found.on:%Y-%m-%d}"
    rows = [
        (
            link(f"{reverse('statement', args=[ledger.pk, line.holder.pk])}{since}", bold(line.holder)),
            _origin(line) if first else render_to_string("flux/terms.html", {"terms": terms(line), "line": line}),
            *_figures(line, ledger, found.on),
            gap_cell(line.gap),
        )
        for line in found.lines
    ]
    whole = found.total
    total = (
        Said("Ensemble", span=2),
        *(units(whole.due), integer(whole.routed), integer(whole.awaiting)),
        format_html("{}{}", integer(whole.received), on_the_way(whole)),
        format_html('<span class="n">{}</span>', gap(whole.gap)),
    )
    headings = (
        *("Réservataire", "Origine" if first else "Part du flux", f"Dû{FIGURE}", f"Orientés{FIGURE}"),
        *(f"À confirmer{FIGURE}", f"Reçus{FIGURE}", "Écart"),
    )
    title = f"Compte{' des premières locations' if first else ''} {of(ledger.landlord)}, {ledger.departement}, "
    carried = " Dû : report compris." if any(line.figures.carried for line in found.lines) else ""
    note = (
        "En logements. Reçus : au point de comptage de la convention (l’orientation, ou sa recommandation, sauf autre "
        "choix) ; avant, en cours : reçus + en cours = orientés + à confirmer. Écart = dû − reçus."
        f"{carried} Chaque nombre mène à ses logements."
    )
    title += f"exercice {ledger.exercise}, au {day(found.on)}"
    return table("", title, note, headings, rows, totals=[total], under=gap_key())


def _origin(line: AccountLine) -> str:
    return muted("ce qui n’est pas réparti" if line.holder.is_not_reserved else "parts convenues")


def _figures(line: AccountLine, ledger: Ledger, on: date) -> tuple[str, str, str, str]:
    """What is due, routed, to be confirmed and received: each leads to its units, but nothing leads nowhere."""
    address, figures = reverse("statement-units", args=[ledger.pk, line.holder.pk]), line.figures

    def leading(stage: str, words: str) -> str:
        return link(f"{address}?stage={stage}&until={on:%Y-%m-%d}", words)

    received = leading("RECEIVED", integer(figures.received)) if figures.received else "0"
    return (
        leading("DUE", units(figures.due)) if figures.due else "0,00",
        leading("ROUTED", integer(figures.routed)) if figures.routed else "0",
        leading("AWAITING", integer(figures.awaiting)) if figures.awaiting else "0",
        beside(received, between(line)),
    )
