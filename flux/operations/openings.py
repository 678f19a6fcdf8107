"""The acts on openings.

* The opening of an account: what each holder was owed before it was kept here counts once the holder accepted it.
* What units owed between the first day of a convention and its signature, settled in one entry of each account.
* What a convention owes of the units before its signature, recounted from its clause: found by the night, settled by
  a person where nothing was (docs/decisions/0118).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Min, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from flux.models import CarriedOver, FlowEntry, Ledger, OpeningAct, OpeningBalance, SettledDue, Vacancy
from flux.operations.decision import write_lines
from flux.operations.departures import foresee_again
from flux.operations.entries import settling
from flux.operations.ledgers import open_account
from flux.queries.controls.accounts import Check, Difference
from flux.queries.conventions import bearing
from flux.situation import Earlier, LedgerSituation, earlier_dues, earlier_ledgers, load, settled_from
from reservations.models import Convention, HistoryEntry, Landlord, ReservationHolder, Territory, User
from reservations.models.convention import UNIT
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.apart import each_apart
from reservations.operations.history import record
from reservations.queries.rights import Right, rights_in
from reservations.refusals import Refusal, constraints_speak
from reservations.words import of, towards

Act = OpeningAct.Act

#: A figure beyond is a slip of the keyboard.
MOST_UNITS = 99_999

#: How long before the account is kept here its figures may begin, and how far ahead its day may be stated.
LONGEST, FURTHEST = timedelta(days=731), timedelta(days=366)


class OpeningRefused(Refusal):
    """This opening balance cannot be proposed, or answered so; the sentence says what to do next."""


@dataclass(frozen=True, slots=True)
class OpeningFigures:
    """What a holder was owed over the time counted: `due` in millionths of a unit, the rest in whole units; what became
    of those received is None when it is not known."""

    units: int
    due: int
    received: int
    allocated: int | None = None
    leased: int | None = None


@atomic
def propose_opening(
    *,
    landlord: Landlord,
    departement: Territory,
    holder: ReservationHolder,
    since: date,
    opened_on: date,
    figures: OpeningFigures,
    source: str,
    by: User,
    now: datetime | None = None,
) -> OpeningBalance:
    """Propose what a holder was owed in an account when it began to be kept here, on `opened_on`. Nothing counts yet.

    Another one proposed for the same holder, and not accepted, is replaced. Everything that entered the flow before
    `opened_on` is in these figures: nothing of it may be registered here beside them.

    Raises OpeningRefused: dates out of order, the landlord's own row, a holder without a right there that year, no
    source, figures that cannot be, an account already kept here before that day, or an opening already accepted.
    """
    now = now or timezone.now()
    _check(since, opened_on, figures, source, timezone.localdate(now))
    if holder.is_not_reserved:
        raise OpeningRefused(
            "Le bailleur n’a pas de solde d’ouverture : il a ce que les réservataires n’ont pas.", field="holder"
        )
    ledger = open_account(landlord.pk, departement.pk, opened_on)
    if holder.pk not in settling(ledger):
        raise OpeningRefused(
            f"{holder} n’a aucun droit dans ce département en {ledger.exercise} : signez d’abord sa convention.",
            field="holder",
        )
    _check_unkept(ledger, opened_on)
    others = list(ledger.openings.active().with_state().order_by("pk"))
    before = next((each for each in others if each.holder_id == holder.pk), None)
    if before is not None and before.last_act == Act.ACCEPTED:
        raise OpeningRefused(
            f"{holder} a accepté son solde d’ouverture : il compte, et ne change plus.", field="holder"
        )
    for each in others:
        if each.holder_id != holder.pk and each.opened_on != opened_on:
            raise OpeningRefused(
                f"Ce compte est tenu ici à partir du {each.opened_on:%d/%m/%Y} pour {towards(each.holder)} : "
                "écrivez le même jour, ou retirez ce solde d’abord.",
                field="opened_on",
            )
    with constraints_speak(OpeningBalance):
        return OpeningBalance.objects.create(
            ledger=ledger,
            holder=holder,
            since=since,
            opened_on=opened_on,
            units=figures.units,
            due=figures.due,
            received=figures.received,
            allocated=figures.allocated,
            leased=figures.leased,
            source=source.strip(),
            replaces=before,
            proposed_by=by,
            proposed_at=now,
        )


def _check(since: date, opened_on: date, figures: OpeningFigures, source: str, today: date) -> None:
    """Raises OpeningRefused for what is known without the account."""
    if not since < opened_on:
        raise OpeningRefused("Ce qui est compté commence avant le jour où le compte est tenu ici.", field="since")
    if opened_on - since > LONGEST:
        raise OpeningRefused("Un solde d’ouverture couvre deux ans au plus : vérifiez l’année.", field="since")
    if not today - LONGEST <= opened_on <= today + FURTHEST:
        raise OpeningRefused("Vérifiez l’année : ce jour est à plus d’un an d’aujourd’hui.", field="opened_on")
    if not source.strip():
        raise OpeningRefused(
            "Dites d’où viennent ces chiffres : un tableau et sa date, un bilan envoyé, un procès-verbal.",
            field="source",
        )
    counts = {name: getattr(figures, name) for name in ("units", "received", "allocated", "leased")}
    for name, count in counts.items():
        if count is not None and not 0 <= count <= MOST_UNITS:
            raise OpeningRefused("Écrivez un nombre de logements, de 0 à 99 999.", field=name)
    if not 0 <= figures.due <= UNIT * figures.units:
        raise OpeningRefused(
            f"Le dû va de 0 à {figures.units}, le nombre de logements entrés dans le flux.", field="due"
        )
    for name, sentence in (
        ("received", "Les logements reçus ne dépassent pas ceux entrés dans le flux."),
        ("allocated", "Les attributions ne dépassent pas les logements reçus."),
        ("leased", "Les baux signés ne dépassent pas les logements reçus."),
    ):
        most = figures.units if name == "received" else figures.received
        if (counts[name] or 0) > most:
            raise OpeningRefused(sentence, field=name)


def _check_unkept(ledger: Ledger, opened_on: date) -> None:
    """Raises OpeningRefused when this account, or that of the year before, was already kept here then."""
    flow = Vacancy.objects.filter(kind=Vacancy.Kind.IN_FLOW, ledger__landlord=ledger.landlord_id)
    earlier = flow.filter(ledger__departement=ledger.departement_id, registered_on__lt=opened_on)
    first = earlier.order_by("registered_on").values_list("registered_on", flat=True).first()
    if first is not None:
        raise OpeningRefused(
            f"Un logement du flux est enregistré ici dès le {first:%d/%m/%Y} : le compte est tenu ici depuis. Écrivez "
            "ce jour-là, ou un jour d’avant.",
            field="opened_on",
        )


@atomic
def answer_opening(
    *, opening: OpeningBalance, act: str, text: str = "", by: User, now: datetime | None = None
) -> OpeningAct:
    """The holder accepts or contests an opening balance; the landlord maintains what is contested, or withdraws it.

    Accepted, it counts at once and for good: what was owed, or received ahead, is carried over, by equal steps over as
    many units as the rest of the year should bring, at the pace of the time counted (docs/decisions/0050-openings.md).

    Raises OpeningRefused: no such act, no sentence where one is asked, or an act out of turn.
    """
    now = now or timezone.now()
    ledger = in_order(Ledger.objects.all()).select_related("landlord", "departement").get(pk=opening.ledger_id)
    held = OpeningBalance.objects.with_state().select_related("holder__organisation").get(pk=opening.pk)
    if act not in Act.values:
        raise OpeningRefused("Répondez par l’un des boutons de la page : aucune réponse n’est arrivée.")
    if OpeningBalance.objects.filter(replaces=held).exists():
        raise OpeningRefused("Ce solde a été remplacé par un autre entre-temps : lisez celui-là.")
    if held.last_act in (Act.ACCEPTED, Act.WITHDRAWN):
        raise OpeningRefused(f"Ce solde est déjà {Act(held.last_act).label}. Rechargez la page.")
    if act == Act.MAINTAINED and held.last_act != Act.CONTESTED:
        raise OpeningRefused("Rien n’est contesté : il n’y a rien à maintenir.")
    if act == Act.CONTESTED and held.last_act == Act.CONTESTED:
        raise OpeningRefused("Vous l’avez déjà contesté : le bailleur doit répondre.")
    if act != Act.ACCEPTED and not text.strip():
        raise OpeningRefused("Dites pourquoi en une phrase : l’autre partie la lira.", field="text")
    with constraints_speak(OpeningAct):
        row = OpeningAct.objects.create(opening=held, act=act, text=text.strip(), by=by, at=now)
    if act == Act.ACCEPTED:
        _carry(ledger, held)
    return row


def _carry(ledger: Ledger, opening: OpeningBalance) -> None:
    """Carry over what an opening leaves due, or ahead."""
    convention = settling(ledger).get(opening.holder_id)
    if convention is None:
        raise OpeningRefused(
            f"{opening.holder} n’a plus de droit dans ce compte : une convention {of(opening.holder)} d’abord."
        )
    if not opening.gap:
        return
    CarriedOver.objects.create(
        ledger=ledger,
        holder=opening.holder,
        ordinal=ledger.carried_over.filter(holder=opening.holder_id).count() + 1,
        convention=convention,
        opening=opening,
        amount=opening.gap,
        planned=opening.spread_over,
    )
    foresee_again(ledger.pk)


#: How long a night looks back for what a lost wake-up call left unsettled.
LOOKED_BACK = timedelta(days=3)


@atomic
def settle_earlier_dues(*, convention: Convention, on: date, before: datetime | None = None) -> int:
    """Write, in each account, what the units that it credited since the first day of a signed convention, or since its
    signature where its text leaves what precedes it, owe its holders, taken from what nobody reserves, on that day:
    how many entries. Twice is once.

    `before`: when it was recorded as signed, where that is over; what was credited since counted it already.
    """
    since = settled_from(convention)
    if since is None or SettledDue.objects.filter(convention=convention).exists():
        return 0
    found = earlier_ledgers(convention, since=since)
    ids, places = {ledger.pk for ledger in found}, {ledger.departement_id for ledger in found}
    # The years that carry them too, before any of them moves.
    books = in_order(Ledger.objects.ordinary()).select_related("landlord", "departement")
    after = books.filter(landlord=convention.landlord_id, departement__in=places, exercise__gte=since.year)
    held = [ledger for ledger in after if ledger.pk in ids]
    return sum(_settle(load(ledger), convention, on=on, since=since, before=before) for ledger in held)


def _settle(
    situation: LedgerSituation, convention: Convention, *, on: date, since: date, before: datetime | None
) -> int:
    found = earlier_dues(situation, convention, since=since, before=before)
    entries: list[tuple[Earlier, FlowEntry]] = []
    for each in found:
        key = str(each.holder.pk)
        less, more = situation.take_over(situation.landlord, key, each.amount, each.parts)
        for holder, quantity, spread in ((key, each.amount, more), (situation.landlord, -each.amount, less)):
            entry = FlowEntry(
                ledger=situation.ledger,
                holder=situation.holders[holder],
                stage=FlowEntry.Stage.TRANSFERRED,
                quantity=quantity,
                spread=spread,
                on=on,
            )
            entries.append((each, entry))
    if entries:
        FlowEntry.objects.bulk_create(entry for _, entry in entries)
        SettledDue.objects.bulk_create(
            SettledDue(convention=convention, entry=entry, units=each.units, since=each.since, until=each.until)
            for each, entry in entries
        )
        write_lines(situation, on=on)
    return len(entries)


def settle_signed(*, convention_id: int, now: datetime | None = None) -> int:
    """Settle a convention that was recorded as signed, an order or a file for instance: how many entries."""
    convention = Convention.objects.filter(pk=convention_id, status__in=Convention.BINDING).first()
    if convention is None:
        return 0
    signed = HistoryEntry.objects.about(convention).filter(act=HistoryEntry.Act.SIGNED).order_by("pk").last()
    before = signed.at if signed is not None else None
    return settle_earlier_dues(convention=convention, on=timezone.localdate(now), before=before)


def settle_lately_signed(*, now: datetime | None = None) -> int:
    """Every night: what a lost wake-up call left unsettled. How many entries."""
    now = now or timezone.now()
    acts = HistoryEntry.objects.filter(
        act=HistoryEntry.Act.SIGNED, subject=Convention._meta.label_lower, at__gte=now - LOOKED_BACK
    )
    found = Convention.objects.binding().filter(pk__in=acts.order_by().values("subject_id"), settled=None)
    late = found.filter(starts_on__lt=timezone.localdate(now)).order_by("pk").values_list("pk", flat=True)
    return each_apart(
        "flux.earlier_dues",
        list(late),
        lambda pk: settle_signed(convention_id=pk, now=now),
        name="convention:{}".format,
        now=now,
    )


#: By account and holder (ids), in millionths.
type Dues = dict[tuple[int, int], int]


def settlements_adrift(today: date) -> Iterator[Difference]:
    """Of each convention recorded as signed after its first day, this year or the last: what its accounts settled,
    where it is not what its clause gives of the units that they had credited. A query, and five for each of them."""
    act = HistoryEntry.objects.filter(
        act=HistoryEntry.Act.SIGNED, subject=Convention._meta.label_lower, subject_id=OuterRef("pk")
    )
    recorded = Subquery(act.order_by("-pk").values("at")[:1])
    late = Convention.objects.binding().annotate(recorded_at=recorded, day=TruncDate(recorded))
    for convention in late.filter(starts_on__lt=F("day"), day__gte=date(today.year - 1, 1, 1)).order_by("pk"):
        expected, found = _owed(convention), _settled(convention)
        for ledger, holder in sorted({*expected, *found}):
            wanted, had = expected.get((ledger, holder), 0), found.get((ledger, holder), 0)
            if wanted != had:
                figures = {"settled": had, "convention": convention.pk}
                yield Difference(ledger, Check.SETTLED, {"settled": wanted}, figures, holder=holder)


def _settled(convention: Convention) -> Dues:
    rows = SettledDue.objects.filter(convention=convention, entry__quantity__gt=0).order_by()
    summed = rows.values_list("entry__ledger", "entry__holder").annotate(Sum("entry__quantity"))
    return {(ledger, holder): amount for ledger, holder, amount in summed}


def _owed(convention: Convention) -> Dues:
    """What its clause gives of each unit that was credited before it was recorded, one after the other."""
    since, owed = settled_from(convention), defaultdict[tuple[int, int], int](int)
    if since is None:
        return owed
    written = FlowEntry.objects.filter(recorded_at__lte=convention.recorded_at)  # type: ignore[attr-defined]
    if first := SettledDue.objects.filter(convention=convention).aggregate(first=Min("entry"))["first"]:
        written = written.filter(pk__lt=first)
    written = written.filter(ledger__landlord=convention.landlord_id, ledger__kind="ORDINARY")
    credited = written.filter(stage=FlowEntry.Stage.DUE, ledger__exercise__gte=since.year)
    mine = rights_in(convention)
    for ledger, vacancy in _units(credited):
        if not since <= vacancy.rights_on <= convention.ends_on:
            continue
        for right in bearing(mine, vacancy):
            place = ledger, right.holder.pk
            share = right.share
            if right.yearly_units is not None:
                before = written.filter(ledger=ledger, holder=right.holder)
                share = min(share, _left(right, before) - owed[place])
            owed[place] += max(0, share)
    return {place: amount for place, amount in owed.items() if amount}


def _units(credited: QuerySet[FlowEntry]) -> Iterator[tuple[int, Vacancy]]:
    """The units that accounts (ids) hold as credited, in the order in which they fell vacant."""
    pairs = credited.order_by("vacancy").values_list("ledger", "vacancy").annotate(due=Sum("quantity")).exclude(due=0)
    found = [(ledger, vacancy) for ledger, vacancy, _ in pairs]
    read = Vacancy.objects.select_related("unit__commune", "unit__programme").in_bulk({pk for _, pk in found})
    return ((ledger, read[pk]) for ledger, pk in found)


def _left(right: Right, before: QuerySet[FlowEntry]) -> int:
    """What a right of N units a year still has, once what was credited or settled is taken off."""
    credited = before.filter(stage=FlowEntry.Stage.DUE) | before.filter(settled__isnull=False)
    return UNIT * (right.yearly_units or 0) - (credited.aggregate(due=Sum("quantity"))["due"] or 0)


@atomic
def settle_missing(*, convention: int, by: User) -> int:
    """Settle what a convention (id) owes of the units before its signature, where nothing was: how many entries.

    Raises Refusal: it is settled already.
    """
    about = Convention.objects.get(pk=convention)
    written = settle_signed(convention_id=about.pk)
    if not written:
        raise Refusal(
            "Cette convention est déjà réglée, ou ne règle rien : si le chiffre diffère, l’exploitant cherche qui a "
            "écrit hors de l’application."
        )
    details = {"settled": [0, written]}
    record(about, HistoryEntry.Act.RECORDED, by=by, why="Règlement manquant, trouvé par un contrôle.", details=details)
    return written
