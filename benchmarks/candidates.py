"""A rule that could come after this one: measured beside it, and not in the product.

It is said in one sentence, and keeps the promise made for one territory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.instances.flow import Flow
from benchmarks.policies import POLICIES, Course, ledger_of
from flux.engine.facts import Decision, Situation
from flux.engine.rule import TIE
from flux.engine.versions import CURRENT, VERSIONS


def most_behind_past_the_limit(flow: Flow) -> Course:
    """The rule; but as soon as somebody is owed more than the guard’s limit, whoever is most behind comes first.

    In one territory with constant shares it decides as the rule does: there, no more than one unit is ever due at
    once (Hall’s condition at the first step), so that the guard already leaves that holder alone. It is where rights
    bear on different territories that several pass the limit together, and that the mix made the most behind wait.
    """
    counters = ledger_of(flow)
    holders, ties = [], 0
    for sequence, vacancy in enumerate(flow.vacancies, 1):
        counters.accrue(vacancy.shares, vacancy.categories)
        situation = counters.situation(
            vacancy.shares, vacancy.categories, sequence=sequence, may_take=vacancy.may_take, place=vacancy.place
        )
        decision = VERSIONS[CURRENT](situation)
        chosen = _most_behind(situation, decision) or decision.holder
        counters.receive(chosen, vacancy.categories, sequence=sequence)
        holders.append(chosen)
        ties += decision.reason == TIE
    return Course(holders, ties)


def _most_behind(situation: Situation, decision: Decision) -> str | None:
    """The eligible holder of largest delay, once this is past the limit; ties as in the rule. None before."""
    unit = situation.unit
    facts = {holder.id: holder for holder in situation.holders}
    eligible = [rank for rank in decision.ranking if rank.eligible]
    if len(eligible) < 2:
        return None
    first = max(
        eligible,
        key=lambda rank: (
            rank.delay,
            rank.priority,
            facts[rank.id].share,
            -facts[rank.id].last_served,
            -facts[rank.id].rank,
        ),
    )
    return first.id if first.delay > unit - unit // (2 * len(eligible) - 2) else None


#: What FluxBench runs, by the name that the tables show.
MEASURED: Mapping[str, Callable[[Flow], Course]] = {
    **POLICIES,
    "candidate: most behind first past the limit": most_behind_past_the_limit,
}
