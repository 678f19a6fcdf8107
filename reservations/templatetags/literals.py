"""What a filter is given in the template itself, refused when the template is compiled: no page waits for its day.

Django counts the arguments of a filter as it reads it (`FilterExpression.args_check`), and calls the filter only when
the page is drawn: a fault in a branch that is seldom drawn would lie there until somebody opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import unwrap
from typing import Any

from django.template import TemplateSyntaxError
from django.template.base import FilterExpression

_count = FilterExpression.args_check


def takes[Filter: Callable[..., Any]](refuse: Callable[[str], str]) -> Callable[[Filter], Filter]:
    """Mark a filter whose argument is written in the template: `refuse` says what is wrong with it, or nothing."""

    def marked(function: Filter) -> Filter:
        vars(function)["refuse_literal"] = refuse
        return function

    return marked


def two_forms(forms: str) -> str:
    """« logement,logements »: both forms of a word, a comma between them and none inside."""
    written = [form.strip() for form in forms.split(",")]
    return "" if len(written) == 2 and all(written) else "il faut le singulier et le pluriel, séparés par une virgule"


def _check(name: str, function: Callable[..., Any], given: Iterable[tuple[bool, Any]]) -> bool:
    """Django's own check, then the filter's; TemplateSyntaxError, which states the line, when either refuses."""
    arguments = list(given)
    _count(name, function, arguments)
    if refuse := getattr(unwrap(function), "refuse_literal", None):
        for looked_up, argument in arguments:
            if wrong := "il faut un texte entre guillemets" if looked_up else refuse(argument):
                raise TemplateSyntaxError(f"{name}:« {argument} » : {wrong}.")
    return True


def install() -> None:
    """From now on, templates are compiled with this check."""
    FilterExpression.args_check = staticmethod(_check)  # type: ignore[assignment]
