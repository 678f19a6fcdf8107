from django.apps import AppConfig

from config import celery  # noqa: F401 - the application of every task, before any module of tasks is read


class FuseBox(AppConfig):
    """Registers the checks of the database that was given; has no table."""

    name = "config"

    def ready(self) -> None:
        from config import database_checks  # noqa: F401 - importing it registers them
