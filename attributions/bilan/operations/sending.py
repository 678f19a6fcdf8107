"""Sending a balance: its first version, and each that follows (CCH, R441-5-1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from attributions.bilan.models import AnnualBalance, BalanceDispatch, BalanceRemark, BalanceVersion
from attributions.bilan.operations.held import (
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
from reservations.canonical import canonical, seal_of_bytes
from reservations.models import HistoryEntry, Landlord, Territory, User
from reservations.models.acting import atomic
from reservations.operations.history import record
from reservations.queries.log import printed_heads
from reservations.refusals import constraints_speak
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
    préfecture read it, and the landlord signs too. Late is said, not refused: the law wants it still. The remarks
    answered « corrigée » are said corrected in this version. `note`: what changed, or why another version follows a
    sealed one; asked for then. `seen`: the number of the version that the person read last, 0 for none.
    A remark maintained is no change. Raises BalanceRefused: a year to come, nobody to send to, nothing changed, a
    sealed version followed without a reason, a line said corrected that is as it was, a version sent meanwhile.
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
    told = content(landlord, departement, exercise, Version(number, today, note), kept=held.balance)
    corrected = _corrected(held, told)
    if latest is not None and not adds(latest, told, to, on=today):
        raise BalanceRefused(
            f"Rien n’a changé depuis la version {number - 1} : corrigez d’abord une ligne, ou écrivez un commentaire."
        )
    written = canonical(told)
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


def _corrected(held: HeldBalance, told: Mapping[str, Any]) -> list[int]:
    """The remarks (ids) said corrected and in no version yet. Raises BalanceRefused when one is as it was contested."""
    waiting = BalanceRemark.objects.filter(
        version__balance=held.balance, answer=BalanceRemark.Answer.CORRECTED, corrected_in=None
    ).select_related("organisation", "holder__organisation", "version")
    found = []
    for remark in waiting.order_by("pk"):
        if figure_at(in_form(told, read(remark.version)["format"]), place_of(remark)) == remark.shown:
            raise BalanceRefused(
                f"La ligne contestée par {towards(remark.organisation)}, que vous avez dite corrigée, a de "
                "nouveau le "
                "chiffre contesté : corrigez-la avant d’envoyer, ou maintenez-la en disant pourquoi."
            )
        found.append(remark.pk)
    return found
