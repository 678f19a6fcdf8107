"""Households of the demonstration: invented names and numbers, drawn with a fixed seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from attributions.households.models import Application, PriorityCategory
from attributions.households.operations.application import register_application
from reservations.models import Organisation, User

SURNAMES = [
    "Abadie",
    "Alvarez",
    "Amrani",
    "Barthès",
    "Benali",
    "Bousquet",
    "Cabrol",
    "Cazals",
    "Courtade",
    "Diallo",
    "Durand",
    "Escande",
    "Fabre",
    "Ferrer",
    "Fournié",
    "Garcia",
    "Gleizes",
    "Haddad",
    "Izard",
    "Jalabert",
    "Kone",
    "Lacombe",
    "Lopez",
    "Mahé",
    "Marty",
    "Nguyen",
    "Olive",
    "Pagès",
    "Peyre",
    "Quérol",
    "Ribes",
    "Roux",
    "Salvy",
    "Segura",
    "Taillefer",
    "Traoré",
    "Ulrich",
    "Vidal",
    "Viguier",
    "Zaoui",
]
GIVEN_NAMES = [
    "Aïcha",
    "Alain",
    "Amélie",
    "Bruno",
    "Camille",
    "Carmen",
    "Chantal",
    "Claude",
    "Denis",
    "Élise",
    "Fatou",
    "Gilles",
    "Hélène",
    "Inès",
    "Jean",
    "Karim",
    "Léa",
    "Lucas",
    "Malik",
    "Marie",
    "Nadia",
    "Nicolas",
    "Odile",
    "Patrice",
    "Rachid",
    "Rosa",
    "Sandra",
    "Simon",
    "Thierry",
    "Yasmina",
]

#: Shares of the quartiles among applicants, in hundredths: those below the median are the more numerous.
QUARTILES = ((38, 1), (28, 2), (20, 3), (14, 4))
#: Yearly income by consumption unit at the middle of each quartile, in euros: a story, not a threshold.
INCOMES = {1: 7_800, 2: 12_400, 3: 16_900, 4: 23_500}


@dataclass(slots=True)
class People:
    """Draws one household after another; the same seed draws the same ones."""

    draw: random.Random
    count: int = 0

    def come(self, organisation: Organisation, by: User, *, rooms: int, now: datetime, **given: object) -> Application:
        """One more household, registered by an organisation, of a size that suits so many rooms."""
        self.count += 1
        draw, today = self.draw, now.date()
        adults = 1 if rooms <= 1 or draw.random() < 0.45 else 2
        children = max(0, min(5, rooms - 1 - (adults - 1) + draw.choice((-1, 0, 0))))
        units = Decimal("1.0") + Decimal("0.5") * (adults - 1) + Decimal("0.3") * children
        quartile = self._quartile()
        facts: dict[str, object] = {
            "adults": adults,
            "children": children,
            "income": int(INCOMES[quartile] * float(units) * draw.uniform(0.9, 1.1)),
            "income_units": units,
            "income_quartile": quartile,
            "score": draw.randrange(20, 140),
        }
        month, year, desk = draw.randrange(1, 13), draw.randrange(20, 27), draw.randrange(100_000)
        return register_application(
            number=f"011{month:02d}{year}{self.count:06d}{desk:05d}",
            name=f"{draw.choice(GIVEN_NAMES)} {draw.choice(SURNAMES)}",
            birth_date=today - timedelta(draw.randrange(20 * 365, 70 * 365)),
            nationality=draw.choices(Application.Nationality.values, (82, 6, 12))[0],
            requested_on=today - timedelta(draw.randrange(60, 1500)),
            facts=facts | self._priority(today, given),
            organisation=organisation,
            by=by,
            now=now,
        )

    def _quartile(self) -> int:
        at = self.draw.randrange(100)
        for width, quartile in QUARTILES:
            if at < width:
                return quartile
            at -= width
        raise AssertionError("the shares make a hundred")

    def _priority(self, today: date, given: dict[str, object]) -> dict[str, object]:
        """One household in three has a priority of the law, and its label for some weeks already; the others none. What
        the story gives comes first."""
        told: dict[str, object] = {}
        if self.draw.random() <= 0.34:
            categories = PriorityCategory.objects.in_force(today).filter(group=PriorityCategory.Group.LAW)
            told["labelled_on"] = today - timedelta(self.draw.randrange(10, 200))
            told["priority"] = self.draw.choice(list(categories.order_by("code")))
        told |= given
        return {"has_priority": told.get("priority") is not None, **told}
