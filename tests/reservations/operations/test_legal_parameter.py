"""Recording what the law fixes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from reservations.models import Derogation, HistoryEntry, LegalParameter, User
from reservations.operations.legal_parameter import ParameterRefused, record_legal_parameter
from reservations.pages.legal_parameters import MEASURES, in_words

pytestmark = pytest.mark.django_db

CAP = LegalParameter.Code.STATE_SHARE_MAX


def record(**given: object) -> LegalParameter:
    return record_legal_parameter(
        **{
            "code": CAP,
            "value": Decimal("27.5"),
            "starts_on": date(2027, 1, 1),
            "source": "décret à venir",
            "by": User.objects.get_or_create(email="adam@exemple.test", defaults={"full_name": "Adam"})[0],
            "today": date(2026, 11, 24),
        }
        | given
    )


def history() -> list[tuple[Decimal, date, date | None]]:
    return list(
        LegalParameter.objects.filter(code=CAP).order_by("starts_on").values_list("value", "starts_on", "ends_on")
    )


def test_caps_of_the_law_are_recorded_from_the_start() -> None:
    recorded = LegalParameter.objects.filter(code__in=Derogation.CAPS).order_by("code")
    assert list(recorded.values_list("code", "value", "starts_on", "ends_on")) == [
        ("STATE_AGENTS_SHARE_MAX", Decimal(5), date(2020, 2, 22), None),
        ("STATE_SHARE_MAX", Decimal(30), date(2020, 2, 22), None),
    ]


def test_every_parameter_has_a_value_and_a_measure() -> None:
    codes = set(LegalParameter.objects.order_by().values_list("code", flat=True))
    assert codes == set(LegalParameter.Code.values) == set(MEASURES)


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


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        ("EXPIRY_WARNING_DAYS", "365", "365 jours"),
        ("EXPIRY_WARNING_DAYS", "1", "1 jour"),
        ("PROPOSAL_DAYS", "1", "1 jour ouvré"),
        ("DEROGATION_MONTHS_MAX", "1", "1 mois"),
        ("GUARANTEE_EXTENSION_YEARS", "0", "0 an"),
        ("FORECAST_DUE", "301", "1er mars"),
        ("FORECAST_DUE", "229", "29 février"),
        ("FLOW_REQUIRED", "0", "non"),
    ],
)
def test_value_is_recorded_and_read_in_its_own_measure(code: str, value: str, words: str) -> None:
    assert in_words(record(code=code, value=Decimal(value))).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("code", "value", "sentence"),
    [
        ("EXPIRY_WARNING_DAYS", "1.5", "nombre entier"),
        ("EXPIRY_WARNING_DAYS", "-1", "nombre entier"),
        ("EXPIRY_WARNING_DAYS", "10000", "nombre entier"),
        ("FORECAST_DUE", "230", "228 pour le 28 février"),
        ("FORECAST_DUE", "28", "228 pour le 28 février"),
        ("FLOW_REQUIRED", "2", "1 pour oui, 0 pour non"),
        ("STATE_OUTSIDE_QPV_MIN", "101", "de 0 % à 100 %"),
    ],
)
def test_value_out_of_its_measure_is_refused(code: str, value: str, sentence: str) -> None:
    with pytest.raises(ParameterRefused, match=sentence) as refused:
        record(code=code, value=Decimal(value))
    assert refused.value.field == "value"
    assert LegalParameter.objects.filter(code=code).count() == 1


def test_who_recorded_a_value_is_kept_with_the_one_before() -> None:
    recorded = record()
    record(value=Decimal(28))
    first, second = HistoryEntry.objects.about(recorded)
    assert (first.act, first.by.full_name, first.details["value"]) == ("RECORDED", "Adam", ["30", "27.5"])
    assert (second.act, second.details) == ("EDITED", {"value": ["27.5", "28"]})
