"""Each code that queries give has its words: none is shown as it is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import pytest

from flux.models import Vacancy
from flux.models.needs import STATED
from flux.pages import checks, compliance, conversion, forecast, inventory, needs, programmes, queue, statement, why_not
from flux.pages import checks as caps
from flux.pages.sheet_words import effects_words, refusal_words
from flux.queries.compliance import Situation
from flux.queries.conversion import Origin
from flux.queries.conversion_sheets import MattersMissing
from flux.queries.forecast_content import ForecastRow
from flux.queries.forecasts import WhyReads
from flux.queries.programmes import Stage
from flux.queries.queue import UNDECIDED, Choice
from flux.queries.returns import Effects
from flux.queries.shares import LikelyNotFeasible, NotFeasible
from flux.queries.state_cap import CapBroken, CapPassed, Verdict
from flux.queries.statement import Figure
from flux.queries.stock import ProgrammeGuaranteed, RightsEnding, RightState
from flux.queries.why_not import LEFT, OUT, WAITING, Outcome


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (caps.NAMES, Verdict),
        (caps.PILLS, Verdict),
        (compliance.NAMES, Situation),
        (compliance.NEXT, Situation),
        (compliance.PILLS, Situation),
        (conversion.ORIGINS, Origin),
        (forecast.REASONS, WhyReads),
        (inventory.NAMES, RightState),
        (inventory.PILLS, RightState),
        (programmes.NAMES, Stage),
        (programmes.PILLS, Stage),
        (statement.FIGURES, Figure),
        (why_not.OUTCOMES, Outcome),
    ],
)
def test_each_code_has_its_words(words: Mapping[str, object], codes: type[StrEnum]) -> None:
    assert set(words) == set(codes)


def test_each_finding_has_its_words() -> None:
    of_shares = {LikelyNotFeasible, NotFeasible, MattersMissing}
    assert set(checks.WORDS) == of_shares | {CapBroken, CapPassed, ProgrammeGuaranteed, RightsEnding}


def test_each_destination_without_a_holder_has_its_name() -> None:
    assert set(why_not.DESTINATIONS) == {WAITING, LEFT, *OUT}


def test_each_dimension_has_its_name() -> None:
    assert set(needs.DIMENSIONS) == set(STATED)


def test_each_row_of_a_forecast_has_its_words() -> None:
    codes = ["fallen", *Vacancy.Exclusion.values, "subtracted", "net"]
    rows = [forecast.figure_words(ForecastRow(code, None, 0, 0)) for code in codes]
    assert rows[0] == "Logements libérés"
    assert len(set(rows)) == len(codes)


def test_destinations_of_the_queue_are_in_the_order_of_their_words() -> None:
    """Those without one are among the holders, by what they are called."""
    given = [Choice(code, "", 1, chosen=False) for code in UNDECIDED] + [Choice("7", "État", 2, chosen=True)]
    assert [(each.value, each.words) for each in queue.destinations(given)] == [
        ("later", "Avant la mise en service"),
        ("waiting", "Calcul en attente"),
        ("blocked", "Orientation impossible"),
        ("foreseen", "Prévision, à décider"),
        ("7", "État"),
    ]


def test_what_a_return_does_is_stated_in_the_words_of_the_journal() -> None:
    done = Effects(offered=True, consumed=False, restarts=True)
    assert effects_words(done) == "compté comme proposé, sans être décompté du droit de réservation"
    assert refusal_words(done).endswith(" ; le délai repart")
    nothing = Effects(offered=False, consumed=False, restarts=False)
    assert refusal_words(nothing) == (
        "ni compté comme proposé, ni décompté du droit de réservation ; le délai ne repart pas"
    )


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (Origin.UNITS, "logements enregistrés au 02/01/2026"),
        (Origin.VACANCIES, "libérations enregistrées du 01/01/2025 au 02/01/2026"),
        (Origin.FORECAST, "prévisionnel 2027"),
        (Origin.CONVENTIONS, "conventions en vigueur le 02/01/2026"),
    ],
)
def test_an_origin_says_its_days(origin: Origin, expected: str) -> None:
    days = {"since": date(2025, 1, 1), "on": date(2026, 1, 2), "exercise": 2027}
    assert conversion.ORIGINS[origin].format(**days) == expected
