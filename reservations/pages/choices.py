"""A question with one answer among several, for one component to lay out (`components/choices.html`): what each answer
means, and what it asks for in its turn, are said beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.forms import BoundField
from django.forms.boundfield import BoundWidget
from django.template.loader import render_to_string
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Choices:
    """The answers of `asked`, a field of radio buttons, under `title`. By the code of an answer: its hint, and what it
    asks for once chosen, a field or other choices. `is_big`: it is what the page is about."""

    asked: BoundField
    title: str
    hints: Mapping[str, str] = field(default_factory=dict)
    then: Mapping[str, BoundField | Choices] = field(default_factory=dict)
    is_big: bool = True

    @property
    def each(self) -> Iterator[tuple[BoundWidget, str, BoundField | Choices | None]]:
        """Each answer, its hint, and what it asks for."""
        for answer in self.asked:
            code = str(answer.data["value"])
            yield answer, self.hints.get(code, ""), self.then.get(code)

    def as_field_group(self) -> SafeString:
        """Drawn as a field is."""
        return render_to_string("components/choices.html", {"choices": self})
