"""Variables that a template asks for and that nothing ever gives: an `if` is false for ever, a `for` is empty, and no
page says so. (Those that a template writes out raise by themselves: tests/strict.py.)"""

from __future__ import annotations

from typing import Any

import pytest
from django.template.base import Variable, VariableDoesNotExist


class Asked:
    """What was asked for, over all the pages of a life, as « flux/unit_detail.html: unit.florr »: `lost` once at least,
    `had` once at least."""

    def __init__(self) -> None:
        self.lost: set[str] = set()
        self.had: set[str] = set()
        self._noted: dict[int, Variable] = {}  # kept, so that none takes the place of another in memory

    def listen(self, patch: pytest.MonkeyPatch) -> None:
        resolve = Variable.resolve

        def resolve_and_note(variable: Variable, context: Any) -> Any:
            try:
                value = resolve(variable, context)
            except VariableDoesNotExist:
                self.lost.add(_named(variable, context))
                raise
            if id(variable) not in self._noted:
                self._noted[id(variable)] = variable
                self.had.add(_named(variable, context))
            return value

        patch.setattr(Variable, "resolve", resolve_and_note)

    def never_given(self) -> set[str]:
        """Each, wherever its template asks for it."""
        return self.lost - self.had


def _named(variable: Variable, context: Any) -> str:
    template = getattr(getattr(context, "render_context", None), "template", None)
    return f"{template.name if template else '?'}: {variable.var}"
