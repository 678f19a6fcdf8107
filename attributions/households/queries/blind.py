"""The cases of an item without who they are: what the committee reads before it decides.

Names, birth dates and nationalities are not even read from the database. The committee decides on named files all the
same: its minutes name them.
"""

from __future__ import annotations

from django.db.models import QuerySet

from attributions.households.models import AgendaCase

#: What identifies a household, and stays in the database.
HIDDEN = ("name", "birth_date", "nationality")


def blind_cases() -> QuerySet[AgendaCase]:
    """Cases with their facts, by letter, what identifies the household left out."""
    return (
        AgendaCase.objects.select_related(
            "proposal__application__merged_into",
            "proposal__priority",
            "proposal__designation",
            "proposal__routing__holder",
        )
        .defer(*(f"proposal__application__{way}{name}" for way in ("", "merged_into__") for name in HIDDEN))
        .order_by("letter")
    )
