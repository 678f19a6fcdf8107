"""The balances on each home page: to send, to answer, to read and to sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from attributions.bilan.models import AnnualBalance, BalanceDispatch, BalanceRemark, BalanceSignature, BalanceVersion
from attributions.bilan.queries.due import Arrival, to_send
from attributions.bilan.queries.waiting import Waiting, open_remarks, term_on, waiting
from reservations.models import Membership, Territory

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


def balances_home(member: Membership, *, today: date) -> BalancesHome:
    """What awaits this person’s organisation. Four to six queries for a landlord, nine or ten with a balance to send;
    three for the others, two when they do not sign; one more for each list that is longer than what is shown."""
    unsigned, signatures = _first(to_sign_now(member))
    if member.landlord is not None:
        due, (asked, remarks) = to_send(member.landlord, today=today), _to_answer(member, today)
        return BalancesHome(due, asked[:SHOWN], unsigned, [], len(remarks), signatures, remarks=remarks)
    unread, readings = _first(to_read(member))
    held = _to_sign(member).filter(Exists(_asked_by(member))).count() if member.is_holder else 0
    return BalancesHome([], [], unsigned, unread, 0, signatures, readings, held)


def _first(dispatches: QuerySet[BalanceDispatch]) -> tuple[list[BalanceDispatch], int]:
    """Those that are shown, and how many there are. One query, two when some are not shown."""
    shown = list(dispatches[:SHOWN])
    return shown, len(shown) if len(shown) < SHOWN else dispatches.count()


def _to_answer(
    member: Membership, today: date
) -> tuple[list[tuple[AnnualBalance, int, int]], list[tuple[BalanceRemark, Waiting | None]]]:
    """Each balance, its remarks without an answer, and its lines said corrected that no version has; and each of these
    with how long it has waited. One query, two when something waits."""
    remarks = list(
        open_remarks()
        .filter(version__balance__landlord__organisation=member.organisation_id)
        .select_related("version__balance__departement")
        .order_by("-version__balance__exercise", "pk")
    )
    asked: Counter[AnnualBalance] = Counter()
    unsent_lines: Counter[AnnualBalance] = Counter()
    balances = dict.fromkeys(remark.version.balance for remark in remarks)
    for remark in remarks:
        (unsent_lines if remark.answer else asked)[remark.version.balance] += 1
    days = term_on(today) if remarks else None
    listed = [(balance, asked[balance], unsent_lines[balance]) for balance in balances]
    return listed, [(remark, waiting(remark, today=today, days=days)) for remark in remarks]


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
