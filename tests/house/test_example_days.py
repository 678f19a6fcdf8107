"""The day that a form gives as an example, in its help and in its error, is one that the form would take."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest
from django import forms

from attributions.households.forms.requests import BirthField
from attributions.households.operations.application import age_on
from reservations.forms.fields import DayField
from tests.house.tree import ROOT, STOREYS, WINGS, modules
from tests.world import MORNING

DAY = re.compile(r"\d{2}/\d{2}/\d{4}")
#: What has happened when one writes it down: no example is a day to come.
HAPPENED = {"answered_on", "received_on", "signed_on", "notice_on", "agreed_on", "given_on", "labelled_on", "on"}
#: Named as one of those, and chosen ahead: the day on which a landlord begins.
TO_COME = {"GoLiveForm.on"}


def day_fields() -> dict[str, DayField]:
    """Every field of a form of ours that reads a day, by form and name."""
    found = {}
    for path in modules(*(f"{house}/forms" for house in (*STOREYS, *WINGS))):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for form in vars(module).values():
            if isinstance(form, type) and issubclass(form, forms.BaseForm) and form.__module__ == module.__name__:
                fields: dict[str, Any] = getattr(form, "base_fields", {})
                found |= {
                    f"{form.__name__}.{name}": each for name, each in fields.items() if isinstance(each, DayField)
                }
    return found


def examples(field: DayField) -> list[str]:
    """What its help and its error show."""
    return DAY.findall(f"{field.help_text} {field.error_messages['invalid']}")


@pytest.mark.parametrize(("name", "field"), day_fields().items())
def test_example_of_a_day_is_taken_by_its_own_field(time_machine: Any, name: str, field: DayField) -> None:
    """A birth date in error suggested 31/12/2028, which the same field refuses."""
    time_machine.move_to(MORNING, tick=False)
    assert [field.clean(day) for day in examples(field)] != []
    if name.rpartition(".")[2] in HAPPENED and name not in TO_COME:
        assert max(field.clean(day) for day in examples(field)) <= MORNING.date()


def test_example_of_a_birth_date_is_that_of_somebody_of_age() -> None:
    field = BirthField()
    assert len(examples(field)) == 2
    assert all(18 <= age_on(field.clean(day), MORNING.date()) < 100 for day in examples(field))


#: Days that are those of a life or of an old loan, whatever today is.
FIXED = {"ReportedRightForm.starts_on", "StockRightForm.starts_on", "UnitDescriptionForm.since"}


@pytest.mark.parametrize(("name", "field"), day_fields().items())
def test_example_of_a_day_does_not_age_and_is_the_same_in_the_help_and_the_error(
    time_machine: Any, name: str, field: DayField
) -> None:
    """Fifteen pages suggested 31/12/2028, two years ahead, for what happens this month."""
    read = []
    for year in (2026, 2034):
        time_machine.move_to(MORNING.replace(year=year), tick=False)
        shown = set(examples(field))
        assert len(shown) == 1, name
        read += [field.clean(day).year - year for day in shown]
    if isinstance(field, BirthField) or name in FIXED:
        return
    assert read[0] == read[1], "an example of 2026 is not one of 2034"
    assert -1 <= read[0] <= (3 if name.endswith("ends_on") else 1)
