from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """The second wall reads credentials that the installation signs, and no word of a session."""

    dependencies = [("reservations", "0242_imprints_of_grants")]

    operations = [
        migrations.CreateModel(
            name="ActingKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("inner_block", models.BinaryField(verbose_name="bloc intérieur")),
                ("outer_block", models.BinaryField(verbose_name="bloc extérieur")),
            ],
            options={
                "verbose_name": "clé des justificatifs",
                "verbose_name_plural": "clés des justificatifs",
                "ordering": ["pk"],
            },
        ),
        *_sql.apply_files("reservations", {"0255_acting_credential": "6c4556c73a19"}),
    ]
