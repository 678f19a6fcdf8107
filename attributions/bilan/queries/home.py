"""What is read of the home.

* The balances on each home page: to send, to answer, to read and to sign.
* Remarks and lines stated corrected that wait for longer than their term (`LegalParameter`, REMARK_DAYS).
* What a landlord is reminded of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from attributions.bilan.models import (
    AnnualBalance,
    BalanceDispatch,
    BalanceRemark,
    BalanceReminder,
    BalanceSignature,
    BalanceVersion,
)
from attributions.bilan.queries.deadlines import Arrival, ToSend, to_send, unsent
from reservations.deadlines import deadline, working_days
from reservations.models import Landlord, LegalParameter, Membership, Territory
from reservations.models.legal_parameter import figures_on
from reservations.models.together import Steps, stepwise


@dataclass(frozen=True, slots=True)
class Waiting:
    """A remark that waits: `since` what day, the `until` by which it should not, and the `days` of the term. `elapsed`:
    working days since."""

    remark: BalanceRemark
    since: date
    until: date
    days: int
    elapsed: int

    @property
    def left(self) -> int:
        """Working days left; below zero, so many too many."""
        return self.days - self.elapsed


@stepwise
def term_on(on: date) -> Steps[int | None]:
    """How many working days a remark may wait; None when no figure is in force. One query."""
    days = (yield from figures_on.steps(on)).get(LegalParameter.Code.REMARK_DAYS)
    return None if days is None else int(days)


def open_remarks() -> QuerySet[BalanceRemark]:
    """Those without an answer, and those stated corrected that no version has."""
    return BalanceRemark.objects.filter(Q(answer="") | Q(answer=BalanceRemark.Answer.CORRECTED, corrected_in=None))


def waiting(remark: BalanceRemark, *, today: date, days: int | None) -> Waiting | None:
    """How long this one waits, under a term of `days`; None when it waits for nothing, or no term is in force."""
    if days is None or (remark.answer and not remark.is_unsent_correction):
        return None
    moment = remark.answered_at if remark.answer else remark.made_at
    assert moment is not None
    since = timezone.localdate(moment)
    return Waiting(remark, since, deadline(since, days), days, working_days(since, today))


def late_remarks(*, today: date) -> list[Waiting]:
    """Those whose term is over, the oldest first. Two queries."""
    days = term_on(today)
    read = open_remarks().select_related(
        "version__balance__landlord__organisation", "version__balance__departement", "organisation"
    )
    found = (waiting(remark, today=today, days=days) for remark in read.order_by("made_at", "pk"))
    return [each for each in found if each is not None and each.until < today]


#: Lines of each list on a home page; the list of balances has them all.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class BalancesHome:
    """What awaits the reader. A landlord: what it has still to send, and its balances with remarks to answer or lines
    corrected and not sent, both counted (a balance, then each). The others: the latest versions sent to it, to sign for
    those who act for a holder, only to read for the rest. The lists hold the first ones, `answers` (remarks and lines),
    `signatures` and `readings` count all of them. `held`: those to sign once a remark of one's own has its answer.
    `remarks`: each of those to answer, with how long it has waited, when a term is in force."""

    to_send: list[tuple[Territory, Arrival]]
    to_answer: list[tuple[AnnualBalance, int, int]]
    to_sign: list[BalanceDispatch]
    to_read: list[BalanceDispatch]
    answers: int = 0
    signatures: int = 0
    readings: int = 0
    held: int = 0
    remarks: Sequence[tuple[BalanceRemark, Waiting | None]] = ()

    @property
    def waits(self) -> Waiting | None:
        """Of what is to answer, what has waited for the longest."""
        return min((each for _, each in self.remarks if each), key=lambda each: each.since, default=None)

    def __bool__(self) -> bool:
        return bool(self.to_send or self.to_answer or self.to_sign or self.to_read)


class Part(StrEnum):
    """What may await an organisation of its balances."""

    SEND = "SEND"
    ANSWER = "ANSWER"
    SIGN = "SIGN"
    HELD = "HELD"
    READ = "READ"


def parts(member: Membership, *, today: date) -> dict[str, QuerySet[Any]]:
    """What may await this person’s organisation: the rows of each part."""
    if member.landlord is not None:
        found = {Part.SEND: unsent(member.landlord, today.year - 1), Part.ANSWER: _asked_of(member)}
    else:
        found = {Part.READ: to_read(member)}
    if member.is_holder:
        found[Part.HELD] = _to_sign(member).filter(Exists(_asked_by(member)))
    if member.is_landlord or member.is_holder:
        found[Part.SIGN] = to_sign_now(member)
    return {str(part): rows for part, rows in found.items()}


def balances_home(member: Membership, there: Collection[str], *, today: date) -> BalancesHome:
    """What awaits this person’s organisation; `there`: those of its `parts` that have rows. A query for each, three to
    send and two to answer; one more for each list that is longer than what is shown."""
    unsigned, signatures = _first(to_sign_now(member)) if Part.SIGN in there else ([], 0)
    if member.landlord is not None:
        due = to_send(member.landlord, today=today) if Part.SEND in there else []
        asked, remarks = _to_answer(member, today) if Part.ANSWER in there else ([], [])
        return BalancesHome(due, asked[:SHOWN], unsigned, [], len(remarks), signatures, remarks=remarks)
    unread, readings = _first(to_read(member)) if Part.READ in there else ([], 0)
    held = _to_sign(member).filter(Exists(_asked_by(member))).count() if Part.HELD in there else 0
    return BalancesHome([], [], unsigned, unread, 0, signatures, readings, held)


def _first(dispatches: QuerySet[BalanceDispatch]) -> tuple[list[BalanceDispatch], int]:
    """Those that are shown, and how many there are. One query, two when some are not shown."""
    shown = list(dispatches[:SHOWN])
    return shown, len(shown) if len(shown) < SHOWN else dispatches.count()


def _to_answer(
    member: Membership, today: date
) -> tuple[list[tuple[AnnualBalance, int, int]], list[tuple[BalanceRemark, Waiting | None]]]:
    """Each balance, its remarks without an answer, and its lines stated corrected that no version has; and each of
    these with how long it has waited. One query, two when something waits."""
    read = _asked_of(member).select_related("version__balance__departement")
    remarks = list(read.order_by("-version__balance__exercise", "pk"))
    asked: Counter[AnnualBalance] = Counter()
    unsent_lines: Counter[AnnualBalance] = Counter()
    balances = dict.fromkeys(remark.version.balance for remark in remarks)
    for remark in remarks:
        (unsent_lines if remark.answer else asked)[remark.version.balance] += 1
    days = term_on(today) if remarks else None
    listed = [(balance, asked[balance], unsent_lines[balance]) for balance in balances]
    return listed, [(remark, waiting(remark, today=today, days=days)) for remark in remarks]


def _asked_of(member: Membership) -> QuerySet[BalanceRemark]:
    """The open remarks on the balances of this person's organisation."""
    return open_remarks().filter(version__balance__landlord__organisation=member.organisation_id)


def _latest(member: Membership) -> QuerySet[BalanceDispatch]:
    """How the latest version of each balance was sent to this person's organisation."""
    later = BalanceVersion.objects.filter(balance=OuterRef("version__balance"), number__gt=OuterRef("version__number"))
    return (
        BalanceDispatch.objects.filter(~Exists(later), organisation=member.organisation_id)
        .select_related("version__balance__landlord__organisation", "version__balance__departement")
        .order_by("version__sent_at", "pk")
    )


def to_read(member: Membership) -> QuerySet[BalanceDispatch]:
    """The latest versions sent to whoever is no landlord, to read only, that nobody has opened."""
    unopened = _latest(member).filter(opened_at=None)
    return unopened.filter(signs=False) if member.is_holder else unopened


def to_sign_now(member: Membership) -> QuerySet[BalanceDispatch]:
    """Those to sign now: what an open remark of one's own holds back waits for its answer. None for who signs none."""
    if not (member.is_landlord or member.is_holder):
        return BalanceDispatch.objects.none()
    return _to_sign(member).filter(~Exists(_asked_by(member)))


def _to_sign(member: Membership) -> QuerySet[BalanceDispatch]:
    """The latest versions that this person's organisation signs, and has not signed."""
    mine = BalanceSignature.objects.filter(version=OuterRef("version"), organisation=member.organisation_id)
    return _latest(member).filter(~Exists(mine), signs=True, version__sealed_at=None)


def _asked_by(member: Membership) -> QuerySet[BalanceRemark]:
    """The remarks of this person's organisation on the balance of a dispatch, without an answer."""
    return BalanceRemark.objects.filter(
        version__balance=OuterRef("version__balance"), organisation=member.organisation_id, answer=""
    )


def reminders_of(landlord: Landlord, still: ToSend, *, today: date) -> list[BalanceReminder]:
    """The last reminder of each organisation, of the balances of the year before, while one is `still` to send in any
    département: a reminder names none. One query at most."""
    if not still:
        return []
    found = BalanceReminder.objects.filter(landlord=landlord, exercise=today.year - 1)
    latest = found.order_by("organisation_id", "-at").distinct("organisation_id")
    return list(latest.select_related("organisation"))


@stepwise
def last_reminders(landlords: Collection[int], exercise: int) -> Steps[dict[int, date]]:
    """The last time that each landlord (id) was reminded of its balance of a year. One query."""
    asked = BalanceReminder.objects.filter(landlord__in=landlords, exercise=exercise).order_by("at")
    (rows,) = yield [asked.values_list("landlord", "at")]
    return {landlord: timezone.localdate(at) for landlord, at in rows}
