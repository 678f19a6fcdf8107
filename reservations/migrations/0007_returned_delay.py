"""How much a holder keeps due, at most, after units given back without counting: usage, for an administrator to
correct."""

from datetime import date
from decimal import Decimal

from django.db import migrations

from reservations.migrations import _together


def record(apps, schema_editor):
    apps.get_model("reservations", "LegalParameter").objects.create(
        code="RETURNED_DELAY_MAX",
        value=Decimal(2),
        starts_on=date(2020, 2, 22),
        source="usage : deux logements, au-delà le réservataire ne perd que ce qu’il a lui-même rendu",
    )


class Migration(_together.Migration):
    dependencies = [("reservations", "0006_right_end")]
    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
