"""`./run demo --on`: the days between the one that a demonstration lives on and the one that is asked for, passed by
the tasks of the clock; nobody does anything else meanwhile."""

from __future__ import annotations

import json
import os
from argparse import ArgumentTypeError
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from config import day
from config.celery import app
from config.safety import WORKSTATION
from config.schedule import SCHEDULE

#: What another machine would receive about days that it does not live.
BUT = {"tell-software"}
#: What recounts everything and changes nothing: three quarters of the time of a day.
ON_THE_LAST = {"run-controls"}


class Command(BaseCommand):
    help = "Sur un poste : passe les jours de la démonstration jusqu’à un autre, par les tâches de l’horloge."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--until", type=a_day, required=True, metavar="AAAA-MM-JJ", help="le jour où s’arrêter")
        parser.add_argument("--progress", type=Path, metavar="FICHIER", help="y écrire où en est la commande")

    def handle(self, *args: Any, until: date, progress: Path | None, **options: Any) -> None:
        """Raises CommandError in production, for a day that is past, and when a task fails: the day that it failed on
        is the one where the demonstration stays."""
        if not os.environ.get(WORKSTATION) or day.AHEAD not in os.environ:
            raise CommandError(
                "pass_days fait vivre à une base des jours qui ne sont pas venus : seule une démonstration le peut, "
                "par ./run demo --on AAAA-MM-JJ."
            )
        first, ahead = timezone.localdate(), day.given(os.environ)
        if until < first:
            raise CommandError(f"Cette base en est au {first:%d/%m/%Y} : donnez un jour d’après.")
        app.loader.import_default_modules()
        while (today := timezone.localdate()) < until:
            if progress is not None:
                note(progress, (today - first) / (until - first), f"{today + timedelta(days=1):%d/%m/%Y}")
            ahead += 1
            self._live(ahead, whole=today + timedelta(days=1) == until)
        self.stderr.write(f"  La démonstration est passée du {first:%d/%m/%Y} au {until:%d/%m/%Y}.")

    def _live(self, ahead: int, *, whole: bool) -> None:
        """The next day begins, and each task of the clock is run once; but for those of a last day, unless it is."""
        day.take(ahead)
        with connection.cursor() as cursor:
            for statement in day.in_the_database(connection.settings_dict["NAME"], ahead):
                cursor.execute(statement)
        connection.close()  # its next session lives on the new day
        for name in in_order():
            if name in ON_THE_LAST and not whole:
                continue
            ended = app.tasks[str(SCHEDULE[name]["task"])].apply()
            if ended.failed():
                on = f"{timezone.localdate():%d/%m/%Y}"
                raise CommandError(f"La tâche « {name} » a échoué le {on} : {ended.result!r}\n{ended.traceback}")


def in_order() -> list[str]:
    """The tasks of one day: those of an hour at their hour, then those that come again and again."""

    def place(name: str) -> tuple[int, int]:
        every: Any = SCHEDULE[name]["schedule"]
        hours = getattr(every, "hour", ())
        return (min(hours), min(every.minute)) if len(hours) == 1 else (24, 0)

    return sorted((name for name in SCHEDULE if name not in BUT), key=place)


def a_day(text: str) -> date:
    """A day of the command line.

    Raises ArgumentTypeError when it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"« {text} » n’est pas un jour : écrivez AAAA-MM-JJ, comme 2026-12-31.") from error


def note(path: Path, share: float, line: str) -> None:
    """Say how far the days are, for who waits in another process; never half a sentence."""
    draft = path.with_name(f"{path.name}-draft")
    draft.write_text(json.dumps({"share": share, "line": line}), encoding="utf-8")
    draft.replace(path)
