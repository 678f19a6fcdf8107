"""`manage.py rehearse_upgrade FILE`: what this version would say of what another decided, before it is installed."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup import read
from config.rehearsal import Done, rehearsed
from reservations.refusals import Refusal

#: Lines shown of what a step found; its command, on a copy, gives the others.
SHOWN = 20


class Command(BaseCommand):
    help = (
        "Essaie cette version sur une sauvegarde, dans une base à part qui est effacée ensuite : la rétablit, la "
        "migre, rejoue chaque décision, refait chaque compte et chaque bilan avec ce code, et dit ce qui différerait. "
        "Codes de retour : 0 rien ne différerait, 1 une différence, dite, 2 mauvais usage."
    )
    requires_system_checks = ()  # the database of this account may still be that of the version before

    def add_arguments(self, parser: CommandParser) -> None:
        """The backup, made by the version in use."""
        parser.add_argument("dump", metavar="FICHIER", type=Path, help="la sauvegarde : equiflux-….dump")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when something would differ, or when it could not be tried."""
        wrong = False
        try:
            read(options["dump"])
            for done in rehearsed(options["dump"]):
                self._say(done)
                wrong = wrong or not done.is_right
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if wrong:
            raise CommandError(
                "Cette version ne dirait pas la même chose : gardez celle d’avant, et signalez ce qui diffère."
            )
        self.stdout.write("Rien ne différerait : cette version peut être installée.")

    def _say(self, done: Done) -> None:
        self.stdout.write(f"{done.step.title} : {'rien ne diffère' if done.is_right else 'une différence'}.")
        lines = done.said.splitlines()
        for line in lines[:SHOWN]:
            self.stdout.write(f"  {line}")
        if len(lines) > SHOWN:
            self.stdout.write(f"  … et {len(lines) - SHOWN} autres lignes.")
