"""A reminder is kept as it was sent."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError

from attributions.bilan.models import BalanceReminder
from tests.world import MORNING, World


def test_reminder_is_append_only(world: World) -> None:
    sent = BalanceReminder.objects.create(
        landlord=world.landlord, exercise=2025, organisation=world.epci, at=MORNING, by=world.people["emma"]
    )
    assert str(sent) == "Robine Habitat, 2025 : relance de Le Grand Narbonne"
    sent.exercise = 2024
    for act in (sent.save, sent.delete):
        with (
            pytest.raises(ProgrammingError, match=r"Cannot (update|delete) rows"),
            transaction.atomic(),
        ):
            act()
