"""The caps of the préfet's share, as the law stands; an administrator records what comes next."""

from datetime import date
from decimal import Decimal

from django.db import migrations

from reservations.migrations import _together

CAPS = {
    "STATE_SHARE_MAX": Decimal(30),
    "STATE_AGENTS_SHARE_MAX": Decimal(5),
}


def record_caps(apps, schema_editor):
    parameters = apps.get_model("reservations", "LegalParameter")
    for code, value in CAPS.items():
        parameters.objects.create(
            code=code,
            value=value,
            starts_on=date(2020, 2, 22),
            source="CCH, R441-5-2 (décret n° 2020-145 du 20 février 2020)",
        )


class Migration(_together.Migration):
    dependencies = [("reservations", "0001_initial")]
    operations = [migrations.RunPython(record_caps, migrations.RunPython.noop)]
