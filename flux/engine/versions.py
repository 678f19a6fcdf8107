"""Every version of the rule, side by side: an old decision replays under its own version for ever."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flux.engine import rule
from flux.engine.facts import Decision, Situation
from flux.engine.wording import sentence

VERSIONS: Mapping[int, Callable[[Situation], Decision]] = {1: rule.decide}
CURRENT = 1


def replay(situation: Mapping[str, Any], *, version: int) -> dict[str, Any]:
    """Recompute, from a stored situation, everything that was stored beside it.

    Raises KeyError when the version is unknown or the situation incomplete.
    """
    facts = Situation.from_json(situation)
    decision = VERSIONS[version](facts)
    return {
        "holder": decision.holder,
        "reason": decision.reason,
        "sentence": sentence(facts, decision),
        "ranking": decision.ranking_as_json(),
        "fingerprint": facts.fingerprint(),
    }
