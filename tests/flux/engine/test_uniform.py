"""A convention that asks for uniformity over communes (CCH, R441-5-2, II): a fact of the situation, and its effect."""

from __future__ import annotations

import json
import random
from collections import Counter as Tally
from dataclasses import replace
from functools import partial

import pytest

from flux.engine import rule, versions, window
from flux.engine.counters import UNIFORM_WEIGHT
from flux.engine.facts import Situation
from flux.engine.known_wording import LONGEST, filling
from flux.engine.why_not import Answer, why_not
from flux.engine.window import Plan
from tests.flux.engine import every_plan, windows
from tests.flux.engine.builders import LANDLORD, holder, situation
from tests.flux.engine.test_window import MANY, plans_of

WEIGHTS = (1, UNIFORM_WEIGHT)


def two(weights: tuple[int, ...], *, a: tuple[int, int] = (10, 30), b: tuple[int, int] = (90, 0)) -> Situation:
    """A lacks units of this commune, B units of this size; both are owed as much, A a little less."""
    return situation(
        holder("A", share=40, delay=50, rank=1, lacks=a, weights=weights),
        holder("B", share=40, delay=52, rank=2, lacks=b),
        holder(LANDLORD, share=20, delay=-2, rank=3, lacks=(0, 0)),
        dimensions=("typology", "commune"),
        categories=("T3", "11262"),
    )


def test_the_lack_of_a_commune_comes_first_only_where_a_convention_asks_for_it() -> None:
    """500 + 10 + 30 against 520 + 90; then 500 + 10 + 6 × 30."""
    assert rule.decide(two(())).holder == "B"
    asked = rule.decide(two(WEIGHTS))
    assert (asked.holder, asked.reason, asked.ranking[0].priority) == ("A", rule.PROFILE, 690)


def test_its_sentence_says_that_the_convention_asks_for_it() -> None:
    """The figures are those of the account: what is weighed is named first."""
    seen = two(WEIGHTS)
    assert versions.say(seen, rule.decide(seen)) == (
        "Reste dû 0,50 logement, voisin du plus grand (Réservataire B, 0,52), et plus grand manque dans les catégories "
        "de ce logement : Narbonne (+0,30 contre 0,00). La convention de Réservataire A demande l’uniformité d’une "
        "commune à l’autre : le manque à Narbonne y compte 6 fois."
    )
    both = replace(seen, holders=tuple(replace(each, weights=WEIGHTS) for each in seen.holders))
    assert "Les conventions de Réservataire A et Réservataire B demandent l’uniformité" in versions.say(
        both, rule.decide(both)
    )


def test_nothing_is_stated_of_it_where_lacks_made_no_difference() -> None:
    seen = two(WEIGHTS, a=(0, 60))
    ahead = replace(seen, holders=(replace(seen.holders[0], due=seen.holders[0].due + 20), *seen.holders[1:]))
    decision = rule.decide(ahead)
    assert decision.reason == rule.LARGEST_DELAY
    assert "uniformité" not in versions.say(ahead, decision)


def test_who_has_enough_of_that_commune_is_notified_before_the_rest() -> None:
    seen = two(WEIGHTS, a=(-40, -20))
    decision = rule.decide(seen)
    answer = Answer(seen, decision.reason, decision.ranking)
    assert why_not(answer, "A") == "Écart voisin, mais déjà 0,20 d’avance (Narbonne)."


def test_it_is_absent_of_the_facts_where_nobody_asks() -> None:
    """« les empreintes et décisions d’avant tiennent »: nothing is written of a weight that is not there."""
    year = windows.uniformly(windows.territories(random.Random("absent"), 4, 100, 5), random.Random("none"))
    year.queue = [replace(each, uniform=frozenset()) for each in year.queue]
    text = json.dumps(year.seen(4).as_json())
    assert "weights" not in text
    assert "uniform" not in text


def test_it_survives_the_journey_through_json_and_changes_the_fingerprint() -> None:
    chance = random.Random("journey")
    year = windows.uniformly(windows.territories(chance, 5, 1000, 20), chance)
    weighed = 0
    for seen, decision in year.follow(partial(chance.randint, 1, 6)):
        again = Situation.from_json(json.loads(json.dumps(seen.as_json())))
        assert (again, again.fingerprint()) == (seen, seen.fingerprint())
        assert versions.replay(seen.as_json(), version=2)["holder"] == decision.holder
        weighed += bool(seen.uniform)
    assert weighed > 10
    plain, asked = two(()), two(WEIGHTS)
    assert plain.fingerprint() != asked.fingerprint()


def test_known_departures_are_planned_with_it_as_every_plan_judged() -> None:
    judged: Tally[str] = Tally()
    for seed in range(40):
        chance = random.Random(f"uniform/{seed}")
        year = windows.uniformly(windows.territories(chance, chance.randint(2, 5), 1_000_000, 8), chance)
        for seen, decision in year.follow(partial(chance.randint, 1, 5)):
            if seen.known and plans_of(seen) <= MANY:
                found = every_plan.Judged(decision.holder, decision.reason, decision.excess, decision.mix)
                assert found == every_plan.decide(seen), seed
                judged[decision.reason] += 1
            if decision.reason in {window.KNOWN_DEADLINE, window.KNOWN_MIX}:
                assert len(versions.say(seen, decision)) <= LONGEST
    assert judged[window.KNOWN_MIX] > 5


def test_what_a_plan_fills_says_that_communes_come_first() -> None:
    seen = two(WEIGHTS)
    assert filling(Plan((), 0, 250), Plan((), 0, 100), seen) == (
        "comble 2,50 logements de manques par genre, commune d’abord, au lieu de 1,00"
    )


@pytest.mark.parametrize("longest", [1, 12])
def test_theorem_of_one_territory_holds_whoever_asks_for_uniformity(longest: int) -> None:
    """|dû − reçu| ≤ S − S // (2n − 2): only what the band chooses among changes."""
    for seed in range(60):
        chance = random.Random(f"uniform theorem/{seed}")
        holders, unit = chance.randint(2, 10), chance.choice((100, 101, 1_000_000))
        year = windows.uniformly(windows.one_territory(chance, holders, unit, 40), chance)
        for _ in year.follow(partial(chance.randint, 1, longest)):
            assert year.furthest() <= unit - unit // (2 * holders - 2), seed
