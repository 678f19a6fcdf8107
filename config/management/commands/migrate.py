"""`manage.py migrate`: asks of the code only what tables are made of."""

from typing import Any

from django.core.checks import Tags
from django.core.management.commands import migrate


class Command(migrate.Command):
    """Django’s own, whose checks would first import every page and compile every template: two thirds of its time on a
    database that is up to date. Models and the database are checked here; all the rest by `check` and by every command
    that follows (`load_territories`).
    """

    def check(self, *args: Any, **options: Any) -> None:
        """Check models and the database that was given."""
        super().check(*args, **{"tags": [Tags.models, Tags.database], **options})
