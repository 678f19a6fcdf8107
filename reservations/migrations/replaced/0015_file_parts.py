import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0014_nicknames"),
    ]

    operations = [
        migrations.CreateModel(
            name="FilePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="rang")),
                ("content", models.BinaryField(verbose_name="contenu")),
                (
                    "file_import",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="reservations.fileimport",
                        verbose_name="import",
                    ),
                ),
            ],
            options={
                "verbose_name": "morceau de fichier",
                "verbose_name_plural": "morceaux de fichiers",
                "ordering": ["file_import", "number"],
            },
        ),
        migrations.AddConstraint(
            model_name="filepart",
            constraint=models.UniqueConstraint(
                fields=("file_import", "number"),
                name="file_part_once",
                violation_error_message="Ce morceau de fichier est déjà gardé.",
            ),
        ),
        *_sql.apply_files("reservations", {"0015_file_parts": "770be753c147"}),
        migrations.AlterField(
            model_name="fileimport",
            name="content",
            field=models.BinaryField(default=b"", verbose_name="contenu"),
        ),
        migrations.RemoveField(model_name="fileimport", name="content"),
        migrations.AddIndex(
            model_name="importedline",
            index=models.Index(
                condition=models.Q(("target__isnull", False)),
                fields=["file_import", "target"],
                name="imported_line_target",
            ),
        ),
    ]
