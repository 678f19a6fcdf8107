"""Units before a committee: how many are ready, and what keeps the others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils.html import strip_tags

from attributions.households.pages.agenda import (
    prevented_lines,
    ready_boxes,
    ready_lines,
    ready_words,
    sessions_answer,
    sessions_question,
)
from attributions.households.queries.minimum import Obstacle, ReadyUnit, Why
from flux.models import Routing, Unit, Vacancy
from reservations.models import Organisation, ReservationHolder, Territory

CITY = ReservationHolder(pk=2, organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=4)


def ready(number: int = 1, **given: Any) -> ReadyUnit:
    unit = Unit(pk=4, reference="RH-01", rooms=3, in_qpv=None, financing_code="", commune=Territory(name="Narbonne"))
    nothing: dict[str, Any] = {"routing": None, "to_instruct": 0, "blocked": None, "item": None, "joining": 0}
    result = datetime(2026, 11, 20, 9, tzinfo=UTC)
    return ReadyUnit(**{"vacancy": Vacancy(pk=9, unit=unit), "ready": number, "since": result} | nothing | given)


@pytest.mark.parametrize(
    ("in_progress", "to_come", "waiting", "expected"),
    [
        (0, 0, None, "0 à venir."),
        (1, 2, None, "1 séance en cours, 2 à venir."),
        (2, 0, 1, "2 séances en cours, 0 à venir, 1 logement prêt à mettre à l’ordre du jour."),
        (0, 1, 2, "1 à venir, 2 logements prêts à mettre à l’ordre du jour."),
    ],
)
def test_it_says_how_many_sessions_there_are(
    in_progress: int, to_come: int, waiting: int | None, expected: str
) -> None:
    assert strip_tags(sessions_answer(in_progress, to_come, waiting)) == expected


def test_who_convenes_and_who_sits_ask_two_things() -> None:
    assert sessions_question(by_landlord=True) != sessions_question(by_landlord=False)
    assert ready_words(1, 1).endswith("depuis sa page.")
    assert ready_words(1, 0) == ready_words(0, 1) == ready_words(0, 0)


def test_each_unit_says_whose_it_is_and_how_it_stands() -> None:
    [one] = ready_lines([ready(2, routing=Routing(holder=CITY))])
    assert strip_tags(one).endswith(f"RH-01{CITY} 2 dossiers prêts")
    [other] = ready_lines([ready(1)])
    assert strip_tags(other).endswith("RH-01Soustrait du flux 1 dossier prêt")
    [kept] = prevented_lines([ready(), ready(blocked=Obstacle(Why.NONE_READY))])
    assert strip_tags(kept).endswith("Aucun dossier n’est prêt. Instruisez d’abord ses candidatures.")


def test_what_was_ticked_stays_ticked() -> None:
    [ticked] = ready_boxes([ready(2)], ["9"])
    [free] = ready_boxes([ready(2)], ())
    assert (ticked.is_ticked, free.is_ticked) == (True, False)
    assert (ticked.value, ticked.hint) == (9, "Soustrait du flux · 2 dossiers prêts")
