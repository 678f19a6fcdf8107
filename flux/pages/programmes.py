"""A programme in words: how far its first letting is, and what each act left written."""

from __future__ import annotations

from datetime import date

from flux.queries.programmes import Stage
from reservations.models import HistoryEntry
from reservations.words import plural

NAMES = {
    Stage.STOCK: "déjà loué",
    Stage.PLANNED: "à répartir",
    Stage.DRAFT: "répartition en préparation",
    Stage.AGREED: "répartition convenue",
    Stage.LETTING: "première location en cours",
    Stage.LET: "première location terminée",
}

#: The pill of each stage.
PILLS = {
    Stage.STOCK: "no",
    Stage.PLANNED: "todo",
    Stage.DRAFT: "wait",
    Stage.AGREED: "ok",
    Stage.LETTING: "part",
    Stage.LET: "ok",
}


def stage_name(stage: Stage) -> str:
    """« à répartir »."""
    return NAMES[stage]


def stage_pill(stage: Stage) -> str:
    """The class of its pill."""
    return PILLS[stage]


def programme_act(entry: HistoryEntry) -> str:
    """What an act left written, if its name does not say it all: « 24 logements, livraison le 23/01/2027 »."""
    after = {field: change[1] for field, change in entry.details.items()}
    parts = [f"{holder} {share['units']}" for holder, share in (after.get("allotment") or {}).items()]
    if "allotment" in after and not parts:
        parts.append("aucune part")
    if after.get("expected_units"):
        parts.append(f"{after['expected_units']} {plural(after['expected_units'], 'logement,logements')}")
    if after.get("delivered_on"):
        parts.append(f"livraison le {date.fromisoformat(after['delivered_on']):%d/%m/%Y}")
    if "attractiveness" in after:
        parts.append(f"classe {after['attractiveness']}" if after["attractiveness"] else "non classé")
    if "allotment_agreed_on" in after and after["allotment_agreed_on"] is None:
        parts.append("répartition rouverte")
    return ", ".join(parts)
