"""Words are counted as they are seen (tests/house/budgets.py); tests/house/test_seeing.py asks them of each page."""

from __future__ import annotations

import pytest

from benchmarks.words import DESK, HOME, LONGEST, UNIT, Shown, over
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
        ("/liberes/12/", UNIT),
        ("/logements/12/", UNIT),
        ("/liberes/12/candidats/", LONGEST),
        ("/conventions/3/document/", None),
        ("/conventions/3/modifier/", LONGEST),
    ],
)
def test_each_address_has_its_budget(address: str, most: int | None) -> None:
    assert budget_of(address) == most


@pytest.mark.parametrize(("name", "words"), [("/liberes/N/", UNIT), ("/logements/N/", UNIT), ("/liberes/", LONGEST)])
def test_a_page_passes_its_own_budget_by_one_word(name: str, words: int) -> None:
    seen = [
        Shown("chloe@narbonne.example", name, name, count, DESK["height"], 844, True) for count in (words, words + 1)
    ]
    assert [each for each in over(seen).values() if each] == [seen[1:]]
