"""The ledger compared with a file of the SNE or of SYPLO, in tables."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from django.urls import reverse

from attributions.bilan.models import Reconciliation, ReconciliationLine
from reservations.pages.pieces import below, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day, integer, towards, upper_first


def comparisons_table(found: Iterable[Reconciliation], *, show_landlord: bool) -> Table:
    """A comparison a row, the latest first. Landlords, and who did it: fetched."""
    note = (
        "Du plus récent au plus ancien. Aucun ne change après coup : comparez un nouveau fichier pour voir ce qui est "
        "réglé."
    )
    return Rows(
        found,
        Shown(
            "Fichier",
            lambda each: below(
                link(
                    reverse("reconciliation-detail", args=[each.pk]),
                    upper_first(each.get_source_display()),
                    also=f" du {day(each.at)} : lire le résultat",
                ),
                muted(each.file_name),
            ),
        ),
        Shown(Head("Exercice", ""), lambda each: str(each.exercise)),
        Shown(Head("Bailleur", ""), lambda each: str(each.landlord), when=show_landlord),
        Shown(Head("Le", "nw"), lambda each: below(day(each.at), muted(each.by))),
        Number("Lignes", lambda each: each.rows),
        Number("Concordants", lambda each: each.counts["MATCHED"]),
        Number("À régler", lambda each: each.to_settle),  # type: ignore[attr-defined]  # annotated by `reconciliations`
    ).titled("faits", "Rapprochements faits", note)


def points_tables(found: Iterable[ReconciliationLine], *, leads: bool) -> list[Table]:
    """The points to settle, a table for each party that settles them, in their order. `leads`: may the reader open the
    units?"""
    return [_points(key, list(points), leads=leads) for key, points in groupby(found, key=lambda each: each.party_key)]


def _points(key: str, points: list[ReconciliationLine], *, leads: bool) -> Table:
    title = f"À régler par {towards(points[0].party)}"
    return Rows(
        points,
        Shown(Head("Logement", "all unit"), lambda each: _unit(each, leads=leads)),
        Shown(Head("Constat", ""), lambda each: pill(upper_first(each.get_finding_display()))),
        Shown(Head("Fichier", ""), _file),
        Shown(Head("Compte", ""), _account),
        Shown("À faire", lambda each: each.todo),
    ).titled(f"par-{key}", title, "Le numéro unique n’est montré que par sa fin.")


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
