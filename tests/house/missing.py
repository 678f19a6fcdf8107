"""Variables that a template asks for and that nothing ever gives: an `if` is false for ever, a `for` is empty, and no
page says so. (Those that a template writes out raise by themselves: tests/strict.py.)"""

from __future__ import annotations

from typing import Any

import pytest
from django.template.base import Variable, VariableDoesNotExist


class Asked:
    """What was asked for, over all the pages of a life: `lost` once at least, `had` once at least."""

    def __init__(self) -> None:
        self.lost: dict[int, tuple[str, Variable]] = {}
        self.had: set[int] = set()

    def listen(self, patch: pytest.MonkeyPatch) -> None:
        resolve = Variable.resolve

        def resolve_and_note(variable: Variable, context: Any) -> Any:
            try:
                value = resolve(variable, context)
            except VariableDoesNotExist:
                template = getattr(getattr(context, "render_context", None), "template", None)
                self.lost[id(variable)] = str(template.name if template else "?"), variable
                raise
            self.had.add(id(variable))
            return value

        patch.setattr(Variable, "resolve", resolve_and_note)

    def never_given(self) -> set[str]:
        """« flux/unit_detail.html: unit.florr », each."""
        lost = {key: f"{name}: {variable.var}" for key, (name, variable) in self.lost.items() if key not in self.had}
        return set(lost.values())
