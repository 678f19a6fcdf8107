from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """The units of a dwelling are found once for each vacancy that comes."""

    dependencies = [("flux", "0304_motives_of_a_person")]

    operations = [*_sql.apply_files("flux", {"0430_dwelling_found_once": "dfed9c111b14"})]
