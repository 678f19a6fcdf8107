"""The words of the screens: one meaning each, and all of them on the page."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from attributions.glossary.views import words
from tests.world import World


def test_each_word_has_one_meaning_and_a_source() -> None:
    every = [word for section in words().values() for word in section]
    assert len({word.word for word in every}) == len(every)
    assert [word for word in every if not (word.meaning.endswith(".") and word.source)] == []


def test_words_of_the_households_have_their_section() -> None:
    found = {word.word for word in words()["Les ménages"]}
    assert {"SNE", "SYPLO", "DALO", "CALEOL", "Candidature", "Désignation", "Condition suspensive", "CIA"} <= found


def test_glossary_page_shows_every_word(world: World, sign_in: Callable[[str], Client]) -> None:
    text = sign_in("driss").get(reverse("glossary")).text
    every = [word for section in words().values() for word in section]
    assert f"<b>{len(every)} mots</b>" in text
    for word in every:
        assert f"<b>{escape(word.word)}</b>" in text
        assert escape(word.meaning) in text
