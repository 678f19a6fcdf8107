"""`manage.py log_keys NAME`: draw the keys that sign the verifiable log, or the checkpoints that a witness saw."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reservations.verifiable.notes import Kind, NoteFault, Signer, read_verifier


class Command(BaseCommand):
    help = (
        "Tire les clés qui signent le journal vérifiable : les lignes PRIVATE+KEY vont dans JOURNAL_KEYS, et nulle "
        "part ailleurs ; les autres sont publiques, à envoyer aux réservataires."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NOM", help="qui signe : nom-du-site/journal")

    def handle(self, *args: Any, **options: Any) -> None:
        kinds = (Kind.NOTE, Kind.COSIGNATURE_ML)
        signers = [Signer(options["name"], kind, secrets.token_bytes(32)) for kind in kinds]
        try:
            keys = [str(read_verifier(str(each.verifier))) for each in signers]
        except NoteFault as fault:
            sentence = "Donnez un nom sans espace ni signe plus : nom-du-site/journal."
            raise CommandError(sentence, returncode=2) from fault
        for line in (*map(str, signers), *keys):
            self.stdout.write(line)
