"""`manage.py load_territories`: the territories of France, from the data of the project."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reservations.imports.territories import EDITION, read_mergers, read_territories
from reservations.models import Territory
from reservations.operations.territory import EditionRefused, load_territories


class Command(BaseCommand):
    help = "Charge les territoires de France (régions, départements, EPCI, EPT, communes) ; recommencer ne change rien."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="n’écrire que les nombres, en JSON, sur la sortie")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stderr.write("Lecture du code officiel géographique…", lambda line: line)
        places = read_territories()
        self.stderr.write(f"Comparaison de {len(places)} territoires avec la base…", lambda line: line)
        edition = EDITION if Territory.objects.exists() else None
        try:
            loaded = load_territories(places=places, edition=edition, mergers=read_mergers())
        except EditionRefused as refused:
            raise CommandError(str(refused)) from None
        if options["json"]:
            self.stdout.write(json.dumps(asdict(loaded)))
            return
        self.stdout.write(
            f"{loaded.regions} régions, {loaded.departements} départements et collectivités, {loaded.epci} EPCI, "
            f"{loaded.ept} EPT, {loaded.communes} communes, {loaded.districts} arrondissements municipaux : "
            f"{loaded.created} créés, {loaded.updated} modifiés à compter du {EDITION.since:%d/%m/%Y} "
            f"({EDITION.name}), {loaded.merged} communes réunies à une autre."
        )
