"""The end of a signed convention before its time: agreed by each party (`convention_pause`), by succession, or of the
préfet's order by its repeal. After a formal notice it is in `convention_notice`; at its term, in
`convention_renewal`."""

from __future__ import annotations

from datetime import date, timedelta

from reservations.models import Convention, HistoryEntry, Organisation, Pause, PauseAccord, User
from reservations.models.wall import atomic
from reservations.operations.convention import ConventionClosed, PeriodRefused, locked, motive
from reservations.operations.convention_waiting import check_waiting, first_day, running_on
from reservations.operations.history import record
from reservations.operations.pause_carrying import LONGEST_WHY, write_accords
from reservations.queries.parties import takes_over
from reservations.refusals import Refusal


class EndRefused(Refusal):
    """Nobody ends this convention so."""


class SuccessorRefused(Refusal):
    """This organisation cannot take over what the convention leaves due."""


def check_end(convention: Convention, ends_on: date, successor: Organisation | None, *, today: date) -> None:
    """What stands in the way of an end on that day, whoever agrees to it.

    Raises ConventionClosed, EndRefused of an order, SuccessorRefused, WaitingKept, or PeriodRefused when the day has
    gone by (units were routed under the convention since), or lies before its start or after its end.
    """
    if convention.is_order:
        raise EndRefused("Un arrêté ne se termine pas d’un commun accord : le préfet l’abroge (CCH, R441-5-2).")
    if convention.status != Convention.Status.SIGNED:
        raise ConventionClosed("Seule une convention signée et en cours peut être terminée.")
    check_last_day(convention, ends_on, today)
    check_waiting(convention, ends_on)
    if successor is not None:
        _check_successor(convention, successor, ends_on)


@atomic
def end_agreed(*, ending: Pause, by: User, today: date) -> Convention:
    """End a convention on the day on which each of its parties agreed: earlier decisions keep what they used.

    A signed amendment that would begin after that day is then without effect. The successor takes over what is still
    due then, contingent by contingent; the landlord does without one. Raises EndRefused unless all agreed, or what
    `check_end` refuses.
    """
    convention = last_version(locked(ending.convention))
    if not ending.is_final or ending.status != Pause.Status.AGREED:
        raise EndRefused("Une convention signée ne prend fin avant son terme que de l’accord de chaque partie.")
    check_end(convention, ending.last_day, ending.successor, today=today)
    return _end(convention, ending.last_day, why=ending.why, by=by, successor=ending.successor)


@atomic
def end_by_succession(*, convention: Convention, ends_on: date, why: str, today: date, by: User) -> Convention:
    """End a convention that goes on with the organisation that succeeds to one of its parties: nobody has to agree
    again (Code de commerce, L236-3). An order of the préfet ends the same way. Raises what `check_end` refuses."""
    convention, why = locked(convention), motive(why)
    if not convention.is_order:
        check_end(convention, ends_on, None, today=today)
        ending = Pause(
            convention=_running(convention, ends_on),
            starts_on=ends_on + timedelta(1),
            why=why[:LONGEST_WHY],
            proposed_on=today,
            proposed_by=convention.landlord.organisation,
            is_final=True,
        )
        write_accords(ending, today, PauseAccord.Means.SUCCESSION, by=by)
    return _end(convention, ends_on, why=why, by=by)


@atomic
def repeal_order(
    *,
    convention: Convention,
    ends_on: date,
    why: str,
    today: date,
    by: User,
    successor: Organisation | None = None,
) -> Convention:
    """The préfet repeals the order that stood for the State's convention: `ends_on` is its last day.

    Raises EndRefused of a convention, ConventionClosed, MotiveMissing, SuccessorRefused or PeriodRefused."""
    convention = locked(convention)
    if not convention.is_order:
        raise EndRefused(
            "Personne ne met fin seul à une convention signée : proposez une fin à chaque partie, dénoncez sa "
            "reconduction, ou préparez un avenant."
        )
    if convention.status != Convention.Status.SIGNED:
        raise ConventionClosed("Seul un arrêté en vigueur s’abroge.")
    check_last_day(convention, ends_on, today)
    if successor is not None:
        _check_successor(convention, successor, ends_on)
    return _end(convention, ends_on, why=motive(why), by=by, successor=successor)


def last_version(convention: Convention) -> Convention:
    """The last signed version of a convention, its row held."""
    row = convention
    while following := Convention.objects.filter(amends=row, status__in=Convention.BINDING).first():
        row = locked(following)
    return row


def _running(convention: Convention, on: date) -> Convention:
    """The version that binds on a day, of those signed."""
    row = convention
    while row.amends is not None and row.starts_on > on:
        row = row.amends
    return row


def _end(
    convention: Convention, ends_on: date, *, why: str, by: User, successor: Organisation | None = None
) -> Convention:
    convention = running_on(convention, ends_on, why=why, by=by)
    if successor is not None:
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
