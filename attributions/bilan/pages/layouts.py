"""The files of a balance and the layouts that shape them, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from attributions.bilan.models import BalanceLayout
from attributions.bilan.pages.axes import axis_name
from flux.queries.cells import Axis
from reservations.models import HistoryEntry, Landlord
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.words import day, plural

NONE = "–"


def layouts_table(layouts: Iterable[BalanceLayout], latest: Mapping[int, HistoryEntry]) -> Table:
    """Those that the operator keeps, each with its columns and its cut, and the latest act on it, by id."""
    return Rows(
        layouts,
        Shown("Présentation", lambda each: Said(each.name, each.code, link=reverse("balance-layout", args=[each.pk]))),
        Shown("Région", lambda each: str(each.region or "toutes")),
        Shown(
            "Colonnes",
            lambda each: Said(
                f"{len(each.columns)} {plural(len(each.columns), 'colonne,colonnes')}",
                " · ".join(heading for _, heading in each.columns),
            ),
        ),
        Shown(
            "Tableaux",
            lambda each: ", ".join(f"par {axis_name(Axis(axis))}" for axis in each.axes) or "un seul tableau",
        ),
        Shown("Source", lambda each: each.source),
        Shown("Dernier acte", lambda each: _said(latest.get(each.pk))),
        Shown("État", lambda each: Said("proposée", pill="ok") if each.is_offered else Said("en attente", pill="wait")),
    ).titled("layouts", "Présentations du bilan", "Leur code est dans le nom des fichiers.")


def _said(act: HistoryEntry | None) -> str:
    return f"{act.get_act_display()}, le {day(act.at)}, par {act.by}" if act else "livrée avec Équiflux"


@dataclass(frozen=True, slots=True)
class _Offered:
    """A file of a balance: what its address asks, and what ends its name."""

    name: str
    hint: str
    source: str
    asked: str = ""
    suffix: str = ""
    in_a_workbook: bool = True


def files_table(landlord: Landlord, year: int, layouts: Iterable[BalanceLayout], query: str) -> Table:
    """Every file of a balance: whole, in the national table, then under each layout. `query` keeps the territory."""
    stem = f"bilan-{landlord.organisation.siren}-{year}"

    def file(form: str, asked: str, name: str) -> Said:
        url = reverse(f"balance-{form}", args=[landlord.pk, year])
        return Said(f"{stem}{name}.{form}", link=f"{url}{query}{asked}")

    rows = [
        _Offered("Bilan complet", "chaque tableau ; en CSV, chaque chiffre", "CCH, R441-5-1"),
        _Offered(
            "Table nationale",
            "les cinq axes croisés, au même format chez tous les bailleurs",
            "schéma « bilan de gestion en flux »",
            asked="&table=bilan-gestion-en-flux",
            suffix="-bilan-gestion-en-flux",
            in_a_workbook=False,
        ),
        *(
            _Offered(each.name, str(each.region or ""), each.source, f"&modele={each.code}", f"-{each.code}")
            for each in layouts
        ),
    ]
    note = "Un classeur a aussi le passage du parc au flux, prévu et constaté, et ce qui fut transmis."
    return Rows(
        rows,
        Shown("Fichier", lambda each: Said(each.name, each.hint)),
        Shown("D’où il vient", lambda each: each.source),
        Shown("Classeur", lambda each: file("xlsx", each.asked, each.suffix) if each.in_a_workbook else NONE),
        Shown("CSV", lambda each: file("csv", each.asked, each.suffix)),
    ).titled("files", "Fichiers du bilan", note)
