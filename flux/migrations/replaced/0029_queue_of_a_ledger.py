"""The queue of an account by an index of its own, made while everybody works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes such an index outside of any transaction

    dependencies = [("flux", "0028_absorptions")]

    operations = [
        AddIndexConcurrently(
            model_name="vacancy",
            index=models.Index(
                models.F("ledger"),
                models.F("id"),
                condition=models.Q(cancelled_at=None, entered_as__isnull=True, kind="IN_FLOW"),
                name="vacancy_to_enter",
            ),
        ),
    ]
