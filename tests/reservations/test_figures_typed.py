"""What people type for a figure: read as they mean it, or asked again; never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from reservations.bounds import Bound
from reservations.forms.fields import FigureField, ShareField, WholeField

INCOME = Bound("income", 0, 1_000_000, "De 0 à 1 000 000.", rounds=True)
NARROW, WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


def refusal(field: FigureField | WholeField, typed: str) -> str:
    with pytest.raises(ValidationError) as refused:
        field.clean(typed)
    return refused.value.messages[0].replace(WIDE, " ")


@pytest.mark.parametrize(
    ("typed", "figure"),
    [
        ("18400", "18400"),
        ("18 400", "18400"),
        (f"18{NARROW}400 €", "18400"),
        (f"18{WIDE}400{WIDE}€", "18400"),
        ("18400,40", "18400.4"),
        ("18,4", "18.4"),
        ("18.40", "18.4"),
        ("0,125", "0.125"),
        ("18,4000", "18.4"),
        ("12,5 %", "12.5"),
    ],
)
def test_a_figure_is_read_as_it_is_written_in_france(typed: str, figure: str) -> None:
    assert FigureField().clean(typed) == Decimal(figure)


@pytest.mark.parametrize(
    ("typed", "ways"),
    [
        ("18.400", "18400 ou 18 400 pour des milliers, 18,4 pour une décimale"),
        ("18,400 €", "18400 ou 18 400 pour des milliers, 18,4 pour une décimale"),
        ("1.000", "1000 ou 1 000 pour des milliers, 1 pour une décimale"),
        ("-1.125", "-1125 ou -1 125 pour des milliers, -1,1250 pour une décimale"),
    ],
)
def test_three_digits_after_a_point_or_a_comma_are_asked_again(typed: str, ways: str) -> None:
    for field in (FigureField(), FigureField(bound=INCOME)):
        assert refusal(field, typed) == f"« {typed} » se lit de deux façons. Écrivez {ways}."


def test_each_way_reported_is_accepted() -> None:
    assert [FigureField().clean(each) for each in ("1125", "1 125", "1,1250")] == [1125, 1125, Decimal("1.125")]


def test_what_can_only_be_a_decimal_is_read() -> None:
    """12125 % of a flow means nothing: 12,125 % is a share, and comes back to its page as it is kept."""
    assert ShareField().clean("12,125") == 121_250
    assert ShareField().prepare_value(Decimal("12.125")) == "12,125"


def test_a_figure_shown_may_be_sent_back() -> None:
    shown = FigureField().prepare_value(Decimal("12.125"))
    assert FigureField().clean(shown) == Decimal("12.125")


def test_the_example_of_an_error_is_of_the_field() -> None:
    assert refusal(FigureField(example="18 400"), "beaucoup") == "Écrivez un nombre en chiffres : 18 400 par exemple."


def test_a_whole_number_keeps_its_thousands() -> None:
    """A ceiling of « 23.000 » was kept as 23 €."""
    field = WholeField(error_messages={"invalid": "Écrivez un nombre entier."})
    assert [field.clean(each) for each in ("23000", "23 000", f"23{NARROW}000")] == [23_000] * 3
    for typed in ("23.000", "23,000", "23.0"):
        assert refusal(field, typed) == "Écrivez un nombre entier."
