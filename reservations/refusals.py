"""Refusals: what an act says, in a French sentence fit for the person, when it cannot be done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, models, transaction


class Refusal(Exception):
    """An act refused; nothing was written. `str()` is the sentence to show, `field` the form field it is about."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@contextmanager
def constraints_speak(*tables: type[models.Model]) -> Iterator[None]:
    """Inside, a constraint of `tables` that the database enforces is refused with its own French message; so is what
    one of their triggers refuses, by the names of their `SAID`.

    Forms check the same constraints first, for comfort; here they hold against races. Any other integrity
    error goes through unchanged.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnostic: Any = getattr(error.__cause__, "diag", None)
        name = diagnostic.constraint_name if diagnostic else None
        for table in tables:
            if sentence := getattr(table, "SAID", {}).get(name):
                raise Refusal(sentence) from error
            for constraint in table._meta.constraints:
                if constraint.name == name:
                    raise Refusal(str(constraint.get_violation_error_message())) from error
        raise
