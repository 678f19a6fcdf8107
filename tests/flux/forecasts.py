"""A February forecast, written and sent through the acts."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from flux.models import Forecast
from flux.operations.forecast import send_forecast, write_forecast
from tests.world import MORNING, World, manager_of


def forecast(
    world: World,
    exercise: int,
    *,
    sent: bool = False,
    now: datetime = MORNING,
    departement: str = "Aude",
    **given: object,
) -> Forecast:
    """Robine Habitat, in the Aude unless stated otherwise: 576 units expected, 96 subtracted (regulation, 9.2)."""
    by = manager_of(world.landlord)
    subtracted = {
        "INTERNAL_TRANSFER": 60,
        "URBAN_RENEWAL": 24,
        "DEGRADED_CONDO": 4,
        "UNFIT_HOUSING": 3,
        "SALE_REHOUSING": 5,
    }
    about = {"landlord": world.landlord, "departement": world.places[departement], "exercise": exercise}
    terms = about | {"expected": 576, "subtracted": subtracted} | given
    written = write_forecast(**terms, by=by, today=timezone.localdate(now))
    if sent:
        send_forecast(forecast=written, by=by, now=now)
    return written
