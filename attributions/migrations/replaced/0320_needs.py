import datetime

import django.contrib.postgres.fields
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """A request says what its household looks for, and where its papers are."""

    dependencies = [
        ("attributions", "0312_term_reading"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="documents",
            field=models.CharField(
                blank=True,
                choices=[("COMPLETE", "complètes"), ("LACKING", "à compléter")],
                db_default="",
                default="",
                max_length=8,
                verbose_name="état des pièces",
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="labelled_until",
            field=models.DateField(blank=True, null=True, verbose_name="labellisation valable jusqu’au"),
        ),
        migrations.AddField(
            model_name="application",
            name="least_rooms",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="pièces souhaitées, au moins"),
        ),
        migrations.AddField(
            model_name="application",
            name="needs_accessible",
            field=models.BooleanField(blank=True, null=True, verbose_name="logement accessible nécessaire"),
        ),
        migrations.AddField(
            model_name="application",
            name="wanted_communes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=5),
                blank=True,
                db_default=[],
                default=list,
                help_text="codes INSEE ; vide : non renseignées",
                verbose_name="communes souhaitées",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("least_rooms", None), models.Q(("least_rooms__gte", 1), ("least_rooms__lte", 9)), _connector="OR"
                ),
                name="application_least_rooms_bounds",
                violation_error_message="Un ménage souhaite de 1 à 9 pièces au moins : vérifiez le nombre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("labelled_until", None),
                    models.Q(
                        ("labelled_until__gte", datetime.date(1990, 5, 31)),
                        ("labelled_until__lte", datetime.date(2099, 12, 31)),
                    ),
                    _connector="OR",
                ),
                name="application_labelled_until_bounds",
                violation_error_message="Une labellisation prend fin après la loi du 31 mai 1990 : vérifiez la date.",
            ),
        ),
        *_sql.apply_files("attributions", {"0320_needs": "8f092e1fc8d6"}),
    ]
