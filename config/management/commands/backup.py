"""`manage.py backup FOLDER`: a backup of this moment, which `restore` proves."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.backup import back_up, forget_old
from reservations.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Sauvegarde la base de ce moment, sans rien arrêter : le fichier de pg_dump et, à côté, le compte de ce qu’il "
        "contient, que « restore » vérifie. Les fichiers déposés sont dans la base. Codes de retour : 0 c’est fait, "
        "1 rien n’est écrit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Where, and how many to keep."""
        parser.add_argument("folder", metavar="DOSSIER", type=Path, help="où l’écrire")
        parser.add_argument("--keep", type=int, metavar="N", help="ensuite, ne garder que les N dernières du dossier")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when nothing could be written."""
        keep = options["keep"]
        if keep is not None and keep < 1:
            raise CommandError("--keep : gardez-en une au moins.", returncode=2)
        try:
            made = back_up(options["folder"], now=timezone.now())
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{made.dump} : {len(made.held.tables)} tables, {made.held.rows} lignes.")
        if keep is not None:
            for old in forget_old(options["folder"], keep=keep):
                self.stdout.write(f"{old} : effacée, elle était plus ancienne que les {keep} gardées.")
