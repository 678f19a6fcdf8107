"""The cells of a commune are found by the index of its accounts: that of communes alone goes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0044_cells_of_place"),
        ("reservations", "0038_convention_of_two"),
    ]

    operations = [
        migrations.AlterField(
            model_name="flowcell",
            name="commune",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reservations.territory",
            ),
        ),
    ]
