from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """The rules of a committee say how long before a session it is convened; a shorter delay has its reason."""

    dependencies = [("attributions", "0291_dealt_facts")]

    operations = [
        migrations.AddField(
            model_name="committeerules",
            name="convening_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="vide : le règlement n’en fixe pas",
                null=True,
                verbose_name="délai de convocation, en jours",
            ),
        ),
        migrations.AddField(
            model_name="committeesession",
            name="short_notice",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=300,
                verbose_name="pourquoi dans un délai plus court que celui du règlement",
            ),
        ),
        migrations.AddConstraint(
            model_name="committeerules",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("convening_days", None),
                    models.Q(("convening_days__gte", 1), ("convening_days__lte", 60)),
                    _connector="OR",
                ),
                name="committee_rules_convening_days_bounds",
                violation_error_message="Un délai de convocation va de 1 à 60 jours ; vide, il n’y en a pas.",
            ),
        ),
        *_sql.apply_files("attributions", {"0295_convening_delay": "8d811d505744"}),
    ]
