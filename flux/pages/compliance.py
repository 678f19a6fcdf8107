"""What is missing of the conventions of a holder, and what the law does of its flow meanwhile, in sentences."""

from __future__ import annotations

from flux.queries.compliance import ComplianceRow, Situation
from reservations.pages.pauses import suspended_between

NAMES = {
    Situation.SIGNED: "signée, en vigueur",
    Situation.TO_COME: "signée, à venir",
    Situation.PROPOSED: "proposée",
    Situation.DRAFT: "brouillon",
    Situation.ENDED: "finie, sans suite",
    Situation.ORDER: "arrêté du préfet, à défaut",
    Situation.STOCK: "encore en stock",
    Situation.UNCOVERED: "sans convention en vigueur",
    Situation.KEPT: "en stock, de droit",
}

#: The pill of each (visual language, « état »).
PILLS = {
    Situation.SIGNED: "ok",
    Situation.TO_COME: "wait",
    Situation.PROPOSED: "talk",
    Situation.DRAFT: "part",
    Situation.ENDED: "todo",
    Situation.ORDER: "wait",
    Situation.STOCK: "todo",
    Situation.UNCOVERED: "todo",
    Situation.KEPT: "no",
}

#: What is missing, and what to do next.
NEXT = {
    Situation.SIGNED: "Rien ne manque.",
    Situation.TO_COME: "Attendre le premier jour de la convention.",
    Situation.PROPOSED: "Obtenir la signature du réservataire.",
    Situation.DRAFT: "Proposer le brouillon au réservataire.",
    Situation.ENDED: "Signer la convention suivante.",
    Situation.ORDER: "Signer la convention de l’État : elle prend la suite de l’arrêté.",
    Situation.STOCK: "Convertir les droits en stock, puis signer une convention en flux.",
    Situation.UNCOVERED: "Préparer la convention de l’État avec ce bailleur, puis celles des autres réservataires.",
    Situation.KEPT: "Rien : ces droits restent attachés à leurs logements (CCH, R441-5).",
}


def situation_name(situation: Situation) -> str:
    """« proposée »."""
    return NAMES[situation]


def consequence(row: ComplianceRow) -> str:
    """What the law does of the flow meanwhile; nothing when the convention is in force."""
    if row.required_since is None or row.situation in (Situation.SIGNED, Situation.KEPT):
        return ""
    if row.situation == Situation.ORDER and not row.is_state:
        return "Sa part est gérée par le préfet, par arrêté : comptée au réservataire, proposée par l’État."
    if row.situation == Situation.ORDER:
        return "L’arrêté du préfet s’applique : sa part est comptée (CCH, R441-5-2 IV)."
    if row.is_state or row.place is not None:
        return "Le préfet fixe les règles par arrêté (CCH, R441-5-2 IV)."
    return (
        f"Sa part du flux est gérée par le préfet : l’échéance du {row.required_since:%d/%m/%Y} est passée. Ses taux "
        "se fixent par arrêté ; d’ici là rien ne lui est compté."
    )


def todo(row: ComplianceRow) -> str:
    """What to do next; of a convention that is suspended, until when."""
    if row.suspended is not None:
        return f"Rien à signer : convention {suspended_between(*row.suspended)}."
    if row.situation == Situation.SIGNED and row.stock:
        return f"Convertir {'les droits encore' if row.stock > 1 else 'le droit encore'} en stock."
    if row.situation == Situation.ORDER and not row.is_state:
        return "Obtenir la signature du réservataire : sa convention prend la suite de l’arrêté."
    return NEXT[row.situation]
