"""The acts on objectives.

* Recording a rate of the law, or one that a CIA sets for its territory, or for one landlord there, and withdrawing it
  (CCH, L441-1 and L441-1-6).
* Stating why one reads figures that are not published.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone

from attributions.bilan.models import Objective, StatedPurpose
from attributions.bilan.permissions import can_read_whole_figures
from reservations.bounds import Bound
from reservations.models import HistoryEntry, Landlord, Membership, Territory, Unconfirmed, User
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.operations.legal_parameter import leave_to_confirm
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day

#: No CIA is older than the law that made them (loi n° 2017-86 du 27 janvier 2017; CCH, L441-1-6); one is signed a few
#: months before it runs, a year at most: further is a slip of the keyboard.
FIRST_DAY, AHEAD = date(2017, 1, 27), timedelta(days=366)

RATE = Bound(
    "percent",
    Decimal("0.0001"),
    Decimal(100),
    "Un taux est supérieur à 0 % et va jusqu’à 100 %, avec quatre décimales au plus.",
    places=4,
)

#: What nobody has read of an objective, whoever sets its rate, until somebody cites the text (docs/decisions/0077).
UNREAD = {
    Objective.Code.MIX_RESIDENCES.value: "les articles L441-1 et L441-1-6, 3° bis, du CCH en vigueur (Légifrance) : "
    "les ménages que l’objectif compte parmi les baux de ces résidences, et qui en fixe le taux",
}


class ObjectiveRefused(Refusal):
    """A rate or a date that cannot be."""


@atomic
def set_objective(
    *,
    code: str,
    territory: Territory,
    landlord: Landlord | None = None,
    percent: Decimal,
    starts_on: date,
    source: str,
    by: User,
    now: datetime | None = None,
) -> Objective:
    """Record a rate from a day on; the one that ran there until then ends the day before. No past rate is rewritten.

    `percent` has four decimals at most, `source` names the CIA. A rate that starts today or later is replaced by one
    that starts on the same day (mistyped).
    Raises ObjectiveRefused, by field: an objective that only the law settles, a rate that is not above 0 and up to 100,
    no source, a day before the law or more than a year ahead, or that does not follow the latest rate; Refusal when
    somebody records the same at the same time.
    """
    today = timezone.localdate(now)
    _check(code, percent, source)
    _check_day(starts_on, today)
    recorded = _record(
        code, territory, landlord, percent=percent, starts_on=starts_on, source=source, by=by, today=today
    )
    leave_to_confirm(recorded, UNREAD.get(recorded.code, ""))
    return recorded


@atomic
def record_law_rate(
    *,
    code: str,
    percent: Decimal,
    starts_on: date,
    source: str,
    would_confirm: str = "",
    by: User,
    now: datetime | None = None,
) -> Objective:
    """The rate of the law from a day on, where no CIA set another; the one that ran until then ends the day before.

    `source` names the article; `would_confirm`, what text is still to be read, when it is not sure.
    Raises ObjectiveRefused, by field, as `set_objective` does.
    """
    if code not in Objective.Code.values:
        raise ObjectiveRefused("Choisissez l’objectif dans la liste.", field="code")
    if fault := RATE.fault(percent):
        raise ObjectiveRefused(fault, field="percent")
    if not source.strip():
        raise ObjectiveRefused("Citez l’article, le décret ou l’arrêté.", field="source")
    today = timezone.localdate(now)
    recorded = _record(code, None, None, percent=percent, starts_on=starts_on, source=source, by=by, today=today)
    leave_to_confirm(recorded, would_confirm.strip() or UNREAD.get(recorded.code, ""))
    return recorded


def _record(
    code: str,
    territory: Territory | None,
    landlord: Landlord | None,
    *,
    percent: Decimal,
    starts_on: date,
    source: str,
    by: User,
    today: date,
) -> Objective:
    """After what ran there, which ends the day before. Raises ObjectiveRefused on a day that does not follow it."""
    running = _latest(code, territory, landlord).first()
    before = None if running is None else _plain(running.percent)
    if running is not None:
        if starts_on == running.starts_on >= today:
            running.percent, running.source = percent, source.strip()
            running.save(update_fields=["percent", "source"])
            record(running, HistoryEntry.Act.EDITED, by=by, details={"percent": [before, _plain(percent)]})
            return running
        if starts_on <= running.starts_on:
            raise ObjectiveRefused(
                f"Le taux le plus récent court depuis le {day(running.starts_on)} : choisissez un jour après celui-là"
                f"{', ou retirez d’abord ce taux s’il est faux' if territory else ''}.",
                field="starts_on",
            )
        if running.ends_on is None or running.ends_on >= starts_on:
            running.ends_on = starts_on - timedelta(days=1)
            running.save(update_fields=["ends_on"])
    with constraints_speak(Objective):
        recorded = Objective.objects.create(
            code=code,
            territory=territory,
            landlord=landlord,
            percent=percent,
            starts_on=starts_on,
            source=source.strip(),
        )
    details = {"percent": [before, _plain(percent)], "starts_on": [None, starts_on.isoformat()]}
    record(recorded, HistoryEntry.Act.RECORDED, by=by, details=details)
    return recorded


@atomic
def withdraw_objective(*, objective: Objective, why: str, by: User) -> None:
    """Take back the latest rate of a place, or of a landlord there: recorded by mistake. The one before runs again. All
    that it stated stays in history, with why.

    Raises ObjectiveRefused: a rate of the law, one that another follows or that is withdrawn already, no reason.
    """
    if objective.territory is None:
        raise ObjectiveRefused("Ce taux est celui de la loi : seul un taux de la CIA se retire.")
    if not why.strip():
        raise ObjectiveRefused("Dites pourquoi ce taux est retiré : il reste dans l’historique.", field="why")
    rates = list(_latest(objective.code, objective.territory, objective.landlord)[:2])
    if not rates or rates[0].pk != objective.pk:
        raise ObjectiveRefused(
            "Ce taux n’est plus le dernier enregistré : rechargez la page pour lire les taux actuels."
        )
    last, earlier = rates[0], rates[1:]
    details = {
        "code": [last.code, None],
        "territory": [str(objective.territory), None],
        "landlord": [str(objective.landlord) if objective.landlord else None, None],
        "percent": [_plain(last.percent), None],
        "starts_on": [last.starts_on.isoformat(), None],
        "source": [last.source, None],
    }
    record(last, HistoryEntry.Act.CANCELLED, by=by, why=why, details=details)
    Unconfirmed.objects.about(last).delete()
    last.delete()
    for before in earlier:
        if before.ends_on == objective.starts_on - timedelta(days=1):
            before.ends_on = None
            before.save(update_fields=["ends_on"])


def below_law(objective: Objective) -> Objective | None:
    """The rate of the law on the first day of this one, when it asks for more: agreed with the State, or mistyped."""
    law = (
        Objective.objects.filter(code=objective.code, territory=None, starts_on__lte=objective.starts_on)
        .order_by("-starts_on")
        .first()
    )
    return law if law is not None and objective.percent < law.percent else None


def _latest(code: str, territory: Territory | None, landlord: Landlord | None) -> QuerySet[Objective]:
    """Every rate of the law, of a place, or of a landlord there, the latest first; locked."""
    rates = Objective.objects.select_for_update(of=("self",))
    return rates.filter(code=code, territory=territory, landlord=landlord).order_by("-starts_on")


def _check_day(starts_on: date, today: date) -> None:
    """Raises ObjectiveRefused when no CIA may start that day."""
    if starts_on < FIRST_DAY:
        raise ObjectiveRefused(
            "La loi du 27 janvier 2017 a créé les conventions intercommunales d’attribution : choisissez un jour à "
            "partir de celui-là.",
            field="starts_on",
        )
    if starts_on > today + AHEAD:
        raise ObjectiveRefused(
            f"Un taux s’enregistre un an d’avance au plus : choisissez un jour jusqu’au {day(today + AHEAD)}.",
            field="starts_on",
        )


def _check(code: str, percent: Decimal, source: str) -> None:
    """Raises ObjectiveRefused when it cannot be a rate of a CIA."""
    if code not in Objective.Code.values:
        raise ObjectiveRefused("Choisissez l’objectif dans la liste.", field="code")
    if code in Objective.CEILINGS:
        raise ObjectiveRefused(
            "Ce plafond est celui de la loi : une convention intercommunale ne le change pas.", field="code"
        )
    if fault := RATE.fault(percent):
        raise ObjectiveRefused(fault, field="percent")
    if not source.strip():
        raise ObjectiveRefused("Citez la convention intercommunale d’attribution (CIA) et sa date.", field="source")


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


Why = StatedPurpose.Why


class PurposeRefused(Refusal):
    """Whole figures are read by those entitled to them, for a purpose that is stated."""


@atomic
def state_purpose(
    *, member: Membership, exercise: int, why: str, text: str = "", now: datetime | None = None
) -> StatedPurpose:
    """Write why a person will read the whole figures of an exercise on its territory, before it does. A later one does
    not erase it.

    Raises PurposeRefused, by field: not an officer of the State or of an EPCI, no purpose, or another one that is not
    stated.
    """
    territory = member.organisation.territory_id
    if not can_read_whole_figures(member) or territory is None:
        raise PurposeRefused(
            "Seuls les agents de l’État et de l’intercommunalité lisent ces chiffres entiers, sur leur territoire."
        )
    if why not in Why.values:
        raise PurposeRefused("Choisissez une finalité dans la liste : le journal la garde.", field="why")
    text = " ".join(text.split())
    if why == Why.OTHER and not text:
        raise PurposeRefused("Précisez la finalité : elle n’est pas dans la liste.", field="text")
    return StatedPurpose.objects.create(
        user_id=member.user_id,
        organisation_id=member.organisation_id,
        territory_id=territory,
        exercise=exercise,
        why=why,
        text=text,
        at=now or timezone.now(),
    )
