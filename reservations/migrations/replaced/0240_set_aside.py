from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """No setting opens a rule: functions of the owner do, each for its own act."""

    dependencies = [("reservations", "0221_returned_cap")]

    operations = [
        migrations.CreateModel(
            name="RuleAside",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("transaction", models.BigIntegerField(verbose_name="transaction")),
                ("rule", models.CharField(max_length=130, verbose_name="règle")),
            ],
            options={
                "verbose_name": "règle levée",
                "verbose_name_plural": "règles levées",
                "ordering": ["pk"],
            },
        ),
        *_sql.apply_files("reservations", {"0240_set_aside": "ffb8dfef0e1e"}),
    ]
