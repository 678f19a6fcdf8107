"""What a decision sees is stored, read back, and sealed by its fingerprint."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from flux.engine import rule, versions
from flux.engine.facts import Situation
from flux.engine.wording import sentence
from tests.flux.engine.builders import LANDLORD, holder, situation
from tests.flux.engine.test_reference import any_situation

SEEN = situation(
    holder("2", share=30, delay=45, rank=1, lacks=(12,)),
    holder(LANDLORD, share=70, delay=55, rank=9, last_served=4),
)


def test_situation_as_json_is_this_and_nothing_else() -> None:
    assert SEEN.as_json() == {
        "unit": 100,
        "sequence": 43,
        "landlord": "NR",
        "dimensions": ["typology"],
        "categories": ["T3"],
        "place": "Narbonne",
        "holders": [
            {
                "id": "2",
                "name": "Réservataire 2",
                "rank": 1,
                "share": 30,
                "due": 745,
                "received": 7,
                "last_served": 0,
                "may_take": True,
                "lacks": [12],
            },
            {
                "id": "NR",
                "name": "Réservataire NR",
                "rank": 9,
                "share": 70,
                "due": 755,
                "received": 7,
                "last_served": 4,
                "may_take": True,
                "lacks": [0],
            },
        ],
    }


@given(any_situation())
@settings(deadline=None)
def test_situation_survives_the_journey_through_json(seen: Situation) -> None:
    again = Situation.from_json(json.loads(json.dumps(seen.as_json())))
    assert again == seen
    assert again.fingerprint() == seen.fingerprint()


def test_fingerprint_of_version_1_does_not_change() -> None:
    """Stored beside every recommendation for ever: if this literal must change, so must the version of the rule."""
    assert SEEN.fingerprint() == "5c4082c778d76cb960027eb14ef0ed6593d6753022ca32c0c7c501594af6a299"


def test_fingerprint_does_not_depend_on_the_order_of_keys() -> None:
    data = SEEN.as_json()
    data["holders"] = [dict(reversed(row.items())) for row in data["holders"]]
    assert Situation.from_json(dict(reversed(data.items()))).fingerprint() == SEEN.fingerprint()


@pytest.mark.parametrize(
    ("key", "value"), [("share", 31), ("due", 746), ("received", 8), ("may_take", False), ("name", "Autre")]
)
def test_fingerprint_changes_with_each_fact(key: str, value: object) -> None:
    data = SEEN.as_json()
    data["holders"][0][key] = value
    assert Situation.from_json(data).fingerprint() != SEEN.fingerprint()


@pytest.mark.parametrize("missing", ["unit", "sequence", "landlord", "dimensions", "categories", "holders", "place"])
def test_situation_with_something_missing_is_refused(missing: str) -> None:
    data = SEEN.as_json()
    del data[missing]
    with pytest.raises(KeyError):
        Situation.from_json(data)


def test_situation_with_a_holder_of_another_shape_is_refused() -> None:
    data = SEEN.as_json()
    del data["holders"][0]["share"]
    with pytest.raises(TypeError):
        Situation.from_json(data)


@given(any_situation())
@settings(deadline=None)
def test_replay_says_again_what_was_decided(seen: Situation) -> None:
    decision = rule.decide(seen)
    assert versions.replay(seen.as_json(), version=decision.version) == {
        "holder": decision.holder,
        "reason": decision.reason,
        "sentence": sentence(seen, decision),
        "ranking": decision.ranking_as_json(),
        "fingerprint": seen.fingerprint(),
    }


def test_replay_of_version_1_says_this_for_ever() -> None:
    assert versions.replay(SEEN.as_json(), version=1) == {
        "holder": "NR",
        "reason": "LARGEST_DELAY",
        "sentence": "Plus grand reste dû : 0,55 logement ; ensuite Réservataire 2, 0,45.",
        "ranking": [
            {
                "id": "NR",
                "delay": 55,
                "priority": 550,
                "eligible": True,
                "must_soon": True,
                "in_band": True,
                "safe": True,
            },
            {
                "id": "2",
                "delay": 45,
                "priority": 462,
                "eligible": True,
                "must_soon": False,
                "in_band": False,
                "safe": False,
            },
        ],
        "fingerprint": "5c4082c778d76cb960027eb14ef0ed6593d6753022ca32c0c7c501594af6a299",
    }


def test_replay_of_an_unknown_version_is_refused() -> None:
    with pytest.raises(KeyError):
        versions.replay(SEEN.as_json(), version=3)
