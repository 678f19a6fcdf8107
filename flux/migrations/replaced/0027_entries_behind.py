import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0026_vacancy_places"),
        ("reservations", "0033_pauses"),
    ]

    operations = [
        migrations.AlterField(
            model_name="flowentry",
            name="ledger",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="flux.ledger"
            ),
        ),
        migrations.AddIndex(
            model_name="flowentry",
            index=models.Index(fields=["ledger", "stage", "vacancy"], name="flow_entry_behind"),
        ),
    ]
