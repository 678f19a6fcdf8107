"""Names in the sentences of acts, forms and exports: « au Grand Narbonne », « d’Action Logement »."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.tree import modules, over_files, shown, templates
from tests.strict import BEFORE, what_a_page_never_says

CODE = [
    path
    for path in modules("reservations", "flux", "attributions")
    if not {"engine", "migrations", "models"} & set(path.parts) and path.name != "words.py"
]
#: What may hold the name of an organisation, in our code and in our templates.
PARTY = (
    r"(?:[a-z_]+\.)*(?:landlord|holder|organisation|operator|acting|partner|party|party_name|taker|delegate|sent_for)"
    r"(?:\.name)?"
)
#: And what « à » or « de » contracts with, or is elided before.
NAME = rf"(?:{PARTY}|(?:[a-z_]+\.)*(?:programme|name|full_name|territory|perimeter))"
IN_CODE = re.compile(rf"\b(?:(?i:{BEFORE}) \{{{PARTY}\}}|(?i:à|de) \{{{NAME}\}})")
IN_TEMPLATES = re.compile(rf"\b(?:(?i:{BEFORE})(?:<[^>]*>| )+\{{\{{ {PARTY} \}}\}}|(?i:à|de) \{{\{{ {NAME} \}}\}})")


@over_files(CODE)
def test_name_in_a_sentence_takes_its_article(path: Path) -> None:
    """The filters write them; the engine has none, and its sentences are frozen with its versions."""
    assert IN_CODE.findall(path.read_text(encoding="utf-8")) == []


def test_name_in_a_template_takes_its_article() -> None:
    """Whatever the name: a page of the tests may show a party that takes none."""
    found = {shown(path): IN_TEMPLATES.findall(path.read_text(encoding="utf-8")) for path in templates()}
    assert {path: each for path, each in found.items() if each} == {}


@pytest.mark.parametrize(
    "source",
    ["orienté vers {{ routing.holder }}", "chez <b>{{ line.ledger.landlord }}</b>", "Pour {{ own.holder.name }}"],
)
def test_the_search_finds_a_bare_name_in_a_template(source: str) -> None:
    assert IN_TEMPLATES.search(source)
    assert not IN_TEMPLATES.search(source.replace(" }}", "|towards }}"))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>promise à Le Grand Narbonne</p>", ["à Le Grand"]),
        ("<p>Contingents <b>de</b> Action Logement</p>", ["de Action Logement"]),
        ("<p>au nom de État – agents</p>", ["de État"]),
        ("<a>Contester<span class='vh'> la ligne IN_FLOW</span></a>", ["IN_FLOW"]),
        ('<svg aria-label="IF_LATE YES_IF_HOLDER_FAULT"></svg>', ["YES_IF_HOLDER_FAULT"]),
        ("<p>n’appartient à 0 organisation</p>", ["0 organisation"]),
        ("<p>orienté vers <b>Commune de Sigean</b></p>", ["vers Commune"]),
        ("<p>Pour Ville de Narbonne, et sur Non réservé</p>", ["Pour Ville", "sur Non réservé"]),
        ("<p>demandé par Le Grand Narbonne</p>", ["par Le Grand"]),
        ("<p>agir en tant que agent, à la place de Aude Martin</p>", ["que agent", "de Aude"]),
        ("<p>plus de onze, que oui, de un à deux ; pour la Ville de Narbonne, vers l’État</p>", []),
        ("<p>Ce que dit le bilan de <em>État – agents</em></p>", ["de État"]),
        ("<label>Ligne de</label><select><option>État – agents</option></select>", []),
        ("<dt>Part de</dt><dd>État – agents</dd><th>Contingent de</th><td>Action Logement</td>", []),
        ('<option value="IN_FLOW">dans le flux</option><p>à 10 organisations, au Grand Narbonne</p>', []),
    ],
)
def test_what_a_page_never_says_is_caught(html: str, expected: list[str]) -> None:
    """What reads a page (tests/strict.py) sees each of these, and only them."""
    assert what_a_page_never_says(html) == expected
