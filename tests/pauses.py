"""A suspension that the parties of a convention of the world agree on: what tests of its effects start from."""

from __future__ import annotations

from datetime import date, timedelta

from reservations.models import Convention, Organisation, Pause, User
from reservations.operations.convention_pause import accept_pause, propose_lift, propose_pause, withdraw_pause
from tests.world import MORNING, World

TODAY = MORNING.date()
TOMORROW = TODAY + timedelta(days=1)


def proposed(
    world: World, row: Convention, first: date = TOMORROW, last: date = TODAY + timedelta(days=30), *, on: date = TODAY
) -> Pause:
    """By the landlord."""
    return propose_pause(
        convention=row,
        organisation=row.landlord.organisation,
        starts_on=first,
        ends_on=last,
        why="Service du logement fermé.",
        by=world.people["alice"],
        today=on,
    )


def accepted(world: World, pause: Pause, *, on: date = TODAY) -> Pause:
    """By each party that has not."""
    done = pause.accords.values("organisation")
    for each in Organisation.objects.filter(
        pk__in=pause.convention.signatories.exclude(organisation__in=done).values("organisation")
    ).order_by("pk"):
        pause = accept_pause(pause=pause, organisation=each, by=someone_of(each), today=on)
    return pause


def paused(world: World, row: Convention, first: date = TOMORROW, last: date = TODAY + timedelta(days=30)) -> Pause:
    """Proposed and accepted the day before its first day."""
    on = first - timedelta(days=1)
    return accepted(world, proposed(world, row, first, last, on=on), on=on)


def lifted(world: World, pause: Pause, resumes_on: date, *, on: date) -> Pause:
    """Its lifting, proposed by the landlord and accepted."""
    lift = propose_lift(
        pause=pause,
        organisation=pause.convention.landlord.organisation,
        resumes_on=resumes_on,
        why="Service rouvert.",
        by=world.people["alice"],
        today=on,
    )
    return accepted(world, lift, on=on)


def someone_of(organisation: Organisation) -> User:
    return User.objects.filter(memberships__organisation=organisation).order_by("pk")[0]


def withdrawn(world: World, row: Convention) -> Pause:
    """Proposed, then taken back: nothing of the convention changes."""
    given = {"why": "Dates à revoir.", "by": world.people["alice"]}
    return withdraw_pause(pause=proposed(world, row), organisation=row.landlord.organisation, **given)
