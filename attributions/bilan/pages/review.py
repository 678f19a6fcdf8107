"""What the page of a review says of its signatures, in sentences."""

from __future__ import annotations

from attributions.bilan.queries.review import Review


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
