"""Fields that read what people type in France: dates, percentages, places; and how a refusal reaches its field."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from reservations.bounds import Bound
from reservations.models import Territory
from reservations.operations.convention_terms import share_of
from reservations.queries.territories import named
from reservations.refusals import Refusal

#: Days outside are slips of the keyboard: « 2206 », « 0026 ».
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)

#: What a person writes for a figure: « 12,5 », « 12.5 », « 12,5 % », « 1 204 ».
FIGURE = re.compile(r"(-?\d{1,12}(?:[.,]\d{1,12})?)\s*%?")


class DayField(forms.DateField):
    """A day, written the French way: 31/12/2028. `example`: a day that makes sense there, for its help and error."""

    #: What is shown as an example where nothing else is said.
    EXAMPLE = "31/12/2028"

    default_error_messages = {"required": "Écrivez une date : jour, mois, année."}
    default_validators = [
        MinValueValidator(FIRST_DAY, "Vérifiez l’année : cette date est trop ancienne."),
        MaxValueValidator(LAST_DAY, "Vérifiez l’année : cette date est trop lointaine."),
    ]

    def __init__(self, *, example: str = "", **kwargs: Any) -> None:
        shown = example or self.EXAMPLE
        invalid = f"Écrivez une date qui existe : jour, mois, année, par exemple {shown}."
        kwargs["error_messages"] = {"invalid": invalid} | kwargs.get("error_messages", {})
        kwargs.setdefault("help_text", f"Jour, mois, année : {shown}")
        kwargs.setdefault("widget", forms.DateInput(format="%d/%m/%Y", attrs={"inputmode": "numeric"}))
        super().__init__(**kwargs)


class GroupedCheckboxes(forms.CheckboxSelectMultiple):
    """Checkboxes whose choices come in groups; each knows the heading of its own, for the template to sort them."""

    def optgroups(self, *args: Any, **kwargs: Any) -> list[Any]:
        groups = super().optgroups(*args, **kwargs)
        for heading, options, _ in groups:
            for option in options:
                option["group"] = heading
        return groups


class FigureField(forms.Field):
    """An exact figure with a comma or a point, as a Decimal; None when left empty. With a `bound`, it is rounded as its
    column rounds, and refused out of it with the sentence of the bound."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    default_error_messages = {
        "required": "Écrivez un nombre.",
        "invalid": "Écrivez un nombre en chiffres : 12,5 par exemple.",
    }

    def __init__(self, *, bound: Bound | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bound = bound

    def to_python(self, value: Any) -> Any:
        """Raises ValidationError for anything but figures, within the bound."""
        if value in self.empty_values:
            return None
        written = FIGURE.fullmatch("".join(str(value).split()))
        if written is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        figure = Decimal(written[1].replace(",", "."))
        if self.bound is None:
            return figure
        self.bound(figure)
        return self.bound.kept(figure)

    def prepare_value(self, value: Any) -> Any:
        """What was typed stays as typed; an initial figure is shown with its comma, without idle zeros."""
        return f"{value.normalize():f}".replace(".", ",") if isinstance(value, Decimal) else value


class CountField(forms.IntegerField):
    """A whole number within a `bound`, refused with its sentence."""

    default_error_messages = {"invalid": "Écrivez un nombre entier en chiffres."}

    def __init__(self, *, bound: Bound, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric"}))
        super().__init__(**kwargs)
        self.validators = [bound]


class ShareField(FigureField):
    """A percentage of the flow, as an exact share in millionths of a unit; None when left empty."""

    def clean(self, value: Any) -> Any:
        """Raises ValidationError with the sentence of the rule: above 0 up to 100, four decimals at most."""
        percent = super().clean(value)
        try:
            return None if percent is None else share_of(percent)
        except Refusal as refusal:
            raise ValidationError(str(refusal), code="share") from refusal


def place(text: str, kinds: Collection[str]) -> Territory | None:
    """The territory that `text` names among these kinds; None for an empty text.

    Raises ValidationError when nothing answers, or when several do: with the first of them.
    """
    if not text:
        return None
    found = named(text, kinds=kinds)
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(
            f"Aucun territoire de cette échelle ne répond à « {text} ». Vérifiez l’orthographe, ou écrivez son code.",
            code="unknown",
        )
    several = ", ".join(f"{territory.name} ({territory.get_kind_display()}, {territory.code})" for territory in found)
    raise ValidationError(
        f"Plusieurs territoires répondent à « {text} » : {several}. Recopiez le bon en entier, ou écrivez son code.",
        code="ambiguous",
    )


def show_refusal(form: forms.Form, refused: Refusal | ValidationError) -> None:
    """Put what an act refused on the field it is about when the form has it, else at the top of the form."""
    if isinstance(refused, Refusal):
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return
    by_field = refused.message_dict if hasattr(refused, "error_dict") else {NON_FIELD_ERRORS: refused.messages}
    for field, sentences in by_field.items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, sentence)
