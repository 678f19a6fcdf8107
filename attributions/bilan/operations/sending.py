"""The acts on sending.

* Sending a balance: its first version, and each that follows (CCH, R441-5-1).
* Signing a balance: each party once, and the last one seals it for ever.
* The first reading of a balance by those it was sent to, and the files taken of it.
* Recording a later day that a région accepted for the balances of an exercise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from attributions.bilan.models import (
    AnnualBalance,
    BalanceDispatch,
    BalanceDownload,
    BalanceRemark,
    BalanceSignature,
    BalanceTolerance,
    BalanceVersion,
)
from attributions.bilan.operations.lines import (
    BalanceRefused,
    HeldBalance,
    hold_accounts,
    hold_balance,
    open_balance,
    read,
)
from attributions.bilan.queries.content import Version, content, place_of
from attributions.bilan.queries.figures import figure_at, in_form
from attributions.bilan.queries.recipients import recipients
from attributions.bilan.queries.review import adds
from flux.models import Ledger
from flux.queries.forecasts import due_on
from reservations.canonical import canonical, seal_of_bytes
from reservations.models import HistoryEntry, KeptElsewhere, Landlord, Membership, Organisation, Territory, User
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.queries.log import printed_heads
from reservations.refusals import constraints_speak
from reservations.wakeups import wake
from reservations.words import towards


@atomic
def send_balance(
    *,
    landlord: Landlord,
    departement: Territory,
    exercise: int,
    note: str = "",
    seen: int | None = None,
    by: User,
    now: datetime | None = None,
) -> BalanceVersion:
    """Send the balance as it is read today: a version that nothing changes any more, sealed by its SHA-256.

    It goes to every holder with a right that year, or that it counts: they are asked to sign; the EPCI and the
    préfecture read it, and the landlord signs too. Late is stated, not refused: the law wants it still. The remarks
    answered « corrigée » are stated corrected in this version. `note`: what changed, or why another version follows a
    sealed one; asked for then. `seen`: the number of the version that the person read last, 0 for none.
    A remark maintained is no change. Raises BalanceRefused: a year to come, nobody to send to, nothing changed, a
    sealed version followed without a reason, a line stated corrected that is as it was, a version sent meanwhile.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    if exercise > today.year:
        raise BalanceRefused(f"L’exercice {exercise} n’a pas commencé : son bilan s’enverra à partir de janvier.")
    held = hold_balance(open_balance(landlord, departement, exercise))
    latest, note = held.latest, note.strip()
    number = latest.number + 1 if latest else 1
    if seen is not None and seen != number - 1:
        raise BalanceRefused(f"Entre-temps, la version {number - 1} a été envoyée : relisez-la avant d’en envoyer une.")
    if latest is not None and latest.sealed_at is not None and not note:
        raise BalanceRefused(
            f"La version {number - 1} est scellée et le restera : dites pourquoi une autre la suit.", field="note"
        )
    hold_accounts(held.balance)
    to = recipients(landlord, departement, exercise)
    if not any(recipient.organisation != landlord.organisation for recipient in to):
        raise BalanceRefused(
            f"Personne à qui l’envoyer : aucun réservataire n’a de droit en {exercise} dans ce département, et ni "
            "l’intercommunalité ni la préfecture n’y sont enregistrées. Demandez à l’administrateur de les enregistrer."
        )
    drafted = content(landlord, departement, exercise, Version(number, today, note), kept=held.balance)
    corrected = _corrected(held, drafted)
    if latest is not None and not adds(latest, drafted, to, on=today):
        raise BalanceRefused(
            f"Rien n’a changé depuis la version {number - 1} : corrigez d’abord une ligne, ou écrivez un commentaire."
        )
    written = canonical(drafted)
    with constraints_speak(BalanceVersion):
        version = BalanceVersion.objects.create(
            balance=held.balance,
            number=number,
            content=written.decode("utf-8"),
            seal=seal_of_bytes(written),
            sent_at=now,
            sent_by=by,
            note=note,
            heads=heads_of(held.balance),
        )
    BalanceDispatch.objects.bulk_create(
        BalanceDispatch(
            version=version,
            organisation=recipient.organisation,
            signs=recipient.signs,
            opened_at=now if recipient.organisation == landlord.organisation else None,
            opened_by=by if recipient.organisation == landlord.organisation else None,
        )
        for recipient in to
    )
    BalanceRemark.objects.filter(pk__in=corrected).update(corrected_in=version)
    names = [recipient.organisation.name for recipient in to]
    details = {"version": [number - 1 or None, number], "recipients": [None, names]}
    record(held.balance, HistoryEntry.Act.SENT, by=by, why=note, details=details)
    return version


def heads_of(balance: AnnualBalance) -> str:
    """Where the chains of its accounts, that of the house and the log stand: « 12-345-0f3a…, journal-8812-9c1d… »."""
    about = {"landlord": balance.landlord_id, "departement": balance.departement_id}
    ledgers = Ledger.objects.filter(**about, exercise=balance.exercise).order_by("pk").values_list("pk", flat=True)
    return printed_heads(ledgers)


def _corrected(held: HeldBalance, content: Mapping[str, Any]) -> list[int]:
    """The remarks (ids) stated corrected and in no version yet. Raises BalanceRefused when one is as it was
    contested."""
    waiting = BalanceRemark.objects.filter(
        version__balance=held.balance, answer=BalanceRemark.Answer.CORRECTED, corrected_in=None
    ).select_related("organisation", "holder__organisation", "version")
    found = []
    for remark in waiting.order_by("pk"):
        if figure_at(in_form(content, read(remark.version)["format"]), place_of(remark)) == remark.shown:
            raise BalanceRefused(
                f"La ligne contestée par {towards(remark.organisation)}, que vous avez dite corrigée, a de "
                "nouveau le "
                "chiffre contesté : corrigez-la avant d’envoyer, ou maintenez-la en disant pourquoi."
            )
        found.append(remark.pk)
    return found


@atomic
def sign_version(
    *, version: BalanceVersion, organisation: Organisation, by: User, now: datetime | None = None
) -> BalanceSignature:
    """Sign the latest version in the name of an organisation, for good. When every party asked has signed, the version
    is sealed in the same transaction; nothing unsigns it, and another version may follow with its reason.

    Raises BalanceRefused: another version came, it was not sent to this organisation or its signature is not asked,
    it signed already, a remark of its own waits for its answer, a line was stated corrected and no version sent since
    has it; or, for the last signature, a remark of anybody waits for its answer.
    """
    now = now or timezone.now()
    held = hold_balance(version.balance)
    latest = held.current(version)
    if not held.sent_to(organisation).signs:
        raise BalanceRefused("Ce bilan vous est envoyé pour information : votre signature n’est pas demandée.")
    signed = set(BalanceSignature.objects.filter(version=latest).order_by().values_list("organisation", flat=True))
    if organisation.pk in signed:
        raise BalanceRefused(f"La version {latest.number} est déjà signée au nom de votre organisation.")
    if BalanceRemark.objects.filter(version__balance=held.balance, organisation=organisation, answer="").exists():
        raise BalanceRefused("Votre remarque attend une réponse : vous signerez quand le bailleur l’aura donnée.")
    corrected = BalanceRemark.Answer.CORRECTED
    if BalanceRemark.objects.filter(version__balance=held.balance, answer=corrected, corrected_in=None).exists():
        raise BalanceRefused(
            f"Une ligne a été dite corrigée, et la version {latest.number} ne l’a pas encore : le bailleur envoie "
            f"d’abord la version {latest.number + 1}, que vous signerez."
        )
    asked = BalanceDispatch.objects.filter(version=latest, signs=True).exclude(
        organisation__in=[*signed, organisation.pk]
    )
    is_last = not asked.exists()
    if is_last:
        _check_no_remark(held)
    with constraints_speak(BalanceSignature):
        signature = BalanceSignature.objects.create(
            version=latest, organisation=organisation, signed_at=now, signed_by=by
        )
    BalanceDispatch.objects.filter(version=latest, organisation=organisation, opened_at=None).update(
        opened_at=now, opened_by=by
    )
    if is_last:
        latest.sealed_at = now
        latest.save(update_fields=["sealed_at"])
        wake("reservations.sign_checkpoint")
    details = {"version": [None, latest.number], "organisation": [None, organisation.name]}
    record(held.balance, HistoryEntry.Act.SIGNED, by=by, details=details)
    return signature


def _check_no_remark(held: HeldBalance) -> None:
    """Raises BalanceRefused when a remark waits for its answer: it would be sealed over."""
    waiting = BalanceRemark.objects.filter(version__balance=held.balance, answer="").select_related("organisation")
    if remark := waiting.order_by("pk").first():
        raise BalanceRefused(
            f"Votre signature scellerait la version, et une remarque ({remark.organisation.name}) attend la réponse du "
            "bailleur : signez une fois qu’il l’aura donnée."
        )


@atomic
def open_version(
    *, version: BalanceVersion, organisation: Organisation, by: User, now: datetime | None = None
) -> BalanceDispatch | None:
    """Write down that an organisation opened a version, the first time; its landlord sees it. None for one that it was
    not sent to. Safe to run twice: the first reading stays."""
    found = (
        BalanceDispatch.objects.select_for_update(of=("self",))
        .filter(version=version, organisation=organisation)
        .first()
    )
    if found is not None and found.opened_at is None:
        found.opened_at, found.opened_by = now or timezone.now(), by
        found.save(update_fields=["opened_at", "opened_by"])
    return found


@atomic
def record_version_download(
    *, version: BalanceVersion, form: str, member: Membership, now: datetime | None = None
) -> BalanceDownload:
    """Write down who took a file of a version, for whom, and when."""
    balance = version.balance
    return BalanceDownload.objects.create(
        landlord=balance.landlord,
        exercise=balance.exercise,
        territory=balance.departement,
        version=version,
        form=form,
        user=member.user,
        organisation=member.organisation,
        at=now or timezone.now(),
    )


@atomic
def record_kept_taken(*, kept: KeptElsewhere, member: Membership, now: datetime | None = None) -> BalanceDownload:
    """Write down who took a balance that was kept in another tool."""
    assert kept.exercise is not None  # by a constraint
    return BalanceDownload.objects.create(
        landlord=kept.landlord,
        exercise=kept.exercise,
        territory=kept.departement,
        form=BalanceDownload.Form.KEPT,
        user=member.user,
        organisation=member.organisation,
        at=now or timezone.now(),
    )


@atomic
def tolerate(
    *, region: Territory, exercise: int, until: date, source: str, by: User
) -> tuple[BalanceTolerance, BalanceTolerance | None]:
    """Record the last day, inclusive, that a région tolerates for the balances of an exercise, in the place of the one
    before. A balance sent by then is not late. What is recorded, and what it replaces: that stays in the history.

    Raises BalanceRefused, by field: not a région, no source, a day that is not after the one of the law, or more than a
    year after it.
    """
    if region.kind != Territory.Kind.REGION:
        raise BalanceRefused("Choisissez une région dans la liste.", field="region")
    if not source.strip():
        raise BalanceRefused("Citez la lettre, la circulaire ou la page officielle.", field="source")
    due = due_on(exercise + 1)
    first = due or date(exercise + 1, 1, 1)
    if not first <= until <= first.replace(year=first.year + 1, day=min(first.day, 28)):
        raise BalanceRefused(
            f"Le bilan {exercise} est dû avant le {first:%d/%m/%Y} : écrivez un jour à partir de celui-là, et moins "
            "d’un an après.",
            field="until",
        )
    before = BalanceTolerance.objects.select_for_update(of=("self",)).filter(region=region, exercise=exercise).first()
    found, _ = BalanceTolerance.objects.update_or_create(
        region=region, exercise=exercise, defaults={"until": until, "source": source.strip()}
    )
    act = HistoryEntry.Act.EDITED if before else HistoryEntry.Act.RECORDED
    details = {
        "until": [before.until.isoformat() if before else None, until.isoformat()],
        "source": [before.source if before else None, source.strip()],
    }
    record(found, act, by=by, details=details)
    return found, before
