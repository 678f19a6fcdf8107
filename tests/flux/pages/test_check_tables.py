"""The checks of a landlord in one sentence: against the law, to watch, or neither."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.utils.html import strip_tags

from flux.pages.checks import Reading, answer, checks_table, listed_answer, question, read_checks
from reservations.pages.checks.check import Check
from reservations.queries.checks.quotas import Code, Level
from tests.world import World


def found(count: int, level: Level) -> tuple[Check, ...]:
    return (Check(Code.STATE_SHARE, level, "Aude", "La part est de 32 %", "Réduisez-la."),) * count


@pytest.fixture
def reading(world: World) -> Reading:
    [read] = read_checks([world.landlord], on=date(2026, 11, 24))
    return replace(read, refusals=(), warnings=())


@pytest.mark.parametrize(
    ("against", "watched", "words"),
    [
        (1, 0, "Non : 1 point contraire au droit, et 0 à surveiller."),
        (2, 3, "Non : 2 points contraires au droit, et 3 à surveiller."),
        (0, 1, "Oui : 0 point contraire au droit, et 1 à surveiller."),
        (0, 0, "Oui : 0 point contraire au droit, et rien à surveiller aujourd’hui."),
    ],
)
def test_answer_says_no_only_of_what_is_against_the_law(
    reading: Reading, against: int, watched: int, words: str
) -> None:
    read = replace(reading, refusals=found(against, Level.REFUSAL), warnings=found(watched, Level.WARNING))
    assert strip_tags(answer(read)) == words
    _, refused, warned, _ = checks_table([read]).lines[0].cells
    assert (refused.content.text, refused.content.pill) == (str(against), "late" if against else "")
    assert (warned.content.text, warned.content.pill) == (str(watched), "todo" if watched else "")


def test_a_landlord_is_asked_of_its_own_conventions(world: World) -> None:
    assert question(world.landlord, own=True) == "Vos conventions respectent‑elles le droit ?"
    assert question(world.landlord, own=False).startswith("Les conventions de Robine Habitat respectent")


def test_overseer_reads_on_what_they_were_checked(world: World) -> None:
    place = world.places["Le Grand Narbonne"]
    assert listed_answer(1, place).startswith("1 bailleur contrôlé sur ce qui porte sur la CA Le Grand Narbonne. ")
    assert listed_answer(2, None).startswith("2 bailleurs contrôlés. Ouvrez un bailleur")
