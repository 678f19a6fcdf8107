from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0021_outside_flow"),
        ("reservations", "0030_files_of_each_party"),
    ]

    operations = [
        migrations.AddField(
            model_name="accountmonth",
            name="again",
            field=models.IntegerField(default=0, verbose_name="comptés de nouveau"),
        ),
        migrations.AddField(
            model_name="accountmonth",
            name="first_allocated",
            field=models.IntegerField(default=0, verbose_name="premières locations attribuées"),
        ),
        migrations.AddField(
            model_name="accountmonth",
            name="first_leased",
            field=models.IntegerField(default=0, verbose_name="baux de premières locations"),
        ),
        migrations.AddField(
            model_name="accountmonth",
            name="shares",
            field=models.BigIntegerField(default=0, verbose_name="parts de l’année"),
        ),
        migrations.AddField(
            model_name="accountmonth",
            name="vacated",
            field=models.IntegerField(default=0, verbose_name="libérés"),
        ),
        migrations.AddIndex(
            model_name="flowentry",
            index=models.Index(
                condition=models.Q(("stage", "RETURNED")), fields=["vacancy"], name="flow_entry_returned"
            ),
        ),
        migrations.AddIndex(
            model_name="flowentry",
            index=models.Index(
                condition=models.Q(("quantity__lt", 0), ("stage", "DUE")),
                fields=["vacancy"],
                name="flow_entry_taken_back",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendation",
            index=models.Index(condition=models.Q(("attempt__gt", 1)), fields=["ledger"], name="recommendation_again"),
        ),
        *_sql.apply_files("flux", {"0022_fold_statements": "86c3f2f4b5ed"}),
    ]
