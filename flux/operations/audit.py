"""The acts on the audit.

* Controls of the accounts that are kept: at each writing, every night, and what a person says of an alert.
* What a task set aside is an alert, for whoever runs the service; once it is read, the row is tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from flux.models import AuditAlert, Ledger, Recommendation
from flux.queries.controls.accounts import Check, Difference, audit, lacks
from flux.queries.controls.alerts import of_the_house, tampered
from flux.queries.controls.early_decisions import LEAST_ASKED, habits
from flux.queries.recommendations import recorded_since, replayed
from flux.situation import LedgerSituation
from reservations.imports.parties import read_mergers, read_prepared
from reservations.models import TaskFailure, User
from reservations.models.convention import UNIT
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.identity import disarmed, written_once
from reservations.operations.service_notice import link_imprints
from reservations.operations.territory_file import territories_apart
from reservations.pages.imprints import (
    altered_words,
    broken_words,
    disarmed_words,
    forgotten_words,
    log_words,
    territory_words,
)
from reservations.queries.imprints import Altered, Broken, altered, broken, rewritten
from reservations.queries.log import LogDifference, forgotten
from reservations.queries.log import differences as log_differences
from reservations.refusals import Refusal

logger = logging.getLogger(__name__)


class AcknowledgementRefused(Refusal):
    """The alert cannot be stated read so; the sentence says why."""


def check_written(situation: LedgerSituation, *, now: datetime | None = None) -> list[AuditAlert]:
    """Control in memory what a transaction has just written, under the lock of its ledger. No query unless it fails.

    What the lines alone can say: for each holder that moved the lacks sum to its delay; over the ledger, the dues are
    a whole number of units, at most its rank, and so many at least as were received. What needs other tables is
    controlled every night. The routing stands whatever is found, and nothing is repaired.
    """
    found = list(_unbalanced(situation))
    return record_differences(differences=found, now=now or timezone.now()) if found else []


def _unbalanced(situation: LedgerSituation) -> Iterable[Difference]:
    ledger, counters = situation.ledger, situation.counters.holders
    assert ledger.pk is not None, "a ledger is opened before anything is written in it"
    yield from lacks(ledger.pk, {int(key): counters[key] for key in sorted(situation.touched, key=int)})
    due = sum(counter.due for counter in counters.values())
    received = sum(counter.received for counter in counters.values())
    events, beside = divmod(due, UNIT)
    if beside or not 0 <= events <= ledger.sequence:
        nearest = min(max(events, 0), ledger.sequence)
        yield Difference(ledger.pk, Check.DUE, {"lines": UNIT * nearest}, {"lines": due})
    elif received > events:
        yield Difference(ledger.pk, Check.DELAYS, {"lines": 0}, {"lines": due - UNIT * received})


def confirmed(ledgers: Collection[int]) -> list[Difference]:
    """What differs in these ledgers, each one at fault read a second time while nobody writes in it.

    The first reading locks nothing: routing goes on. In a transaction of its own for each ledger at fault.
    """
    suspects = sorted({difference.ledger for difference in audit(ledgers).differences if difference.ledger})
    found: list[Difference] = []
    for ledger in suspects:
        with transaction.atomic():
            in_order(Ledger.objects.all()).get(pk=ledger)
            found += audit([ledger]).differences
    return found


def audit_ledgers(*, ledgers: Collection[int] | None = None, now: datetime | None = None) -> list[AuditAlert]:
    """Control every ledger, or these (ids), and keep an alert for each new difference. Returns the alerts kept.

    Safe to run twice: a difference that stands has its alert already. Who is decided out of turn by habit is recorded
    too: the account holds, and holders may ask why. Kept rows that are not as they were written are recorded, then what
    was written since enters the chain of the house. The other controls of the night: `flux.controls`.
    """
    now = now or timezone.now()
    behind = record_tampering(tampering=tampering(), now=now)
    link_imprints()
    chosen = list(Ledger.objects.order_by("pk").values_list("pk", flat=True)) if ledgers is None else ledgers
    kept = record_differences(differences=confirmed(chosen), now=now)
    return behind + kept + record_habits(ledgers=chosen, now=now)


#: Where heads and checkpoints were printed or sent: each source gives what papers carry, as they carry it.
PRINTED: list[Callable[[], Iterable[str]]] = []


def register_printed(source: Callable[[], Iterable[str]]) -> None:
    """Compare what this source gives, too: the app above adds its own when it starts."""
    PRINTED.append(source)


@dataclass(frozen=True, slots=True)
class Tampering:
    """What was written behind the triggers, the chains that no longer hold, how the verifiable log differs, what was
    printed or sent and is no longer held, the controls of the database that are not those of the source, and the
    territories that are not those of the official code."""

    altered: list[Altered]
    broken: list[Broken]
    log: list[LogDifference] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    disarmed: list[str] = field(default_factory=list)
    territories: list[str] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        return [
            *map(altered_words, self.altered),
            *map(broken_words, self.broken),
            *map(log_words, self.log),
            *map(forgotten_words, self.forgotten),
            *map(disarmed_words, self.disarmed),
            *map(territory_words, self.territories),
        ]


def tampering() -> Tampering:
    """Read every kept row, every chain, the log, what was printed of them, the controls themselves and the territories:
    for the night, and for who asks."""
    printed = [text for source in PRINTED for text in source()]
    territories = territories_apart(lines=read_prepared(), mergers=read_mergers())
    behind = altered() + rewritten(written_once())
    return Tampering(behind, broken(), log_differences(), forgotten(printed), disarmed(), territories)


def record_tampering(*, tampering: Tampering, now: datetime) -> list[AuditAlert]:
    """Keep an alert of what was written behind the product, each row named in the log.

    No act undoes it: an alert that was read does not come back, but for other rows, or the same ones altered again.
    """
    for sentence in tampering.sentences:
        logger.error(sentence)
    log = of_the_house(
        tampering.log,
        {"PRINTED": tampering.forgotten, "DISARMED": tampering.disarmed, "TERRITORIES": tampering.territories},
    )
    return _record_once(tampered(tampering.altered, tampering.broken) + log, now)


def record_habits(*, ledgers: Collection[int], now: datetime) -> list[AuditAlert]:
    """Keep an alert for each of these ledgers (ids) where decisions are asked for out of turn by habit.

    What was done stays: an alert that was read does not come back, until there are twice as many.
    """
    differences = [
        Difference(
            ledger,
            Check.ASKED,
            expected={"out_of_turn": LEAST_ASKED - 1},
            found={"out_of_turn": LEAST_ASKED << (number // LEAST_ASKED).bit_length() - 1},
        )
        for ledger, number in habits().items()
        if ledger in ledgers
    ]
    return _record_once(differences, now)


def _record_once(differences: list[Difference], now: datetime) -> list[AuditAlert]:
    """Of what was done and stays: an alert that was read does not come back."""
    if not differences:
        return []
    alerts = AuditAlert.objects.filter(_of(differences), difference__in=[each.fingerprint for each in differences])
    known = set(alerts.order_by().values_list("ledger", "difference"))
    new = [each for each in differences if (each.ledger, each.fingerprint) not in known]
    return record_differences(differences=new, now=now)


def _of(differences: Collection[Difference]) -> Q:
    """Alerts of the same ledgers, or of none: by the index."""
    ledgers = {each.ledger for each in differences}
    return Q(ledger__in=ledgers - {None}) | Q(ledger=None) if None in ledgers else Q(ledger__in=ledgers)


def replay_recorded(*, since: date, now: datetime | None = None) -> list[AuditAlert]:
    """Recompute what was recommended from that local day on, and keep an alert for each that differs."""
    recent = Recommendation.objects.filter(recorded_at__gte=recorded_since(since))
    differences = [
        Difference(
            ledger=each.recommendation.ledger_id,
            check=Check.REPLAY,
            expected={row["field"]: row["recomputed"] for row in each.differences},
            found={row["field"]: row["stored"] for row in each.differences},
            recommendation=each.recommendation.pk,
        )
        for each in replayed(recent)
        if each.differences
    ]
    return record_differences(differences=differences, now=now or timezone.now())


def yesterday(now: datetime) -> date:
    """The local day before."""
    return timezone.localdate(now) - timedelta(days=1)


@atomic
def record_differences(*, differences: Iterable[Difference], now: datetime) -> list[AuditAlert]:
    """Keep an alert for each difference that has none current, and log it. Returns those kept now.

    One that a person has read comes back the next day while it lasts: reading repairs nothing.
    """
    found = {(each.ledger, each.fingerprint): each for each in differences}
    if not found:
        return []
    written = AuditAlert.objects.filter(
        Q(acknowledged_at=None) | Q(acknowledged_at__gte=recorded_since(timezone.localdate(now))),
        _of(found.values()),
        difference__in={fingerprint for _, fingerprint in found},
    )
    known = set(written.order_by().values_list("ledger", "difference"))
    alerts = [
        AuditAlert(
            ledger_id=each.ledger,
            landlord_id=each.landlord,
            check_code=each.check,
            holder_id=each.holder,
            recommendation_id=each.recommendation,
            expected=each.expected,
            found=each.found,
            difference=fingerprint,
            found_at=now,
        )
        for (_, fingerprint), each in found.items()
        if (each.ledger, fingerprint) not in known
    ]
    for alert in alerts:
        logger.error(
            "Ledger %s, %s: expected %s, found %s", alert.ledger_id, alert.check_code, alert.expected, alert.found
        )
    # Another worker may keep the same one meanwhile: the unique index leaves it at one.
    return AuditAlert.objects.bulk_create(alerts, ignore_conflicts=True)


@atomic
def acknowledge_alert(*, alert: AuditAlert, text: str, by: User, now: datetime | None = None) -> AuditAlert:
    """A person says that an alert was read, and what was seen. Nothing else changes: neither the alert nor the account;
    what a task had set aside is tried again.

    Raises AcknowledgementRefused: no sentence, or read already.
    """
    if not text.strip():
        raise AcknowledgementRefused("Dites en une phrase ce que vous avez constaté : l’alerte la garde.", field="text")
    held = AuditAlert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
    if held.acknowledged_at is not None:
        raise AcknowledgementRefused("Cette alerte a déjà été lue. Rechargez la page.")
    held.acknowledged_at, held.acknowledged_by, held.acknowledgement = now or timezone.now(), by, text.strip()
    held.save(update_fields=["acknowledged_at", "acknowledged_by", "acknowledgement"])
    if held.is_set_aside and held.found is not None:
        TaskFailure.objects.filter(task=held.found["task"], row=held.found["row"]).delete()
    return held


def alert_set_aside(*, now: datetime | None = None) -> list[AuditAlert]:
    """Keep an alert of each row that a task set aside and that has none current: those kept now. Asked when one is set
    aside, and every night."""
    found = [
        Difference(
            None,
            Check.APART,
            expected={"tries": 1},
            found={"tries": each.tries, "task": each.task, "row": each.row, "error": each.error},
        )
        for each in TaskFailure.objects.set_aside().order_by("pk")
    ]
    return record_differences(differences=found, now=now or timezone.now())
