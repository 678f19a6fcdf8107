from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0036_place_cells"),
    ]

    operations = [
        # Whoever is writing a cell ends with the function that began it.
        migrations.RunSQL("LOCK TABLE flux_flowcell IN SHARE ROW EXCLUSIVE MODE", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="placecell",
            name="outside_qpv",
            field=models.IntegerField(db_default=0, default=0, verbose_name="proposés, hors QPV"),
        ),
        *_sql.apply_files("flux", {"0039_place_cells_outside_qpv": "36cfc558b6b6"}),
    ]
