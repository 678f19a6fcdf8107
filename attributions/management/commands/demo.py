"""Load the demonstration, and say who may sign in."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from attributions.demonstration.story import go_on, ignore, is_complete, tell, tell_until_the_eve
from flux.models import Vacancy
from flux.wakeups import wake_ledger
from reservations.queries.parties import DEMO_PASSWORD, demo_accounts

#: How long the worker has to route this morning's queue before we say that the sweep will.
PATIENCE = 30.0


class Command(BaseCommand):
    help = "Charge la démonstration si elle n’y est pas, et donne ses comptes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="réponse en JSON sur la sortie standard")
        parser.add_argument("--only-tell", action="store_true", help="charger seulement : ni travailleur, ni comptes")
        parser.add_argument(
            "--until-the-eve", type=Path, metavar="FICHIER", help="charger jusqu’à hier, et y noter la suite"
        )
        parser.add_argument("--go-on", type=Path, metavar="FICHIER", help="vivre la suite, de ces notes à ce matin")
        parser.add_argument("--progress", type=Path, metavar="FICHIER", help="y écrire où en est le chargement")

    def handle(self, *args: Any, **options: Any) -> None:
        self._tell(options["until_the_eve"], options["go_on"], options["progress"])
        if options["only_tell"]:
            return
        self._wait_for_the_worker()
        accounts = [
            {
                "login": account.login,
                "password": DEMO_PASSWORD,
                "role": account.first_role,
                "title": account.role,
                "organisation": account.organisation,
            }
            for account in demo_accounts()
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"accounts": accounts}, ensure_ascii=False))
            return
        for account in accounts:
            self.stdout.write("  ".join(account.values()))

    def _tell(self, eve: Path | None, notes: Path | None, mark: Path | None) -> None:
        """Tell the story unless it is told: whole, but for this morning, or from where it was left."""
        if is_complete():
            self._say("La démonstration est déjà chargée.")
            return
        now, reach = timezone.now(), partial(write_mark, mark) if mark else ignore
        if eve is not None:
            found = tell_until_the_eve(today=timezone.localdate(now), say=self._say, reach=reach)
            eve.write_text(json.dumps(found), encoding="utf-8")
        elif notes is not None:
            go_on(json.loads(notes.read_text(encoding="utf-8")), now=now, say=self._say, reach=reach)
        else:
            tell(now=now, say=self._say, reach=reach)

    def _say(self, line: str) -> None:
        self.stderr.write(f"  {line}")

    def _wait_for_the_worker(self) -> None:
        """The queue of this morning is routed by the worker, through the broker, as in real life."""
        waiting = Vacancy.objects.to_reach(timezone.localdate())
        if not waiting.exists():
            return
        for ledger_id in waiting.order_by("ledger").values_list("ledger", flat=True).distinct():
            wake_ledger(ledger_id)  # a copied demonstration comes without the messages of its acts
        deadline = time.monotonic() + PATIENCE
        while left := waiting.count():
            if time.monotonic() > deadline:
                self._say(f"{left} logements attendent encore le travailleur : le balayage les reprendra.")
                return
            time.sleep(0.2)
        self._say("File de ce matin orientée par le travailleur.")


def write_mark(path: Path, share: float, line: str) -> None:
    """Say how far the story is, for who waits in another process; never half a sentence."""
    draft = path.with_name(f"{path.name}-draft")
    draft.write_text(json.dumps({"share": share, "line": line}), encoding="utf-8")
    draft.replace(path)
