"""Descriptions that lack an axis of the law, by an index made while everybody works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes such an index outside of any transaction

    dependencies = [("flux", "0040_replayed_years")]

    operations = [
        AddIndexConcurrently(
            model_name="unitdescription",
            index=models.Index(
                fields=["commune"],
                condition=Q(financing_code="") | Q(in_qpv=None) | Q(construction_year=None),
                name="description_lacking",
            ),
        ),
    ]
