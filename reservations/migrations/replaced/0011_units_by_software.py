"""What the scope UNITS of a token lets software do, in its words: units are created too. No row changes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reservations", "0010_prefect_orders")]

    operations = [
        migrations.AlterField(
            model_name="apitoken",
            name="scopes",
            field=ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("READ", "lire les logements libérés, les comptes et le parc"),
                        ("NOTICES", "enregistrer et annuler des avis de congé"),
                        ("UNITS", "créer et corriger des logements"),
                        ("ROUTINGS", "confirmer ou modifier des orientations"),
                        ("PROPOSALS", "proposer des candidats et suivre leurs étapes"),
                        ("BALANCES", "lire les bilans annuels"),
                    ],
                    max_length=12,
                ),
                verbose_name="droits",
            ),
        ),
    ]
