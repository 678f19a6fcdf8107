from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0036_place_cells"),
    ]

    operations = [
        *_sql.apply_files("flux", {"0039_hold_cells": "3ddc5dd9bdd5"}),
        migrations.AddField(
            model_name="placecell",
            name="outside_qpv",
            field=models.IntegerField(db_default=0, default=0, verbose_name="proposés, hors QPV"),
        ),
        *_sql.apply_files("flux", {"0039_place_cells_outside_qpv": "36cfc558b6b6"}),
    ]
