from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0019_alerts_of_tampering"),
    ]

    operations = [
        migrations.AddField(
            model_name="vacancy",
            name="works_end_on",
            field=models.DateField(blank=True, null=True, verbose_name="fin des travaux le"),
        ),
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=models.CheckConstraint(
                condition=models.Q(works_end_on=None) | models.Q(works_end_on__gte=models.F("available_on")),
                name="vacancy_works_after_departure",
                violation_error_message="Les travaux ne finissent pas avant que le logement soit libre.",
            ),
        ),
        migrations.AlterField(
            model_name="routing",
            name="clock_held",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="jours où des candidats, retirés depuis, étaient transmis",
                verbose_name="jours non décomptés",
            ),
        ),
    ]
