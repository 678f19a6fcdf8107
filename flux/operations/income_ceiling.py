"""Recording what a household may earn, when the yearly order changes it."""

from __future__ import annotations

from datetime import date, timedelta

from flux.models import IncomeCeiling
from flux.queries.income_ceilings import SIZES
from reservations.models import HistoryEntry, User
from reservations.models.acting import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak

#: Groups of financing that have a ceiling of this order.
FINANCED = ("PLAI", "PLUS", "PLS")


class CeilingRefused(Refusal):
    """A ceiling that cannot be; `field` is where."""


@atomic
def record_income_ceiling(
    *,
    financing: str,
    zone: str,
    household: int,
    amount: int,
    extra: int | None = None,
    starts_on: date,
    source: str,
    by: User,
    today: date,
) -> IncomeCeiling:
    """Record one figure from a day on; the one that ran until then ends the day before. Nothing past is rewritten.

    The latest figure, when it starts on `today` or later, is replaced by one that starts on the same day (mistyped).
    `amount` and `extra` in whole euros a year; `extra` with the sixth category only.

    Raises CeilingRefused, by field.
    """
    _check(financing=financing, zone=zone, household=household, amount=amount, extra=extra, source=source)
    same = IncomeCeiling.objects.filter(financing=financing, zone=zone, household=household)
    running = same.select_for_update(of=("self",)).order_by("-starts_on").first()
    if running is not None:
        if starts_on == running.starts_on >= today:
            before = _details(running)
            after: dict[str, object] = {"amount": amount, "extra": extra, "source": source.strip()}
            running.amount, running.extra, running.source = amount, extra, source.strip()
            running.save(update_fields=["amount", "extra", "source"])
            changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
            record(running, HistoryEntry.Act.EDITED, by=by, details=changed)
            return running
        if starts_on <= running.starts_on:
            raise CeilingRefused(
                f"Le plafond le plus récent court depuis le {running.starts_on:%d/%m/%Y} : choisissez un jour après "
                "celui-là.",
                field="starts_on",
            )
        if running.ends_on is None or running.ends_on >= starts_on:
            running.ends_on = starts_on - timedelta(days=1)
            running.save(update_fields=["ends_on"])
    with constraints_speak(IncomeCeiling):
        recorded = IncomeCeiling.objects.create(
            financing=financing,
            zone=zone,
            household=household,
            amount=amount,
            extra=extra,
            starts_on=starts_on,
            source=source.strip(),
        )
    before = _details(running) if running else dict.fromkeys(_details(recorded))
    told = {name: [before[name], value] for name, value in _details(recorded).items()}
    record(recorded, HistoryEntry.Act.RECORDED, by=by, details=told)
    return recorded


def _check(*, financing: str, zone: str, household: int, amount: int, extra: int | None, source: str) -> None:
    if financing not in FINANCED:
        raise CeilingRefused("Choisissez PLAI, PLUS ou PLS.", field="financing")
    if zone not in IncomeCeiling.Zone.values:
        raise CeilingRefused("Choisissez l’une des trois zones.", field="zone")
    if not 1 <= household <= SIZES:
        raise CeilingRefused("La catégorie de ménage va de 1 à 6.", field="household")
    if not 1 <= amount <= 1_000_000:
        raise CeilingRefused("Écrivez le plafond annuel en euros : 23403 par exemple.", field="amount")
    if extra is not None and (household != SIZES or not 1 <= extra <= 1_000_000):
        raise CeilingRefused(
            "Le montant par personne de plus ne va qu’avec la catégorie 6 : effacez-le, ou choisissez-la.",
            field="extra",
        )
    if not source.strip():
        raise CeilingRefused("Citez l’arrêté.", field="source")


def _details(ceiling: IncomeCeiling) -> dict[str, object]:
    return {
        "amount": ceiling.amount,
        "extra": ceiling.extra,
        "starts_on": ceiling.starts_on.isoformat(),
        "source": ceiling.source,
    }
