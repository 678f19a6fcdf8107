"""`manage.py write_counts`: write again, from the facts, the counts that lists, accounts and balances read."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from attributions.households.operations.needs import write_counts
from flux.operations.reference_figures import write_folds
from flux.queries.controls.folds import drift


class Command(BaseCommand):
    help = (
        "Récrit, à partir des mouvements, des candidatures et des baux, les décomptes que la base tient et qui "
        "diffèrent de ce qu’ils additionnent (`audit_routing` les nomme). N’écrit aucun fait. "
        "Codes de retour : 0 tout concorde ensuite, 1 une table diffère encore, 2 mauvais usage."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        written = write_folds() | write_counts()
        for table, rows in sorted(written.items()):
            self.stdout.write(f"{table} : {rows} lignes récrites")
        if not written:
            self.stdout.write("Aucun décompte ne différait.")
        left = drift()
        for table, lines in sorted(left.items()):
            self.stdout.write(f"{table} : {len(lines)} lignes diffèrent encore, que seule une sauvegarde rétablit")
        if left:
            raise SystemExit(1)
