"""Recording what the law fixes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from reservations.models import LegalParameter
from reservations.operations.legal_parameter import ParameterRefused, record_legal_parameter

pytestmark = pytest.mark.django_db

CAP = LegalParameter.Code.STATE_SHARE_MAX


def record(**given: object) -> LegalParameter:
    return record_legal_parameter(
        **{
            "code": CAP,
            "value": Decimal("27.5"),
            "starts_on": date(2027, 1, 1),
            "source": "décret à venir",
            "today": date(2026, 11, 24),
        }
        | given
    )


def history() -> list[tuple[Decimal, date, date | None]]:
    return list(
        LegalParameter.objects.filter(code=CAP).order_by("starts_on").values_list("value", "starts_on", "ends_on")
    )


def test_caps_of_the_law_are_recorded_from_the_start() -> None:
    assert list(LegalParameter.objects.order_by("code").values_list("code", "value", "starts_on", "ends_on")) == [
        ("STATE_AGENTS_SHARE_MAX", Decimal(5), date(2020, 2, 22), None),
        ("STATE_SHARE_MAX", Decimal(30), date(2020, 2, 22), None),
    ]


def test_new_value_ends_the_running_one_the_day_before() -> None:
    record()
    assert history() == [
        (Decimal(30), date(2020, 2, 22), date(2026, 12, 31)),
        (Decimal("27.5"), date(2027, 1, 1), None),
    ]
    assert LegalParameter.objects.value_on(CAP, date(2026, 12, 31)) == 30
    assert LegalParameter.objects.value_on(CAP, date(2027, 1, 1)) == Decimal("27.5")


def test_new_value_after_one_that_had_ended_leaves_the_gap() -> None:
    LegalParameter.objects.filter(code=CAP).update(ends_on=date(2025, 12, 31))
    record()
    assert history() == [
        (Decimal(30), date(2020, 2, 22), date(2025, 12, 31)),
        (Decimal("27.5"), date(2027, 1, 1), None),
    ]


def test_first_value_of_a_parameter_is_recorded() -> None:
    LegalParameter.objects.all().delete()
    record()
    assert history() == [(Decimal("27.5"), date(2027, 1, 1), None)]


@pytest.mark.parametrize(
    ("field", "given", "sentence"),
    [
        ("starts_on", date(2020, 2, 22), r"court depuis le 22/02/2020"),
        ("starts_on", date(2019, 1, 1), r"choisissez un jour après"),
        ("value", Decimal("100.0001"), r"de 0 % à 100 %"),
        ("value", Decimal(-1), r"de 0 % à 100 %"),
        ("value", Decimal("27.55555"), r"quatre décimales"),
        ("source", "  ", r"^Citez l’article"),
    ],
)
def test_bad_value_is_refused_at_its_field_and_nothing_changes(field: str, given: object, sentence: str) -> None:
    with pytest.raises(ParameterRefused, match=sentence) as refused:
        record(**{field: given})
    assert refused.value.field == field
    assert history() == [(Decimal(30), date(2020, 2, 22), None)]


@pytest.mark.parametrize("today", [date(2026, 11, 24), date(2027, 1, 1)])
def test_mistyped_value_is_replaced_until_its_first_day(today: date) -> None:
    record(value=Decimal("72.5"))
    record(source="décret n° 1", today=today)
    assert history() == [
        (Decimal(30), date(2020, 2, 22), date(2026, 12, 31)),
        (Decimal("27.5"), date(2027, 1, 1), None),
    ]
    with pytest.raises(ParameterRefused, match=r"court depuis le 01/01/2027"):
        record(value=Decimal(1), today=date(2027, 1, 2))
