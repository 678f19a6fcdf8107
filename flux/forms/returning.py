"""Giving a unit back: the routing that the person read, the reason, and one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from flux.models import Return, Routing, Vacancy
from flux.pages.returning import effects_words
from flux.queries.returning import Choice

#: Want of candidates says enough by itself.
SILENT = (Return.Reason.NO_CANDIDATE, Return.Reason.DECLINED)


class ReturnForm(forms.Form):
    """`routing` comes from the page that the person read; each reason says what it does to the holder's account."""

    use_required_attribute = False  # the sentence is asked for some reasons only

    routing = forms.ModelChoiceField(
        Routing.objects.none(),
        widget=forms.HiddenInput,
        error_messages={
            "required": "Rechargez la page, puis décidez de nouveau.",
            "invalid_choice": "Rechargez la page, puis décidez de nouveau.",
        },
    )
    reason = forms.ChoiceField(
        label="Pourquoi",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez pourquoi le logement est rendu.",
            "invalid_choice": "Choisissez l’une des raisons de la liste.",
        },
    )
    text = forms.CharField(
        label="Précisez en une phrase",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Sans nom ni information personnelle. Le bailleur et les réservataires la liront.",
        error_messages={
            "required": "Dites pourquoi en une phrase : les réservataires la liront.",
            "max_length": "Abrégez à 500 caractères : une phrase suffit.",
        },
    )

    def __init__(self, *args: Any, vacancy: Vacancy, choices: Iterable[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        routings: Any = self.fields["routing"]
        routings.queryset = Routing.objects.filter(vacancy=vacancy)
        reasons: Any = self.fields["reason"]
        reasons.choices = [(choice.reason, _words(choice)) for choice in choices]
        given = set(dict(reasons.choices))
        if given and given <= set(SILENT):
            self.fields["text"].required = False
        elif given & set(SILENT):
            self.fields["text"].help_text += " Facultatif si aucun candidat n’est venu dans le délai."
        if len(reasons.choices) == 1:
            self.initial.setdefault("reason", reasons.choices[0][0])

    def clean(self) -> dict[str, Any]:
        """What is wrong with the field that nobody sees is said at the top; want of candidates needs no sentence."""
        given = super().clean() or {}
        if given.get("reason") in SILENT and not self["text"].value():
            self.errors.pop("text", None)
            given["text"] = ""
        for sentence in self.errors.pop("routing", []):
            self.add_error(None, sentence)
        return given


def _words(choice: Choice) -> str:
    return f"{choice.words[:1].upper()}{choice.words[1:]} ({effects_words(choice.effects)})"
