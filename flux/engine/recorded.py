"""What was decided before the account was kept here, by people and with no rule (docs/engine.md, section 4).

A version of its own: who had the unit is one of the facts, and the rule only ranks the others, as it would have seen
them. So a past routing is counted, explained and replayed like any other, and cannot be taken for one of the rule.
"""

from __future__ import annotations

from dataclasses import replace

from flux.engine import rule
from flux.engine.facts import Decision, Situation
from flux.engine.wording import sentence as rule_sentence

VERSION = 0

RECORDED = "RECORDED"

#: The step of a `Chain` that names who had the unit.
STEP = "RECORDED"


def decide(situation: Situation) -> Decision:
    """Whom the facts name, every other holder ranked behind as the rule sees them.

    Under other shares (« Et si ? ») nobody is named: the rule then decides.
    """
    decision = rule.decide(situation)
    named = situation.chain is not None and situation.chain.step == STEP
    return replace(decision, reason=RECORDED if named else decision.reason, version=VERSION)


def recorded_sentence(situation: Situation, decision: Decision) -> str:
    """« Orientation d’avant le compte tenu ici, reprise du suivi du bailleur : Ville de Narbonne. »"""
    if decision.reason != RECORDED:
        return rule_sentence(situation, decision)
    [named] = [holder.name for holder in situation.holders if holder.id == decision.holder]
    return f"Orientation d’avant le compte tenu ici, reprise du suivi du bailleur : {named}."
