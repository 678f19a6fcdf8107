"""Who signs a convention, who has and who is awaited: the same words on its page, in the list and on paper."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from reservations.models import Convention, Signatory
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.words import day


def signature_table(parties: Sequence[Signatory]) -> Table:
    """A line a party: whether it signed, when, by whom and how, with the file it signed by hand."""
    return Rows(
        parties,
        Shown("Partie", lambda party: party.organisation.name),
        Shown(
            "Signature",
            lambda party: (
                Said("signée", pill="ok", hint=party.get_means_display())
                if party.signed_on
                else Said("attendue", pill="wait")
            ),
        ),
        Shown("Signée le", lambda party: day(party.signed_on) if party.signed_on else "–"),
        Shown("Par", lambda party: party.signer or "–"),
        Shown(
            "Pièce",
            lambda party: (
                Said(party.document.name, link=reverse("document-download", args=[party.document.pk]))
                if party.document
                else "–"
            ),
        ),
    ).titled("signatures", "Qui signe", f"{tally(parties)}. La convention engage une fois signée de chacun.")


def signed_in_words(party: Signatory) -> str:
    """« Signée le 3 mars 2027 par Chloé Roux, sur son compte. »; "" when it has not signed."""
    if party.signed_on is None:
        return ""
    who = f" par {party.signer}" if party.signer else ""
    return f"Signée le {day(party.signed_on)}{who}, {party.get_means_display()}."


def tally(parties: Sequence[Signatory]) -> str:
    """« 1 signature sur 2 »."""
    signed = sum(party.signed_on is not None for party in parties)
    return f"{signed} signature{'s' * (signed > 1)} sur {len(parties)}"


def tally_of(convention: Convention) -> str:
    """The same of a proposal whose parties are read already; "" when nothing waits for a signature."""
    waits = convention.status == Convention.Status.PROPOSED
    return tally(list(convention.signatories.all())) if waits else ""
