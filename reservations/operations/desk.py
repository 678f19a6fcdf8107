"""The acts of a person on how it has its lists, on every device: they decide nothing, and are in no journal."""

from __future__ import annotations

from collections.abc import Collection

from reservations.models import DeskChoice, User
from reservations.models.wall import atomic
from reservations.refusals import Refusal

#: Lists of which something is left out, and headings left out of one, at most; signs of a heading.
MOST_LISTS, MOST_COLUMNS, LONGEST = 60, 30, 80


class ColumnsRefused(Refusal):
    """These columns cannot be left out; the sentence says why."""


@atomic
def choose_keys(*, user: User, single_keys: bool) -> DeskChoice:
    """Turn the single keys on or off for a person, on every device (WCAG 2.1.4)."""
    choice, _ = DeskChoice.objects.update_or_create(user=user, defaults={"single_keys": single_keys})
    return choice


@atomic
def choose_columns(*, user: User, page: str, hidden: Collection[str]) -> DeskChoice:
    """Leave these headings out of the list of this page (the name of its address); none shows every column again.

    Raises ColumnsRefused beyond what any list has.
    """
    DeskChoice.objects.bulk_create([DeskChoice(user=user)], ignore_conflicts=True)
    choice = DeskChoice.objects.select_for_update(of=("self",)).get(user=user)
    others = {name: headings for name, headings in choice.columns.items() if name != page}
    if len(others) >= MOST_LISTS or len(hidden) > MOST_COLUMNS or any(len(each) > LONGEST for each in hidden):
        raise ColumnsRefused(
            "Ces colonnes ne sont pas celles d’une liste. Rechargez la page, puis choisissez de nouveau."
        )
    choice.columns = others | ({page: sorted(set(hidden))} if hidden else {})
    choice.save(update_fields=["columns"])
    return choice
