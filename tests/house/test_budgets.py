"""Words are counted as they are seen (tests/house/budgets.py); tests/house/test_seeing.py asks them of each page."""

from __future__ import annotations

import pytest

from benchmarks.words import HOME, LONGEST
from tests.house.budgets import budget_of, words_shown

PAGE = """<!doctype html><body><nav>menu du site</nav><header class="print-only">papier</header><main><h1>Deux mots</h1>
<p>+0,80 dû<br>l’an 2026 : 12 %</p><details><summary>Un résumé</summary><p>plié <b>ici</b></p>
<details open><summary>dans le pli</summary></details></details><span class="vh">lu à voix haute</span>
<p hidden>caché</p><select><option>choix</option></select><svg><text>dessiné</text></svg>
<details open><summary>ouvert</summary><p>lu</p></details></main><footer>pied</footer></body>"""


def test_words_are_those_that_are_seen() -> None:
    """Deux mots 0,80 dû l’an 2026 12 Un résumé ouvert lu: as the browser counts them (tests/journeys/test_words.py)."""
    assert words_shown(PAGE) == 11


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/", HOME),
        ("/liberes/", LONGEST),
        ("/liberes/12/", LONGEST),
        ("/conventions/3/document/", None),
        ("/conventions/3/modifier/", 1_156),
    ],
)
def test_each_address_has_its_budget(address: str, most: int | None) -> None:
    assert budget_of(address) == most
