import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0027_entries_behind"),
    ]

    operations = [
        migrations.CreateModel(
            name="Absorption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("last_day", models.DateField(blank=True, null=True, verbose_name="dernier jour de ses conventions")),
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absorption",
                        to="flux.stocktransfer",
                        verbose_name="cession",
                    ),
                ),
            ],
            options={
                "verbose_name": "absorption d’un bailleur",
                "verbose_name_plural": "absorptions de bailleurs",
                "ordering": ["transfer"],
            },
        ),
        migrations.CreateModel(
            name="AbsorbedBalance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absorbed",
                        to="flux.flowentry",
                        verbose_name="mouvement de compte",
                    ),
                ),
                (
                    "absorption",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balances",
                        to="flux.absorption",
                        verbose_name="absorption",
                    ),
                ),
            ],
            options={
                "verbose_name": "solde repris d’un bailleur absorbé",
                "verbose_name_plural": "soldes repris de bailleurs absorbés",
                "ordering": ["pk"],
            },
        ),
        *_sql.apply_files("flux", {"0028_absorptions": "d630265b9c10"}),
    ]
