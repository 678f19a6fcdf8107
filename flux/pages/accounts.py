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
from reservations.pages.table import Number, Rows, Said, Shown, Table
from reservations.words import day, integer, of, towards


def accounts_table(rows: Iterable[Mapping[str, Any]], *, today: date, first: bool, mine: bool) -> Table:
    """An account a row: what entered it, the reader's own gap where they hold something, and the widest of a holder.
    `first`: accounts of first lettings."""
    title = f"Comptes{' des premières locations' if first else ''}, arrêtés au {day(today)}"
    note = (
        "Écart = dû − reçu, en logements. Un logement est reçu au point de comptage de la convention (l’orientation, "
        "ou sa recommandation, sauf autre choix) ; avant, il est en cours."
    )
    return Rows(
        rows,
        Shown(
            "Compte",
            lambda row: link(
                reverse("account", args=[(row["ledger"]).pk]),
                format_html(
                    "<b>{}</b>, {}, {}", (row["ledger"]).landlord, (row["ledger"]).departement, (row["ledger"]).exercise
                ),
            ),
        ),
        Number(f"Logements {'loués' if first else 'entrés'}", lambda row: row["entered"]),
        Number("À confirmer", lambda row: row["awaiting"]),
        Shown("Votre écart", lambda row: _mine(row["mine"], (row["ledger"])), when=mine),
        Shown(
            "Plus grand écart d’un réservataire",
            lambda row: widest_cell(row["widest"]) if row["widest"] else muted("aucun réservataire"),
        ),
    ).titled("", title, note, under=gap_key())


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
    first, whole = ledger.kind == Ledger.Kind.FIRST_LETTING, found.total
    since = "" if found.on == today else f"?on={found.on:%Y-%m-%d}"

    def leading(line: AccountLine, stage: str, count: int, words: str, none: str = "0") -> str:
        address = reverse("statement-units", args=[ledger.pk, line.holder.pk])
        return link(f"{address}?stage={stage}&until={found.on:%Y-%m-%d}", words) if count else none

    def counted(line: AccountLine, stage: str, count: int) -> str:
        return leading(line, stage, count, integer(count))

    title = f"Compte{' des premières locations' if first else ''} {of(ledger.landlord)}, {ledger.departement}, "
    carried = " Dû : report compris." if any(line.figures.carried for line in found.lines) else ""
    note = (
        "En logements. Reçus : au point de comptage de la convention (l’orientation, ou sa recommandation, sauf autre "
        "choix) ; avant, en cours : reçus + en cours = orientés + à confirmer. Écart = dû − reçus."
        f"{carried} Chaque nombre mène à ses logements."
    )
    title += f"exercice {ledger.exercise}, au {day(found.on)}"
    return Rows(
        found.lines,
        Shown(
            "Réservataire",
            lambda line: link(f"{reverse('statement', args=[ledger.pk, line.holder.pk])}{since}", bold(line.holder)),
            Said("Ensemble", span=2),
        ),
        Shown(
            "Origine" if first else "Part du flux",
            lambda line: (
                _origin(line) if first else render_to_string("flux/terms.html", {"terms": terms(line), "line": line})
            ),
        ),
        Number(
            "Dû", lambda line: leading(line, "DUE", line.figures.due, units(line.figures.due), "0,00"), units(whole.due)
        ),
        Number("Orientés", lambda line: counted(line, "ROUTED", line.figures.routed), whole.routed),
        Number("À confirmer", lambda line: counted(line, "AWAITING", line.figures.awaiting), whole.awaiting),
        Number(
            "Reçus",
            lambda line: beside(counted(line, "RECEIVED", line.figures.received), between(line)),
            format_html("{}{}", integer(whole.received), on_the_way(whole)),
        ),
        Shown("Écart", lambda line: gap_cell(line.gap), format_html('<span class="n">{}</span>', gap(whole.gap))),
    ).titled("", title, note, under=gap_key())


def _origin(line: AccountLine) -> str:
    return muted("ce qui n’est pas réparti" if line.holder.is_not_reserved else "parts convenues")
