import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Rows of « À faire » are taken and put off, filters are named, single keys follow the person."""

    dependencies = [
        ("attributions", "0320_needs"),
        ("reservations", "0335_log_cosignatures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DeskChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("single_keys", models.BooleanField(default=True, verbose_name="touches seules")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="desk_choice",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="personne",
                    ),
                ),
            ],
            options={
                "verbose_name": "réglages du poste",
                "verbose_name_plural": "réglages du poste",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="NamedFilter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="nom du filtre")),
                ("kept", models.CharField(max_length=300, verbose_name="filtres")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="reservations.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="personne",
                    ),
                ),
            ],
            options={
                "verbose_name": "filtre gardé",
                "verbose_name_plural": "filtres gardés",
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "organisation", "name"),
                        name="named_filter_unique",
                        violation_error_message="Vous avez déjà un filtre de ce nom : choisissez un autre nom.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RowMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40, verbose_name="nature de l’acte")),
                ("key", models.BigIntegerField(verbose_name="objet de l’acte")),
                ("put_off_until", models.DateField(blank=True, null=True, verbose_name="reporté au")),
                ("reason", models.CharField(blank=True, max_length=120, verbose_name="motif du report")),
                ("at", models.DateTimeField(verbose_name="noté le")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="noté par",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="reservations.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="pris par",
                    ),
                ),
            ],
            options={
                "verbose_name": "suivi d’une ligne",
                "verbose_name_plural": "suivis de lignes",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "kind", "key"),
                        name="row_mark_unique",
                        violation_error_message="Un collègue vient de noter le suivi de cette ligne : relisez-le.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("put_off_until", None), ("reason", "")),
                            models.Q(("put_off_until__isnull", False), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="row_mark_put_off_with_reason",
                        violation_error_message="Un report porte un jour et un motif.",
                    ),
                ],
            },
        ),
    ]
