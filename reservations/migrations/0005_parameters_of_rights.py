"""What the law and usage fix of rights, with its source; what the reference tags [M] is usage, for an administrator
to correct."""

from datetime import date
from decimal import Decimal

from django.db import migrations

from reservations.migrations import _together

FLOW_DECREE = date(2020, 2, 22)
PARAMETERS = (
    ("STATE_OUTSIDE_QPV_MIN", 30, FLOW_DECREE, "CCH, R441-5-2 II (décret n° 2020-145 du 20 février 2020)"),
    ("GUARANTEE_SHARE_MAX", 20, FLOW_DECREE, "CCH, R441-5 avant 2020, repris par R441-5-3 et R441-5-4 : à vérifier"),
    ("GUARANTEE_EXTENSION_YEARS", 5, FLOW_DECREE, "CCH, R441-6"),
    ("DEROGATION_MONTHS_MAX", 12, FLOW_DECREE, "CCH, R441-5-2"),
    ("TERMINATION_NOTICE_MONTHS", 2, FLOW_DECREE, "CCH, R441-5-2 IV"),
    ("MINIMUM_CANDIDATES", 3, FLOW_DECREE, "CCH, R441-3"),
    ("PROPOSAL_DAYS", 20, FLOW_DECREE, "usage (un mois) : chaque convention fixe le sien"),
    ("FIRST_LETTING_DAYS", 40, FLOW_DECREE, "usage (deux mois) : chaque convention fixe le sien"),
    ("FORECAST_DUE", 228, FLOW_DECREE, "CCH, R441-5 et R441-5-1 : avant le 28 février"),
    ("FLOW_REQUIRED", 1, date(2023, 11, 24), "loi ELAN, art. 114 IV, et loi 3DS, art. 78"),
    ("EXPIRY_WARNING_DAYS", 180, FLOW_DECREE, "usage : le temps de négocier la suite"),
)


def record(apps, schema_editor):
    parameters = apps.get_model("reservations", "LegalParameter")
    for code, value, starts_on, source in PARAMETERS:
        parameters.objects.create(code=code, value=Decimal(value), starts_on=starts_on, source=source)


class Migration(_together.Migration):
    dependencies = [("reservations", "0004_terms_versions_history")]
    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
