"""How long the account of a right that has ended is kept before it is settled: usage, for an administrator to correct."""

from datetime import date
from decimal import Decimal

from django.db import migrations

from reservations.migrations import _together


def record(apps, schema_editor):
    apps.get_model("reservations", "LegalParameter").objects.create(
        code="RIGHT_END_DAYS",
        value=Decimal(30),
        starts_on=date(2020, 2, 22),
        source="usage : un renouvellement se signe souvent après sa date d’effet",
    )


class Migration(_together.Migration):
    dependencies = [("reservations", "0010_quotas_in_units_and_declined")]
    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
