"""Units given back: what stays counted, what is spread, and that the sums hold after any story."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flux.engine import rule, versions
from flux.engine.counters import Counter, Counters
from flux.engine.facts import Chain, Situation
from flux.engine.wording import sentence
from tests.flux.engine.builders import LANDLORD, holder, situation

T3_PLUS = {"typology": "T3", "financing": "PLUS"}


# --- a return that does not count ---


def test_forgiven_unit_is_received_no_more_and_its_category_stays_served() -> None:
    mine = Counter(
        name="A",
        rank=0,
        due=400,
        received=3,
        profile={"typology": {"T3": [300, 2], "T5": [100, 1]}, "financing": {"PLUS": [400, 3]}},
    )
    mine.forgive({"typology": "T5", "financing": "PLUS"}, unit=100)
    assert (mine.due, mine.received) == (400, 2)
    assert mine.profile == {"typology": {"T3": [375, 2], "T5": [125, 1]}, "financing": {"PLUS": [500, 3]}}


def test_forgiven_unit_of_a_holder_that_was_never_due_gives_its_category_back() -> None:
    mine = Counter(name="A", rank=0, received=1, profile={"typology": {"T5": [0, 1]}})
    mine.forgive({"typology": "T5"}, unit=100)
    assert (mine.received, mine.profile) == (0, {"typology": {"T5": [100, 1]}})


HOLDERS = ("A", "B", "C", "NR")
CATEGORIES = st.fixed_dictionaries(
    {"typology": st.sampled_from(("T2", "T3", "T5", "")), "financing": st.sampled_from(("PLUS", "PLS"))}
)
SHARES = st.tuples(*[st.integers(0, 33)] * 3).map(lambda abc: dict(zip(HOLDERS, (*abc, 100 - sum(abc)), strict=True)))
#: What happens to a unit after it was routed: each time, an override or a return, counted or not, or works.
LIFE = st.lists(st.sampled_from(("OVERRIDE", "COUNTED", "UNCOUNTED", "WORKS")), max_size=4)


@given(st.lists(st.tuples(CATEGORIES, SHARES, LIFE), max_size=25))
@settings(deadline=None)
def test_sums_hold_after_any_routing_override_and_return(story) -> None:
    """Σ delay = units not assigned; Σ received = live assignments + turns used; Σ due = events; Σ lack = delay."""
    books = Counters(unit=100, landlord="NR", dimensions=("typology", "financing"))
    books.holders = {key: Counter(name=key, rank=rank) for rank, key in enumerate(HOLDERS)}
    sequence = events = turns = unassigned = 0
    for units, (categories, shares, life) in enumerate(story, 1):
        sequence, events = sequence + 1, events + 1
        books.accrue(shares, categories)
        has = rule.decide(books.situation(shares, categories, sequence=sequence)).holder
        books.receive(has, categories, sequence=sequence)
        returned = set()
        for act in life:
            if has == "NR":
                break
            if act == "OVERRIDE":
                taker = next(key for key in HOLDERS if key != has and key not in returned)
                books.give_up(has, categories)
                books.receive(taker, categories, sequence=sequence)
                has = taker
                continue
            returned.add(has)
            if act != "COUNTED":
                books.forgive(has, categories)
            if act == "WORKS":
                unassigned += 1
                break
            sequence += 1
            if act == "COUNTED":
                turns, events = turns + 1, events + 1
                again = {key: share for key, share in shares.items() if key not in returned}
                again["NR"] = 100 - sum(share for key, share in again.items() if key != "NR")
                books.accrue(again, categories)
            may_take = frozenset(HOLDERS) - returned
            seen = books.situation(shares, categories, sequence=sequence, may_take=may_take)
            has = rule.decide(seen).holder
            assert has not in returned
            books.receive(has, categories, sequence=sequence)
        counters = books.holders.values()
        assert sum(one.due for one in counters) == 100 * events
        assert sum(one.received for one in counters) == units - unassigned + turns
        assert sum(one.due - 100 * one.received for one in counters) == 100 * unassigned
        for one in counters:
            for dimension in books.dimensions:
                lacks = [one.lack(dimension, category, 100) for category in one.profile.get(dimension, {})]
                assert sum(lacks) == one.due - 100 * one.received


def test_unit_nobody_wants_does_not_come_back_for_ever() -> None:
    """A holder that gives every T5 back uncounted is not offered more of them than its share of the flow."""
    books = Counters(unit=100, landlord="NR", dimensions=("typology",))
    books.holders = {key: Counter(name=key, rank=rank) for rank, key in enumerate(("A", "B", "NR"))}
    shares, offered = {"A": 25, "B": 25, "NR": 50}, 0
    for sequence in range(1, 81):
        categories = {"typology": "T5" if sequence % 4 == 0 else "T3"}
        books.accrue(shares, categories)
        seen = books.situation(shares, categories, sequence=sequence)
        has = rule.decide(seen).holder
        books.receive(has, categories, sequence=sequence)
        if has == "A" and categories["typology"] == "T5":
            offered += 1
            books.forgive("A", categories)
            others = books.situation(shares, categories, sequence=sequence, may_take=frozenset({"B", "NR"}))
            books.receive(rule.decide(others).holder, categories, sequence=sequence)
    assert offered <= 20 // 4 + 1


# --- the chain of a convention ---

SEEN = situation(
    holder("1", share=30, delay=20, rank=1),
    holder("2", share=20, delay=70, rank=2),
    holder("3", share=10, delay=90, rank=3, may_take=False),
    holder(LANDLORD, share=40, delay=10, rank=9),
)


def chained(to: str, step: str) -> Situation:
    return Situation.from_json(SEEN.as_json() | {"chain": {"holder": to, "step": step, "after": "Action Logement"}})


@pytest.mark.parametrize(
    ("to", "step", "expected"),
    [
        (
            "1",
            "MAYOR",
            "Rendu par Action Logement : sa convention l’envoie alors à la commune du logement, Réservataire 1.",
        ),
        ("1", "STATE", "Rendu par Action Logement : sa convention l’envoie alors au préfet, Réservataire 1."),
        (
            LANDLORD,
            "LANDLORD",
            "Rendu par Action Logement : sa convention le laisse alors au bailleur (non réservé), pour une location.",
        ),
    ],
)
def test_chain_names_the_destination_whatever_the_delays_and_says_so(to: str, step: str, expected: str) -> None:
    seen = chained(to, step)
    decision = rule.decide(seen)
    assert (decision.holder, decision.reason) == (to, rule.FALLBACK)
    assert sentence(seen, decision) == expected
    assert [(rank.id, rank.eligible, rank.safe) for rank in decision.ranking if rank.id == to] == [(to, True, True)]
    assert {rank.id for rank in decision.ranking if not rank.eligible} == {"3"}
    replayed = versions.replay(seen.as_json(), version=decision.version)
    assert (replayed["holder"], replayed["sentence"], replayed["fingerprint"]) == (to, expected, seen.fingerprint())


def test_situation_without_chain_is_written_as_before_chains_were() -> None:
    assert "chain" not in SEEN.as_json()
    assert chained("1", "MAYOR").chain == Chain("1", "MAYOR", "Action Logement")
    assert chained("1", "MAYOR").fingerprint() != SEEN.fingerprint()
