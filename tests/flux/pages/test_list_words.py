"""What lists ask and answer, to each reader."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils.html import strip_tags

from flux.pages import list_words
from flux.queries.stock import Overview as Inventory
from reservations.queries.conventions import Overview as Counts

TITLES = Inventory(titles=3, living=2, units=5, ending=0)


@pytest.mark.parametrize(
    ("by_landlord", "only_new", "way", "expected"),
    [
        (False, True, "Comptes › Programmes neufs", "2 programmes neufs dont vous lisez la répartition. À la première"),
        (True, True, "Logements › Programmes › Neufs", "2 programmes neufs. À la première location"),
        (True, False, "Logements › Programmes", "2 programmes, dont 1 sans classe d’attractivité. La règle"),
    ],
)
def test_programmes_are_reported_to_whom_they_are(
    *, by_landlord: bool, only_new: bool, way: str, expected: str
) -> None:
    assert strip_tags(list_words.programmes_way(by_landlord=by_landlord, only_new=only_new)) == way
    assert list_words.programmes_answer(2, 1, by_landlord=by_landlord, only_new=only_new).startswith(expected)


def test_programmes_that_are_all_classed_say_so() -> None:
    every = list_words.programmes_answer(2, 0, by_landlord=True, only_new=False)
    none = list_words.programmes_answer(0, 0, by_landlord=True, only_new=False)
    assert every.startswith("2 programmes, tous classés.")
    assert none.startswith("0 programme. La règle")
    assert list_words.programmes_question(only_new=True) != list_words.programmes_question(only_new=False)


def test_conventions_are_asked_of_each_side() -> None:
    sides = [(False, True), (True, False), (True, True)]
    asked = {list_words.conventions_question(show_landlord=one, show_signatory=other) for one, other in sides}
    assert len(asked) == 3
    counts = Counts(in_force=2, ending=1, drafts=1, proposed=2, first_year=2026, last_year=2026)
    assert list_words.conventions_answer(counts) == (
        "2 conventions en vigueur, dont 1 à renouveler : elle finit dans les 90 jours. 1 brouillon est à proposer. "
        "2 propositions attendent une signature."
    )
    plain = replace(counts, ending=0, drafts=0, proposed=0)
    assert list_words.conventions_answer(plain) == "2 conventions en vigueur."


def test_titles_that_end_soon_are_counted() -> None:
    text = "2 titres en cours sur 3 enregistrés, portés par 5 logements"
    assert list_words.titles_answer(TITLES, 90) == f"{text}."
    assert list_words.titles_answer(replace(TITLES, ending=1), 90) == f"{text} ; 1 finit d’ici 90 jours."
    assert list_words.titles_question(by_landlord=True) != list_words.titles_question(by_landlord=False)
