"""What is left of an agreed suspension under the version, or the organisation, by which its convention goes on."""

from __future__ import annotations

from datetime import date, timedelta

from reservations.models import Convention, HistoryEntry, Pause, PauseAccord, User
from reservations.operations.history import record
from reservations.words import day

Act, Status = HistoryEntry.Act, Pause.Status


def carry_pauses(before: Convention | None, after: Convention, *, by: User) -> None:
    """A convention just signed goes on with what `before` said: the days of agreed suspensions that fall in its period
    are its own, nobody agreeing again; a proposal that would reach into it falls.

    Of versions that did not begin too, each for its own days.
    """
    row, until = before, after.ends_on
    while row is not None:
        for pause in row.pauses.agreed().order_by("pk"):
            assert pause.ends_on is not None  # as `agreed` says
            first, last = max(pause.starts_on, row.starts_on, after.starts_on), min(pause.ends_on, until)
            if first <= last:
                write_agreed(after, pause, first, last, by=by, why=pause.why)
        _drop(row, after, by=by)
        if row.starts_on <= after.starts_on:
            break
        until, row = row.starts_on - timedelta(days=1), row.amends


def write_agreed(
    convention: Convention,
    pause: Pause,
    first: date,
    last: date | None,
    *,
    why: str,
    by: User,
    shortens: Pause | None = None,
) -> Pause:
    """Write on a version what its parties agreed to on the one before, or what is left of it."""
    written = Pause.objects.create(
        convention=convention,
        starts_on=first,
        ends_on=last,
        why=why,
        proposed_on=pause.proposed_on,
        proposed_by_id=pause.proposed_by_id,
        shortens=shortens,
        carried_from=pause,
    )
    assert pause.agreed_on is not None  # of one that was agreed
    PauseAccord.objects.bulk_create(
        PauseAccord(
            pause=written,
            organisation_id=party.organisation_id,
            agreed_on=pause.agreed_on,
            means=PauseAccord.Means.CARRIED,
            agreed_by=by,
        )
        for party in convention.signatories.order_by("pk")
    )
    written.status, written.agreed_on = Status.AGREED, pause.agreed_on
    written.save(update_fields=["status", "agreed_on"])
    record(convention, Act.PAUSED, by=by, why=why, details=told(written))
    return written


def told(pause: Pause) -> dict[str, list[str | None]]:
    """Its days, for the history."""
    return {
        "premier jour": [None, day(pause.starts_on)],
        "dernier jour": [None, day(pause.ends_on) if pause.ends_on else None],
    }


def _drop(row: Convention, after: Convention, *, by: User) -> None:
    for pause in row.pauses.filter(status=Status.PROPOSED).select_related("shortens").order_by("pk"):
        ends_on = pause.shortens.ends_on if pause.shortens else pause.ends_on
        if ends_on is not None and ends_on >= after.starts_on:
            pause.status = Status.WITHDRAWN
            pause.save(update_fields=["status"])
            why = f"Une autre version prend effet le {day(after.starts_on)} : la proposition est à refaire."
            record(row, Act.PAUSE_DROPPED, by=by, why=why, details=told(pause))
