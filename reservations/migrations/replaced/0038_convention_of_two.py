"""The conventions of two parties by an index of their own, made while everybody works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes such an index outside of any transaction

    dependencies = [("reservations", "0037_search_words")]

    operations = [
        AddIndexConcurrently(
            model_name="convention",
            index=models.Index(fields=["organisation", "landlord"], name="convention_of_two"),
        ),
    ]
