"""What a committee lacks to be lawful (CCH, R441-9 II)."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from attributions.households.models import Committee
from attributions.households.queries.seats import Composition, Seat
from reservations.pages.table import FIGURE, Said, Table, table
from reservations.words import plural

SEATS = {
    Seat.TENANTS: "le représentant des locataires, parmi les membres désignés",
    Seat.PRESIDENT: "le président, élu par les membres désignés",
    Seat.PREFECT: "le préfet ou son représentant",
    Seat.SECRETARY: "le secrétariat, qui enregistre les décisions",
}


def lacks(composition: Composition) -> list[str]:
    """« le préfet ou son représentant », for each seat that nobody fills."""
    return [_lack(composition, seat) for seat in composition.missing]


def _lack(composition: Composition, seat: Seat) -> str:
    if seat != Seat.APPOINTED:
        return SEATS[seat]
    short = composition.wanted - composition.appointed
    return f"{short} membre{'s' * (short > 1)} sur {composition.wanted} à désigner par le conseil d’administration"


def committees_table(committees: Iterable[Committee]) -> Table:
    """A committee a row: where it sits, how many voices it has, and what its rules say. Their members and rules are
    fetched."""
    rows = [[*_seat_of(each), *_rules_of(each)] for each in committees]
    headings = ["Commission", "Bailleur", "Territoire", f"Voix délibératives{FIGURE}", "Quorum", "Vote à distance"]
    return table("liste", "Commissions", "Leurs membres qui votent, et leur règlement.", headings, rows)


def _seat_of(committee: Committee) -> list[Said | str]:
    voters = sum(each.votes and each.ends_on is None for each in committee.members.all())
    return [
        Said(str(committee), link=reverse("committee-detail", args=[committee.pk])),
        committee.landlord.organisation.name,
        committee.territory.name if committee.territory else "tout le patrimoine",
        str(voters),
    ]


def _rules_of(committee: Committee) -> list[Said | str]:
    today = timezone.localdate()
    rules = next((each for each in committee.rules.all() if each.starts_on <= today), None)
    if rules is None:
        return [Said("règlement à enregistrer", pill="todo"), "–"]
    quorum = f"{rules.quorum} {plural(rules.quorum, 'membre désigné,membres désignés')}"
    return [quorum, "permis" if rules.remote_allowed else "non"]
