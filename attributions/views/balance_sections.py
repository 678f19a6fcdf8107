"""The sections of a balance: a page each, in one menu (templates/attributions/balance_sections.html)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from reservations.models import Landlord

#: The pages of a balance, in the order of the menu: name of the address, words, what the address takes besides.
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("balance", "Synthèse", ()),
    ("balance-axis", "Par axe", ("typologie",)),
    ("balance-defects", "Données à compléter", ()),
)


@dataclass(frozen=True, slots=True)
class Section:
    """One link. `count`: what waits there, None when the page that shows the menu did not count it."""

    href: str
    words: str
    is_here: bool
    count: int | None


def sections(
    landlord: Landlord, year: int, here: str, *, query: str = "", counts: Mapping[str, int] | None = None
) -> list[Section]:
    """The menu as a page shows it. `here`: the name of its own address; `query`: the territory, that every page keeps
    (« ?territory=12 »). No query of the database."""
    return [
        Section(reverse(name, args=[landlord.pk, year, *others]) + query, words, name == here, (counts or {}).get(name))
        for name, words, others in SECTIONS
    ]
