"""What parties write of their own: each line « Article : title » begins one, and no word is lost."""

from __future__ import annotations

import pytest

from reservations.pages.articles import FreeArticle, FreeText, free_text

TYPED = """Vu l’accord-cadre du 3 mars 2026,
signé à Narbonne.

Article L441-1 du code de la construction : rappelé ici.
Article 13 : Signalement
Le bailleur dit chaque congé.

Il le dit dans les huit jours.
ARTICLE – Publics
Tous.
"""


def test_preamble_articles_and_paragraphs_are_distinguished() -> None:
    assert free_text(TYPED) == FreeText(
        (
            "Vu l’accord-cadre du 3 mars 2026, signé à Narbonne.",
            "Article L441-1 du code de la construction : rappelé ici.",
        ),
        (
            FreeArticle("Signalement", ("Le bailleur dit chaque congé.", "Il le dit dans les huit jours.")),
            FreeArticle("Publics", ("Tous.",)),
        ),
    )


@pytest.mark.parametrize("typed", ["", "\n \n"])
def test_nothing_typed_is_nothing(typed: str) -> None:
    assert free_text(typed) == FreeText((), ())


def test_sentence_is_no_title_however_it_begins() -> None:
    long = "Article 4 : " + "le bailleur informe le réservataire " * 6
    assert free_text(long) == FreeText((" ".join(long.split()),), ())
