"""`manage.py follow_mergers`: units of communes that became a part of another."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from flux.operations.description import follow_mergers


class Command(BaseCommand):
    help = (
        "Place les logements des communes réunies à une autre dans celle-ci, à compter du jour de la réunion. À lancer "
        "après load_territories ; recommencer ne change rien."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        moved = follow_mergers(today=timezone.localdate())
        self.stdout.write(f"{moved} logements placés dans leur nouvelle commune.")
