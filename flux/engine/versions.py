"""Every version of the rule, side by side: an old decision replays under its own version for ever.

A version is what decides and what says it in a sentence. Version 1 is frozen: what it stated of the situations in
`tests/flux/engine/frozen/` is kept there, and a change of one letter fails. Another rule, or another sentence, is a
module of its own and a line more in both tables. Version 2 looks at the departures that are already known; a landlord
that looks at one only (a window of 1) is under version 1. Version 0 is no rule: what people decided before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flux.engine import recorded, rule, window
from flux.engine.facts import Decision, Situation
from flux.engine.known_wording import known_sentence
from flux.engine.wording import sentence

VERSIONS: Mapping[int, Callable[[Situation], Decision]] = {
    0: recorded.decide,
    1: rule.decide,
    2: window.decide,
}
SENTENCES: Mapping[int, Callable[[Situation, Decision], str]] = {
    0: recorded.recorded_sentence,
    1: sentence,
    2: known_sentence,
}

#: The version that decides where nobody says how many departures are looked at.
CURRENT = 1


def version_of(departures: int) -> int:
    """The version under which a landlord decides that looks at so many known departures (L, one at least)."""
    return 1 if departures == 1 else 2


def say(situation: Situation, decision: Decision) -> str:
    """The decision in one French sentence, under the version that took it."""
    return SENTENCES[decision.version](situation, decision)


def replay(situation: Mapping[str, Any], *, version: int) -> dict[str, Any]:
    """Recompute, from a stored situation, everything that was stored beside it; « plan » when departures were known.

    Raises KeyError when the version is unknown or the situation incomplete.
    """
    facts = Situation.from_json(situation)
    decision = VERSIONS[version](facts)
    plan = decision.plan_as_json()
    return {
        "holder": decision.holder,
        "reason": decision.reason,
        "sentence": say(facts, decision),
        "ranking": decision.ranking_as_json(),
        "fingerprint": facts.fingerprint(),
    } | ({"plan": plan} if plan else {})
