"""`manage.py password_cost`: what checking one password costs this machine."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

from django.contrib.auth.hashers import check_password, get_hasher
from django.core.management.base import BaseCommand, CommandParser

#: Milliseconds of processor that a sign-in may take (docs/decisions/0031-who-gets-in.md).
LIMIT = 100
TRIALS = 9


class Command(BaseCommand):
    help = f"Mesure ce que coûte une connexion : le processeur pris pour vérifier un mot de passe ({LIMIT} ms au plus)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="n’écrire que les nombres, en JSON, sur la sortie")

    def handle(self, *args: Any, **options: Any) -> None:
        hasher: Any = get_hasher("default")
        encoded = hasher.encode("narbonne en novembre", hasher.salt())
        spent = []
        for _ in range(TRIALS):
            began = time.process_time()
            check_password("narbonne en novembre", encoded)
            spent.append((time.process_time() - began) * 1000)
        found = {
            "algorithm": hasher.algorithm,
            "memory_kib": getattr(hasher, "memory_cost", None),
            "passes": getattr(hasher, "time_cost", None),
            "milliseconds": round(statistics.median(spent), 1),
            "limit": LIMIT,
        }
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        verdict = (
            "tenu" if found["milliseconds"] <= LIMIT else "dépassé : cette machine est trop lente, ou trop occupée"
        )
        self.stdout.write(
            f"{hasher.algorithm}, {found['memory_kib']} Kio, {found['passes']} passage(s) : "
            f"{found['milliseconds']} ms de processeur par connexion (médiane de {TRIALS}) ; "
            f"{LIMIT} ms au plus : {verdict}."
        )
