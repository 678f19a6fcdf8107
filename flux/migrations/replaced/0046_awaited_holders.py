import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0038_convention_of_two"),
        ("flux", "0045_cells_of_a_commune"),
    ]

    operations = [
        migrations.AddField(
            model_name="awaiteddecision",
            name="holder",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reservations.reservationholder",
                verbose_name="recommandé à",
            ),
        ),
        *_sql.apply_files("flux", {"0046_awaited_holders": "1ad340917056"}),
    ]
