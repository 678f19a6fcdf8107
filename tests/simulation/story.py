"""What a story is made of: what a landlord and its conventions settle, then acts. Plain values, so that any part of it
can be lived again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: Holder: its convention (an organisation of the small world), perimeter, rank, least and most of its share (percent).
HOLDERS = {
    "priority": ("state", "Aude", 1, 12, 25),
    "agents": ("state", "Aude", 2, 2, 5),
    "als": ("als", "Aude", 3, 8, 20),
    "city": ("city", "Narbonne", 4, 6, 20),
    "epci": ("epci", "Le Grand Narbonne", 5, 3, 12),
}


@dataclass(frozen=True)
class RowDrawn:
    """A row of a table of rates, each within the one before."""

    share: int
    place: str
    typologies: tuple[str, ...]
    financings: tuple[str, ...]
    since: int


@dataclass(frozen=True)
class RightDrawn:
    """The share of a holder, in millionths, its table, and what it declines, « dimension:category »."""

    share: int
    rows: tuple[RowDrawn, ...]
    declined: tuple[str, ...]


@dataclass(frozen=True)
class TermsDrawn:
    """What a convention settles."""

    returns: str
    point: str
    cap: int | None
    chain: tuple[str, ...]
    days: int | None
    delegated: bool
    uniform: bool
    not_offered: tuple[str, ...]


@dataclass(frozen=True)
class Act:
    """What is asked: of which departure (how many before the last) of which landlord (`at`), with which values."""

    name: str
    which: int = 0
    holder: str = ""
    word: str = ""
    text: str = ""
    days: int = 0
    other: int = 0
    unit: tuple[str, int, str, bool | None, int | None] = ("Narbonne", 3, "13", False, 1984)
    at: int = 0

    def after(self, now: datetime) -> datetime:
        """The moment of this act, the last one having been then."""
        return now + (timedelta(days=self.days) if self.name == "morning" else timedelta(minutes=1))

    def __str__(self) -> str:
        about = {
            "declare": f"{'the same unit again' if self.other else self.unit}, {self.word}, notice {self.days:+}, "
            f"free in {self.which} days",
            "morning": f"{self.days} days pass",
            "seal": f"the balance of year {self.other:+}{', with a note' if self.text else ''}",
        }
        asked = [each for each in (self.holder, self.word, self.text and "with a sentence") if each]
        days = f", {self.days} days ago" if self.name in ("allocate", "lease") else ""
        whose = f" (landlord {self.at + 1})" if self.at else ""
        return f"{self.name}{whose}: " + about.get(self.name, f"departure −{self.which} {' '.join(asked)}{days}")


@dataclass(frozen=True)
class Settled:
    """What one landlord settles: its window and its mode, its conventions by holder and by organisation."""

    length: int
    days: int
    automatic: bool
    rights: dict[str, RightDrawn]
    terms: dict[str, TermsDrawn]

    def __str__(self) -> str:
        how = f"L = {self.length}, H = {self.days}, {'automatic' if self.automatic else 'confirmed'}"
        return "\n".join([how, *(f"{name}: {each}" for of in (self.rights, self.terms) for name, each in of.items())])


@dataclass(frozen=True)
class Story:
    """What is settled, landlord by landlord, and what happens then."""

    seed: int
    first: datetime
    settled: tuple[Settled, ...]
    acts: tuple[Act, ...]
