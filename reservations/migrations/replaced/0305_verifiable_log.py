import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """Each imprint becomes a leaf of one tree, that anybody verifies."""

    dependencies = [("reservations", "0285_uniform_communes")]

    operations = [
        migrations.CreateModel(
            name="LogHorizon",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("settled", models.BigIntegerField(verbose_name="réglé jusqu’à")),
                ("seen", models.BigIntegerField(verbose_name="vu jusqu’à")),
                ("until", models.BigIntegerField(verbose_name="transaction suivante")),
            ],
            options={
                "verbose_name": "horizon du journal",
                "verbose_name_plural": "horizons du journal",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="rang")),
                ("holder", models.BigIntegerField(null=True, verbose_name="réservataire")),
                ("commitment", models.BinaryField(max_length=32, null=True, verbose_name="engagement")),
                ("hash", models.BinaryField(max_length=32, verbose_name="condensat")),
                (
                    "imprint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaf",
                        to="reservations.imprint",
                        verbose_name="empreinte",
                    ),
                ),
            ],
            options={
                "verbose_name": "feuille du journal",
                "verbose_name_plural": "feuilles du journal",
                "ordering": ["index"],
            },
        ),
        migrations.CreateModel(
            name="LeafSalt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table_name", models.CharField(max_length=63, verbose_name="table")),
                ("row_id", models.BigIntegerField(verbose_name="ligne")),
                ("leaf", models.BigIntegerField(verbose_name="feuille")),
                ("salt", models.BinaryField(max_length=32, verbose_name="sel")),
            ],
            options={
                "verbose_name": "sel d’une feuille",
                "verbose_name_plural": "sels des feuilles",
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("table_name", "row_id"), name="one_salt_a_row")],
            },
        ),
        migrations.CreateModel(
            name="LogNode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField(verbose_name="niveau")),
                ("index", models.BigIntegerField(verbose_name="rang")),
                ("hash", models.BinaryField(max_length=32, verbose_name="condensat")),
            ],
            options={
                "verbose_name": "nœud du journal",
                "verbose_name_plural": "nœuds du journal",
                "ordering": ["level", "index"],
                "constraints": [models.UniqueConstraint(fields=("level", "index"), name="one_node_a_place")],
            },
        ),
        migrations.CreateModel(
            name="LogCheckpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.BigIntegerField(verbose_name="nombre de feuilles")),
                ("root", models.BinaryField(max_length=32, verbose_name="racine")),
                ("note", models.TextField(verbose_name="note signée")),
                ("signed_at", models.DateTimeField(verbose_name="signé le")),
            ],
            options={
                "verbose_name": "point de contrôle du journal",
                "verbose_name_plural": "points de contrôle du journal",
                "ordering": ["size"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("size",),
                        name="one_checkpoint_a_size",
                        violation_error_message="Cet état du journal est déjà signé.",
                    )
                ],
            },
        ),
        *_sql.apply_files("reservations", {"0305_verifiable_log": "230071e1a9b5"}),
    ]
