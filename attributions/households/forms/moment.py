"""A day and an hour, as people write them in France."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

WRITTEN = re.compile(r"(\d{1,2})\s*(?:h|H|:)?\s*(\d{2})?")


class HourField(forms.Field):
    """« 9 h », « 9h30 » or « 09:30 », as a time; None when left empty."""

    widget = forms.TextInput
    default_error_messages = {
        "required": "Écrivez une heure : 9 h 30 par exemple.",
        "invalid": "Écrivez une heure qui existe : 9 h 30 par exemple.",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Heure et minutes : 9 h 30")
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """Raises ValidationError for what is no hour of the day."""
        if value in self.empty_values or isinstance(value, time):
            return value or None
        written = WRITTEN.fullmatch(" ".join(str(value).split()))
        hours, minutes = (int(written[1]), int(written[2] or 0)) if written else (24, 0)
        if hours > 23 or minutes > 59:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return time(hours, minutes)

    def prepare_value(self, value: Any) -> Any:
        """What was typed stays as typed; an initial hour is shown as one says it."""
        return f"{value.hour} h {value.minute:02d}" if isinstance(value, time) else value


def moment(day: date | None, hour: time | None) -> datetime | None:
    """That hour of that day, here; None when one of them is not known."""
    if day is None or hour is None:
        return None
    return timezone.make_aware(datetime.combine(day, hour))
