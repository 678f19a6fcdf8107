"""A suspension that the parties to a convention agree on, its lifting, or the end of the convention: each agrees by
itself, as each signed."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from reservations.models import Convention, HistoryEntry, Organisation, Pause, PauseAccord, User
from reservations.models.wall import atomic, atomic_act
from reservations.operations.convention import ConventionClosed, locked, motive
from reservations.operations.convention_end import check_end, end_agreed
from reservations.operations.convention_signature import LONGEST_SIGNER, Paper
from reservations.operations.convention_waiting import first_day
from reservations.operations.documents import keep_document
from reservations.operations.history import record
from reservations.operations.pause_carrying import pause_days, write_agreed
from reservations.queries.signatories import signs_here
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day, of

Act, Status, Means = HistoryEntry.Act, Pause.Status, PauseAccord.Means

ONE_DAY = timedelta(days=1)


class PauseRefused(Refusal):
    """This convention is not suspended so, or not by this organisation."""


@atomic
def propose_pause(
    *,
    convention: Convention,
    organisation: Organisation,
    starts_on: date,
    ends_on: date,
    why: str,
    by: User,
    today: date | None = None,
) -> Pause:
    """Propose, for a party that thereby agrees, that a convention is suspended from `starts_on` to `ends_on`, both
    included. Nothing changes before each party has agreed.

    Raises ConventionClosed, MotiveMissing or PauseRefused: days gone by or out of its period, the State's convention.
    """
    today = today or timezone.localdate()
    held = locked(convention)
    row = _bound_on(held, starts_on, ends_on, today=today)
    pause = Pause(
        convention=row,
        starts_on=starts_on,
        ends_on=ends_on,
        why=motive(why),
        proposed_on=today,
        proposed_by=organisation,
    )
    return _proposed(pause, organisation, Act.PAUSE_ASKED, by=by, today=today)


@atomic
def propose_lift(
    *, pause: Pause, organisation: Organisation, resumes_on: date, why: str, by: User, today: date | None = None
) -> Pause:
    """Propose that an agreed suspension stops before its last day: the convention has effect again from `resumes_on`.

    The suspension stands as it is until each party has agreed. Raises ConventionClosed, MotiveMissing or PauseRefused.
    """
    today = today or timezone.localdate()
    convention = locked(pause.convention)
    pause = convention.pauses.get(pk=pause.pk)
    if pause.status != Status.AGREED or pause.ends_on is None or pause.ends_on < today:
        raise PauseRefused("Cette suspension n’est pas, ou n’est plus, en cours ni à venir : rien n’est à lever.")
    _check_resumption(pause, resumes_on, today=today)
    eve = resumes_on - ONE_DAY
    lift = Pause(
        convention=convention,
        starts_on=pause.starts_on,
        ends_on=eve if eve >= pause.starts_on else None,
        why=motive(why),
        proposed_on=today,
        proposed_by=organisation,
        shortens=pause,
    )
    return _proposed(lift, organisation, Act.LIFT_ASKED, by=by, today=today)


@atomic
def propose_end(
    *,
    convention: Convention,
    organisation: Organisation,
    ends_on: date,
    why: str,
    by: User,
    successor: Organisation | None = None,
    today: date | None = None,
) -> Pause:
    """Propose, for a party that thereby agrees, that a convention ends before its term: `ends_on` is its last day.
    Nothing ends before each party has agreed (Code civil, art. 1193).

    `successor` takes over what is still due then, contingent by contingent; the landlord does without one.
    Raises MotiveMissing, PauseRefused, or what `check_end` refuses.
    """
    today = today or timezone.localdate()
    held = locked(convention)
    check_end(held, ends_on, successor, today=today)
    row = held
    while row.amends is not None and row.starts_on > ends_on:
        row = row.amends
    ending = Pause(
        convention=row,
        starts_on=ends_on + ONE_DAY,
        why=motive(why),
        proposed_on=today,
        proposed_by=organisation,
        is_final=True,
        successor=successor,
    )
    return _proposed(ending, organisation, Act.END_ASKED, by=by, today=today)


@atomic
def accept_pause(*, pause: Pause, organisation: Organisation, by: User, today: date | None = None) -> Pause:
    """Agree for one's own organisation, today, to a suspension, to its lifting or to the end of the convention; it
    holds once each party has.

    Raises PauseRefused when it is no longer proposed, when this party agreed already, or when its days have come; of an
    end, what `check_end` refuses too.
    """
    today = today or timezone.localdate()
    pause = _open(pause, today=today)
    return _agree(pause, organisation, Means.ACCOUNT, agreed_on=today, signer=by.full_name, by=by, today=today)


@atomic_act
def deposit_accord(
    *,
    pause: Pause,
    organisation: Organisation,
    signed_on: date,
    signer: str,
    paper: Paper,
    by: User,
    today: date | None = None,
) -> Pause:
    """Keep the accord that a party gave by hand: its day, who signed, and the file. For one's own organisation, or, by
    the landlord, for a party for which nobody signs here. Raises PauseRefused or DocumentRefused."""
    today = today or timezone.localdate()
    pause = _open(pause, today=today)
    landlord = by.memberships.filter(organisation=pause.convention.landlord.organisation_id).exists()
    own = by.memberships.filter(organisation=organisation).exists()
    if not own and (signs_here(organisation) or not landlord):
        raise PauseRefused(
            f"Quelqu’un signe ici au nom {of(organisation)} : son accord lui revient, sur son compte ou par le "
            "document qu’il dépose.",
            field="organisation",
        )
    if not signer.strip():
        raise PauseRefused("Écrivez le nom et la qualité de qui a signé.", field="signer")
    if signed_on > today:
        raise PauseRefused("Écrivez le jour de la signature, aujourd’hui au plus tard.", field="signed_on")
    _check_party(pause.convention, organisation)
    document = keep_document(pause.convention, paper.name, paper.content, by=by)
    given = {"agreed_on": signed_on, "signer": signer.strip()[:LONGEST_SIGNER], "document": document}
    return _agree(pause, organisation, Means.PAPER, by=by, today=today, **given)


@atomic
def withdraw_pause(*, pause: Pause, organisation: Organisation, why: str, by: User) -> Pause:
    """Take back a proposal, or refuse it, in the name of a party, before all have agreed: nothing changes.

    Raises PauseRefused or MotiveMissing."""
    pause = _open(pause)
    _check_party(pause.convention, organisation)
    pause.status = Status.WITHDRAWN
    pause.save(update_fields=["status"])
    details = {"par": [None, organisation.name], **pause_days(pause)}
    act = Act.END_DROPPED if pause.is_final else Act.PAUSE_DROPPED
    record(pause.convention, act, by=by, why=motive(why), details=details)
    return pause


def _bound_on(convention: Convention, starts_on: date, ends_on: date, *, today: date) -> Convention:
    """The version that these days lie in. Raises ConventionClosed or PauseRefused."""
    if convention.is_order or convention.organisation.kind == Organisation.Kind.STATE:
        raise PauseRefused(
            "Les droits de l’État sont fixés par la loi et le règlement (CCH, L441-1 et R441-5) : sa convention ne se "
            "suspend pas. Changez ses termes par un avenant, ou proposez-en la fin."
        )
    if convention.status != Convention.Status.SIGNED:
        raise ConventionClosed("Seule une convention signée, dans sa dernière version, se suspend.")
    if starts_on <= today:
        raise PauseRefused(
            "Choisissez un premier jour à partir de demain : ce qui est enregistré jusqu’à ce soir est compté.",
            field="starts_on",
        )
    if ends_on < starts_on:
        raise PauseRefused("La suspension finit avant de commencer : corrigez l’un des deux jours.", field="ends_on")
    if starts_on < (since := first_day(convention, today=today)):
        raise PauseRefused(f"La convention commence le {day(since)} : suspendez-la après.", field="starts_on")
    if ends_on >= convention.ends_on:
        raise PauseRefused(
            f"La convention prend fin le {day(convention.ends_on)} : une suspension s’achève avant. Pour l’arrêter "
            "tout à fait, proposez-en la fin.",
            field="ends_on",
        )
    row, following = convention, None
    while row.amends is not None and row.starts_on > starts_on:
        row, following = row.amends, row
    if following is not None and ends_on >= following.starts_on:
        raise PauseRefused(
            f"L’avenant n° {following.version - 1}, signé, prend effet le {day(following.starts_on)} : proposez une "
            "suspension jusqu’à la veille, puis une autre à partir de ce jour.",
            field="ends_on",
        )
    return row


def _check_resumption(pause: Pause, resumes_on: date, *, today: date) -> None:
    if resumes_on <= today:
        raise PauseRefused(
            "Choisissez un jour de reprise à partir de demain : jusqu’à ce soir, la convention est suspendue.",
            field="resumes_on",
        )
    assert pause.ends_on is not None  # asked of one that suspends something
    if resumes_on > pause.ends_on:
        raise PauseRefused(
            f"La suspension s’achève le {day(pause.ends_on)} : choisissez un jour de reprise d’ici là.",
            field="resumes_on",
        )


def _proposed(pause: Pause, organisation: Organisation, act: HistoryEntry.Act, *, by: User, today: date) -> Pause:
    """Write a proposal, with the accord of who proposes it."""
    if Pause.objects.filter(convention=pause.convention, status=Status.PROPOSED).exists():
        raise PauseRefused(
            "Une suspension, sa levée ou une fin est déjà proposée pour cette convention : acceptez-la, ou retirez-la "
            "d’abord."
        )
    _check_party(pause.convention, organisation)
    if pause.shortens is None and not pause.is_final:
        assert pause.ends_on is not None  # of a suspension, and not of its lifting
        if pause.convention.pauses.agreed().filter(starts_on__lte=pause.ends_on, ends_on__gte=pause.starts_on).exists():
            raise PauseRefused(
                "La convention est déjà suspendue ces jours-là : choisissez d’autres jours.", field="starts_on"
            )
    with constraints_speak(Pause):
        pause.save()
    record(pause.convention, act, by=by, why=pause.why, details={"par": [None, organisation.name], **pause_days(pause)})
    return _agree(pause, organisation, Means.ACCOUNT, agreed_on=today, signer=by.full_name, by=by, today=today)


def _open(pause: Pause, *, today: date | None = None) -> Pause:
    """The proposal as it is now, its convention held; with `today`, of days that have not come. Raises PauseRefused."""
    convention = locked(pause.convention)
    pause = Pause.objects.select_related("shortens", "successor", "convention__landlord").get(pk=pause.pk)
    pause.convention = convention
    if pause.status != Status.PROPOSED:
        what = "Cette fin" if pause.is_final else "Cette suspension"
        raise PauseRefused(f"{what} n’attend plus d’accord : elle est {pause.get_status_display()}.")
    if today is None:
        return pause
    if convention.status not in (Convention.Status.SIGNED, Convention.Status.AMENDED):
        raise PauseRefused("La convention a pris fin entre-temps : retirez la proposition.")
    if pause.is_final:
        if pause.last_day < today:
            raise PauseRefused(
                f"Le dernier jour proposé, le {day(pause.last_day)}, est passé, et ce qui est enregistré depuis est "
                "compté : retirez la proposition, et proposez un autre jour."
            )
        return pause
    began = pause.starts_on <= today
    if pause.shortens is not None:
        began = (pause.ends_on or pause.starts_on - ONE_DAY) < today
    if began:
        raise PauseRefused(
            "Les jours proposés ont commencé, et ce qui est enregistré jusqu’à ce soir est compté : retirez la "
            "proposition, et proposez d’autres jours."
        )
    return pause


def _check_party(convention: Convention, organisation: Organisation) -> None:
    if not convention.signatories.filter(organisation=organisation).exists():
        raise PauseRefused(f"{organisation} n’est pas partie à cette convention.", field="organisation")


def _agree(
    pause: Pause, organisation: Organisation, means: PauseAccord.Means, *, by: User, today: date, **given: object
) -> Pause:
    """Write the accord of a party; with the last one, the suspension holds, or the convention ends."""
    _check_party(pause.convention, organisation)
    if pause.accords.filter(organisation=organisation).exists():
        raise PauseRefused(f"L’accord {of(organisation)} est déjà enregistré : il manque celui des autres parties.")
    PauseAccord.objects.create(pause=pause, organisation=organisation, means=means, agreed_by=by, **given)
    if len(given_by := set(pause.accords.values_list("organisation", flat=True))) > 1:
        act = Act.END_ACCORD if pause.is_final else Act.PAUSE_ACCORD
        record(pause.convention, act, by=by, details={organisation.name: [None, f"{given['agreed_on']}"]})
    if pause.convention.signatories.exclude(organisation__in=given_by).exists():
        return pause
    shortened = pause.shortens
    if shortened is not None:
        shortened.status = Status.SHORTENED
        shortened.save(update_fields=["status"])
    pause.status, pause.agreed_on = Status.AGREED, today
    with constraints_speak(Pause):
        pause.save(update_fields=["status", "agreed_on"])
    if pause.is_final:
        end_agreed(ending=pause, by=by, today=today)
        return pause
    act = Act.PAUSED if shortened is None else Act.LIFTED
    record(pause.convention, act, by=by, why=pause.why, details=pause_days(pause))
    if shortened is not None:
        _shorten_carried(shortened, pause, by=by)
    return pause


def _shorten_carried(shortened: Pause, lift: Pause, *, by: User) -> None:
    """What was carried to the following version stops as early."""
    for carried in shortened.carried_to.agreed().filter(convention__status__in=Convention.BINDING).order_by("pk"):
        last = lift.ends_on if lift.ends_on is not None and lift.ends_on >= carried.starts_on else None
        if last == carried.ends_on:
            continue
        carried.status = Status.SHORTENED
        carried.save(update_fields=["status"])
        written = write_agreed(carried.convention, lift, carried.starts_on, last, why=lift.why, by=by, shortens=carried)
        _shorten_carried(carried, written, by=by)
