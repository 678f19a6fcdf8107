"""What the holder of a routing has to do, in a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from flux.pages.sheet_words import clock_words
from flux.queries.returns import Clock
from reservations.models import Organisation, ReservationHolder

HOLDER = ReservationHolder(
    organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=ReservationHolder.Contingent.AUTHORITY
)
CLOCK = Clock(days=30, until=date(2026, 12, 3), minimum=3, delegated=False, answered_on=None, late=False)
WITHIN = "au plus tard le 3 décembre 2026 (30 jours ouvrés)"
TOWARDS = "la Ville de Narbonne"


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        (replace(CLOCK, answered_on=date(2026, 11, 3)), "Candidats transmis le 3 novembre 2026."),
        (CLOCK, f"La Ville de Narbonne propose au moins 3 candidats {WITHIN}."),
        (replace(CLOCK, minimum=1), f"La Ville de Narbonne propose au moins 1 candidat {WITHIN}."),
        (replace(CLOCK, minimum=None, until=None, days=None), "La Ville de Narbonne propose des candidats."),
        (
            replace(CLOCK, delegated=True),
            f"Robine Habitat cherche les candidats pour {TOWARDS} (gestion déléguée), {WITHIN}.",
        ),
        (
            replace(CLOCK, restarted_on=date(2026, 11, 4), held=2),
            "La Ville de Narbonne propose d’autres candidats au plus tard le 3 décembre 2026 (30 jours ouvrés, "
            "sans compter ceux où des candidats étaient transmis). Nouveau délai depuis le 4 novembre 2026 : les "
            "candidats transmis auparavant ne sont plus en cours.",
        ),
    ],
)
def test_it_says_who_proposes_how_many_and_until_when(clock: Clock, words: str) -> None:
    assert clock_words(clock, HOLDER, "Robine Habitat") == words


def test_the_holder_is_spoken_to_and_a_late_one_is_marked() -> None:
    text = clock_words(replace(CLOCK, late=True), HOLDER, "Robine Habitat", ours=True)
    assert text == f'Proposez au moins 3 candidats {WITHIN}. <span class="st late">Délai dépassé</span>'


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        (replace(CLOCK, late=True), "La Ville de Narbonne propose au moins 3 candidats."),
        (replace(CLOCK, delegated=True), f"Robine Habitat cherche les candidats pour {TOWARDS} (gestion déléguée)."),
        (replace(CLOCK, restarted_on=date(2026, 11, 4)), "La Ville de Narbonne propose d’autres candidats."),
    ],
)
def test_beside_the_column_of_its_last_day_it_says_who_and_how_many(clock: Clock, words: str) -> None:
    assert clock_words(clock, HOLDER, "Robine Habitat", dated=False) == words
