"""« Pourquoi pas nous ? »: each answer, on the frozen facts alone."""

from __future__ import annotations

import pytest

from flux.engine import rule
from flux.engine.facts import HolderFacts, Situation
from flux.engine.why_not import Answer, label, why_not
from tests.flux.engine.builders import LANDLORD, holder, situation


def answer(*holders: HolderFacts) -> Answer:
    seen: Situation = situation(*holders)
    decision = rule.decide(seen)
    return Answer(seen, decision.reason, decision.ranking)


@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        (0, "Est à jour : rien ne lui reste dû pour l’instant."),
        (-20, "A déjà reçu 0,20 logement de plus que son dû."),
        (5, "Presque à jour : 0,05 logement à recevoir."),
    ],
)
def test_who_is_owed_little_is_notified(delay: int, expected: str) -> None:
    """Limit 83 with four candidates: nobody’s deadline fills a step before all are met."""
    found = answer(
        holder("A", share=25, delay=60, rank=1),
        holder("B", share=25, delay=delay, rank=2),
        holder("C", share=25, delay=40, rank=3),
        holder(LANDLORD, share=25, delay=0, rank=4),
    )
    assert why_not(found, "B") == expected
    assert why_not(found, "A").startswith("Recommandée")
    assert why_not(found, "B", returned=True) == "A déjà eu ce logement."


@pytest.mark.parametrize(
    ("declines", "expected"),
    [
        ("", "Ne peut pas recevoir ce logement."),
        ("financing:PLS", "Ne prend pas les PLS, selon sa convention."),
        ("financing:AUTRE", "Ne prend pas les autres financements, selon sa convention."),
        ("qpv:en QPV", "Ne prend pas les logements en QPV, selon sa convention."),
    ],
)
def test_who_may_not_take_is_reported_why(declines: str, expected: str) -> None:
    refusing = holder("A", share=60, delay=90, rank=1, may_take=False)
    data = answer(refusing, holder(LANDLORD, share=40, delay=10, rank=2)).situation.as_json()
    data["holders"][0] |= {"declines": declines} if declines else {}
    seen = Situation.from_json(data)
    decision = rule.decide(seen)
    assert why_not(Answer(seen, decision.reason, decision.ranking), "A") == expected


def test_nobody_without_a_right_has_a_place() -> None:
    with pytest.raises(KeyError):
        why_not(answer(holder(LANDLORD, share=100, delay=0)), "A")


def test_a_category_heads_its_column_in_words() -> None:
    assert label("financing", "AUTRE") == "autre financement"
    assert [label("typology", "T3"), label("attractiveness", "A"), label("qpv", "")] == [
        "T3",
        "attractivité A",
        "quartier non renseigné",
    ]
