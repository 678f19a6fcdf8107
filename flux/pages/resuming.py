"""Letting a unit again, in words: what it does, to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flux.models import Vacancy
from flux.pages.dwelling import headline
from flux.queries.sheet import Sheet
from reservations.words import day, to


@dataclass(frozen=True, slots=True)
class Resuming:
    """What letting again the unit of a sheet does, `on` a day."""

    read: Sheet
    on: date

    @property
    def answer(self) -> str:
        """Which unit it is, and since when it is out."""
        vacancy = self.read.vacancy
        what = f"{headline(vacancy.unit)}, {to(vacancy.unit.commune)}"
        if self._technical:
            return f"{what}, vacance technique depuis le {day(vacancy.registered_on)}."
        if self.read.state == "OUT":
            return f"{what}, sorti pour travaux depuis le {day(self.read.returns[-1].returned_at)}."
        return f"{what}, n’est pas sorti de la location."

    @property
    def points(self) -> Iterator[str]:
        """What it keeps, where it enters, who may have it."""
        vacancy = self.read.vacancy
        yield f"Il garde son congé, du {day(vacancy.notice_on)}, et son histoire : rien n’est à déclarer de nouveau."
        if self._technical:
            yield (
                f"Il n’était dans aucun compte : il entre dans celui de {self.on.year}, à la suite des logements déjà "
                "enregistrés ; s’il porte un droit en stock, il va à son titulaire."
            )
            return
        ledger = vacancy.ledger
        if ledger is not None and ledger.credits_once:
            yield (
                f"Il rentre dans son compte, celui de {ledger.exercise} : chaque réservataire est crédité de sa part, "
                "et qui le prend est débité, une seule fois."
            )
        else:
            yield "Ce qui était dû à chacun l’est resté : personne n’est crédité de nouveau, qui le prend est débité."
        yield "La règle décide aussitôt, entre tous ceux qui y ont un droit : qui l’avait avant les travaux aussi."

    @property
    def _technical(self) -> bool:
        return self.read.vacancy.kind == Vacancy.Kind.TECHNICAL
