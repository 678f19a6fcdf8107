from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0029_queue_of_a_ledger"),
        ("reservations", "0037_search_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="words",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        *_sql.apply_files("flux", {"0030_unit_words": "b1d335d61e05"}),
    ]
