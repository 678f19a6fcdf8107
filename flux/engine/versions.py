"""Every version of the rule, side by side: an old decision replays under its own version for ever.

A version is what decides and what says it in a sentence. Version 1 is frozen: what it said of the situations in
`tests/flux/engine/frozen/` is kept there, and a change of one letter fails. Another rule, or another sentence, is a
module of its own and a line more in both tables; `CURRENT` is the one that decides today.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flux.engine import rule
from flux.engine.facts import Decision, Situation
from flux.engine.wording import sentence

VERSIONS: Mapping[int, Callable[[Situation], Decision]] = {1: rule.decide}
SENTENCES: Mapping[int, Callable[[Situation, Decision], str]] = {1: sentence}
CURRENT = 1


def say(situation: Situation, decision: Decision) -> str:
    """The decision in one French sentence, under the version that took it."""
    return SENTENCES[decision.version](situation, decision)


def replay(situation: Mapping[str, Any], *, version: int) -> dict[str, Any]:
    """Recompute, from a stored situation, everything that was stored beside it.

    Raises KeyError when the version is unknown or the situation incomplete.
    """
    facts = Situation.from_json(situation)
    decision = VERSIONS[version](facts)
    return {
        "holder": decision.holder,
        "reason": decision.reason,
        "sentence": say(facts, decision),
        "ranking": decision.ranking_as_json(),
        "fingerprint": facts.fingerprint(),
    }
