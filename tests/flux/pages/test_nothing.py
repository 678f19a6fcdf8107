"""What a list says when it has no line: to each reader what will bring the first, under filters how to lift them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from django.utils.html import strip_tags

from flux.models import Ledger
from flux.pages import list_words
from flux.queries.accounts import AccountFigures, AccountLine
from flux.queries.statement import Figure
from reservations.models import Organisation, ReservationHolder


@pytest.mark.parametrize(
    ("say", "asks", "count"),
    [
        (list_words.no_vacancy, ("filtered", "can_declare"), 3),
        (list_words.no_title, ("filtered", "may_manage", "by_landlord"), 4),
        (list_words.no_unit, ("filtered", "may_declare", "may_manage"), 4),
        (list_words.no_programme, ("by_landlord", "only_new"), 3),
        (list_words.no_account, ("first", "by_landlord"), 3),
        (list_words.no_convention, ("filtered", "can_draft"), 3),
        (list_words.no_holder, ("filtered",), 2),
        (list_words.no_forecast, ("own",), 2),
    ],
)
def test_each_reader_is_shown_something_else(say: Callable[..., str], asks: tuple[str, ...], count: int) -> None:
    cases = [dict(zip(asks, each, strict=True)) for each in product((True, False), repeat=len(asks))]
    rows = [(case, say(**case)) for case in cases]
    assert len({words for _, words in rows}) == count
    for case, words in rows:
        assert ("ne répond à ces filtres. <a href=" in words) is case.get("filtered", False)
        assert strip_tags(words).endswith((".", "Tout afficher", "Déclarer un logement libéré", "Voir vos logements"))


def test_a_list_of_destinations_leads_back_to_itself() -> None:
    assert list_words.none_elsewhere("/ici/", filtered=True).endswith('<a href="/ici/">Tout afficher</a>')
    assert list_words.none_elsewhere("/ici/", filtered=False).startswith("Rien à lister.")


def test_a_right_that_nothing_bears_is_given_units_by_its_landlord_alone() -> None:
    assert "Rattachez un logement" in list_words.no_bearer(3, may_manage=True)
    assert list_words.no_bearer(3, may_manage=False).endswith("il ne sert à rien.")


def test_units_behind_a_figure_are_hidden_or_are_not() -> None:
    city = ReservationHolder(pk=2, organisation=Organisation(name="Ville de Narbonne", article="la"))
    line, book = AccountLine(city, (), AccountFigures()), Ledger(pk=1)
    text = list_words.none_behind(line, book, Figure.RECEIVED, hidden=False)
    assert strip_tags(text).endswith("à cette date. Revenir au relevé")
    assert "hors de votre territoire" in list_words.none_behind(line, book, Figure.RECEIVED, hidden=True)
