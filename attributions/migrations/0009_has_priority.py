"""Priority has three answers: until here, no category was read as « no » by the leases signed for candidates."""

from django.db import migrations, models

#: Without a category, nobody had said whether the household has priority. A lease is append-only: this once, its
#: triggers let what was never said be unsaid.
FILL = """
UPDATE attributions_application SET has_priority = TRUE WHERE priority_id IS NOT NULL;
UPDATE attributions_proposal SET has_priority = TRUE WHERE priority_id IS NOT NULL;
ALTER TABLE attributions_lease DISABLE TRIGGER USER;
UPDATE attributions_lease SET has_priority = NULL WHERE proposal_id IS NOT NULL AND priority_id IS NULL;
ALTER TABLE attributions_lease ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [("attributions", "0008_holder_seats")]

    operations = [
        *(
            migrations.AddField(
                model_name=name,
                name="has_priority",
                field=models.BooleanField(blank=True, null=True, verbose_name="ménage prioritaire"),
            )
            for name in ("application", "proposal")
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        *(
            migrations.AddConstraint(
                model_name=name,
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        ("priority", None),
                        models.Q(("has_priority", True), ("has_priority__isnull", False)),
                        _connector="OR",
                    ),
                    name=f"{name}_priority",
                    violation_error_message="Une catégorie prioritaire est celle d’un ménage prioritaire.",
                ),
            )
            for name in ("application", "proposal")
        ),
    ]
