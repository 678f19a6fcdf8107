"""`manage.py restore FILE`: put a backup into an empty database, and prove that all of it is back."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from attributions.bilan.models import BalanceVersion
from attributions.bilan.queries.since import broken_seals
from config.backup import Backup, read, restore
from config.database_checks import unapplied
from reservations.refusals import Refusal
from reservations.words import day


class Command(BaseCommand):
    help = (
        "Rétablit une sauvegarde dans une base vide, puis compare chaque ligne, chaque déclencheur et chaque séquence "
        "à ce qui était sauvegardé, refait les empreintes des bilans et contrôle les comptes. Codes de retour : "
        "0 tout est là, 1 refus ou différence, dite."
    )
    requires_system_checks = ()  # they ask of a database that has no table yet

    def add_arguments(self, parser: CommandParser) -> None:
        """The file of PostgreSQL; its account is beside it."""
        parser.add_argument("dump", metavar="FICHIER", type=Path, help="la sauvegarde : equiflux-….dump")
        parser.add_argument("--rows-only", action="store_true", help="compare les lignes, et ne contrôle rien de plus")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when nothing could be restored, or when something is not as it was."""
        try:
            backup = read(options["dump"])
            different = restore(backup)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if different:
            raise CommandError("\n".join(["Rétablie, mais pas comme elle était :", *different]))
        self._say(backup)
        if options["rows_only"]:
            return
        if unapplied():
            self.stdout.write("Elle est d’une version plus ancienne : lancez « manage.py migrate ».")
            return
        if wrong := broken_seals():
            raise CommandError(
                f"Versions de bilan dont l’empreinte n’est pas celle du contenu : {', '.join(map(str, wrong))}."
            )
        self.stdout.write(f"{BalanceVersion.objects.count()} versions de bilan ont l’empreinte de leur contenu.")
        call_command("audit_routing", stdout=self.stdout, stderr=self.stderr)

    def _say(self, backup: Backup) -> None:
        held, made = backup.held, timezone.localtime(backup.made_at)
        self.stdout.write(
            f"Rétablie, telle qu’elle était le {day(made)} à {made:%H:%M} : {len(held.tables)} tables, {held.rows} "
            f"lignes, {len(held.triggers)} déclencheurs."
        )
