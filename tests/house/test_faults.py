"""What the net looks for is heard when it is there, and only then (tests/house/faults.py)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.template import engines

from reservations.models import Organisation, User
from tests.house.alike import repeated
from tests.house.compared import compare
from tests.house.faults import ASKS_MORE, STATEMENTS, astray, faults_of, refused
from tests.house.missing import Asked
from tests.house.pages import Page, listening
from tests.house.reading import page_markup, page_words
from tests.world import World


def page(html: str, *, status: int = 200, name: str = "home", address: str = "/", kind: str = "text/html") -> Page:
    return Page("alice", "GET", name, address, status, "", kind, html.encode())


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>en tant que agent de l’État</p>", ["que agent"]),
        ("<p>la part de le bailleur, empêchent de le louer, ajoutez-le à ce chiffre</p>", ["de le bailleur"]),
        ("<p>1 à 1 sur 1 logements</p><p>21 logements, 0,1 logement, le 1 bail</p>", ["1 logements"]),
        ("<p>1,82 logements</p>", ["1,82 logements"]),
        ("<p>sur les 0 premiers logements de l’année</p>", ["les 0"]),
        ("<td>3 <b>logement</b></td><td>2 logements, 30 mois</td>", ["3 logement"]),
        ("<p>Bail : None</p>", ["None"]),
        ("<p>Dû 11.86, le 24.11.2026, article R.441-5</p>", ["11.86"]),
        ("<p>RECURRING, PLAI, DALO</p>", ["RECURRING"]),
        ('<button aria-label="Contester la ligne IN_FLOW"></button>', ["IN_FLOW"]),
        ("<script>let que = None; de le monde</script>", []),
        ('<input value="None"><textarea>1 logements</textarea>', []),
    ],
)
def test_what_no_page_says_is_heard(html: str, expected: list[str]) -> None:
    assert faults_of(page(html)) == expected


def test_a_page_that_breaks_is_heard() -> None:
    assert faults_of(page("", status=500)) == ["answers 500"]
    assert faults_of(page("", status=503, name="health-ready")) == []


TABLE = (
    "<table><thead><tr><th></th><th>Dû</th><th>Part</th></tr></thead>"
    "<tr><th>A</th><td>{}</td><td>0,50</td></tr>"
    "<tr><th>B</th><td><a href='#'>1 002</a></td><td>–</td></tr>"
    "<tfoot><tr><th>Ensemble</th><td>1 005</td><td>0,51</td></tr></tfoot></table>"
)


def test_what_a_page_asks_twice_is_heard() -> None:
    """The same words with the same parameters, on a page that was read: neither other parameters, nor an act, nor what
    one is refused."""
    twice = ("SELECT 1 (3,)", "SELECT 1 (4,)", "SELECT 1 (3,)")
    assert faults_of(replace(page("<p>"), asked=twice)) == ["asks 2 times: SELECT 1 (3,)"]
    assert faults_of(replace(page("<p>"), asked=twice[:2])) == []
    assert faults_of(replace(page("<p>"), asked=twice, method="POST")) == []
    assert faults_of(replace(page("<p>", status=404), asked=twice)) == []


def test_what_asks_too_much_is_heard() -> None:
    """Twelve statements a page, or as many as a page that is to be shortened asks today
    (docs/decisions/0167-read-together.md), of what is read alone."""
    asked = tuple(f"SELECT {number}" for number in range(max(ASKS_MORE.values())))
    for name, most in (("rule", STATEMENTS), ("home", ASKS_MORE["home"])):
        assert faults_of(replace(page("<p>", name=name), asked=asked[:most])) == []
        longer = replace(page("<p>", name=name), asked=asked[: most + 1])
        assert faults_of(longer) == [f"asks {most + 1} statements, and {most} at most"]
        assert faults_of(replace(longer, method="POST")) == []


def test_what_is_read_is_listened_to(world: World) -> None:
    """Not what is written, nor what locks."""
    with listening() as asked:
        User.objects.filter(pk=world.people["alice"].pk).update(is_active=True)
        list(Organisation.objects.filter(pk=world.landlord.organisation_id).values_list("pk"))
        Organisation.objects.filter(pk=0).select_for_update().first()
    assert [each.endswith(f"({world.landlord.organisation_id},)") for each in asked] == [True]


def test_a_foot_that_is_not_the_sum_is_heard() -> None:
    assert faults_of(page(TABLE.format(3), name="account")) == []
    assert faults_of(page(TABLE.format(4), name="account")) == ["column 1: 4 + 1 002 is not 1 005"]


def test_a_figure_whose_list_says_another_is_heard() -> None:
    account = page("<a href='/comptes/1/2/logements/?stage=DUE'>2,50</a>", name="account", address="/comptes/1/")
    listed = {"name": "statement-units", "address": "/comptes/1/2/logements/?stage=DUE"}
    right = page("<p class='answer'><b>2,50</b> logements dus</p><p>3,50</p>", **listed)
    wrong = page("<p class='answer'><b>3,50</b> logements dus</p><p>2,50</p>", **listed)
    assert list(astray([account, right])) == []
    paged = page("<a href='/comptes/1/2/logements/?stage=DUE&amp;page=2'>2</a>", name="account", address="/comptes/1/")
    second = page("<p class='answer'><b>3,50</b></p>", address="/comptes/1/2/logements/?stage=DUE&page=2")
    assert list(astray([paged, second])) == [], "the number of a page"
    assert [key for key, _ in astray([account, wrong])] == [account.key]


def test_a_link_to_a_refusal_is_heard() -> None:
    home, shut = page('<a href="/parametres/">Paramètres</a>'), page("", status=403, address="/parametres/")
    assert list(refused([home, shut])) == [(home.key, "leads to /parametres/, which answers 403")]
    assert list(refused([home, page("", address="/parametres/")])) == []


@pytest.mark.parametrize(("due", "gap", "heard"), [("11,87", "+1,87", 0), ("11,86", "+1,87", 1), ("11,87", "−1,87", 1)])
def test_a_figure_stated_in_two_ways_is_heard(due: str, gap: str, heard: int) -> None:
    figures = {"due": 11_865_000, "gap": 1_865_000, "routed": 9, "awaiting": 1, "received": 10}
    text = json.dumps({"lines": [{"holder": {"name": "Ville"}, "figures": figures}]})
    api = page(text, name="api-account", address="/api/v1/ledgers/1/account/", kind="application/json")
    cells = "".join(f"<td>{cell}</td>" for cell in ("12 %", due, "9", "1", "10", gap))
    row = f"<table><tr><th>Ville</th>{cells}</tr></table>"
    assert len(list(repeated([api, page(row, name="account", address="/comptes/1/")]))) == heard


def test_a_variable_that_nothing_gives_is_heard() -> None:
    """Once given is enough: a component may do without."""
    asked = Asked()
    with pytest.MonkeyPatch.context() as patch:
        asked.listen(patch)
        template = engines["django"].from_string("{% if unit.florr %}a{% endif %}{% if note %}b{% endif %}")
        template.render({"unit": {"floor": 1}})
        template.render({"unit": {"floor": 1}, "note": "Vu."})
    assert {each.split(": ")[1] for each in asked.never_given()} == {"unit.florr"}


def test_a_page_is_read_block_by_block() -> None:
    html = (
        "<div>\n <p>Un  <b>bail</b>,\u00a0signé</p><a href='/x/'>lire</a><script>x</script></div>"
        '<input type="hidden" name="csrfmiddlewaretoken" value="abc"><input name="why" value="Vu">'
    )
    assert page_words(html) == ["Un bail,\u00a0signé", "{href=/x/}lire", "{name=why value=Vu}"]
    assert page_markup("<p\n class='a  b'>Un\n  bail</p>") == ['<p class="a b">', "Un bail", "</p>"]


def test_two_writings_that_differ_alike_are_notified_once() -> None:
    before = {"a": ["200", "1 bail"], "b": ["200", "1 bail"], "c": ["200"], "gone": ["200"]}
    after = {"a": ["200", "2 baux"], "b": ["200", "2 baux"], "c": ["200"], "new": ["200"]}
    result = compare(before, after)
    assert result[:2] == ["- gone", "+ new"]
    assert [line for line in result if line.startswith("=")] == ["= a  (and 1 more alike)"]
    assert compare(before, before) == []
