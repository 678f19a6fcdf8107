"""`manage.py load_territories`: the territories of France, from the data of the project."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reservations.imports.parties import EDITION, read_mergers, read_prepared, write_prepared
from reservations.operations.territory import EditionRefused
from reservations.operations.territory_file import load_prepared


class Command(BaseCommand):
    requires_system_checks = [Tags.models]  # pages and templates are no part of it
    help = "Charge les territoires de France (régions, départements, EPCI, EPT, communes) ; recommencer ne change rien."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="n’écrire que les nombres, en JSON, sur la sortie")
        parser.add_argument(
            "--prepare", action="store_true", help="refaire d’abord le fichier préparé, quand ses sources ont changé"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["prepare"]:
            self.stderr.write("Préparation du code officiel géographique…", lambda line: line)
            write_prepared()
        lines = read_prepared()
        self.stderr.write(f"Comparaison de {lines.count(b'\n')} territoires avec la base…", lambda line: line)
        try:
            loaded = load_prepared(lines=lines, edition=EDITION, mergers=read_mergers())
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
