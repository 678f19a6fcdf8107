"""Suspensions that nobody has to agree to again: under the version, or the organisation, by which a convention goes on;
of a file that says what was agreed on paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from reservations.models import Convention, HistoryEntry, Organisation, Pause, PauseAccord, User
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day

Act, Status = HistoryEntry.Act, Pause.Status

#: The longest motive kept.
LONGEST_WHY = 500


def carry_pauses(before: Convention | None, after: Convention, *, by: User) -> None:
    """A convention just signed goes on with what `before` stated: the days of agreed suspensions that fall in its
    period are its own, nobody agreeing again; a proposal that would reach into it falls.

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
    assert pause.agreed_on is not None  # of one that was agreed
    written = Pause(
        convention=convention,
        starts_on=first,
        ends_on=last,
        why=why,
        proposed_on=pause.proposed_on,
        proposed_by_id=pause.proposed_by_id,
        shortens=shortens,
        carried_from=pause,
    )
    return _write_agreed(written, pause.agreed_on, PauseAccord.Means.CARRIED, by=by)


def _write_agreed(pause: Pause, agreed_on: date, means: PauseAccord.Means, *, by: User) -> Pause:
    """Write a suspension to which each party agreed elsewhere, and record it. Raises Refusal where two meet."""
    write_accords(pause, agreed_on, means, by=by)
    record(pause.convention, Act.PAUSED, by=by, why=pause.why, details=pause_days(pause))
    return pause


def write_accords(pause: Pause, agreed_on: date, means: PauseAccord.Means, *, by: User) -> None:
    """Write what each party agreed to elsewhere, with the accord of each. Raises Refusal where two meet."""
    with constraints_speak(Pause):
        pause.save()
        PauseAccord.objects.bulk_create(
            PauseAccord(
                pause=pause,
                organisation_id=party.organisation_id,
                agreed_on=agreed_on,
                means=means,
                agreed_by=by,
            )
            for party in pause.convention.signatories.order_by("pk")
        )
        pause.status, pause.agreed_on = Status.AGREED, agreed_on
        pause.save(update_fields=["status", "agreed_on"])


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A suspension that a file says was agreed on paper before."""

    first: date
    last: date
    agreed_on: date
    why: str


def take_up_pauses(convention: Convention, pauses: Iterable[TakenUp], *, by: User, today: date) -> None:
    """Write the suspensions that a file says of a convention just signed by each: agreed with it, on paper.

    Raises Refusal for days out of its period, for two that meet, or for the State's convention."""
    for each in pauses:
        if convention.organisation.kind == Organisation.Kind.STATE:
            raise Refusal("La convention de l’État ne se suspend pas (CCH, L441-1 et R441-5).", field="pauses")
        inside = convention.starts_on <= each.first <= each.last < convention.ends_on
        if not inside or each.agreed_on >= each.first or each.agreed_on > today:
            raise Refusal(
                f"La suspension du {day(each.first)} au {day(each.last)} se convient avant son premier jour, et tient "
                "dans la période de la convention, avant sa fin : corrigez ces dates.",
                field="pauses",
            )
        pause = Pause(
            convention=convention,
            starts_on=each.first,
            ends_on=each.last,
            why=each.why[:LONGEST_WHY],
            proposed_on=each.agreed_on,
            proposed_by=convention.landlord.organisation,
        )
        _write_agreed(pause, each.agreed_on, PauseAccord.Means.FILE, by=by)


def pause_days(pause: Pause) -> dict[str, list[str | None]]:
    """Its days, for the history."""
    if pause.is_final:
        return {"dernier jour": [None, day(pause.last_day)]}
    return {
        "premier jour": [None, day(pause.starts_on)],
        "dernier jour": [None, day(pause.ends_on) if pause.ends_on else None],
    }


def _drop(row: Convention, after: Convention, *, by: User) -> None:
    for pause in row.pauses.filter(status=Status.PROPOSED).select_related("shortens").order_by("pk"):
        ends_on = pause.shortens.ends_on if pause.shortens else pause.ends_on
        if pause.is_final or (ends_on is not None and ends_on >= after.starts_on):
            pause.status = Status.WITHDRAWN
            pause.save(update_fields=["status"])
            why = f"Une autre version prend effet le {day(after.starts_on)} : la proposition est à refaire."
            act = Act.END_DROPPED if pause.is_final else Act.PAUSE_DROPPED
            record(row, act, by=by, why=why, details=pause_days(pause))
