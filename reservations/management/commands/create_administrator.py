"""`manage.py create_administrator`: who keeps organisations, people and legal parameters."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reservations.models import User
from reservations.operations.people_review import appoint_administrator
from reservations.refusals import Refusal

PASSWORD = "EQUIFLUX_ADMIN_PASSWORD"  # noqa: S105 - the name of a variable


class Command(BaseCommand):
    help = (
        "Nomme un administrateur d’Équiflux, et enregistre l’exploitant s’il est nouveau. Le mot de passe est demandé, "
        f"ou lu dans la variable {PASSWORD} ; une personne déjà connue garde le sien."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="ADRESSE", help="adresse électronique, qui sert d’identifiant")
        parser.add_argument("--name", metavar="NOM", required=True, help="nom de la personne ou du service")
        parser.add_argument("--siren", required=True, help="SIREN de l’organisation qui exploite Équiflux")
        parser.add_argument(
            "--organisation",
            metavar="NOM",
            default="Exploitant d’Équiflux",
            help="nom de cette organisation si elle est nouvelle (« %(default)s » si rien n’est dit)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        known = User.objects.at(options["email"]).exists()
        try:
            membership = appoint_administrator(
                siren=options["siren"],
                organisation_name=options["organisation"],
                email=options["email"],
                full_name=options["name"],
                password="" if known else first_password(),
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{membership.user} administre maintenant {membership.organisation}.")


def first_password() -> str:
    """The first password: from the environment, or asked twice. Raises CommandError."""
    given = os.environ.get(PASSWORD, "")
    if given:
        return given
    if not sys.stdin.isatty():
        raise CommandError(f"Aucun mot de passe : donnez-le dans la variable {PASSWORD}, ou lancez dans un terminal.")
    password = getpass("Mot de passe : ")
    if password != getpass("Mot de passe, une seconde fois : "):
        raise CommandError("Les deux mots de passe diffèrent : recommencez.")
    return password
