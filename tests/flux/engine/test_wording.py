"""The decision in one French sentence: one exact sentence a reason, and the figures it is made of."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from flux.engine import rule
from flux.engine.facts import Situation
from flux.engine.wording import category_name, counted, sentence, units
from tests.flux.engine.builders import LANDLORD, holder, situation
from tests.flux.engine.test_reference import any_situation


def sentence_of(seen: Situation, *, reason: str) -> str:
    decision = rule.decide(seen)
    assert decision.reason == reason
    return sentence(seen, decision)


# --- one sentence a reason ---


def test_sentence_only_one_when_the_landlord_keeps_the_unit() -> None:
    assert sentence_of(situation(holder(LANDLORD, share=100, delay=100)), reason="ONLY_ONE") == (
        "Aucun réservataire ne peut recevoir ce logement : il reste au bailleur (non réservé)."
    )


def test_sentence_only_one_for_another_holder() -> None:
    """Read from a situation whose landlord's row is missing: the wording is total."""
    assert sentence_of(situation(holder("A", share=100, delay=100)), reason="ONLY_ONE") == (
        "Seule destination possible : Réservataire A."
    )


def test_sentence_deadline() -> None:
    seen = situation(
        holder("A", share=45, delay=42, rank=1),
        holder("B", share=5, delay=60, rank=2),
        holder("C", share=45, delay=40, rank=3),
        holder(LANDLORD, share=5, delay=-42, rank=4),
    )
    assert sentence_of(seen, reason="DEADLINE") == (
        "Le tour de Réservataire A ne peut plus attendre : reste dû 0,42 logement, et attendre mettrait l’écart "
        "au-delà d’un logement ; Réservataire B (0,60) peut encore attendre."
    )


def tie(a: dict[str, int], b: dict[str, int]) -> Situation:
    usual = {"share": 30, "delay": 45}
    return situation(
        holder("A", **(usual | {"rank": 1} | a)),
        holder("B", **(usual | {"rank": 2} | b)),
        holder(LANDLORD, share=40, delay=10, rank=3),
    )


@pytest.mark.parametrize(
    ("a", "b", "settled"),
    [
        ({"share": 31, "last_served": 3}, {"last_served": 2}, "part plus grande ici"),
        ({"last_served": 2}, {"last_served": 3}, "dernier logement reçu plus ancien"),
        ({}, {"last_served": 3}, "aucun logement encore reçu dans l’exercice"),
        ({"last_served": 3}, {"last_served": 3}, "rang de sa part dans les conventions"),
        ({}, {}, "rang de sa part dans les conventions"),
    ],
)
def test_sentence_tie_says_what_settled_it(a: dict[str, int], b: dict[str, int], settled: str) -> None:
    assert sentence_of(tie(a, b), reason="TIE") == (
        "À égalité avec Réservataire B (reste dû 0,45 logement chacun, même total de manques) ; "
        f"ce qui départage Réservataire A : {settled}."
    )


def test_sentence_largest_delay() -> None:
    seen = situation(holder("A", share=60, delay=240, rank=1), holder(LANDLORD, share=40, delay=-140, rank=2))
    assert sentence_of(seen, reason="LARGEST_DELAY") == (
        "Plus grand reste dû : 2,40 logements ; ensuite Réservataire NR, −1,40."
    )


def profile(*lacks: tuple[int, int]) -> Situation:
    """B (0,40) is preferred to A (0,50), the largest delay, for its lacks: one pair (A, B) a dimension."""
    names = ("typology", "financing", "qpv", "period")[: len(lacks)]
    seen = dict(zip(names, ("T3", "PLUS", "", "1975-1999"), strict=False))
    return situation(
        holder("A", share=33, delay=50, rank=1, lacks=tuple(pair[0] for pair in lacks)),
        holder("B", share=33, delay=40, rank=2, lacks=tuple(pair[1] for pair in lacks)),
        holder(LANDLORD, share=34, delay=10, rank=3, lacks=(0,) * len(lacks)),
        dimensions=tuple(seen),
        categories=tuple(seen.values()),
    )


def test_sentence_profile_with_one_category() -> None:
    assert sentence_of(profile((-30, 80)), reason="PROFILE") == (
        "Reste dû 0,40 logement, voisin du plus grand (Réservataire A, 0,50), et plus grand manque dans les "
        "catégories de ce logement : T3 (+0,80 contre −0,30)."
    )


def test_sentence_profile_names_the_two_categories_that_weigh_most() -> None:
    """Advantages of B: 20 in T3, 60 in PLUS, 70 for the unknown district, none in the period."""
    assert sentence_of(profile((0, 20), (0, 60), (-10, 60), (40, 0)), reason="PROFILE") == (
        "Reste dû 0,40 logement, voisin du plus grand (Réservataire A, 0,50), et plus grand manque dans les "
        "catégories de ce logement : quartier non renseigné (+0,60 contre −0,10) et PLUS (+0,60 contre 0,00)."
    )


@given(any_situation())
@settings(max_examples=300, deadline=None)
def test_every_decision_has_a_sentence_that_names_its_holder(seen: Situation) -> None:
    decision = rule.decide(seen)
    text = sentence(seen, decision)
    [chosen] = [row for row in seen.holders if row.id == decision.holder]
    assert text.endswith(".")
    assert text.count("logement") >= 1 or chosen.name in text
    if decision.reason in {"DEADLINE", "TIE"}:
        assert chosen.name in text


# --- figures ---


@pytest.mark.parametrize(
    ("shares", "unit", "shown"),
    [
        (0, 100, "0,00"),
        (76, 100, "0,76"),
        (-80, 100, "−0,80"),
        (1_234_567_000_000, 1_000_000, "1\u202f234\u202f567,00"),
        (1, 200, "0,01"),  # half a hundredth goes away from zero…
        (-1, 200, "−0,01"),  # …on both sides
        (1, 201, "0,00"),
        (-1, 201, "0,00"),  # and a zero has no sign
        (4_999, 1_000_000, "0,00"),
        (5_000, 1_000_000, "0,01"),
        (999_995_000, 1_000_000, "1\u202f000,00"),
        (2, 3, "0,67"),
    ],
)
def test_units_are_shown_with_two_decimals(shares: int, unit: int, shown: str) -> None:
    assert units(shares, unit) == shown


@pytest.mark.parametrize(("shares", "shown"), [(76, "+0,76"), (-80, "−0,80"), (0, "0,00"), (123_456, "+1\u202f234,56")])
def test_signed_units_keep_their_sign(shares: int, shown: str) -> None:
    assert units(shares, 100, signed=True) == shown


@pytest.mark.parametrize(
    ("shares", "shown"),
    [
        (0, "0,00 logement"),
        (199_400, "0,20 logement"),
        (1_994_999, "1,99 logement"),
        (1_995_000, "2,00 logements"),  # the plural follows the figure shown
        (2_000_000, "2,00 logements"),
        (12_500_000, "12,50 logements"),
        (1_000_000_000, "1\u202f000,00 logements"),
        (-1_500_000, "−1,50 logement"),
        (-2_000_000, "−2,00 logements"),
    ],
)
def test_counted_units_take_the_plural_from_two(shares: int, shown: str) -> None:
    assert counted(shares, 1_000_000) == shown


@pytest.mark.parametrize(
    ("dimension", "category", "name"),
    [
        ("typology", "T3", "T3"),
        ("financing", "PLUS", "PLUS"),
        ("qpv", "hors QPV", "hors QPV"),
        ("period", "avant 1949", "construction avant 1949"),
        ("commune", "11262", "commune 11262"),
        ("attractiveness", "A", "attractivité A"),
        ("typology", "", "typologie non renseignée"),
        ("attractiveness", "", "attractivité non renseignée"),
        ("financing", "", "financement non renseigné"),
        ("period", "", "construction non renseignée"),
        ("dpe", "D", "D"),
        ("dpe", "", "dpe non renseigné"),
    ],
)
def test_category_names(dimension: str, category: str, name: str) -> None:
    assert category_name(dimension, category) == name


def test_other_financing_is_stated_in_words() -> None:
    assert category_name("financing", "AUTRE") == "autre financement"


def test_commune_is_named_by_its_place() -> None:
    assert category_name("commune", "11262", "Narbonne") == "Narbonne"
    assert category_name("commune", "", "Narbonne") == "commune non renseignée"
