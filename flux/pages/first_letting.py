"""A first letting in sentences: why it went where it did, and how it counts in the year."""

from __future__ import annotations

from flux.models import Vacancy
from flux.queries.first_letting import FirstLetting, YearlyEntry
from reservations.models import ReservationHolder
from reservations.words import day, of, percent, towards


def why_there(vacancy: Vacancy, *, named: bool) -> str:
    """Which part of the allotment sent it there; `named`: was it named for its holder?"""
    programme = vacancy.unit.programme
    agreed = f"du programme {programme}, convenue le {day(programme.allotment_agreed_on)}"
    if vacancy.allotment_id is None:
        return f"Logement que la répartition {agreed}, laisse au bailleur."
    if named:
        return f"Logement désigné pour ce réservataire dans la répartition {agreed}."
    return f"Part de ce réservataire, alors le plus en retard sur la sienne, dans la répartition {agreed}."


def in_the_year(vacancy: Vacancy, holder: ReservationHolder, first: FirstLetting | None) -> str:
    """How it counts beside its own account."""
    if first is None or first.yearly is None:
        return "Il ne compte dans aucun pourcentage annuel : aucune convention du lieu ne le prévoit."
    credited = ", ".join(f"le compte {of(each)} reçoit {percent(share)}" for each, share in first.yearly.credits)
    return (
        f"Il compte aussi dans le flux annuel, comme le prévoient des conventions : {credited}. "
        f"{_received(vacancy, holder, first.yearly)}"
    )


def _received(vacancy: Vacancy, holder: ReservationHolder, entry: YearlyEntry) -> str:
    if not entry.taken_by_landlord:
        return "Il y est compté comme reçu."
    if vacancy.allotment_id is None:
        return "Il y est compté au bailleur."
    return (
        f"Il y est compté au bailleur : première location hors part pour {towards(holder)}, dont la convention ne "
        "la compte pas."
    )


def not_yet(*, by_landlord: bool) -> str:
    """Of one whose programme has no allotment."""
    if by_landlord:
        then = "Répartissez son programme : le jour où vous enregistrez l’accord, il ira à son réservataire."
    else:
        then = "Il ira à son réservataire le jour où le bailleur enregistre l’accord."
    return f"Ce logement est enregistré : personne n’est crédité. {then}"
