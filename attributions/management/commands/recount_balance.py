"""`manage.py recount_balance`: the acts of a year counted apart, one by one, beside every cell of the balance."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from attributions.bilan.queries.balance import balance
from attributions.bilan.queries.recounts import differences, read_tables, tables
from attributions.bilan.queries.since import broken_seals
from flux.management.refusing import refusals_spoken, year
from flux.models import Ledger
from reservations.management.parties import landlord_of_siren
from reservations.models import Landlord, ReservationHolder


class Command(BaseCommand):
    help = (
        "Recompte les actes d’une année, un par un et par leur date, et les compare à chaque case du bilan ; sans "
        "année, de toutes, et refait l’empreinte de chaque bilan envoyé. "
        "Codes de retour : 0 tout concorde, 1 une case diffère, ou bailleur ou année refusés, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--landlord", metavar="SIREN", help="SIREN du bailleur ; tous sans lui")
        parser.add_argument("--year", metavar="AAAA", type=int, help="année des actes ; toutes sans elle")
        parser.add_argument("--json", action="store_true", help="écrire en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_spoken(self, as_json=options["json"]):
            one = options["landlord"]
            landlords = [landlord_of_siren(one)] if one else list(Landlord.objects.order_by("pk"))
            asked = year(options["year"]) if options["year"] is not None else None
        years = Ledger.objects.order_by("exercise").values_list("exercise", flat=True).distinct()
        broken = [] if asked else broken_seals()
        wrong = bool(broken)
        for acted_in in [asked] if asked else years:
            found = [self._compared(landlord, acted_in) for landlord in landlords]
            wrong = wrong or any(each["differences"] for each in found)
            if options["json"]:
                self.stdout.write(json.dumps({"year": acted_in, "landlords": found}, ensure_ascii=False))
            else:
                self._say(found, acted_in)
        for version in broken:
            self.stdout.write(f"{version} : son empreinte n’est pas celle de son contenu")
        if wrong:
            raise SystemExit(1)

    def _say(self, found: list[dict[str, Any]], acted_in: int) -> None:
        for each in found:
            wrong = len(each["differences"])
            verdict = f"{wrong} cases diffèrent" if wrong else "tout concorde"
            self.stdout.write(f"{each['landlord']}, {acted_in} : {each['cells']} cases, {verdict}")
            for row in each["differences"]:
                self.stdout.write("  " + ", ".join(f"{name} {value}" for name, value in row.items()))

    def _compared(self, landlord: Landlord, acted_in: int) -> dict[str, Any]:
        recounted, read = tables(landlord.pk, acted_in), read_tables(balance(landlord, acted_in, live=True).cells)
        wrong = differences(recounted, read)
        names = {
            holder.pk: str(holder) for holder in ReservationHolder.objects.filter(pk__in={row[1] for row in wrong})
        }
        return {
            "landlord": landlord.organisation.siren,
            "cells": sum(len(counts) for rows in read.values() for row in rows.values() for counts in row.values()),
            "differences": [
                {
                    "axis": axis,
                    "holder": names[holder],
                    "category": category,
                    "measure": measure,
                    "recounted": recount,
                    "told": shown,
                }
                for axis, holder, category, measure, recount, shown in wrong
            ],
        }
