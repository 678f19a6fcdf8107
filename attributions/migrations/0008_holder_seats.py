from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0007_once_per_routing"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="committeemember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("capacity", "HOLDER"), _negated=True), ("organisation__isnull", False), _connector="OR"
                ),
                name="committee_member_holder",
                violation_error_message="Un réservataire siège pour son organisation.",
            ),
        ),
    ]
