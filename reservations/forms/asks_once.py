"""What is seldom true is asked once: a box « c’est bien cela » beside its sentence, that confirms these values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from reservations.bounds import LONGEST_ANSWER, answer_to


class ConfirmedField(forms.CharField):
    """The answer: nothing is drawn as long as nothing is asked."""

    template_name = "components/asks_once.html"

    def __init__(self) -> None:
        super().__init__(label="Valeurs inhabituelles", required=False, max_length=LONGEST_ANSWER)


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

    def unusual(self, said: Mapping[str, Any]) -> dict[str, str]:
        """By field, the sentence of what is seldom true of what was typed."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        """After what is wrong: the question is on its own field, below those that it is about."""
        super()._post_clean()  # type: ignore[misc]  # Django calls it, and its stubs leave it out
        given = self.cleaned_data.pop("confirmed", "")
        if self.errors:
            return
        said = self.cleaned_data
        doubts = self.unusual(said)
        known = {field for field in doubts if field in self.initial and self.initial[field] == said.get(field)}
        self.asked = {field: doubt for field, doubt in doubts.items() if field not in known}
        self.answer = answer_to(self.asked, said)
        if self.asked and given != self.answer:
            self.add_error("confirmed", f"{' '.join(self.asked.values())} Vérifiez, puis confirmez.")
