"""The acts on legal parameter.

* Saying that a dated row of the law is still to be confirmed, and confirming it.
* Recording what the law fixes, when it changes.
* Choosing how the caps of the State are read, from a day on.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import models

from reservations.models import CapReading, HistoryEntry, Landlord, LegalParameter, Territory, Unconfirmed, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.pages.legal_parameters import fault
from reservations.refusals import Refusal, constraints_speak


class AlreadyConfirmed(Refusal):
    """Somebody stated it before."""


def leave_to_confirm(subject: models.Model, would_confirm: str) -> None:
    """Inside the act that writes a dated row: what would confirm it, when it is not sure; nothing when it is."""
    if would_confirm.strip():
        Unconfirmed.objects.update_or_create(
            subject=subject._meta.label_lower,
            subject_id=subject.pk,
            defaults={"would_confirm": would_confirm.strip(), "confirmed_on": None, "confirmed_by": None, "source": ""},
        )
    else:
        Unconfirmed.objects.about(subject).left().delete()


@atomic
def confirm(*, unconfirmed: Unconfirmed, source: str, by: User, today: date) -> Unconfirmed:
    """The row is as the text says: `source` is the article or the order that was read.

    The value itself does not change; one that is wrong is recorded again, from its day.
    Raises AlreadyConfirmed, or Refusal on `source` when it is empty.
    """
    if not source.strip():
        raise Refusal("Citez le texte que vous avez lu : l’article, le décret ou l’arrêté.", field="source")
    held = Unconfirmed.objects.select_for_update(of=("self",)).get(pk=unconfirmed.pk)
    if held.confirmed_on is not None:
        raise AlreadyConfirmed("Cette valeur est déjà confirmée : rechargez la page.")
    held.confirmed_on, held.confirmed_by, held.source = today, by, source.strip()
    held.save(update_fields=["confirmed_on", "confirmed_by", "source"])
    record(held, HistoryEntry.Act.AGREED, by=by, details={"source": [None, held.source]})
    return held


class ParameterRefused(Refusal):
    """A value or a date that cannot be."""


@atomic
def record_legal_parameter(
    *, code: str, value: Decimal, starts_on: date, source: str, would_confirm: str = "", by: User, today: date
) -> LegalParameter:
    """Record a value from a day on; the one that ran until then ends the day before. Nothing past is rewritten.

    The latest value, when it starts on `today` or later, is replaced by one that starts on the same day (mistyped).

    `value` is in the measure of its code (a percentage has four decimals at most), `source` the article or the decree;
    `would_confirm`, what text is still to be read, when it is not sure.
    Raises ParameterRefused, by field, or Refusal when somebody records the same at the same time.
    """
    if sentence := fault(code, value):
        raise ParameterRefused(sentence, field="value")
    if not source.strip():
        raise ParameterRefused("Citez l’article, le décret ou l’arrêté.", field="source")
    source = source.strip()
    running = LegalParameter.objects.select_for_update().filter(code=code).order_by("-starts_on").first()
    if running is not None:
        if starts_on == running.starts_on >= today:
            changed = {"value": [_plain(running.value), _plain(value)], "source": [running.source, source]}
            running.value, running.source = value, source
            running.save(update_fields=["value", "source"])
            leave_to_confirm(running, would_confirm)
            record(running, HistoryEntry.Act.EDITED, by=by, details={k: v for k, v in changed.items() if v[0] != v[1]})
            return running
        if starts_on <= running.starts_on:
            raise ParameterRefused(
                f"La valeur la plus récente court depuis le {running.starts_on:%d/%m/%Y} : "
                "choisissez un jour après celui-là.",
                field="starts_on",
            )
        if running.ends_on is None or running.ends_on >= starts_on:
            running.ends_on = starts_on - timedelta(days=1)
            running.save(update_fields=["ends_on"])
    with constraints_speak(LegalParameter):
        recorded = LegalParameter.objects.create(code=code, value=value, starts_on=starts_on, source=source)
    leave_to_confirm(recorded, would_confirm)
    record(
        recorded,
        HistoryEntry.Act.RECORDED,
        by=by,
        details={
            "value": [None if running is None else _plain(running.value), _plain(value)],
            "starts_on": [None, starts_on.isoformat()],
            "source": [None if running is None else running.source, source],
        },
    )
    return recorded


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


class CapReadingRefused(Refusal):
    """A choice that cannot be; `field` says which of its terms to change."""


@atomic
def choose_cap_reading(
    *,
    landlord: Landlord,
    departement: Territory,
    reading: str,
    starts_on: date,
    source: str,
    by: User,
    today: date,
) -> CapReading:
    """From that day on the caps are read over the years of the convention, or each year alone; the exercises whose last
    day is before keep the reading of theirs. Append-only: another choice is another row.

    Raises CapReadingRefused: not a département, a year that is over, no source, what is already in force.
    """
    in_order(Landlord.objects.all()).get(pk=landlord.pk)
    if departement.kind != Territory.Kind.DEPARTEMENT:
        raise CapReadingRefused("Un plafond se lit dans un département : choisissez-le.", field="departement")
    if reading not in CapReading.Reading.values:
        raise CapReadingRefused("Choisissez l’une des deux lectures.", field="reading")
    if starts_on.year < today.year:
        raise CapReadingRefused(
            f"Les exercices clos gardent leur lecture : choisissez un jour de {today.year} ou d’après.",
            field="starts_on",
        )
    if not source.strip():
        raise CapReadingRefused("Citez l’article de la convention, ou l’arrêté du préfet.", field="source")
    before = (
        CapReading.objects.filter(landlord=landlord, departement=departement, starts_on__lte=starts_on)
        .order_by("-starts_on", "-pk")
        .first()
    )
    current = before.reading if before else CapReading.Reading.OVER_YEARS
    if current == reading:
        since = f" depuis le {before.starts_on:%d/%m/%Y} ({before.source})" if before else ", faute d’un autre choix"
        raise CapReadingRefused(
            f"Le plafond y est déjà lu {CapReading.Reading(reading).label}{since} : il n’y a rien à changer.",
            field="reading",
        )
    with constraints_speak(CapReading):
        chosen = CapReading.objects.create(
            landlord=landlord,
            departement=departement,
            reading=reading,
            starts_on=starts_on,
            source=source.strip(),
        )
    record(chosen, HistoryEntry.Act.RECORDED, by=by, why=chosen.source, details={"reading": [str(current), reading]})
    return chosen
