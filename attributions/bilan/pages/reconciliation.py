"""The ledger compared with a file of the SNE or of SYPLO, in tables."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from django.urls import reverse

from attributions.bilan.models import Reconciliation, ReconciliationLine
from reservations.pages.pieces import below, link, muted, pill
from reservations.pages.table import FIGURE, Head, Table, table
from reservations.words import day, integer, towards, upper_first


def comparisons_table(found: Iterable[Reconciliation], *, show_landlord: bool) -> Table:
    """A comparison a row, the latest first. Landlords, and who did it: fetched."""
    rows = [
        (
            below(
                link(
                    reverse("reconciliation-detail", args=[each.pk]),
                    upper_first(each.get_source_display()),
                    also=f" du {day(each.at)} : lire le résultat",
                ),
                muted(each.file_name),
            ),
            str(each.exercise),
            *((str(each.landlord),) if show_landlord else ()),
            below(day(each.at), muted(each.by)),
            integer(each.rows),
            integer(each.counts["MATCHED"]),
            integer(each.to_settle),  # type: ignore[attr-defined]  # annotated by `reconciliations`
        )
        for each in found
    ]
    headings = (
        *("Fichier", Head("Exercice", "")),
        *((Head("Bailleur", ""),) if show_landlord else ()),
        *(Head("Le", "nw"), f"Lignes{FIGURE}", f"Concordants{FIGURE}", f"À régler{FIGURE}"),
    )
    note = (
        "Du plus récent au plus ancien. Aucun ne change après coup : comparez un nouveau fichier pour voir ce qui est "
        "réglé."
    )
    return table("faits", "Rapprochements faits", note, headings, rows)


def points_tables(found: Iterable[ReconciliationLine], *, leads: bool) -> list[Table]:
    """The points to settle, a table for each party that settles them, in their order. `leads`: may the reader open the
    units?"""
    return [_points(key, list(points), leads=leads) for key, points in groupby(found, key=lambda each: each.party_key)]


def _points(key: str, points: list[ReconciliationLine], *, leads: bool) -> Table:
    rows = [
        (
            _unit(each, leads=leads),
            pill(upper_first(each.get_finding_display())),
            _file(each),
            _account(each),
            each.todo,
        )
        for each in points
    ]
    headings = (
        *(Head("Logement", "all unit"), Head("Constat", ""), Head("Fichier", ""), Head("Compte", "")),
        "À faire",
    )
    title = f"À régler par {towards(points[0].party)}"
    return table(f"par-{key}", title, "Le numéro unique n’est montré que par sa fin.", headings, rows)


def _unit(point: ReconciliationLine, *, leads: bool) -> str:
    reference = point.unit_reference or "non renseigné"
    opens = leads and point.vacancy_id is not None
    said = link(reverse("vacancy-detail", args=[point.vacancy_id]), reference) if opens else reference
    return below(said, muted(f"numéro se terminant par {point.ending}") if point.number else "")


def _file(point: ReconciliationLine) -> str:
    """What the file says of it, and on which line."""
    if not point.line:
        return muted("absent")
    where = f"ligne {integer(point.line)}" + (f", bail du {day(point.their_day)}" if point.their_day else "")
    return below(point.their_contingent or "contingent non renseigné", muted(where))


def _account(point: ReconciliationLine) -> str:
    """What the ledger says of it."""
    if point.vacancy_id is None:
        return muted("absent")
    whose = "orienté vers un autre" if point.is_elsewhere else point.our_holder or "hors réservation"
    return below(whose, muted(f"bail du {day(point.our_day)}") if point.our_day else "")
