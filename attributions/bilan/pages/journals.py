"""What is kept of a balance, act by act: tolerated days, stated purposes, who read or took it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attributions.bilan.models import BalanceDownload, BalanceTolerance, StatedPurpose
from reservations.pages.pieces import below, bold, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day, hour, upper_first


def tolerances_table(found: Iterable[tuple[BalanceTolerance, date | None]]) -> Table:
    """A tolerated day a row, beside the day of the law."""
    note = "Un bilan envoyé jusqu’à ce jour inclus n’est pas en retard."
    return Rows(
        found,
        Shown("Région", lambda row: str(row[0].region)),
        Number("Exercice", lambda row: str(row[0].exercise)),
        Shown(Head("Échéance légale", ""), lambda row: f"avant le {day(row[1])}"),
        Shown(Head("Toléré jusqu’au", ""), lambda row: day(row[0].until)),
        Shown("Source", lambda row: row[0].source),
    ).titled("", "Dates tolérées, par région et exercice", note)


def purposes_table(found: Iterable[StatedPurpose]) -> Table:
    """Who read whole figures, when and why. Who, and for whom: fetched."""
    note = (
        "De la plus récente à la plus ancienne. Écrites avant que les chiffres se lisent ; personne ne peut les "
        "changer."
    )
    return Rows(
        found,
        Shown(Head("Quand", "nw"), lambda each: below(day(each.at), muted(hour(each.at)))),
        Shown("Qui", lambda each: below(bold(each.user), muted(each.organisation.name))),
        Number("Exercice", lambda each: str(each.exercise)),
        Shown(Head("Territoire", ""), lambda each: str(each.territory)),
        Shown("Pourquoi", lambda each: upper_first(each.words)),
    ).titled(
        "t-journal",
        "Finalités déclarées",
        note,
        head_at=1,
        none="Personne n’a encore déclaré de finalité ici. La première s’inscrira d’elle-même.",
    )


def downloads_table(found: Iterable[BalanceDownload], year: int) -> Table:
    """Who read or took the balance of a year, the latest first. Who, for whom, and which version: fetched."""
    note = (
        "Du plus récent au plus ancien. Une page lue s’y inscrit une fois par jour et par personne, avant d’être "
        "montrée ; un fichier, avant de partir. Personne ne peut rien y changer. Vos propres lectures n’y sont pas."
    )
    return Rows(
        found,
        Shown(Head("Quand", "nw"), lambda each: below(day(each.at), muted(hour(each.at)))),
        Shown("Qui", lambda each: below(bold(each.user), muted(each.organisation.name))),
        Shown(Head("Lu ou emporté", ""), lambda each: upper_first(each.get_form_display())),
        Shown(
            Head("Territoire", ""),
            lambda each: str(each.territory) if each.territory else muted("tout ce que la personne lit"),
        ),
        Shown(
            Head("Version", ""),
            lambda each: f"version {each.version.number}" if each.version else muted("projet du jour"),
        ),
    ).titled(
        "liste",
        f"Qui a lu ou emporté le bilan {year}",
        note,
        head_at=1,
        none="Personne n’a encore lu ni emporté ce bilan. La première lecture s’inscrira ici d’elle-même.",
    )
