"""The end of a signed convention before its time: as agreed, or (`convention_notice`) after a formal notice."""

from __future__ import annotations

from datetime import date, timedelta

from reservations.models import Convention, HistoryEntry, Organisation, User
from reservations.models.acting import atomic
from reservations.operations.convention import ConventionClosed, PeriodRefused, locked, motive
from reservations.operations.convention_waiting import first_day, running_on
from reservations.operations.history import record
from reservations.queries.parties import takes_over
from reservations.refusals import Refusal


class SuccessorRefused(Refusal):
    """This organisation cannot take over what the convention leaves due."""


@atomic
def end_convention(
    *,
    convention: Convention,
    ends_on: date,
    why: str,
    today: date,
    by: User,
    successor: Organisation | None = None,
) -> Convention:
    """End a signed convention early, as agreed: `ends_on` is its last day. Earlier decisions keep what they used.

    A signed amendment that would begin after that day is then without effect. `successor` takes over what is still due
    then, contingent by contingent; the landlord does without one.

    Raises ConventionClosed, MotiveMissing, SuccessorRefused, or PeriodRefused when the day has gone by (units were
    routed under the convention since), or lies before its start or after its end.
    """
    convention = locked(convention)
    if convention.status != Convention.Status.SIGNED:
        raise ConventionClosed("Seule une convention signée et en cours peut être terminée.")
    check_last_day(convention, ends_on, today)
    convention = running_on(convention, ends_on, why=motive(why), by=by)
    if successor is not None:
        _check_successor(convention, successor, ends_on)
        convention.successor = successor
        convention.save(update_fields=["successor"])
    cut_short(convention, HistoryEntry.Act.ENDED, Convention.Status.ENDED, ends_on, why=why, by=by)
    return convention


def _check_successor(convention: Convention, successor: Organisation, ends_on: date) -> None:
    """Raise SuccessorRefused unless it is another organisation that has, the day after, a convention of its own in each
    département where this one bears: elsewhere it has no account that could take anything over."""
    following = ends_on + timedelta(1)
    if successor.pk == convention.organisation_id or not takes_over(successor, convention, following):
        raise SuccessorRefused(
            f"{successor} n’aura pas de convention signée avec ce bailleur le lendemain, {following:%d/%m/%Y}, dans "
            f"chaque département où porte celle-ci ({convention.perimeter.name}) : signez-la d’abord, ou laissez le "
            "reste dû au bailleur.",
            field="successor",
        )


def check_last_day(convention: Convention, ends_on: date, today: date) -> None:
    """Raise PeriodRefused unless the convention may stop on that day: from today on, and inside its period."""
    if ends_on < today:
        raise PeriodRefused(
            "Choisissez un dernier jour à partir d’aujourd’hui : ce qui est passé a déjà été compté.", field="ends_on"
        )
    since = first_day(convention, today=today)
    if not since <= ends_on <= convention.ends_on:
        raise PeriodRefused(
            f"Choisissez un dernier jour entre le {since:%d/%m/%Y} et le {convention.ends_on:%d/%m/%Y}.",
            field="ends_on",
        )


def cut_short(
    convention: Convention, act: HistoryEntry.Act, status: Convention.Status, ends_on: date, *, why: str, by: User
) -> None:
    """Write the new last day of a convention that the caller holds, and why. Raises MotiveMissing."""
    details = {"ends_on": [convention.ends_on.isoformat(), ends_on.isoformat()]}
    record(convention, act, by=by, why=motive(why), details=details)
    convention.status, convention.ends_on = status, ends_on
    convention.save(update_fields=["status", "ends_on"])
