"""Who has signed a convention in flow: the sentence, and where each row leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.utils.html import strip_tags

from flux.pages.compliance import answer, compliance_table, deadline_words
from flux.queries.compliance import Board, ComplianceRow, Situation, board
from tests.world import World

TODAY = date(2026, 11, 24)


@pytest.fixture
def rows(world: World) -> tuple[ComplianceRow, ...]:
    return board(world.member("alice"), on=TODAY).rows


def test_nobody_to_sign_with_is_stated() -> None:
    result = answer(Board((), None, TODAY), [], by_landlord=True)
    assert result == "0 réservataire : aucune convention, aucun droit en stock pour l’instant."


def test_who_has_signed_is_counted_then_what_becomes_of_the_others(rows: tuple[ComplianceRow, ...]) -> None:
    """One of them has ended, and its flow is handled by the préfet; it keeps a right in stock."""
    city = next(row for row in rows if row.organisation is not None and not row.is_state)
    ended = replace(city, situation=Situation.ENDED, stock=1, required_since=date(2023, 11, 24))
    read = Board((ended, *(row for row in rows if row is not city)), None, TODAY)
    text = strip_tags(answer(read, [], by_landlord=False))
    assert text == (
        f"{read.signed} réservataires sur {read.holders} ont une convention en flux, en comptant chaque réservataire "
        "une fois par bailleur. 1 revient au préfet faute de convention. 1 garde des droits en stock à convertir."
    )
    [line] = compliance_table([ended], by_landlord=False).lines
    assert '<span class="st late">finie, sans suite</span>' in line.html
    assert "Lire" in compliance_table([ended], by_landlord=True).lines[0].html


@pytest.mark.parametrize(
    ("deadline", "words"),
    [
        (None, "Aucune échéance n’est enregistrée"),
        (TODAY, "Exigée de tous depuis le 24 novembre 2026."),
        (date(2027, 1, 1), "Exigée de tous à partir du 1er janvier 2027."),
    ],
)
def test_from_when_a_convention_is_asked(deadline: date | None, words: str) -> None:
    assert deadline_words(deadline, TODAY).startswith(words)
