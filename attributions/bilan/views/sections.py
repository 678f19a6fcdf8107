"""The sections of a balance: a page each, in one menu (templates/bilan/sections.html)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from attributions.bilan.models import AnnualBalance
from flux.models import Ledger
from reservations.models import Landlord, Membership, Territory

#: The pages of a balance, in the order of the menu: name of the address, words, what the address takes besides.
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("balance", "Synthèse", ()),
    ("balance-axis", "Par axe", ("typologie",)),
    ("balance-charts", "Graphiques", ()),
    ("balance-mix", "Équité", ()),
    ("balance-projection", "Projection", ()),
    ("balance-defects", "Données à compléter", ()),
    ("balance-downloads", "Lectures et téléchargements", ()),
)
#: Pages about whole accounts: no territory in their address.
WHOLE_ACCOUNTS = ("balance-mix", "balance-projection", "balance-downloads")
#: Read by the landlord and the administrator alone.
OF_THE_LANDLORD = ("balance-downloads",)
REVIEW = "balance-review"


@dataclass(frozen=True, slots=True)
class Section:
    """One link. `count`: what waits there, None when the page that shows the menu did not count it."""

    href: str
    words: str
    is_here: bool
    count: int | None


def sections(
    landlord: Landlord,
    year: int,
    here: str,
    *,
    member: Membership,
    ledgers: Iterable[Ledger] = (),
    query: str = "",
    counts: Mapping[str, int] | None = None,
    reviewed: Territory | None = None,
    opens: bool = True,
) -> list[Section]:
    """The menu as a page shows it. `here`: the name of its own address; `ledgers`: the accounts that the person reads,
    each département of which has its review, `reviewed` the one shown; `query`: the territory, that pages keep
    (« ?territory=12 »); `opens`: does the person read the figures? A right in stock alone gives the review only. One
    query for those who read the review only once it was sent to them."""
    ledgers = list(ledgers)
    pages = SECTIONS if opens else ()
    found = [
        Section(
            reverse(name, args=[landlord.pk, year, *others]) + ("" if name in WHOLE_ACCOUNTS else query),
            words,
            name == here,
            (counts or {}).get(name),
        )
        for name, words, others in pages
        if name not in OF_THE_LANDLORD or member.is_landlord or member.is_administrator
    ]
    places = {ledger.departement_id: ledger.departement for ledger in ledgers}
    if not ledgers and reviewed is not None:
        places = {reviewed.pk: reviewed}
    if places and not (member.is_landlord or member.is_administrator):
        sent = AnnualBalance.objects.visible_to(member).filter(landlord=landlord, exercise=year).order_by()
        seen = set(sent.values_list("departement", flat=True))
        places = {pk: place for pk, place in places.items() if pk in seen}
    return found + [
        Section(
            reverse(REVIEW, args=[landlord.pk, year, place.code]),
            f"Relecture et signatures{f', {place.name}' if len(places) > 1 else ''}",
            here == REVIEW and place == reviewed,
            None,
        )
        for place in sorted(places.values(), key=lambda place: place.code)
    ]
