"""`./run bench words`: what a page shows is counted as a person sees it, and what passes a budget is named."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from benchmarks.words import DESK, SEEN, Shown, markdown, over, summary

pytestmark = pytest.mark.browser


def shown(name: str, words: int, *, desk: int = 768, first: bool = True) -> Shown:
    return Shown("chloe@narbonne.example", name, name, words, desk, 844, first)


def test_words_are_those_that_are_seen(browser: Browser) -> None:
    """Folded, hidden, written for a screen reader alone or drawn: not counted; a number with its sign is one word."""
    page = browser.new_page(viewport=DESK)
    page.set_content("""<style>.vh { position: absolute }</style><nav>menu du site</nav><main><h1>Deux mots</h1>
        <p>+0,80 dû, l’an 2026 : 12 %</p><details><summary>Un résumé</summary><p>plié ici</p></details>
        <span class="vh">lu à voix haute</span><p hidden>caché</p><select><option>choix</option></select>
        <svg><text>dessiné</text></svg><div style="height: 1500px"></div></main>""")
    found = page.evaluate(SEEN)
    assert found["words"] == 9  # Deux mots 0,80 dû l’an 2026 12 Un résumé
    assert found["height"] > 1500
    assert 0 < found["first"] < DESK["height"]
    page.close()


def test_each_budget_names_what_passes_it() -> None:
    """A home of 450 words, two screens, a page of 900 words but legal ones, an answer in the first screen."""
    kept = [shown("/", 450, desk=1536), shown("/comptes/", 900), shown("/donnees-personnelles/", 2_000)]
    assert not any(over(kept).values())
    passed = [shown("/", 451), shown("/", 9, desk=1537), shown("/comptes/", 901), shown("/bilans/", 9, first=False)]
    assert list(over([*kept, *passed]).values()) == [[each] for each in passed]


def test_table_has_each_home_and_the_longest_of_each_page() -> None:
    found = [shown("/", 300), shown("/comptes/", 100), shown("/comptes/", 200, first=False)]
    text = summary(found)
    assert "Words of the median page: 200" in text
    assert "| narbonne, chloe | 300 | 768 | 844 |" in text
    assert "1 title and answer beyond the first screen: /comptes/." in text
    pages = markdown(found).splitlines()
    assert [line for line in pages if line.startswith("| /comptes/")] == ["| /comptes/ | 200 | 768 | 844 |"]
