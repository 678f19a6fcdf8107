"""Alerts as a person reads them: the figures that differ, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from flux.engine.wording import DIMENSIONS, units
from flux.models import AuditAlert
from reservations.models.convention import UNIT
from reservations.pages.imprints import DONE, named
from reservations.pages.pieces import beside, link, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.queries.imprints import Change
from reservations.queries.log import LogFault
from reservations.words import day, upper_first

Check = AuditAlert.Check

#: How a figure is called on the page.
FIGURES = {
    "due": "dû",
    "received": "reçus",
    "last_served": "rang du dernier logement reçu",
    "lines": "d’après les lignes",
    "entries": "d’après les mouvements",
    "sequence": "rang du compte",
    "last": "rang de la dernière recommandation",
    "rank": "rang",
    "CARRIED": "reports",
    "opening": "repris de l’ouverture",
    "FORFEITED": "abandons",
    "TRANSFERRED": "transferts",
    "RETURNED": "logements rendus",
    "LEASED": "baux signés",
    "holder": "destination",
    "reason": "raison",
    "sentence": "phrase",
    "ranking": "classement",
    "fingerprint": "empreinte",
    "situation": "situation lue",
    "plan": "plan des départs connus",
    "source": "origine du logement",
    "out_of_turn": "décisions demandées hors de leur tour",
    "tries": "essais",
    "task": "tâche",
    "row": "ligne",
    "error": "erreur",
    "position": "premier rang qui ne suit pas les autres",
    "rows": "lignes qui diffèrent, au moins",
    "stage": "étape",
    "leases": "baux en vigueur",
    "candidates": "candidatures en cours",
    "vacant": "déclarations en cours",
    "routed": "orientations en cours",
    "recommended": "recommandations en attente",
    "carried": "reports de l’année d’avant",
    "settled": "réglé d’avant la signature",
    "offered": "proposés",
    "designated": "candidats désignés",
    "returned": "rendus",
    "lapsed": "sans réponse",
    "refused": "candidatures non abouties",
    "allocated": "attribués",
    "leased": "baux signés",
    "first_lettings": "premières locations proposées",
    "first_allocated": "premières locations attribuées",
    "first_leased": "premières locations louées",
}

#: Controls whose figures are dues, in millionths, whatever their names.
OWED = (Check.DUE, Check.DELAYS, Check.LACKS, Check.SUMS, Check.OPENING, Check.LOST, Check.SETTLED)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that differs, in words."""

    name: str
    expected: str
    found: str


#: How the verifiable log, or what watches it, differs: what the alert counts.
LOG = {
    LogFault.MISSING.value: "journal vérifiable : feuilles qui manquent, à partir de",
    LogFault.LEAF.value: "journal vérifiable : feuilles réécrites, à partir de",
    LogFault.SALT.value: "journal vérifiable : contenus réécrits, à partir de la feuille",
    LogFault.NODE.value: "journal vérifiable : nœuds réécrits, à partir de",
    LogFault.CHECKPOINT.value: "journal vérifiable : état signé qui n’est plus le sien",
    LogFault.COSIGNED.value: "journal vérifiable : état contresigné par un témoin qui n’est pas le sien",
    "PRINTED": "imprimé ou envoyé, et que la base ne contient plus",
    "DISARMED": "contrôles de la base qui ne sont plus ceux du logiciel",
    "TERRITORIES": "territoires qui ne sont pas ceux du code officiel géographique",
}


def figures(alert: AuditAlert) -> list[Figure]:
    """What was expected and found, figure by figure."""
    expected, found = alert.expected, alert.found
    if alert.is_set_aside and isinstance(found, dict):
        return [Figure(FIGURES[name], str(expected.get(name, "")), str(value)) for name, value in found.items()]
    if alert.check_code == Check.ALTERED and isinstance(found, dict):
        return _rows(found)
    if alert.is_of_log and isinstance(found, dict):
        what = ", ".join(found["named"]) or f"n° {found['position']}"
        return [Figure(LOG[found["log"]], "rien", what)]
    if isinstance(expected, dict):
        missing = {} if found is None else found
        return [
            Figure(_named(name), _detail_words(alert, name, value), _detail_words(alert, name, missing.get(name)))
            for name, value in sorted(expected.items())
        ]
    if isinstance(found, dict):
        return [
            Figure(_named(name), "l’ordre d’enregistrement", _detail_words(alert, name, found[name])) for name in found
        ]
    return [Figure("chiffre", _detail_words(alert, "", expected), _detail_words(alert, "", found))]


def _rows(found: dict[str, Any]) -> list[Figure]:
    """« Baux : lignes modifiées hors de l’application, 0, 2 », then which."""
    beside = found["rows"] - len(found["named"])
    those = ", ".join(f"n° {row}" for row in found["named"]) + (f" et {beside} autres" if beside else "")
    what = f"{named(found['table'])} : {DONE[Change(found['change'])]}"
    return [Figure(what, "0", str(found["rows"])), Figure("lignes", "aucune", those)]


def _named(name: str) -> str:
    """« typologie T2, dû » for a category; else the name of the figure."""
    parts = name.split("/")
    if len(parts) == 3:
        return f"{DIMENSIONS.get(parts[0], parts[0])} {parts[1] or 'non renseigné'}, {FIGURES[parts[2]]}"
    return FIGURES.get(name, DIMENSIONS.get(name, name))


def _detail_words(alert: AuditAlert, name: str, value: Any) -> str:
    if value is None:
        return "rien"
    if isinstance(value, int) and (alert.check_code in OWED or name == "due" or name.endswith("/due")):
        return units(value, UNIT, signed=True) if value % 10_000 == 0 else f"{value:+d} millionièmes"
    return str(value) if isinstance(value, int | str) else "différent, voir le fichier JSON de la commande"


def alerts_table(found: Iterable[AuditAlert]) -> Table:
    """An alert a row, those that nobody has read first. What each is about, and who read it: fetched."""
    note = "Celles que personne n’a lues d’abord, puis de la plus récente à la plus ancienne."
    return Rows(
        found,
        Shown(Head("Trouvée le", "nw"), lambda each: day(each.found_at)),
        Shown(
            "Contrôle",
            lambda each: link(reverse("audit-alert", args=[each.pk]), upper_first(each.get_check_code_display())),
        ),
        Shown(Head("Compte", ""), lambda each: upper_first(each.account)),
        Shown(Head("Réservataire", ""), lambda each: str(each.holder or "tous")),
        Shown(
            Head("Lecture", ""),
            lambda each: (
                beside(pill("Lue", "ok"), f"le {day(each.acknowledged_at)} par {each.acknowledged_by}")
                if each.acknowledged_at
                else Text("À lire", pill="late")
            ),
        ),
    ).titled("", "Alertes des contrôles", note, head_at=1)


def figures_table(alert: AuditAlert) -> Table:
    """What was expected and found, side by side."""
    note = (
        ""
        if alert.is_tampering or alert.is_set_aside
        else "Dus et écarts en logements ; un millionième est un millionième de logement."
    )
    return Rows(
        figures(alert),
        Shown("Chiffre", lambda each: upper_first(each.name)),
        Number("Attendu", lambda each: each.expected),
        Number("Trouvé", lambda each: each.found),
    ).titled("", "Chiffres attendus et trouvés", note)
