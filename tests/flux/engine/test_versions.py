"""Versions are frozen: what each stated in November 2026 of a hundred situations, it says for ever."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from flux.engine import recorded, rule, versions, window

FROZEN = Path(__file__).parent / "frozen"

#: SHA-256 of each file: it is never written again. A new version of the rule brings a file of its own.
KEPT = {
    0: "064138e94e9a08961a986913c9b97e13a216dfcf1d4133847b77e90c7c43b8ae",
    1: "b91b913cd833d1629c105d75fc8debda292ac29d49bff17411e28515e7676f96",
    2: "df990effe8f32d7888cbc6ec635de32dfd8f5dff4b1a8d644e7052ec332c63ef",
}


def rows(version: int) -> list[dict]:
    text = (FROZEN / f"version_{version}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("version", KEPT)
def test_what_was_kept_is_untouched(version: int) -> None:
    content = (FROZEN / f"version_{version}.jsonl").read_bytes()
    assert hashlib.sha256(content).hexdigest() == KEPT[version]


@pytest.mark.parametrize("version", KEPT)
def test_a_frozen_version_says_what_it_stated(version: int) -> None:
    for row in rows(version):
        assert versions.replay(row["situation"], version=version) == row["said"]


def test_what_was_kept_of_version_1_shows_every_reason() -> None:
    """Several of each, or the freeze would hold less than the rule."""
    reasons = Counter(row["said"]["reason"] for row in rows(1))
    assert set(reasons) == {*(reason.code for reason in rule.REASONS), rule.FALLBACK}
    assert min(reasons.values()) >= 5


def test_what_was_kept_of_version_0_names_who_had_the_unit_and_is_the_rule_where_nobody_is_named() -> None:
    for row in rows(0):
        chain, result = row["situation"].get("chain"), row["said"]
        assert (result["reason"] == recorded.RECORDED) == (chain is not None)
        assert chain is None or chain["holder"] == result["holder"]
    assert Counter(row["said"]["reason"] for row in rows(0))[recorded.RECORDED] == 50


def test_what_was_kept_of_version_2_shows_what_the_known_departures_change_and_what_they_confirm() -> None:
    """Its two reasons, those of version 1 beside known departures, a destination settled by a convention, and one
    departure only."""
    kept = rows(2)
    reasons = Counter(row["said"]["reason"] for row in kept)
    assert min(reasons[reason] for reason in (window.KNOWN_DEADLINE, window.KNOWN_MIX)) >= 10
    assert set(reasons) >= {rule.LARGEST_DELAY, rule.PROFILE, rule.TIE, rule.FALLBACK, rule.ONLY_ONE, rule.DEADLINE}
    assert sum("le confirment" in row["said"]["sentence"] for row in kept) >= 10
    assert sum("plan" not in row["said"] for row in kept) >= 3


def test_looking_at_one_departure_is_version_1_and_at_more_is_version_2() -> None:
    assert [versions.version_of(departures) for departures in (1, 2, 8, 16)] == [1, 2, 2, 2]


def test_every_version_decides_and_speaks_and_is_kept() -> None:
    assert set(versions.VERSIONS) == set(versions.SENTENCES) == set(KEPT)
    assert versions.CURRENT in versions.VERSIONS
