"""« Pages et actes »: the search finds by its name what opens for the person, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.inbox.declared import KINDS
from attributions.inbox.reader import Reader
from attributions.search.queries import SHOWN
from reservations.imports.kinds import kinds_for
from tests.attributions.search.test_queries import PEOPLE, at, search
from tests.flux.views.test_account import page
from tests.world import World

SignIn = Callable[[str], Client]


@pytest.mark.parametrize(
    ("text", "named", "who"),
    [
        ("comptes", ("Comptes", "account-list"), ("alice aline bob emma adam", "")),
        ("DECLARER libere", ("Déclarer un logement libéré", "vacancy-declare"), ("alice aline", "chloe bob emma adam")),
        ("mes menages", ("Mes ménages", "household-list"), ("chloe bob", "alice aline adam")),
        ("reservataires", ("Réservataires", "holder-list"), ("alice", "aline chloe bob adam")),
        ("parametres droit", ("Paramètres de droit", "legal-parameter-list"), ("adam", "alice chloe bob emma")),
    ],
)
def test_a_page_or_an_act_is_found_by_its_name_by_who_may(
    world: World, sign_in: SignIn, text: str, named: tuple[str, str], who: tuple[str, str]
) -> None:
    words, address = named[0], reverse(named[1])
    may, may_not = (each.split() for each in who)
    for name in may:
        first = search(world.member(name), text).pages.rows[0]
        assert (first.words, first.address) == (words, address), name
    for name in may_not:
        assert address not in [each.address for each in search(world.member(name), text).pages.rows], name
    line = f'<a href="{address}"><b>{words}</b></a>'
    shown = page(sign_in(may[0]), at(text))
    assert "Pages et actes" in shown
    assert line in shown
    assert "page ou acte" in shown or "pages ou actes" in shown
    assert [name for name in may_not[:1] if line in page(sign_in(name), at(text))] == []


@pytest.mark.parametrize("name", PEOPLE)
def test_files_and_acts_that_are_found_are_those_of_the_person_and_open(
    world: World, sign_in: SignIn, name: str
) -> None:
    member, client = world.member(name), sign_in(name)
    files = [reverse("file-import-new", args=[kind.code]) for kind in kinds_for(member)]
    imported = search(member, "importer fichier").pages
    assert {each.address for each in imported.rows} >= set(files[: SHOWN - 1])
    reader = Reader(member, now=timezone.now())
    awaited = search(member, "faire").pages
    assert {each.address for each in awaited.rows} <= {act.where for act in KINDS if act.whom(reader)} | {
        reverse("inbox")
    }
    for each in (*imported.rows, *awaited.rows):
        assert client.get(each.address).status_code == 200, each
