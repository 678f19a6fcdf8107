"""The acts on lines.

* What every act on a balance shares: hold its row, read its latest version, refuse in a sentence.
* Correcting a line of a balance: one unit counts, or does not count, in a figure; the account keeps the trace.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from attributions.bilan.models import AnnualBalance, BalanceCorrection, BalanceDispatch, BalanceRemark, BalanceVersion
from attributions.bilan.queries.files import there_in
from attributions.households.models import Proposal
from flux.models import FlowEntry, Ledger, Routing, Vacancy
from flux.operations.departures import hold
from reservations.models import HistoryEntry, Landlord, Organisation, ReservationHolder, Territory, User
from reservations.models.guards import in_order
from reservations.models.terms import Side
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal
from reservations.words import of, towards


class BalanceRefused(Refusal):
    """This cannot be done with this balance now; the sentence says what to do next."""


@dataclass(frozen=True, slots=True)
class HeldBalance:
    """A balance whose row is locked: two people at once are one after the other, and the second reads what changed."""

    balance: AnnualBalance
    latest: BalanceVersion | None

    @property
    def content(self) -> dict[str, Any] | None:
        """What the latest version says."""
        return read(self.latest) if self.latest else None

    def current(self, version: BalanceVersion) -> BalanceVersion:
        """The version that the person read, when it is still the latest. Raises BalanceRefused otherwise."""
        if self.latest is None or version.pk != self.latest.pk:
            number = self.latest.number if self.latest else 0
            raise BalanceRefused(
                f"Entre-temps, la version {number} a été envoyée : lisez ce qui y a changé, puis décidez de nouveau."
            )
        return self.latest

    def sent_to(self, organisation: Organisation) -> BalanceDispatch:
        """How the latest version was sent to an organisation. Raises BalanceRefused when it was not."""
        found = BalanceDispatch.objects.filter(version=self.latest, organisation=organisation).first()
        if found is None:
            raise BalanceRefused(
                "Cette version n’a pas été envoyée à votre organisation : vous la lisez, et la prochaine vous sera "
                "adressée si vous y avez un droit ou un logement. Écrivez au bailleur."
            )
        return found


def read(version: BalanceVersion) -> dict[str, Any]:
    """The content of a version, as it was sent."""
    content: dict[str, Any] = json.loads(version.content)
    return content


def hold_balance(balance: AnnualBalance) -> HeldBalance:
    """Lock a balance, then read its latest version. To be called inside the transaction of the act."""
    held = (
        in_order(AnnualBalance.objects.all()).select_related("landlord__organisation", "departement").get(pk=balance.pk)
    )
    return HeldBalance(held, held.versions.order_by("-number").first())


def hold_accounts(balance: AnnualBalance) -> None:
    """Lock the ledgers that a balance is read from, those of other exercises where its acts are too, in the order of
    every act of the flow, after its own row: what is then read of them in several queries is of one moment. To be
    called inside the transaction of the act."""
    ledgers = Ledger.objects.filter(landlord=balance.landlord_id, departement=balance.departement_id)
    list(in_order(ledgers))


def open_balance(landlord: Landlord, departement: Territory, exercise: int) -> AnnualBalance:
    """The row of a balance, written at the first act upon it."""
    found, _ = AnnualBalance.objects.get_or_create(landlord=landlord, departement=departement, exercise=exercise)
    return found


Stage = FlowEntry.Stage

#: What is corrected here, by a memo entry. The rest moves the account: it has its own acts.
CORRECTED = FlowEntry.MEMO

#: Where the other figures are corrected.
ELSEWHERE = {
    Stage.ALLOCATED: "Une attribution se corrige par une décision rectificative, sur la page du logement à la CALEOL.",
    Stage.LEASED: "Un bail se corrige sur la page « Bail » du logement, qui l’annule ou en change la date.",
    Stage.RETURNED: "Un logement rendu se corrige en l’orientant de nouveau, sur sa page.",
}

#: Candidates lost for one unit when they are followed elsewhere: a committee reads a few at each turn.
MOST_REFUSED = 9


@atomic
def correct_line(
    *,
    balance: AnnualBalance,
    vacancy: Vacancy,
    holder: ReservationHolder,
    stage: str,
    quantity: int,
    side: str = "",
    why: str,
    remark: BalanceRemark | None = None,
    by: User,
    now: datetime | None = None,
) -> BalanceCorrection:
    """Take a unit out of a figure of a holder (`quantity` −1), or put it in (+1): one entry in the unit's own account,
    that moves neither what is due nor what is received. It bears the day of the act that it corrects, in the year of
    the balance, whenever it is made (docs/decisions/0036). The draft changes at once; what was sent never does.

    `stage`: OFFERED, DESIGNATED, LAPSED, or REFUSED with whose doing (`side`). `remark`: the one it answers.
    Raises BalanceRefused, by field: another figure (the sentence says where it is corrected), a unit of another
    balance, one that would count less than nothing or more often than it went to this holder, one still with this
    holder (its own acts say what becomes of it), no reason; HoldRefused: a unit cancelled meanwhile.
    """
    now = now or timezone.now()
    if stage not in CORRECTED:
        raise BalanceRefused(
            ELSEWHERE.get(Stage(stage), "Le dû et le reçu se corrigent par les actes du compte."), field="stage"
        )
    if quantity not in (-1, 1):
        raise BalanceRefused("Un logement à la fois : il compte, ou il ne compte pas.", field="quantity")
    if (stage == Stage.REFUSED) != (side in Side.values):
        raise BalanceRefused("Dites du fait de qui la candidature n’a pas abouti, et d’elle seule.", field="side")
    if not why.strip():
        raise BalanceRefused("Dites pourquoi cette ligne est corrigée : les réservataires le liront.", field="why")
    held = hold_balance(balance).balance
    if remark is not None and remark.version.balance_id != held.pk:
        raise BalanceRefused("Cette remarque porte sur un autre bilan.")
    found = hold(vacancy.pk).vacancy
    ledger = found.ledger
    if ledger is None or not _is_of(ledger, held):
        raise BalanceRefused("Ce logement n’est pas de ce bilan : choisissez-en un de la liste.", field="vacancy")
    _check(found, holder, stage, quantity, side)
    today, year = timezone.localdate(now), held.exercise
    day = (
        _undone_day(found, holder, stage, side, year) if quantity < 0 else _done_day(found, holder, stage, year, today)
    )
    entry = FlowEntry.objects.create(
        ledger=ledger,
        holder=holder,
        vacancy=found,
        stage=stage,
        quantity=quantity,
        side=side,
        on=day,
        acted_on=day,
    )
    correction = BalanceCorrection.objects.create(
        balance=held,
        remark=remark,
        vacancy=found,
        holder=holder,
        entry=entry,
        why=why.strip(),
        made_at=now,
        made_by=by,
    )
    details = {"unit": [None, found.unit.reference], "holder": [None, str(holder)], stage: [None, quantity]}
    record(held, HistoryEntry.Act.EDITED, by=by, why=why, details=details)
    return correction


def _is_of(ledger: Ledger, balance: AnnualBalance) -> bool:
    """Its landlord's, and of its département: what was done in its year may be of the units of another."""
    return (ledger.landlord_id, ledger.departement_id) == (balance.landlord_id, balance.departement_id)


def _undone_day(vacancy: Vacancy, holder: ReservationHolder, stage: str, side: str, year: int) -> date:
    """The last day of a year when an act that stands was done. Raises BalanceRefused without one."""
    acts = FlowEntry.objects.filter(ledger=vacancy.ledger_id, vacancy=vacancy, holder=holder, stage=stage, side=side)
    state = acts.filter(acted_on__year=year).order_by().values("acted_on").annotate(sum=Sum("quantity"))
    for day in state.filter(sum__gt=0).order_by("-acted_on").values_list("acted_on", flat=True):
        assert day is not None, "each entry has the day of its act, by a constraint"
        return day
    raise BalanceRefused(
        f"{vacancy.unit.reference} ne compte pas parmi les « {Stage(stage).label} » {of(holder)} en {year} : corrigez "
        "le bilan de l’année de l’acte.",
        field="vacancy",
    )


def _done_day(vacancy: Vacancy, holder: ReservationHolder, stage: str, year: int, today: date) -> date:
    """The day in a year when what was not counted could be done: that of the last routing to the holder, for an offer;
    for the others, the first day of the year on which it had the unit. Raises BalanceRefused where it had it not."""
    routings = there_in(year, Routing.objects.filter(vacancy=vacancy, holder=holder)).order_by("-pk")
    for routed_at in routings.values_list("routed_at", flat=True):
        routed_on = timezone.localdate(routed_at)
        if stage != Stage.OFFERED or routed_on.year == year:
            return min(max(routed_on, date(year, 1, 1)), today)
    raise BalanceRefused(
        f"{vacancy.unit.reference} n’a pas été orienté vers {towards(holder)} en {year} : corrigez le bilan de l’année "
        "de l’acte.",
        field="vacancy",
    )


def _check(vacancy: Vacancy, holder: ReservationHolder, stage: str, quantity: int, side: str) -> None:
    """Raises BalanceRefused when the unit would count less than nothing, or more than it can."""
    entries = FlowEntry.objects.filter(ledger=vacancy.ledger_id, vacancy=vacancy, holder=holder, stage=stage)
    counted = (entries.filter(side=side) if quantity < 0 else entries).aggregate(sum=Sum("quantity", default=0))["sum"]
    words = Stage(stage).label
    if counted + quantity < 0:
        raise BalanceRefused(
            f"{vacancy.unit.reference} ne compte pas parmi les « {words} » {of(holder)} : il n’y a rien à retirer.",
            field="vacancy",
        )
    routings = Routing.objects.filter(vacancy=vacancy, holder=holder)
    if quantity < 0 and stage in (Stage.OFFERED, Stage.DESIGNATED) and routings.filter(closed_at=None).exists():
        raise BalanceRefused(
            f"{vacancy.unit.reference} est toujours orienté vers {towards(holder)} : rendez-le ou orientez-le "
            "ailleurs, sur sa "
            "page ; le compte suivra.",
            field="vacancy",
        )
    if quantity > 0 and counted + quantity > _most(vacancy, holder, stage, routings.count()):
        raise BalanceRefused(
            f"{vacancy.unit.reference} compte déjà autant qu’il peut parmi les « {words} » {of(holder)}, qui l’a reçu "
            f"{routings.count()} fois.",
            field="vacancy",
        )


def _most(vacancy: Vacancy, holder: ReservationHolder, stage: str, received: int) -> int:
    """How often a unit may count: once each time it went to the holder; a refusal, once a candidate sent, as far as
    they are followed here."""
    if stage != Stage.REFUSED or not received:
        return received
    sent = Proposal.objects.filter(vacancy=vacancy, routing__holder=holder, designation__isnull=False).count()
    return sent or MOST_REFUSED * received
