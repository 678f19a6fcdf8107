"""What each letter to an applicant is about, as its first line says."""

from __future__ import annotations

from attributions.households.queries.letter import Letter

TITLES = {
    Letter.OFFER: "offre de logement",
    Letter.NOT_ALLOCATED: "non-attribution",
    Letter.INELIGIBLE: "rejet de la demande",
    Letter.RELEASED: "logement loué à un autre ménage",
}
