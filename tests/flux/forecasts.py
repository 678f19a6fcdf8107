"""A February forecast, written and sent through the acts."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from flux.models import Forecast
from flux.operations.forecast import send_forecast, write_forecast
from tests.world import MORNING, World, manager_of


def forecast(world: World, exercise: int, *, sent: bool = False, now: datetime = MORNING) -> Forecast:
    """Robine Habitat in the Aude: 576 units expected, 96 of them subtracted (regulation, 9.2)."""
    by = manager_of(world.landlord)
    written = write_forecast(
        landlord=world.landlord,
        departement=world.places["Aude"],
        exercise=exercise,
        expected=576,
        subtracted={
            "INTERNAL_TRANSFER": 60,
            "URBAN_RENEWAL": 24,
            "DEGRADED_CONDO": 4,
            "UNFIT_HOUSING": 3,
            "SALE_REHOUSING": 5,
        },
        by=by,
        today=timezone.localdate(now),
    )
    if sent:
        send_forecast(forecast=written, by=by, now=now)
    return written
