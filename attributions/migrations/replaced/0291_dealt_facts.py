from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """At its term nothing that is left of a household singles it out."""

    dependencies = [("attributions", "0290_whole_pack")]

    operations = [
        migrations.AddField(
            model_name="lease",
            name="facts_among",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="faits mêlés entre, baux"),
        ),
        *_sql.apply_files("attributions", {"0291_dealt_facts": "9583aca20ab1"}),
    ]
