"""`manage.py past_term`: what is left of households whose term is over, in figures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from attributions.households.models import TermReading
from attributions.households.queries.applications import past_term
from reservations.words import integer


class Command(BaseCommand):
    help = (
        "Compte ce qui reste des ménages au terme de leur conservation : les baux dont les faits sont mêlés à "
        "d’autres, et entre combien au moins ; ceux dont ils sont effacés ; les demandes sans identité. Code de "
        "retour 1 si une demande effacée garde un fait, ou si des faits sont mêlés entre moins de 5 baux."
    )

    #: Under so many, what is left may single out a household.
    LEAST = 5

    def handle(self, *args: Any, **options: Any) -> None:
        found = past_term()
        among = f", chacun entre {integer(found.among)} baux au moins" if found.among else ""
        self.stdout.write(f"Baux dont les faits sont encore ceux de leur ménage : {integer(found.own)}.")
        self.stdout.write(f"Au terme : {integer(found.dealt)} baux aux faits mêlés{among} ;")
        self.stdout.write(f"  {integer(found.erased)} aux faits effacés, faute de baux en nombre.")
        self.stdout.write(
            f"Demandes sans identité : {integer(found.requests)}, dont {integer(found.with_a_fact)} gardent un fait."
        )
        smallest = TermReading(**asdict(found)).smallest
        if smallest is None:
            self.stdout.write("Aucun fait de ménage n’est resté au terme.")
            return
        self.stdout.write(f"Le plus petit groupe de logements dont ce qui reste peut parler : k = {integer(smallest)}.")
        if smallest < self.LEAST:
            raise SystemExit(1)
