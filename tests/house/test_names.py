"""Names in the sentences of acts, forms and exports: « au Grand Narbonne », « d’Action Logement »."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.tree import modules, shown
from tests.strict import what_a_page_never_says

CODE = [
    path
    for path in modules("reservations", "flux", "attributions")
    if not {"engine", "migrations", "models"} & set(path.parts) and path.name != "words.py"
]
NAME = re.compile(
    r"\b(?:à|À|de|De) \{(?:[a-z_]+\.)*(?:landlord|holder|organisation|operator|programme|name|full_name|territory)\}"
)


@pytest.mark.parametrize("path", CODE, ids=shown)
def test_name_in_a_sentence_takes_its_article(path: Path) -> None:
    """The filters write them; the engine has none, and its sentences are frozen with its versions."""
    assert NAME.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>promise à Le Grand Narbonne</p>", ["à Le Grand"]),
        ("<p>Contingents <b>de</b> Action Logement</p>", ["de Action Logement"]),
        ("<p>au nom de État – agents</p>", ["de État"]),
        ("<a>Contester<span class='vh'> la ligne IN_FLOW</span></a>", ["IN_FLOW"]),
        ('<svg aria-label="IF_LATE YES_IF_HOLDER_FAULT"></svg>', ["YES_IF_HOLDER_FAULT"]),
        ("<p>n’appartient à 0 organisation</p>", ["0 organisation"]),
        ("<p>Ce que dit le bilan de <em>État – agents</em></p>", ["de État"]),
        ("<label>Ligne de</label><select><option>État – agents</option></select>", []),
        ("<dt>Part de</dt><dd>État – agents</dd><th>Contingent de</th><td>Action Logement</td>", []),
        ('<option value="IN_FLOW">dans le flux</option><p>à 10 organisations, au Grand Narbonne</p>', []),
    ],
)
def test_what_a_page_never_says_is_caught(html: str, said: list[str]) -> None:
    """What reads a page (tests/strict.py) sees each of these, and only them."""
    assert what_a_page_never_says(html) == said
