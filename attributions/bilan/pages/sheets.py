"""What pages say of sheets.

* What a file that says it is a balance is worth, in a sentence.
* The files of a balance and the layouts that shape them, in words.
* What is stated of the balances that another tool sealed.
* From when the accounts of a balance are kept here, and which programmes passed from a landlord to another: on its
  pages, and in what is sealed.
* What is kept of a balance, act by act: tolerated days, stated purposes, who read or took it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from attributions.bilan.models import BalanceDownload, BalanceLayout, BalanceTolerance, BalanceVersion, StatedPurpose
from attributions.bilan.pages.scales import axis_name
from attributions.bilan.queries.files import Checked, FileDifference, Lacking
from flux.pages.account_words import delegated_words, order_words
from flux.pages.opening import kept_words
from flux.pages.stock_transfers import passed_words
from flux.queries.balance import Ordered
from flux.queries.cells import Axis
from flux.queries.flow import Delegated
from flux.queries.opening import Kept
from flux.queries.stock_transfers import Passed
from reservations.models import HistoryEntry, KeptElsewhere, Landlord, Territory
from reservations.pages.pieces import below, bold, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import day, hour, of, plural, upper_first

#: Longer values are cut when they are shown.
SHOWN = 60


def checked_words(checked: Checked) -> str:
    """« C’est la version 2 du bilan 2026 de Robine Habitat, Aude, envoyée le 9 février 2027 : pas encore scellée. »"""
    version = checked.version
    if version is None and checked.is_pdf:
        return (
            "Ce PDF n’est pas celui d’un bilan scellé, à l’octet près : il a changé depuis qu’il est signé, ou vient "
            "d’ailleurs. Téléchargez-le de nouveau sur la page de la version."
        )
    if version is None:
        return "Ce fichier n’est pas celui d’un bilan envoyé : aucune version n’a cette empreinte."
    named = _named(version)
    if checked.forged and checked.same:
        return (
            f"C’est bien le fichier qui a été envoyé ({named}). La base, elle, a été modifiée hors de l’application "
            "depuis : gardez ce fichier, et prévenez l’exploitant."
        )
    if checked.forged:
        return (
            f"Ce fichier n’est pas celui qui a été envoyé ({named}) : la base a été modifiée hors de l’application "
            "depuis l’envoi. Demandez le fichier gardé par une autre partie."
        )
    if not checked.same:
        return f"Ce fichier n’est pas celui qui a été envoyé ({named})."
    state = f"scellée le {day(version.sealed_at)}" if version.sealed_at else "envoyée, pas encore scellée"
    return f"C’est la {named}, envoyée le {day(version.sent_at)} : {state}."


#: What a version, or its PDF, lacks to be certified, in the order in which it comes.
LACKING = {
    Lacking.PARTIES: "les signatures de toutes les parties",
    Lacking.LOG: "le journal (aucun point de contrôle signé ne contient cette version telle qu’elle est)",
    Lacking.SIGNATURE: "la signature du PDF (personne ne l’a encore demandé, ou l’installation n’a pas de certificat)",
    Lacking.TRUST: "la signature du PDF (son certificat n’est pas de ceux que l’exploitant reconnaît, ou a expiré)",
    Lacking.DATE: "l’horodatage de la signature (aucune autorité ne l’a encore datée)",
    Lacking.WITNESSES: "les témoins (deux organismes n’ont pas encore contresigné un état du journal qui la contient)",
}


def certified_words(checked: Checked) -> str:
    """« Certifiée : le journal, … », or what is missing for it to be; nothing of another file, or of a forged base."""
    if checked.lacking is None:
        return ""
    if not checked.lacking:
        return "Certifiée : le journal, la signature horodatée du PDF et deux témoins concordent."
    return f"Pas encore certifiée ; il manque : {' ; '.join(LACKING[each] for each in checked.lacking)}."


def _named(version: BalanceVersion) -> str:
    """« version 2 du bilan 2026 de Robine Habitat, Aude »"""
    balance = version.balance
    return f"version {version.number} du bilan {balance.exercise} {of(balance.landlord)}, {balance.departement}"


def difference_words(difference: FileDifference) -> tuple[str, str, str]:
    """Where it is, what the file has there, what was sent."""
    if difference.byte:
        return f"octet {difference.byte}", _byte(difference.file), _byte(difference.sent)
    return difference.path, _value(difference.file), _value(difference.sent)


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _byte(value: int | None) -> str:
    return "fin du fichier" if value is None else f"0x{value:02x}"


NONE = "–"


def layouts_table(layouts: Iterable[BalanceLayout], latest: Mapping[int, HistoryEntry]) -> Table:
    """Those that the operator keeps, each with its columns and its cut, and the latest act on it, by id."""
    return Rows(
        layouts,
        Shown("Présentation", lambda each: Text(each.name, each.code, link=reverse("balance-layout", args=[each.pk]))),
        Shown("Région", lambda each: str(each.region or "toutes")),
        Shown(
            "Colonnes",
            lambda each: Text(
                f"{len(each.columns)} {plural(len(each.columns), 'colonne,colonnes')}",
                " · ".join(heading for _, heading in each.columns),
            ),
        ),
        Shown(
            "Tableaux",
            lambda each: ", ".join(f"par {axis_name(Axis(axis))}" for axis in each.axes) or "un seul tableau",
        ),
        Shown("Source", lambda each: each.source),
        Shown("Dernier acte", lambda each: _act_words(latest.get(each.pk))),
        Shown("État", lambda each: Text("proposée", pill="ok") if each.is_offered else Text("en attente", pill="wait")),
    ).titled("layouts", "Présentations du bilan", "Leur code est dans le nom des fichiers.")


def _act_words(act: HistoryEntry | None) -> str:
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

    def file(form: str, asked: str, name: str) -> Text:
        url = reverse(f"balance-{form}", args=[landlord.pk, year])
        return Text(f"{stem}{name}.{form}", link=f"{url}{query}{asked}")

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
        Shown("Fichier", lambda each: Text(each.name, each.hint)),
        Shown("D’où il vient", lambda each: each.source),
        Shown("Classeur", lambda each: file("xlsx", each.asked, each.suffix) if each.in_a_workbook else NONE),
        Shown("CSV", lambda each: file("csv", each.asked, each.suffix)),
    ).titled("files", "Fichiers du bilan", note)


def elsewhere_words(kept: KeptElsewhere) -> str:
    """« Bilan 2025, Aude, tenu dans notre logiciel d’avant, scellé le 28 février 2026 »."""
    seal = f"scellé le {day(kept.sealed_on)}" if kept.sealed_on else f"envoyé le {day(kept.held_on)}, pas encore scellé"
    return f"Bilan {kept.exercise}, {kept.departement}, tenu dans : {kept.kept_in}, {seal}"


def elsewhere_table(found: Iterable[KeptElsewhere]) -> Table:
    """Each with its file."""
    note = "Gardés octet pour octet, leur empreinte vérifiée. Rien n’en est compté ici."
    return Rows(
        found,
        Shown(
            "Bilan",
            lambda each: Text(
                f"Bilan {each.exercise}, {each.departement}",
                f"version {each.said['version']}" if each.said.get("version") else "",
                reverse("balance-elsewhere-file", args=[each.pk]),
            ),
        ),
        Shown("Bailleur", lambda each: str(each.landlord)),
        Shown("Tenu ailleurs", lambda each: f"tenu dans : {each.kept_in}"),
        Shown("Envoyé le", lambda each: day(each.held_on)),
        Shown("Scellé le", lambda each: day(each.sealed_on) if each.sealed_on else "pas scellé"),
        Shown("Signé par", lambda each: each.said.get("signée par") or "personne"),
    ).titled("tenus-ailleurs", "Bilans tenus ailleurs", note, none="Aucun bilan tenu ailleurs n’a été redonné ici.")


def kept_lines(found: Collection[tuple[Territory, Kept]]) -> list[str]:
    """A sentence an account, which names its département where there are several."""
    return [f"{f'{place} : ' if len(found) > 1 else ''}{kept_words(kept)}" for place, kept in found]


def passed_lines(found: Collection[tuple[Territory, Passed]]) -> list[str]:
    """A sentence for each time that programmes passed, which names its département where there are several."""
    several = len({place.pk for place, _ in found}) > 1
    return [f"{f'{place} : ' if several else ''}{passed_words(each)}" for place, each in found]


def kept_of(content: Mapping[str, Any]) -> list[str]:
    """These from a version that was sent, with the préfet's orders that stood for a convention and what delegates
    propose for; nothing when its account was kept here from its first day and nothing passed, or before versions stated
    it."""
    content_kept = content.get("kept_here")
    kept = [kept_words(Kept.of_json(content_kept))] if content_kept else []
    passed = [passed_words(Passed.of_json(each)) for each in content.get("passed", ())]
    orders = order_words(Ordered.of_json(each) for each in content.get("orders", ()))
    delegated = delegated_words(Delegated.of_json(each) for each in content.get("delegated", ()))
    return [*kept, *passed, *orders, *delegated]


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
            lambda each: each.of_version if each.version else muted(each.of_version),
        ),
    ).titled(
        "liste",
        f"Qui a lu ou emporté le bilan {year}",
        note,
        head_at=1,
        none="Personne n’a encore lu ni emporté ce bilan. La première lecture s’inscrira ici d’elle-même.",
    )
