"""Units whose candidates one follows, in the words of their list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from attributions.households.pages.next_act import next_act
from attributions.households.pages.stage import NAMES
from attributions.households.queries.file_list import FileRow
from flux.pages.dwelling import headline
from reservations.pages.pieces import below, beside, bold, button, link, muted, pill, whole
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import integer, near_day, towards, upper_first

#: Words of the states that take an « s » when there are several.
AGREEING = ("transmise", "instruite", "prête", "retenue", "envoyée", "acceptée", "terminée", "libérée")


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of the list: its stage, and how many candidates are in each state."""

    row: FileRow
    stage: str
    states: list[tuple[str, int]]


def file_lines(rows: Iterable[FileRow]) -> list[FileLine]:
    """Rows as the list says them. No query."""
    return [
        FileLine(row, NAMES[row.stage], [(agreed(str(status.label), number), number) for status, number in row.states])
        for row in rows
    ]


def agreed(label: str, number: int) -> str:
    """« transmise », « transmises »: a state as it is said of so many candidates."""
    if number < 2:
        return label
    for word in (*AGREEING, "offre"):
        label = label.replace(word, f"{word}s")
    return label


def files_table(lines: Iterable[FileLine], *, by_landlord: bool) -> Table:
    """A unit a row, the nearest deadline first; whose turn it is next, as the reader stands there."""
    title = "Logements et candidats, de l’échéance la plus proche à la plus lointaine, puis sans échéance"
    return Rows(
        lines,
        Shown(
            Head("Échéance", "nw first-cell"),
            lambda each: (
                beside(bold(near_day(each.row.due)), pill("Dépassée", "late") if each.row.late else "")
                if each.row.due
                else muted("sans")
            ),
        ),
        Shown(
            Head("Logement", "all unit"),
            lambda each: below(
                beside(
                    link(reverse("file", args=[each.row.vacancy.pk]), bold(each.row.vacancy.unit.reference)),
                    bold(headline(each.row.vacancy.unit)),
                ),
                muted(f"{each.row.vacancy.unit.address}, {each.row.vacancy.unit.commune.name}"),
            ),
        ),
        Shown(
            Head("Étape", ""),
            lambda each: below(upper_first(each.stage), muted(beside("depuis le", whole(near_day(each.row.since))))),
        ),
        Shown(
            Head("Réservataire" if by_landlord else "Bailleur", ""),
            lambda each: _whose(each.row) if by_landlord else _landlord(each.row),
        ),
        Shown(
            Head("Candidatures", ""),
            lambda each: below(*(f"{integer(number)} {state}" for state, number in each.states)) or muted("aucune"),
        ),
        Shown(Head("Ensuite", label=""), lambda each: _next(each.row, ours=not by_landlord)),
        Shown(
            Head("Ouvrir", "noprint wide-only", hidden=True, label=""),
            lambda each: button(
                reverse("file", args=[each.row.vacancy.pk]),
                "Ouvrir",
                also=f" les candidats de {each.row.vacancy.unit.reference}",
            ),
        ),
    ).titled("liste", title, head_at=1, quiet=True)


def _whose(row: FileRow) -> str:
    """Whom the unit is routed to, who acts in its name, and whether the landlord looks for the candidates."""
    if row.routing is None:
        return "Soustrait du flux"
    holder = row.routing.holder
    acting = f", par {towards(row.routing.acting)}" if row.routing.acting else ""
    delegated = row.by_landlord and not holder.is_not_reserved
    return below(f"{holder}{acting}", muted("gestion déléguée") if delegated else "")


def _landlord(row: FileRow) -> str:
    searches = muted("cherche les candidats (gestion déléguée)") if row.by_landlord else ""
    return below(row.vacancy.unit.landlord, searches)


def _next(row: FileRow, *, ours: bool) -> str:
    landlord = row.vacancy.unit.landlord.organisation.name
    return next_act(
        row.stage, row.routing, row.clock, landlord, by_landlord=row.by_landlord, ours=ours, returns=row.returns
    )
