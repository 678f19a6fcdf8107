"""When a person wants to be told what is only information."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst

from reservations.models import MailChoice
from reservations.models.mail import Family

WRONG = {"required": "Choisissez dans la liste.", "invalid_choice": "Choisissez dans la liste."}


class MailChoiceForm(forms.Form):
    """A rhythm for each family, then the hour and the day of what is gathered."""

    def __init__(self, *args: Any, choice: MailChoice, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {**{each: choice.rhythm(each) for each in Family.values}})
        kwargs["initial"] |= {"hour": choice.hour, "day": choice.day}
        super().__init__(*args, **kwargs)
        rhythms = [(code, capfirst(str(label))) for code, label in MailChoice.Rhythm.choices]
        for family, label in Family.choices:
            self.fields[family] = forms.ChoiceField(label=capfirst(str(label)), choices=rhythms, error_messages=WRONG)
        self.fields["hour"] = forms.TypedChoiceField(
            label="Heure",
            help_text="De ce qui est envoyé une fois par jour, ou par semaine.",
            choices=[(hour, f"{hour} h") for hour in range(24)],
            coerce=int,
            error_messages=WRONG,
        )
        self.fields["day"] = forms.TypedChoiceField(
            label="Jour",
            help_text="De ce qui est envoyé une fois par semaine.",
            choices=[(number, capfirst(name)) for number, name in MailChoice.DAYS],
            coerce=int,
            error_messages=WRONG,
        )
