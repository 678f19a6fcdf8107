"""What was given back through the landlord's or the unit's doing does not count as offered: usage, for the past."""

import pgtrigger
from django.db import migrations

from reservations.migrations import _together

NOT_OFFERED = ("WITHDRAWN", "WORKS", "ERROR")


def fill(apps, schema_editor):
    with pgtrigger.ignore("flux.Return:append_only"):
        apps.get_model("flux", "Return").objects.filter(reason__in=NOT_OFFERED, counted=False).update(offered=False)


class Migration(_together.Migration):
    dependencies = [("flux", "0014_household_facts")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
