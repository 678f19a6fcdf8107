"""The article of the organisations recorded before it was stored: what the screens wrote of them until then."""

from __future__ import annotations

from importlib import import_module

import pytest

from reservations import migrations

guessed = import_module(f"{migrations.__name__}.0280_articles").guessed


@pytest.mark.parametrize(
    ("name", "article"),
    [
        ("Ville de Narbonne", "la"),
        ("Préfecture de l’Aude", "la"),
        ("Département de l’Aude", "le"),
        ("Le Grand Narbonne", "le"),
        ("OPH de l’Aude", "l’"),
        ("État – Aude", "l’"),
        ("Les Corbières", "les"),
        ("Harmonie Habitat", "d’"),
        ("Hérault Logement", "d’"),
        ("Action Logement", ""),
        ("Hauts-de-France Habitat", ""),
        ("Robine Habitat", ""),
    ],
)
def test_organisation_of_before_is_given_the_article_that_was_guessed(name: str, article: str) -> None:
    assert guessed(name) == article
