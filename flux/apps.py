from django.apps import AppConfig


class FluxConfig(AppConfig):
    name = "flux"
    verbose_name = "Le flux"

    def ready(self) -> None:
        from flux.imports.units import Units  # our modules wait for the apps
        from reservations.imports.kinds import register

        register(Units())
