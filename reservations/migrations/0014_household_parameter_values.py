"""Figures of law and usage that the following of households needs, each with its source."""

from datetime import date
from decimal import Decimal

from django.db import migrations

from reservations.migrations import _together

VALUES = (
    ("OFFER_DAYS_MIN", 10, "CCH, art. R441-10"),
    ("COMMITTEE_MEMBERS", 6, "CCH, art. R441-9 II"),
    ("RETENTION_MONTHS", 12, "décret n° 2017-917 du 9 mai 2017, art. 4 : un an après la radiation"),
    ("ACCESS_LOG_MONTHS", 12, "usage, à confirmer par le délégué à la protection des données"),
    ("SMALL_CELL", 5, "usage, à confirmer par le délégué à la protection des données"),
)


def record(apps, schema_editor):
    apps.get_model("reservations", "LegalParameter").objects.bulk_create(
        apps.get_model("reservations", "LegalParameter")(
            code=code, value=Decimal(value), starts_on=date(2020, 2, 22), source=source
        )
        for code, value, source in VALUES
    )


class Migration(_together.Migration):
    dependencies = [("reservations", "0013_clock_and_household_parameters")]
    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
