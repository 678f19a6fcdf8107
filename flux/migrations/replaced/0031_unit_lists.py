import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0030_unit_words"),
        ("reservations", "0037_search_words"),
    ]

    operations = [
        migrations.AlterField(
            model_name="unit",
            name="landlord",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="units",
                to="reservations.landlord",
                verbose_name="bailleur",
            ),
        ),
        migrations.AddIndex(
            model_name="unit",
            index=models.Index(fields=["landlord", "programme"], name="unit_of_programme"),
        ),
        migrations.AddIndex(
            model_name="unit",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("landlord"),
                django.contrib.postgres.indexes.OpClass("words", name="gin_trgm_ops"),
                name="unit_words",
            ),
        ),
    ]
