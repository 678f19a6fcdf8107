import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0031_unit_lists"),
        ("reservations", "0035_archive_parts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="flowcell",
            name="ledger",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="cells", to="flux.ledger"
            ),
        ),
        migrations.AddIndex(
            model_name="flowcell",
            index=models.Index(fields=["year", "ledger"], name="flow_cell_of_year"),
        ),
    ]
