"""Signing a balance: each party once, and the last one seals it for ever."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from attributions.bilan.models import BalanceDispatch, BalanceRemark, BalanceSignature, BalanceVersion
from attributions.bilan.operations.held import BalanceRefused, HeldBalance, hold_balance
from reservations.models import HistoryEntry, Organisation, User
from reservations.models.acting import atomic
from reservations.operations.history import record
from reservations.refusals import constraints_speak
from reservations.wakeups import wake


@atomic
def sign_version(
    *, version: BalanceVersion, organisation: Organisation, by: User, now: datetime | None = None
) -> BalanceSignature:
    """Sign the latest version in the name of an organisation, for good. When every party asked has signed, the version
    is sealed in the same transaction; nothing unsigns it, and another version may follow with its reason.

    Raises BalanceRefused: another version came, it was not sent to this organisation or its signature is not asked,
    it signed already, a remark of its own waits for its answer, a line was said corrected and no version sent since
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
