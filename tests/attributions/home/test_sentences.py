"""What a home page and the search say: in each state, to each reader."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from attributions.home.sentences import STAGES, left, still, to_do_words, until_the_lease
from attributions.home.to_do import Task, ToDo
from attributions.households.queries.stage import Stage
from attributions.search.pages import answer, nothing, question
from attributions.search.queries import Found, Some
from flux.queries.returns import Clock
from reservations.models import Membership

UNTIL = date(2026, 11, 30)
CLOCK = {"days": 20, "until": UNTIL, "minimum": 3, "delegated": False, "answered_on": None, "late": False}


def test_each_stage_leads_to_what_is_to_be_done() -> None:
    rows = until_the_lease(dict.fromkeys(Stage, 2))
    assert len(rows) == len(STAGES)
    assert until_the_lease({}) == []
    [(act, units)] = until_the_lease({Stage.TO_FIND: 1})
    assert act.endswith('?etape=TO_FIND">Candidats à trouver par vous</a>')
    assert units == '<span class="st todo">1 logement</span>'


@pytest.mark.parametrize(
    ("clock", "pill", "sentence"),
    [
        (None, "Sans délai convenu", ""),
        (Clock(**CLOCK | {"until": None, "days": None}), "Sans délai convenu", ""),
        (Clock(**CLOCK | {"late": True}), "Délai dépassé", ""),
        (Clock(**CLOCK, left=0), "Dernier jour", "C’est aujourd’hui le dernier jour."),
        (Clock(**CLOCK, left=2), "2 jours ouvrés restants", "Il vous reste 2 jours ouvrés, jusqu’au lundi 30 novembre"),
    ],
)
def test_a_delay_says_what_is_left_of_it(clock: Clock | None, pill: str, sentence: str) -> None:
    assert strip_tags(left(clock)) == pill
    assert strip_tags(still(clock) if clock else "").startswith(sentence)


def test_a_delay_that_is_short_stands_out() -> None:
    assert 'class="st todo"' in left(Clock(**CLOCK, left=5))
    assert 'class="st wait"' in left(Clock(**CLOCK, left=6))


ONE = Task(1, "logement à confirmer", "logements à confirmer", "/a", hurry="demain")
TWO = Task(2, "bilan à lire", "bilans à lire", "/b")


@pytest.mark.parametrize(
    ("to_do", "expected"),
    [
        (ToDo([], []), "Rien."),
        (ToDo([ONE], []), "1 logement à confirmer (demain)."),
        (ToDo([ONE, TWO], []), "3 choses à faire : 1 logement à confirmer (demain), 2 bilans à lire."),
        (ToDo([], [TWO]), "Rien de votre côté. En attente : 2 bilans à lire."),
    ],
)
def test_what_awaits_is_one_sentence(to_do: ToDo, expected: str) -> None:
    assert strip_tags(to_do_words(to_do, put_off=0, otherwise="Rien.")) == expected


@pytest.mark.parametrize(
    ("to_do", "put_off", "expected"),
    [
        (ToDo([], []), 1, "Rien aujourd’hui : 0 chose à faire ; 1 ligne reportée."),
        (ToDo([], []), 2, "Rien aujourd’hui : 0 chose à faire ; 2 lignes reportées."),
        (ToDo([ONE], []), 2, "1 logement à confirmer (demain). 2 lignes reportées."),
    ],
)
def test_what_is_put_off_is_never_nothing(to_do: ToDo, put_off: int, expected: str) -> None:
    written = to_do_words(to_do, put_off=put_off, otherwise="Rien.")
    assert strip_tags(written) == expected
    assert f'href="{reverse("inbox")}?suivi=reporte"' in written


def found(units: int) -> Found:
    none = Some([], 0)
    return Found(none, none, Some([], units), none, none, none, none, Some([], 1 if units else 0))


@pytest.mark.parametrize(
    ("given", "text", "expected"),
    [
        (None, "", "Écrivez un nom, une référence"),
        (None, "a", "Écrivez au moins 2 lettres"),
        (found(0), "aude", "0 résultat parmi ce que vous pouvez voir."),
        (found(2), "aude", "3 résultats : 2 logements, 1 territoire."),
    ],
)
def test_the_search_answers(given: Found | None, text: str, expected: str) -> None:
    assert strip_tags(answer(given, text)).startswith(expected)
    assert question(text) == (f"Que désigne « {text} » ?" if text else "Que cherchez-vous ?")


def test_a_search_that_finds_nothing_says_what_it_looks_among() -> None:
    readers = [Membership(role=role) for role in Membership.ROLES]
    assert nothing(None, readers[0]).startswith("Le champ de recherche")
    assert nothing(found(2), readers[0]) == ""
    assert len({nothing(found(0), each) for each in readers}) == 3
