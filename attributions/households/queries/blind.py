"""The cases of an item without who they are: what the committee reads before it decides.

Names, birth dates and nationalities are not even read from the database. The committee decides on named files all the
same: its minutes name them.
"""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from attributions.households.models import AgendaCase, Application

#: What identifies a household, and stays in the database.
HIDDEN = ("name", "birth_date", "nationality")


def blind_cases() -> QuerySet[AgendaCase]:
    """Cases with their facts, by letter, what identifies the household left out; each with its request, or None where
    the reader has it no more (docs/second-wall.md): a case stays on its agenda."""
    hidden = (f"{way}{name}" for way in ("", "merged_into__") for name in HIDDEN)
    requests = Application.objects.select_related("merged_into").defer(*hidden)
    cases = AgendaCase.objects.select_related(
        "proposal__priority", "proposal__designation", "proposal__routing__holder"
    )
    return cases.prefetch_related(Prefetch("proposal__application", requests)).order_by("letter")
