"""What another destination would change, in sentences."""

from __future__ import annotations

from typing import Any

import pytest

from flux.pages.ranking import alternative_words, changes_table, risk, warns
from flux.queries.recommendations import RankRow
from flux.queries.sheet import Alternative, SheetChange
from reservations.models.convention import UNIT

INSIDE = {"Ville de Narbonne": "la Ville de Narbonne"}


def row(name: str, **facts: Any) -> RankRow:
    known: dict[str, Any] = {
        "position": 1,
        "holder_id": 1,
        "share": 0,
        "due": 0,
        "received": 0,
        "gap": 0,
        "lacks": (),
        "priority": 0,
        "eligible": True,
        "must_soon": False,
        "in_band": True,
        "safe": False,
        "recommended": False,
        "returned": False,
        "hint": "",
        "if_chosen": None,
        "if_chosen_words": "Rien.",
        "if_chosen_brief": "",
    }
    return RankRow(name=name, inside=INSIDE.get(name, name), **known | facts)


def alternative(taker_then: int, giver_then: int) -> Alternative:
    changes = [
        SheetChange("Ville de Narbonne", 0, taker_then, 0, UNIT),
        SheetChange("Action Logement", UNIT, giver_then, UNIT, UNIT),
    ]
    return Alternative(row("Ville de Narbonne"), row("Action Logement"), changes, entered=1)


@pytest.mark.parametrize(
    ("taker_then", "giver_then", "taker", "giver"),
    [
        (
            -UNIT // 2,
            UNIT // 2,
            "aurait 0,50 logement d’avance</b>, en deçà du",
            "Action Logement aurait 0,50 logement",
        ),
        (-2 * UNIT, 2 * UNIT, "aurait 2,00 logements d’avance</b>, au-delà du", "à recevoir, au-delà du repère"),
        (0, 0, "serait à jour</b>, en deçà du", "Action Logement serait à jour."),
        (UNIT, -UNIT // 4, "aurait encore 1,00 logement à recevoir</b>, en", "garderait 0,25 logement d’avance."),
    ],
)
def test_it_says_where_it_would_leave_both(taker_then: int, giver_then: int, taker: str, giver: str) -> None:
    first, second, third = alternative_words(alternative(taker_then, giver_then))
    assert taker in first
    assert giver in second
    assert third == "Au moment du calcul : <b>Rien.</b> La règle corrigera avec les logements suivants."


def test_what_moves_is_bold_and_what_breaks_is_a_warning() -> None:
    other = alternative(0, UNIT)
    assert warns(other)
    moved, kept = changes_table(other, "T3").lines
    assert moved.cells[-1].content.text == '<span class="muted">+1,00</span>'
    assert '<span class="n muted">' in kept.cells[2].content.text
    assert kept.cells[2].heading == "Écart si la Ville de Narbonne"


def test_a_destination_out_of_play_says_so() -> None:
    assert risk(row("État", returned=True)) == '<span class="st no">Déjà passé</span>'
    assert risk(row("État")) == '<span class="st no">Hors jeu</span>'
