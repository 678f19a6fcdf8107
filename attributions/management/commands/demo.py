"""Load the demonstration, and say who may sign in."""

from __future__ import annotations

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from attributions.demonstration.story import is_told, tell
from flux.models import Vacancy
from reservations.queries.demo_accounts import DEMO_PASSWORD, demo_accounts

#: How long the worker has to route this morning's queue before we say that the sweep will.
PATIENCE = 30.0


class Command(BaseCommand):
    help = "Charge la démonstration si elle n’y est pas, et donne ses comptes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="comptes en JSON sur la sortie standard")

    def handle(self, *args: Any, **options: Any) -> None:
        if is_told():
            self._say("La démonstration est déjà chargée.")
        else:
            tell(now=timezone.now(), say=self._say)
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

    def _say(self, line: str) -> None:
        self.stderr.write(f"  {line}")

    def _wait_for_the_worker(self) -> None:
        """The queue of this morning is routed by the worker, through the broker, as in real life."""
        deadline = time.monotonic() + PATIENCE
        while waiting := Vacancy.objects.waiting().count():
            if time.monotonic() > deadline:
                self._say(f"{waiting} logements attendent encore le travailleur : le balayage les reprendra.")
                return
            time.sleep(0.2)
        self._say("File de ce matin orientée par le travailleur.")
