"""./run manage read_bounces < MESSAGE: what a mail server says afterwards of a message that it had taken (RFC 3464)."""

from __future__ import annotations

import sys
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from reservations.operations.mail_sending import read_bounce


class Command(BaseCommand):
    help = "Lit un avis de non-remise (fichier, ou entrée standard), et marque les adresses refusées pour de bon."

    def add_arguments(self, parser: CommandParser) -> None:
        """A file, or nothing: a mail server pipes one message to a command."""
        parser.add_argument("message", nargs="?", type=Path, help="fichier du message ; sinon l’entrée standard")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 0 whatever the message says: a server would send another bounce otherwise."""
        path: Path | None = options["message"]
        content = path.read_bytes() if path else sys.stdin.buffer.read()
        marked = read_bounce(message=message_from_bytes(content, policy=policy.default), now=timezone.now())
        self.stdout.write("\n".join(marked) if marked else "Aucune adresse refusée pour de bon.")
