"""What pages say of compliance.

* What is missing of the conventions of a holder, and what the law does of its flow meanwhile, in sentences.
* Who has signed a convention in flow, in words: the sentence that answers, and a row for each holder.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.queries.compliance import Board, ComplianceRow, Situation, Uncovered
from reservations.pages.pauses import suspended_between
from reservations.pages.pieces import beside, bold, button, hint, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text, acting
from reservations.words import day, integer, of, plural, to, towards

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


def question(*, by_landlord: bool) -> str:
    """What the page asks. `by_landlord`: is it read by a landlord, of its own holders?"""
    if by_landlord:
        return "Avec qui vous manque‑t‑il une convention en flux ?"
    return "Qui a signé une convention en flux, et qui n’en a pas ?"


def answer(board: Board, uncovered: Sequence[Uncovered], *, by_landlord: bool) -> SafeString:
    """How many holders have signed, what becomes of the others, and where no convention is in force."""
    return beside(_signed(board, by_landlord=by_landlord), _without(len(uncovered)))


def _signed(board: Board, *, by_landlord: bool) -> SafeString | str:
    if not board.holders:
        return "0 réservataire : aucune convention, aucun droit en stock pour l’instant."
    signed, to_prefect, in_stock = board.signed, board.to_prefect, board.in_stock
    who = f"{integer(signed)} {plural(signed, 'réservataire,réservataires')} sur {integer(board.holders)}"
    once = "" if by_landlord else ", en comptant chaque réservataire une fois par bailleur"
    falling = f"{integer(to_prefect)} {plural(to_prefect, 'revient,reviennent')} au préfet faute de convention."
    keeping = f"{integer(in_stock)} {plural(in_stock, 'garde,gardent')} des droits en stock à convertir."
    return beside(
        format_html("{} {} une convention en flux{}.", bold(who), plural(signed, "a,ont"), once),
        falling if to_prefect else "",
        keeping if in_stock else "",
    )


def _without(places: int) -> str:
    if not places:
        return ""
    what = plural(places, "département d’un bailleur est,départements de bailleurs sont")
    return f"{integer(places)} {what} sans convention en vigueur, en tout ou en partie."


def deadline_words(deadline: date | None, today: date) -> str:
    """From when a convention is asked of everybody."""
    if deadline is None:
        return "Aucune échéance n’est enregistrée : l’administrateur peut l’ajouter aux paramètres de droit."
    return f"Exigée de tous {'depuis le' if deadline <= today else 'à partir du'} {day(deadline)}."


def compliance_table(rows: Iterable[ComplianceRow], *, by_landlord: bool) -> Table:
    """A holder of a landlord a row: its convention, its rights in stock, what to do."""
    none = "Aucun réservataire" if by_landlord else "aucun"
    each = "" if by_landlord else ", pour chaque bailleur"
    note = f"Ceux à qui il manque quelque chose d’abord{each}. Droits en stock : titres vivants, non convertis."
    return Rows(
        rows,
        Shown("Bailleur", lambda row: str(row.landlord), when=not by_landlord),
        Shown("Réservataire", lambda row: str(row.organisation or none)),
        Shown(Head("Périmètre", ""), _where),
        Shown(Head("Convention en flux", ""), lambda row: Text(NAMES[row.situation], _until(row), pill=_pill(row))),
        Number("Droits en stock", _stock),
        Shown("À faire", lambda row: beside(todo(row), muted(consequence(row), "small") if consequence(row) else "")),
        Shown(acting(), lambda row: _read(row, by_landlord=by_landlord)),
    ).titled("liste", "Réservataires", note)


def _where(row: ComplianceRow) -> SafeString | str:
    """Its perimeter; of a place that no convention covers whole, which communes."""
    if row.perimeter is None:
        return muted("logement par logement")
    if row.place is None or row.place.whole:
        return str(row.perimeter)
    others = row.place.others
    more = f" et dans {integer(others)} {plural(others, 'autre commune,autres communes')}" if others else ""
    return format_html("{}{}", row.perimeter, hint(f"{to(row.place.first)}{more}"))


def _pill(row: ComplianceRow) -> str:
    """What falls to the préfet is late."""
    return "late" if row.falls_to_prefect else PILLS[row.situation]


def _until(row: ComplianceRow) -> str:
    signed = row.convention is not None and row.convention.signed_on
    return f"jusqu’au {day(row.convention.last_day)}" if row.convention is not None and signed else ""


def _stock(row: ComplianceRow) -> SafeString | str:
    return beside(integer(row.stock), muted(f"+ {integer(row.kept)} de droit") if row.kept else "")


def _read(row: ComplianceRow, *, by_landlord: bool) -> SafeString:
    """Where to read more: the convention, the rights in stock, or the checks of the landlord."""
    if row.convention is not None:
        also = f" la convention {of(row.organisation)} avec {towards(row.landlord)}"
        return button(reverse("convention-detail", args=[row.convention.pk]), "Lire", also=also)
    if row.organisation is None:
        return muted("rien n’est signé")
    if by_landlord:
        return button(reverse("stock-right-list"), "Droits", also=f" en stock {of(row.organisation)}")
    return button(reverse("check-detail", args=[row.landlord.pk]), "Contrôles", also=f" {of(row.landlord)}")
