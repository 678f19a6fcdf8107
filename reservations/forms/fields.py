"""The forms of fields.

* Fields that read what people type in France: dates, percentages, places; and how a refusal reaches its field.
* What is seldom true is asked once: a box « c’est bien cela » beside its sentence, that confirms these values.
* How the house draws a form: label, help, error, control, in that order (templates/components/).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.renderers import TemplatesSetting
from django.utils import timezone
from django.utils.functional import lazy

from reservations.bounds import LONGEST_ANSWER, Bound, answer_to
from reservations.deadlines import months_after
from reservations.models import Territory
from reservations.operations.convention_terms import share_of
from reservations.queries.derogations import named
from reservations.refusals import Refusal

#: Days outside are slips of the keyboard: « 2206 », « 0026 ».
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)

#: What a person writes for a figure, once its spaces are gone: « 12,5 », « 12.5 », « 12,5 % », « 1204 € ».
FIGURE = re.compile(r"(-?\d{1,12}(?:[.,]\d{1,12})?)[%€]?")

#: « 18.400 » is eighteen thousand four hundred for one person, eighteen and two fifths for another.
TWO_READINGS = re.compile(r"([1-9]\d{0,2})[.,](\d{3})")


#: The day of an example, from the day on which a page is drawn: an example never ages.
Example = Callable[[date], date]


def today_itself(today: date) -> date:
    """What happens now."""
    return today


def months_away(months: int) -> Example:
    """So many months after today; before it, when `months` is below zero."""
    return lambda today: months_after(today, months)


def new_year(today: date) -> date:
    """The next 1 January, on which most texts take effect."""
    return date(today.year + 1, 1, 1)


def this_year(today: date) -> date:
    """The 1 January of this year, from which a year is counted."""
    return date(today.year, 1, 1)


def year_end(years: int = 0) -> Example:
    """The 31 December of this year, or of so many `years` later."""
    return lambda today: date(today.year + years, 12, 31)


class DayField(forms.DateField):
    """A day, written the French way. `example`: a day that makes sense there, for its help and its error, counted from
    today unless it is a fixed day; « {} » of a `help_text` is this example."""

    default_example: Example | str = staticmethod(today_itself)

    default_error_messages = {"required": "Écrivez une date : jour, mois, année."}
    default_validators = [
        MinValueValidator(FIRST_DAY, "Vérifiez l’année : cette date est trop ancienne."),
        MaxValueValidator(LAST_DAY, "Vérifiez l’année : cette date est trop lointaine."),
    ]

    def __init__(
        self, *, example: Example | str = "", help_text: str = "Jour, mois, année : {}", **kwargs: Any
    ) -> None:
        self.example = example or self.default_example
        invalid = "Écrivez une date qui existe : jour, mois, année, par exemple {}."
        kwargs["error_messages"] = {"invalid": self._with_example(invalid)} | kwargs.get("error_messages", {})
        kwargs["help_text"] = self._with_example(help_text) if "{}" in help_text else help_text
        kwargs.setdefault("widget", forms.DateInput(format="%d/%m/%Y", attrs={"inputmode": "numeric"}))
        super().__init__(**kwargs)

    def _with_example(self, sentence: str) -> str:
        """The sentence with the example, on the day when it is read."""
        return lazy(lambda: sentence.format(self.shown(timezone.localdate())), str)()

    def shown(self, today: date) -> str:
        """The example, on a day."""
        return self.example if isinstance(self.example, str) else f"{self.example(today):%d/%m/%Y}"


class GroupedCheckboxes(forms.CheckboxSelectMultiple):
    """Checkboxes whose choices come in groups; each knows the heading of its own, for the template to sort them."""

    def optgroups(self, *args: Any, **kwargs: Any) -> list[Any]:
        groups = super().optgroups(*args, **kwargs)
        for heading, options, _ in groups:
            for option in options:
                option["group"] = heading
        return groups


class ManyBoxes(forms.CheckboxSelectMultiple):
    """As many boxes as a landlord has programmes: each in its label, hence without an identifier to be written."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        option["attrs"].pop("id", None)
        return option


class FigureField(forms.Field):
    """An exact figure with a comma or a point, as a Decimal; None when left empty. With a `bound`, it is rounded as its
    column rounds, and refused out of it with the sentence of the bound.

    « 18.400 » is never guessed: it is refused where eighteen thousand four hundred could be meant, that is up to `most`
    (by default that of the bound). `example`: a figure that makes sense there, for its error."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    default_error_messages = {"required": "Écrivez un nombre."}

    def __init__(
        self, *, bound: Bound | None = None, most: int | None = None, example: str = "12,5", **kwargs: Any
    ) -> None:
        invalid = f"Écrivez un nombre en chiffres : {example} par exemple."
        kwargs["error_messages"] = {"invalid": invalid} | kwargs.get("error_messages", {})
        super().__init__(**kwargs)
        self.bound = bound
        self.most = bound.most if most is None and bound is not None else most

    def to_python(self, value: Any) -> Any:
        """Raises ValidationError for anything but figures, for one that reads two ways, and out of the bound."""
        if value in self.empty_values:
            return None
        written = FIGURE.fullmatch("".join(str(value).split()))
        if written is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if readings := self._two_readings(written[1]):
            raise ValidationError(
                f"« {str(value).strip()} » se lit de deux façons. Écrivez {readings}.", code="ambiguous"
            )
        figure = Decimal(written[1].replace(",", "."))
        if self.bound is None:
            return figure
        self.bound(figure)
        return self.bound.kept(figure)

    def prepare_value(self, value: Any) -> Any:
        """What was typed stays as typed; an initial figure is shown with its comma, without idle zeros, and as it may
        be sent back."""
        if not isinstance(value, Decimal):
            return value
        shown = f"{value.normalize():f}".replace(".", ",")
        return f"{shown}0" if self._two_readings(shown) else shown

    def _two_readings(self, written: str) -> str:
        """How to write each of the two numbers that a text may be; "" when it is only one."""
        groups = TWO_READINGS.fullmatch(written.removeprefix("-"))
        if groups is None or (self.most is not None and int(groups[1] + groups[2]) > self.most):
            return ""
        sign, (whole, rest) = written[: written.startswith("-")], groups.groups()
        decimals = rest.rstrip("0")
        short = whole + (f",{decimals}" if len(decimals) < 3 else f",{rest}0") if decimals else whole
        thousands = f"{sign}{whole}{rest} ou {sign}{whole}\N{NO-BREAK SPACE}{rest}"
        return f"{thousands} pour des milliers, {sign}{short} pour une décimale"


class WholeField(forms.IntegerField):
    """A whole number: « 1204 », « 1 204 ». « 23.000 » is refused: it would be read as 23."""

    def to_python(self, value: Any) -> Any:
        """Raises ValidationError for anything but the figures of a whole number and the spaces between them."""
        written = "".join(value.split()) if isinstance(value, str) else value
        if isinstance(written, str) and ("." in written or "," in written):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(written)


class CountField(WholeField):
    """A whole number within a `bound`, refused with its sentence."""

    default_error_messages = {"invalid": "Écrivez un nombre entier en chiffres."}

    def __init__(self, *, bound: Bound, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric"}))
        super().__init__(**kwargs)
        self.validators = [bound]


class ShareField(FigureField):
    """A percentage of the flow, as an exact share in millionths of a unit; None when left empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=100, **kwargs)

    def clean(self, value: Any) -> Any:
        """Raises ValidationError with the sentence of the rule: above 0 up to 100, four decimals at most."""
        percent = super().clean(value)
        try:
            return None if percent is None else share_of(percent)
        except Refusal as refusal:
            raise ValidationError(str(refusal), code="share") from refusal


def unsure_field() -> forms.CharField:
    """What would confirm a figure or a line of the law, asked of whoever records it without having read the text."""
    return forms.CharField(
        label="À confirmer avec, si vous n’avez pas lu le texte",
        required=False,
        max_length=300,
        help_text="Laissez vide si le texte est lu. Sinon, le texte ou la personne qui le dira : Légifrance, la DREAL.",
    )


def sure_field(label: str) -> forms.BooleanField:
    """A box to tick before what cannot be undone (RGAA, 11.12); the act has no use for it."""
    return forms.BooleanField(label=label, error_messages={"required": "Cochez cette case : cela ne se défait pas."})


class SureForm(forms.Form):
    """A form whose box « sure », if it has one, is for its person alone: the act is not given it."""

    def clean(self) -> dict[str, Any]:
        """What was typed, less the box."""
        given = super().clean() or {}
        given.pop("sure", None)
        return given


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


@contextmanager
def refusals_on(form: forms.Form) -> Iterator[None]:
    """Do an act with what a form says: what the act refuses is shown on the form, which its view then shows again.

    Each fault on what it is about, where the form has `show_faults`; else the sentence on its field (`show_refusal`). A
    form that knows better has its own `refuse`.
    """
    try:
        yield
    except Refusal as refused:
        if hasattr(form, "show_faults") and hasattr(refused, "faults"):
            form.show_faults(refused.faults)
        elif hasattr(form, "refuse"):
            form.refuse(refused)
        else:
            show_refusal(form, refused)


def show_refusal(form: forms.Form, refused: Refusal | ValidationError) -> None:
    """Put what an act refused on the field it is about when the form has it, else at the top of the form. `ELSEWHERE`
    of a form: the field that one types, for each that the act names otherwise."""
    if isinstance(refused, Refusal):
        place = getattr(form, "ELSEWHERE", {}).get(refused.field, refused.field)
        form.add_error(place if place in form.fields else None, str(refused))
        return
    by_field = refused.message_dict if hasattr(refused, "error_dict") else {NON_FIELD_ERRORS: refused.messages}
    for field, sentences in by_field.items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, sentence)


class ConfirmedField(forms.CharField):
    """The answer: nothing is drawn as long as nothing is asked."""

    def __init__(self) -> None:
        super().__init__(  # type: ignore[call-arg]  # the stubs of Django leave the template out
            label="Valeurs inhabituelles",
            required=False,
            max_length=LONGEST_ANSWER,
            template_name="components/asks_once.html",
        )


class AsksOnce(forms.Form):
    """A form that asks what is seldom true (`reservations.bounds.Usual`), once nothing else is to correct. What was
    there already, in its `initial`, is not asked again."""

    confirmed = ConfirmedField()

    #: The sentence of each field that is asked, and what the box confirms.
    asked: Mapping[str, str] = {}
    answer = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["confirmed"] = self.fields.pop("confirmed")  # below what it is about

    def unusual(self, values: Mapping[str, Any]) -> dict[str, str]:
        """By field, the sentence of what is seldom true of what was typed."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        """After what is wrong: the question is on its own field, below those that it is about."""
        super()._post_clean()  # type: ignore[misc]  # Django calls it, and its stubs leave it out
        given = self.cleaned_data.pop("confirmed", "")
        if self.errors:
            return
        cleaned = self.cleaned_data
        doubts = self.unusual(cleaned)
        known = {field for field in doubts if field in self.initial and self.initial[field] == cleaned.get(field)}
        self.asked = {field: doubt for field, doubt in doubts.items() if field not in known}
        self.answer = answer_to(self.asked, cleaned)
        if self.asked and given != self.answer:
            self.add_error("confirmed", f"{' '.join(self.asked.values())} Vérifiez, puis confirmez.")


class HouseFormRenderer(TemplatesSetting):
    """Draws forms and fields with the house's components."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class TerritoryField(forms.ModelChoiceField):
    """A territory of a list: « Aude », « Saint-Martin (collectivité d’outre-mer) »."""

    def label_from_instance(self, obj: Territory) -> str:
        return f"{obj} ({obj.get_kind_display()})" if obj.has_no_departement else str(obj)
