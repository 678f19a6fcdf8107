"""« Pages et actes »: the search finds by its name what opens for the person, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.inbox.declared import KINDS
from attributions.inbox.reader import Reader
from attributions.navigation import OWN_MANAGER, OWN_PEOPLE, OWN_SOFTWARE, SHELLS
from attributions.public.plan import SIGNED_IN
from attributions.search.destinations import ALSO, named_pages
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


@pytest.mark.parametrize(
    ("text", "address", "may", "may_not"),
    [
        ("convoquer une séance", "session-list", "aline chloe bob", "adam"),
        ("comparer les bailleurs", "balance-territory-latest", "bob emma", "aline chloe adam"),
        ("annuler un congé", "vacancy-list", "aline", "adam"),
        ("pas de candidat", "file-list", "chloe bob", "adam"),
        ("inviter", "person-list", "adam alice", "aline"),
        ("retards", "step-times", "aline chloe bob emma", "adam"),
        ("comparer les bailleurs", "account-list", "chloe bob", ""),
        ("salariés", "household-list", "chloe bob", "aline adam"),
        ("transmettre", "household-list", "chloe bob", "aline adam"),
        ("exporter", "vacancy-list", "chloe aline", "adam"),
        ("mutation", "objective-list", "chloe bob", ""),
    ],
)
def test_a_page_is_found_by_what_one_comes_to_do(world: World, text: str, address: str, may: str, may_not: str) -> None:
    """docs/tasks.md: what a new user typed, and found nothing."""
    for name in may.split():
        assert reverse(address) in [each.address for each in search(world.member(name), text).pages.rows], name
    for name in may_not.split():
        assert reverse(address) not in [each.address for each in search(world.member(name), text).pages.rows], name


def test_a_page_by_its_own_name_comes_before_those_of_another(world: World) -> None:
    found = [each.words for each in named_pages(world.member("alice"), "délais")]
    assert found[0] == "Délais"


def test_other_names_are_of_pages_that_somebody_finds_and_that_have_none_of_their_words() -> None:
    """A name that the page has already, or of a page that no menu has, would be dead."""
    listed = {
        name for entries, sections in SHELLS.values() for _, part in (("", entries), *sections) for name, _ in part
    }
    listed |= {name for name, _ in (*OWN_PEOPLE, *OWN_MANAGER, *OWN_SOFTWARE, *SIGNED_IN)}
    assert set(ALSO) <= listed


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
