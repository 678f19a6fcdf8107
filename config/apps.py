from django.apps import AppConfig


class FuseBox(AppConfig):
    """Registers the checks of the database that was given; has no table."""

    name = "config"

    def ready(self) -> None:
        from config import database_checks  # noqa: F401 - importing it registers them
