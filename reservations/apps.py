from django.apps import AppConfig
from django.core import checks


class ReservationsConfig(AppConfig):
    name = "reservations"
    verbose_name = "Les droits"

    def ready(self) -> None:
        from reservations.checks import templates_hold  # our modules wait for the apps
        from reservations.imports.conventions import Conventions
        from reservations.imports.holders import Holders
        from reservations.imports.kinds import register
        from reservations.imports.people import People
        from reservations.imports.prefect_orders import PrefectOrders
        from reservations.templatetags import literals

        literals.install()
        for kind in (Holders(), People(), Conventions(), PrefectOrders()):
            register(kind)
        checks.register(templates_hold, checks.Tags.templates)
