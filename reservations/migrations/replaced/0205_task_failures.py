from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0038_convention_of_two"),
    ]

    operations = [
        migrations.CreateModel(
            name="TaskFailure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("task", models.CharField(max_length=60, verbose_name="tâche")),
                ("row", models.CharField(max_length=80, verbose_name="ligne")),
                ("tries", models.PositiveSmallIntegerField(verbose_name="essais")),
                ("error", models.CharField(max_length=200, verbose_name="erreur")),
                ("failed_at", models.DateTimeField(verbose_name="dernier échec le")),
                ("next_at", models.DateTimeField(verbose_name="à reprendre le")),
                ("set_aside_at", models.DateTimeField(blank=True, null=True, verbose_name="mise de côté le")),
            ],
            options={
                "verbose_name": "échec d’une tâche",
                "verbose_name_plural": "échecs des tâches",
                "ordering": ["task", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("task", "row"),
                        name="task_failure_once",
                        violation_error_message="Cet échec est déjà enregistré.",
                    )
                ],
            },
        ),
    ]
