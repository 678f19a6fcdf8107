from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class ReservationsConfig(AppConfig):
    name = "reservations"
    verbose_name = "Les droits"

    def ready(self) -> None:
        from django.utils import timezone

        from reservations import words
        from reservations.checks import service_notice_is_published, templates_hold  # our modules wait for the apps
        from reservations.exports.papers import Attachments
        from reservations.exports.papers import register as register_papers
        from reservations.imports.conventions import Conventions
        from reservations.imports.holders import Holders
        from reservations.imports.kinds import register
        from reservations.imports.people import People
        from reservations.imports.prefect_orders import PrefectOrders
        from reservations.imports.remembered import Mappings, Nicknames
        from reservations.templatetags import literals

        words.now = timezone.now
        literals.install()
        for kind in (Holders(), People(), Conventions(), PrefectOrders(), Nicknames(), Mappings()):
            register(kind)
        register_papers(Attachments())
        checks.register(templates_hold, checks.Tags.templates)
        checks.register(service_notice_is_published, checks.Tags.database, deploy=True)
        post_migrate.connect(imprint_shapes, sender=self)


def imprint_shapes(**_: object) -> None:
    """Kept tables to which a migration gave other columns have their rows imprinted again. Nothing before the
    migration that brings imprints."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regproc('reservations_imprint_shapes') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute("SELECT reservations_imprint_shapes()")
