"""`manage.py convert`: the worksheet of a conversion stock → flux, from a file and without a database."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from flux.conversion.compute import convert
from flux.conversion.facts import FIELDS
from flux.conversion.reading import ConversionRefused, read_text
from flux.conversion.worksheet import Worksheet, WorksheetLine
from flux.management.refusing import existing_file


class Command(BaseCommand):
    help = (
        "Calcule une feuille de conversion du stock en flux, depuis un fichier (docs/conversion.md). "
        "Sans base de données. Codes de retour : 0 fait, 1 fichier refusé, 2 mauvais usage."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--input", metavar="FICHIER", required=True, type=existing_file, help="le fichier JSON")
        parser.add_argument("--json", action="store_true", help="écrire la feuille en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sheet = convert(read_text(options["input"].read_text(encoding="utf-8-sig")))
        except UnicodeDecodeError:
            self._refuse(
                "Ce fichier n’est pas en UTF-8 : enregistrez-le dans cet encodage.", [], as_json=options["json"]
            )
        except ConversionRefused as refusal:
            faults = [{"path": fault.path, "sentence": fault.sentence} for fault in refusal.faults]
            self._refuse(str(refusal), faults, as_json=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(sheet.as_json(), ensure_ascii=False))
        else:
            self._say(sheet)

    def _refuse(self, sentences: str, faults: list[dict[str, str]], *, as_json: bool) -> NoReturn:
        if as_json:
            self.stdout.write(json.dumps({"error": sentences, "faults": faults}, ensure_ascii=False))
        self.stderr.write(sentences)
        sys.exit(1)

    def _say(self, sheet: Worksheet) -> None:
        given = sheet.given
        self.stdout.write(
            f"{given.landlord.name} – {given.holder.name} – {given.perimeter.name}, "
            f"du {given.term.starts_on:%d/%m/%Y} au {given.term.ends_on:%d/%m/%Y}"
        )
        for section in sheet.sections:
            self.stdout.write(f"\n{section.label}")
            for line in section.lines:
                self._say_line(line, 2)
        if sheet.remarks:
            self.stdout.write("\nRemarques")
        for remark in sheet.remarks:
            self.stdout.write(f"  [{remark.level}] {remark.text}")

    def _say_line(self, line: WorksheetLine, indent: int) -> None:
        margin = " " * indent
        self.stdout.write(f"{margin}{line.label} : {line.display}")
        self.stdout.write(f"{margin}  {line.formula} : {line.worked}")
        if line.numbers:
            put_in = " ; ".join(f"{number.name} {number.display}" for number in line.numbers)
            self.stdout.write(f"{margin}  Chiffres : {put_in}")
        for override in line.overrides:
            was = f"{FIELDS[override.field]} {override.was} à l’origine"
            self.stdout.write(f"{margin}  Changé : {was} ; {override.reason}")
        if line.source:
            self.stdout.write(f"{margin}  Source : {line.source}")
        for detail in line.details:
            self._say_line(detail, indent + 4)
