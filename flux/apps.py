from django.apps import AppConfig


class FluxConfig(AppConfig):
    name = "flux"
    verbose_name = "Le flux"

    def ready(self) -> None:
        from flux.imports.allotment_file import Allotments  # our modules wait for the apps
        from flux.imports.conversion_file import Conversions
        from flux.imports.descriptions import Descriptions, Equipment
        from flux.imports.forecast_file import Forecasts
        from flux.imports.needs_file import Needs
        from flux.imports.notices import Notices
        from flux.imports.opening_file import Openings
        from flux.imports.outside import Outside
        from flux.imports.past_routings import PastRoutings
        from flux.imports.public_addresses import PublicAddresses
        from flux.imports.returned_units import ReturnedUnits
        from flux.imports.right_file import Rights
        from flux.imports.routing_choices import RoutingChoices
        from flux.imports.units import Units
        from reservations.imports.kinds import register

        register(Allotments())
        register(Conversions())
        register(Units())
        register(Equipment())
        register(Rights())
        register(RoutingChoices())
        register(Openings())
        register(Descriptions())
        register(PastRoutings())
        register(PublicAddresses())
        register(ReturnedUnits())
        register(Outside())
        register(Notices())
        register(Forecasts())
        register(Needs())
