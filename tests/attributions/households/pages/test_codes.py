"""Each code that queries give has its words: none is shown as it is written."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import pytest

from attributions.households.models import CommitteeSession
from attributions.households.pages import committee, file_words, files, procedure, sessions
from attributions.households.pages.agenda import why_not
from attributions.households.queries.committees import Seat
from attributions.households.queries.file_steps import FileEvent
from attributions.households.queries.journey import StepKind
from attributions.households.queries.letting import Letter
from attributions.households.queries.minimum import Obstacle, Why
from attributions.households.queries.sessions import ItemState
from attributions.households.queries.stage import Stage
from tests.world import MORNING


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (files.NAMES, Stage),
        (files.PILLS, Stage),
        (procedure.NAMES, StepKind),
        (procedure.TITLES, Letter),
        (sessions.ITEM_STATES, ItemState),
        (sessions.PILLS, CommitteeSession.State),
        (file_words.WORDS, FileEvent),
    ],
)
def test_each_code_has_its_words(words: Mapping[str, object], codes: type[StrEnum]) -> None:
    assert set(words) == set(codes)


def test_each_seat_that_may_be_empty_has_its_words() -> None:
    assert set(committee.SEATS) == set(Seat) - {Seat.APPOINTED}


@pytest.mark.parametrize("why", Why)
def test_each_obstacle_is_a_sentence_that_an_act_may_say(why: Why) -> None:
    result = why_not(Obstacle(why, number=2, day=MORNING.date()))
    assert result.endswith(".")
    assert result[0] == result[0].lower()
