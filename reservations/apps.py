from django.apps import AppConfig
from django.core import checks


class ReservationsConfig(AppConfig):
    name = "reservations"
    verbose_name = "Les droits"

    def ready(self) -> None:
        from reservations.checks import templates_hold  # our modules wait for the apps
        from reservations.templatetags import literals

        literals.install()
        checks.register(templates_hold, checks.Tags.templates)
