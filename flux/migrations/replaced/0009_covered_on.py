from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0008_software_is_told"),
    ]

    operations = [
        migrations.AddField(
            model_name="vacancy",
            name="covered_on",
            field=models.DateField(blank=True, null=True, verbose_name="convention en vigueur depuis le"),
        ),
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("covered_on", None),
                    models.Q(("covered_on__gt", models.F("registered_on")), ("kind", "IN_FLOW")),
                    _connector="OR",
                ),
                name="vacancy_covered_later",
                violation_error_message=("Seul un logement du flux attend une convention, après son enregistrement."),
            ),
        ),
    ]
