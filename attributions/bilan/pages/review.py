"""What the page of a review says of its remarks, of its parties and of their signatures."""

from __future__ import annotations

from attributions.bilan.models import BalanceRemark
from attributions.bilan.pages.figures import Words
from attributions.bilan.queries.content import place_of
from attributions.bilan.queries.figures import Difference
from attributions.bilan.queries.review import Draft, Party, RemarkRow, Review


def to_sign_again(read: Review) -> str:
    """How many signatures another version would ask for again; empty when none."""
    if read.latest is None or read.latest.version.sealed_at is not None or not read.signed:
        return ""
    if read.signed == 1:
        return "Avec une nouvelle version, la signature déjà donnée serait à redonner."
    return f"Avec une nouvelle version, les {read.signed} signatures déjà données seraient à redonner."


def signature_waits(read: Review) -> str:
    """Why nobody signs now: a correction to send first, or what the last signature would seal over. Empty when one
    may."""
    if any(row.unsent for row in read.remarks):
        return "Une ligne a été dite corrigée : le bailleur envoie d’abord la version qui la corrige."
    if read.open_remarks and read.signed == len(read.signatories) - 1:
        names = ", ".join(sorted({row.remark.organisation.name for row in read.open_remarks}))
        return f"La dernière signature scellerait la version, et une remarque ({names}) attend la réponse du bailleur."
    return ""


def remark_line(row: RemarkRow) -> str:
    """« Ville de Narbonne, typologie : T5, proposés », in the words of the version that it contests."""
    return Words(row.version.content)(place_of(row.remark))


def draft_changes(draft: Draft) -> list[tuple[str, Difference]]:
    """What has changed in the draft since the latest version, each in its words."""
    words = Words(draft.content)
    return [(words(each.place), each) for each in draft.changes]


def remark_state(row: RemarkRow) -> str:
    """« Réponse attendue du bailleur », « Corrigée en version 2 »."""
    if not row.remark.answer:
        return "Réponse attendue du bailleur"
    if row.remark.answer == BalanceRemark.Answer.MAINTAINED:
        return "Maintenue"
    if row.remark.corrected_in is None:
        return "Corrigée, version à envoyer"
    return f"Corrigée en version {row.remark.corrected_in.number}"


def remark_pill(row: RemarkRow) -> str:
    """The class of its pill."""
    return "talk" if not row.remark.answer else "part" if row.unsent else "ok"


def party_state(party: Party) -> str:
    """« Signé », « À vous de signer » (to a reader, « À signer par votre service réservataire »), « Lu, à signer »,
    « Remarque en cours », « Pas encore ouvert »."""
    if party.signature:
        return "Signé"
    if party.open_remark:
        return "Remarque en cours"
    if not party.dispatch.signs:
        return "Lu" if party.dispatch.opened_at else "Pas encore ouvert"
    if party.mine:
        return "À vous de signer" if party.reader_signs else "À signer par votre service réservataire"
    return "Lu, à signer" if party.dispatch.opened_at else "Pas encore ouvert"


def party_pill(party: Party) -> str:
    """The class of its pill."""
    if party.signature:
        return "ok"
    if party.open_remark:
        return "talk"
    if party.mine and party.dispatch.signs:
        return "todo"
    return "part" if party.dispatch.opened_at else "wait"


def party_did(party: Party) -> str:
    """What it did last, before the day."""
    if party.signature:
        return "signé le"
    if party.open_remark:
        return "remarque du"
    return "ouvert le" if party.dispatch.opened_at else "envoyé le"
