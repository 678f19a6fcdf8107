"""What version 2 says: one exact sentence a reason, as short as it must be, and what confirms version 1's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flux.engine import rule, versions, window
from flux.engine.facts import Decision, HolderFacts, Known, Situation
from flux.engine.known_wording import LONGEST, filling, known_sentence, ordinal, to
from flux.engine.why_not import CHOSEN, Answer, why_not
from flux.engine.window import KNOWN_DEADLINE, KNOWN_MIX, Plan, Window
from tests.flux.engine import windows
from tests.flux.engine.builders import LANDLORD, holder, situation

NEW = {KNOWN_DEADLINE, KNOWN_MIX}


NAMES = {"A": ("Le Grand Narbonne", "le Grand Narbonne"), "B": ("Ville de Coursan", "la Ville de Coursan")}


def two_departures(
    a: int, b: int, *, lacks: dict[str, int], may_take: tuple[str, ...] = ("A", "B", LANDLORD), share: int = 40
) -> Situation:
    """A and B are owed so much, a T3 is to be decided, that B lacks a little; another T3 waits behind it."""
    landlord = 100 - 2 * share
    seen = situation(
        named(holder("A", share=share, delay=a, rank=1)),
        named(holder("B", share=share, delay=b, rank=2, lacks=(40,))),
        holder(LANDLORD, share=landlord, delay=100 - a - b, rank=3),
    )
    known = Known("7", 7, ("T3",), {"A": share, "B": share, LANDLORD: landlord}, may_take, lacks)
    return replace(seen, known=(known,), window=8, limits=window.limits(100))


def named(facts: HolderFacts) -> HolderFacts:
    name, inside = NAMES[facts.id]
    return replace(facts, name=name, inside=inside)


def sentence_of(seen: Situation, *, reason: str) -> str:
    decision = window.decide(seen)
    assert decision.reason == reason
    return versions.say(seen, decision)


def test_sentence_known_mix_when_the_first_one_has_a_later_departure() -> None:
    assert sentence_of(two_departures(55, 50, lacks={"A": 120}), reason=KNOWN_MIX) == (
        "À la Ville de Coursan maintenant, et le Grand Narbonne (reste dû 0,55) reçoit le dernier des 2 départs connus "
        ": l’ensemble comble 1,60 logement de manques par genre, au lieu de 0,00."
    )


def test_sentence_known_mix_when_the_first_one_may_wait() -> None:
    """A had enough of the second one’s kind: it has neither of the two."""
    seen = two_departures(45, 40, share=10, lacks={"A": -90, "B": -90, LANDLORD: 60})
    assert sentence_of(seen, reason=KNOWN_MIX) == (
        "À la Ville de Coursan maintenant, et le Grand Narbonne peut attendre, sans dépasser les limites : l’ensemble "
        "des 2 départs connus comble 1,00 logement de manques par genre, au lieu de 0,60."
    )


def test_sentence_known_deadline() -> None:
    """B may not take the second one: it is now, or later than the limit."""
    seen = two_departures(60, 50, may_take=("A", LANDLORD), lacks={})
    assert sentence_of(seen, reason=KNOWN_DEADLINE) == (
        "À la Ville de Coursan maintenant, qui serait au mieux en retard de 0,90 logement après le dernier des 2 "
        "départs connus si le Grand Narbonne passait d’abord ; ainsi, personne ne dépasse les limites."
    )


def test_version_1_is_confirmed_by_the_known_departures() -> None:
    seen = two_departures(60, 50, lacks={"B": 100})
    alone = replace(seen, known=(), limits=(), window=0)
    assert sentence_of(alone, reason=rule.LARGEST_DELAY).endswith("ensuite Ville de Coursan, 0,50.")
    assert sentence_of(seen, reason=rule.LARGEST_DELAY) == f"{sentence_of(alone, reason=rule.LARGEST_DELAY)} " + (
        "Les 2 départs connus le confirment."
    )


def decided(reasons: set[str], *, count: int) -> Iterator[tuple[Situation, Decision]]:
    """Decisions of these reasons, along years of three communes."""
    left = count
    for seed in range(10_000):
        chance = random.Random(f"said/{seed}")
        for seen, decision in windows.territories(chance, 6, 1_000_000, 14).follow(lambda: 8):
            if decision.reason in reasons:
                yield seen, decision
                left -= 1
                if not left:
                    return


def test_only_what_several_could_have_had_is_confirmed() -> None:
    for seen, decision in decided({rule.LARGEST_DELAY, rule.PROFILE, rule.TIE, rule.ONLY_ONE}, count=200):
        several = sum(rank.in_band for rank in decision.ranking) > 1
        assert known_sentence(seen, decision).endswith("le confirment.") == (several and bool(seen.known))


@pytest.mark.parametrize("reason", sorted(NEW))
@given(letters=st.lists(st.integers(1, 160), min_size=8, max_size=8))
@settings(max_examples=25, deadline=None)
def test_a_sentence_of_its_own_fits_whatever_the_names(reason: str, letters: list[int]) -> None:
    for seen, decision in decided({reason}, count=6):
        names = {each.id: "N" * length for each, length in zip(seen.everybody, letters, strict=False)}
        renamed = replace(
            seen,
            holders=tuple(replace(each, name=names[each.id], inside="") for each in seen.holders),
            elsewhere=tuple(replace(each, name=names[each.id], inside="") for each in seen.elsewhere),
        )
        text = known_sentence(renamed, decision)
        assert len(text) <= LONGEST
        assert text.endswith(".")
        assert "KNOWN" not in text


def test_a_sentence_says_who_goes_beyond_and_when() -> None:
    """What it says of the plan that gives the vacancy to version 1’s choice is what that plan does."""
    for seen, decision in decided({KNOWN_DEADLINE}, count=60):
        frame = Window(seen)
        gaps = frame.gaps(frame.best([decision.version_1]).holders)
        text = known_sentence(seen, decision)
        shown = {
            (f"en {'avance' if gap < 0 else 'retard'} de {abs(gap) / 1_000_000:.2f}".replace(".", ","), step)
            for each in gaps.values()
            for step, gap in enumerate(each, 1)
            if abs(gap) > frame.limits[step - 1]
        }
        when = [f"{each} logement" in text and places(step, seen.departures) in text for each, step in shown]
        assert any(when), text


def places(step: int, known: int) -> str:
    return f"après le {'dernier' if step == known else ordinal(step)} des {known} départs connus"


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("le Grand Narbonne", "au Grand Narbonne"),
        ("les Communes unies", "aux Communes unies"),
        ("la Ville de Coursan", "à la Ville de Coursan"),
        ("l’État – agents", "à l’État – agents"),
        ("Action Logement", "à Action Logement"),
    ],
)
def test_to_whom(inside: str, expected: str) -> None:
    assert to(inside) == expected


def test_two_mixes_that_read_alike_are_reported_with_more_decimals() -> None:
    def said_of(mix: int, other: int) -> str:
        return filling(Plan((), 0, mix), Plan((), 0, other), situation(unit=1_000_000))

    assert said_of(1_373_000, 1_369_000) == "comble 1,373 logement de manques par genre, au lieu de 1,369"
    assert said_of(6_750_000, 6_150_000) == "comble 6,75 logements de manques par genre, au lieu de 6,15"
    assert said_of(0, -1) == "comble 0,000000 logement de manques par genre, au lieu de −0,000001"
    assert said_of(-150_000, -350_000) == "ajoute 0,15 logement d’avance par genre, au lieu de 0,35"


# --- « pourquoi pas nous ? » ---


def test_why_not_says_what_the_known_departures_would_lose() -> None:
    seen = two_departures(60, 50, may_take=("A", LANDLORD), lacks={})
    decision = window.decide(seen)
    answer = Answer(seen, decision.reason, decision.ranking)
    assert why_not(answer, "B") == CHOSEN[KNOWN_DEADLINE]
    assert why_not(answer, "A") == (
        "Servie d’abord, elle laisserait au mieux la Ville de Coursan en retard de 0,90 logement après le dernier des "
        "2 départs connus. Prévision : le dernier des 2 départs connus."
    )


def test_why_not_says_what_the_known_departures_would_fill_less() -> None:
    seen = two_departures(55, 50, lacks={"A": 120})
    decision = window.decide(seen)
    answer = Answer(seen, decision.reason, decision.ranking)
    assert why_not(answer, "B") == CHOSEN[KNOWN_MIX]
    assert why_not(answer, "A") == (
        "Si elle était servie d’abord, l’ensemble des 2 départs connus comblerait 0,00 logement de manques par genre, "
        "au lieu de 1,60. "
        "Prévision : le dernier des 2 départs connus."
    )


def test_why_not_answers_everybody_in_a_few_words() -> None:
    itself = 0
    for seen, decision in decided(NEW, count=120):
        answer = Answer(seen, decision.reason, decision.ranking)
        for rank in decision.ranking:
            text = why_not(answer, rank.id)
            assert text.endswith(".")
            assert len(text) <= LONGEST
            itself += "elle serait au mieux" in text
        version_1 = why_not(answer, decision.version_1)
        assert version_1.startswith(("Servie d’abord", "Si elle était servie d’abord")), version_1
    assert itself
