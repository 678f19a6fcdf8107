"""What is kept of a balance, act by act: tolerated days, stated purposes, who read or took it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attributions.bilan.models import BalanceDownload, BalanceTolerance, StatedPurpose
from reservations.pages.pieces import below, bold, muted
from reservations.pages.table import FIGURE, Head, Table, table
from reservations.words import day, hour, upper_first


def tolerances_table(found: Iterable[tuple[BalanceTolerance, date | None]]) -> Table:
    """A tolerated day a row, beside the day of the law."""
    rows = [
        (str(each.region), str(each.exercise), f"avant le {day(law)}", day(each.until), each.source)
        for each, law in found
    ]
    headings = (
        *("Région", f"Exercice{FIGURE}", Head("Échéance légale", ""), Head("Toléré jusqu’au", "")),
        "Source",
    )
    note = "Un bilan envoyé jusqu’à ce jour inclus n’est pas en retard."
    return table("", "Dates tolérées, par région et exercice", note, headings, rows)


def purposes_table(found: Iterable[StatedPurpose]) -> Table:
    """Who read whole figures, when and why. Who, and for whom: fetched."""
    rows = [
        (
            below(day(each.at), muted(hour(each.at))),
            below(bold(each.user), muted(each.organisation.name)),
            str(each.exercise),
            str(each.territory),
            upper_first(each.words),
        )
        for each in found
    ]
    headings = (Head("Quand", "nw"), "Qui", f"Exercice{FIGURE}", Head("Territoire", ""), "Pourquoi")
    note = (
        "De la plus récente à la plus ancienne. Écrites avant que les chiffres se lisent ; personne ne peut les "
        "changer."
    )
    return table(
        "t-journal",
        "Finalités déclarées",
        note,
        headings,
        rows,
        head_at=1,
        none="Personne n’a encore déclaré de finalité ici. La première s’inscrira d’elle-même.",
    )


def downloads_table(found: Iterable[BalanceDownload], year: int) -> Table:
    """Who read or took the balance of a year, the latest first. Who, for whom, and which version: fetched."""
    rows = [
        (
            below(day(each.at), muted(hour(each.at))),
            below(bold(each.user), muted(each.organisation.name)),
            upper_first(each.get_form_display()),
            str(each.territory) if each.territory else muted("tout ce que la personne lit"),
            f"version {each.version.number}" if each.version else muted("projet du jour"),
        )
        for each in found
    ]
    headings = (
        *(Head("Quand", "nw"), "Qui", Head("Lu ou emporté", ""), Head("Territoire", "")),
        Head("Version", ""),
    )
    note = (
        "Du plus récent au plus ancien. Une page lue s’y inscrit une fois par jour et par personne, avant d’être "
        "montrée ; un fichier, avant de partir. Personne ne peut rien y changer. Vos propres lectures n’y sont pas."
    )
    return table(
        "liste",
        f"Qui a lu ou emporté le bilan {year}",
        note,
        headings,
        rows,
        head_at=1,
        none="Personne n’a encore lu ni emporté ce bilan. La première lecture s’inscrira ici d’elle-même.",
    )
