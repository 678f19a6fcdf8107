from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What is counted against a right is said as conventions do."""

    dependencies = [
        ("attributions", "0310_who_reads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="proposalend",
            name="consumed",
            field=models.BooleanField(verbose_name="décompté du droit"),
        ),
        migrations.AlterConstraint(
            model_name="proposalend",
            name="proposal_end_consumed_is_offered",
            constraint=models.CheckConstraint(
                condition=models.Q(("consumed", False), ("offered", True), _connector="OR"),
                name="proposal_end_consumed_is_offered",
                violation_error_message="Une candidature décomptée du droit compte comme proposée.",
            ),
        ),
    ]
