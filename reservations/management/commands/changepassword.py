"""`manage.py changepassword`, in place of Django's: it leaves its entry in the history, and the person is notified."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reservations.management.commands.create_administrator import PASSWORD, first_password
from reservations.models import User
from reservations.operations.person import set_password


class Command(BaseCommand):
    help = (
        "Donne un mot de passe à une personne, qui devra le changer à sa connexion. Il est demandé, ou lu dans la "
        f"variable {PASSWORD}."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="ADRESSE", help="adresse électronique, qui sert d’identifiant")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.at(options["email"]).first()
        if person is None:
            raise CommandError("Personne n’a de compte à cette adresse : vérifiez-la.")
        try:
            set_password(user=person, password=first_password(), by=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{person} a un nouveau mot de passe, à changer en entrant : transmettez-le de vive voix.")
