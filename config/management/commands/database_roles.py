"""`manage.py database_roles`: make the accounts of the database, each with exactly what its work asks."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.database_roles import PASSWORDS, make_roles


class Command(BaseCommand):
    help = (
        "Fait les cinq comptes de la base (propriétaire, site, travailleur, lecture, sauvegarde), chacun avec ce que "
        "son métier demande, et rien d’autre. À lancer une fois avec le compte de l’administrateur de PostgreSQL, puis "
        "après chaque migration avec celui du propriétaire. Mots de passe : "
        f"{', '.join(PASSWORDS.values())}. Codes de retour : 0 fait, 1 refusé."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--keep-owner",
            action="store_true",
            help="laisse les tables à qui les possède, et qui continue à migrer : un poste, la démonstration",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            names = make_roles(keep_owner=options["keep_owner"])
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Comptes prêts : {', '.join(names)}.")
