"""The CALEOL of the demonstration's first landlord: its members, and a session every Thursday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from attributions.demonstration.cast import Cast, manager_of
from attributions.households.models import Committee, CommitteeMember
from attributions.households.operations.committee import found_committee, seat_member
from reservations.deadlines import is_working
from reservations.models import User

Capacity = CommitteeMember.Capacity
SECRETARY = "attribution@robine-habitat.example"

APPOINTED = (
    ("Mireille Andrieu", True, False),
    ("Paul Bessière", False, False),
    ("Solange Caumette", False, True),
    ("Henri Dalmas", False, False),
    ("Louise Estève", False, False),
    ("Marc Fourcade", False, False),
)


@dataclass(frozen=True, slots=True)
class Table:
    """The committee, its secretary, and those who sit."""

    committee: Committee
    secretary: User
    members: tuple[CommitteeMember, ...]

    @classmethod
    def again(cls, cast: Cast) -> Table:
        """The same, read from the database where it was founded."""
        committee = Committee.objects.select_related("landlord__organisation").get(landlord=cast.robine)
        members = CommitteeMember.objects.filter(committee=committee)
        members = members.select_related("committee", "organisation", "territory", "user")
        return cls(committee, cast.person(SECRETARY), tuple(members.order_by("pk")))


def sit_down(cast: Cast, *, since: date) -> Table:
    """Found the committee of the first landlord, with everybody the law gives a seat (CCH, R441-9 II)."""
    landlord, manager = cast.robine, manager_of(cast.robine)
    secretary = cast.person(SECRETARY)
    committee = found_committee(
        landlord=landlord,
        name="CALEOL de Robine Habitat",
        quorum=3,
        remote_allowed=True,
        source=f"délibération du conseil d’administration du 4 décembre {since.year - 1}",
        starts_on=since,
        by=manager,
    )
    members = [
        seat_member(
            committee=committee,
            capacity=Capacity.APPOINTED,
            full_name=name,
            presides=presides,
            represents_tenants=tenants,
            starts_on=since,
            by=manager,
        )
        for name, presides, tenants in APPOINTED
    ]
    for capacity, name, organisation, territory, login in (
        (Capacity.PREFECT, "Bureau du logement, pour le préfet", cast.state, None, "logement@prefecture-aude.example"),
        (
            Capacity.EPCI,
            "Service habitat, pour la présidente du Grand Narbonne",
            cast.agglomeration,
            cast.agglomeration.territory,
            "habitat@grand-narbonne.example",
        ),
        (
            Capacity.MAYOR,
            "Service logement, pour le maire de Narbonne",
            cast.city,
            cast.city.territory,
            "logement@narbonne.example",
        ),
        (
            Capacity.SECRETARY,
            "Service attribution",
            landlord.organisation,
            None,
            SECRETARY,
        ),
    ):
        members.append(
            seat_member(
                committee=committee,
                capacity=capacity,
                full_name=name,
                organisation=organisation,
                territory=territory,
                user=cast.person(login),
                starts_on=since,
                by=manager,
            )
        )
    return Table(committee, secretary, tuple(members))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """That time of that day, in Paris."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def working(day: date) -> date:
    """That day, or the first working day after it."""
    while not is_working(day):
        day += timedelta(1)
    return day


def next_thursday(day: date) -> date:
    """The Thursday of that week, or of the next one."""
    return day + timedelta((3 - day.weekday()) % 7)
