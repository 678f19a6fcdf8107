"""Accounts counted again from acts alone: units that fell vacant, what conventions promise on their day, decisions,
routings, returns, parts of a new programme. Nothing of an account, of a fold or of a query of the product is read to
count: its entries are what is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db.models import Max, Min, Q, Sum

from flux.models import (
    Absorption,
    Allotment,
    CarriedOver,
    FlowEntry,
    Ledger,
    Recommendation,
    Return,
    Routing,
    TransferredUnit,
    Vacancy,
)
from reservations.models import Convention, ReservationHolder, Territory
from reservations.models.convention import UNIT
from tests.attributions.recount_promised import Promised, own_of

Kind = Vacancy.Kind
#: Fallen vacant, followed until a lease, and neither let, cancelled nor closed.
OPEN = Q(cancelled_at=None, closed_on=None, is_let=False, kind__in=["IN_FLOW", "STOCK", "FIRST_LETTING", "TECHNICAL"])
#: By account and holder (ids).
Figures = dict[int, Counter[int]]


def check_once() -> None:
    """The two invariants, from acts: a unit is open once; it is due once, and received once or waits, in the account of
    its year alone, unless it was cancelled, or works took it out; handed on for one turn, it is so beside it too."""
    came_from = dict(TransferredUnit.objects.values_list("becomes", "unit"))
    dwellings: Counter[int] = Counter()
    for unit in Vacancy.objects.filter(OPEN).values_list("unit", flat=True):
        first = unit
        while first in came_from:  # what another landlord gave is the same dwelling
            first = came_from[first]
        dwellings[first] += 1
    assert [dwelling for dwelling, times in dwellings.items() if times > 1] == []
    out = out_for_works()
    decided = Vacancy.declared.filter(kind=Kind.IN_FLOW, recommendations__isnull=False).distinct()
    entered = set(decided.filter(cancelled_at=None).values_list("pk", flat=True)) - out
    for kind in (Ledger.Kind.ORDINARY, Ledger.Kind.ONE_TURN):
        moved = FlowEntry.objects.filter(ledger__kind=kind).exclude(vacancy=None).order_by()
        if kind == Ledger.Kind.ORDINARY:  # first lettings that a convention counts are due and received there too
            moved = moved.exclude(vacancy__kind=Kind.FIRST_LETTING)
        rows = list(
            moved.values("ledger", "vacancy")
            .annotate(
                due=Sum("quantity", filter=Q(stage="DUE"), default=0),
                received=Sum("quantity", filter=Q(stage__in=FlowEntry.RECEIVED), default=0),
            )
            .values_list("vacancy", "due", "received")
        )
        worth = {vacancy for vacancy, due, received in rows if due or received}
        assert {(due, received) for _, due, received in rows} <= {(0, 0), (UNIT, 1)}
        assert len(worth) == sum(1 for _, due, _ in rows if due), "in one account of a kind alone"
        if kind == Ledger.Kind.ORDINARY:
            assert worth == entered
        else:
            assert worth == handed_on() - out


def out_for_works() -> set[int]:
    """Units that works took out, and that are not let again: nothing was decided since."""
    decided = dict(Recommendation.objects.order_by().values_list("vacancy").annotate(Max("pk")))
    return {vacancy for vacancy, (_, then) in last_works().items() if decided.get(vacancy, 0) <= then}


def last_works() -> dict[int, tuple[int, int]]:
    """By vacancy, the last return for works and the decision that it ended (ids; 0: none)."""
    works = Return.objects.filter(reason=Return.Reason.WORKS).order_by("pk")
    rows = works.values_list("routing__vacancy", "pk", "routing__recommendation")
    return {vacancy: (pk, decided or 0) for vacancy, pk, decided in rows}


def handed_on() -> set[int]:
    """Units that stand and that a turn used has left to another, since any works; those beside the flow that their
    holder gave back."""
    works = last_works()
    used = {
        given.routing.vacancy_id
        for given in Return.objects.filter(
            counted=True, routing__vacancy__kind=Kind.IN_FLOW, routing__vacancy__cancelled_at=None
        ).select_related("routing")
        if given.pk > works.get(given.routing.vacancy_id, (0, 0))[0]
    }
    beside = Vacancy.objects.filter(kind__in=Vacancy.BESIDE, recommendations__isnull=False)
    return used | set(beside.values_list("pk", flat=True))


def check_accounts() -> None:
    """What each account of each landlord says is due and received is what acts make of it, holder by holder, to the
    millionth; what a year carries is what the year before left, within what the convention lets through."""
    heirs = _heirs()
    due, received = _entries(["DUE"]), _entries(FlowEntry.RECEIVED)
    for counted, read in ((dues(), due), (receipts(), received)):
        for ledger in Ledger.objects.order_by("pk"):
            assert _joined(read.get(ledger.pk), heirs) == _joined(counted.get(ledger.pk), heirs), ledger
    _check_carried(due, received, heirs)
    _check_absorbed(due, received)


def _joined(figures: Counter[int] | None, heirs: dict[int, int]) -> dict[int, int]:
    """By holder, what is not nothing; that of a party that another took the place of is read with the other's."""
    found: Counter[int] = Counter()
    for holder, quantity in (figures or {}).items():
        found[heirs.get(holder, holder)] += quantity
    return {holder: quantity for holder, quantity in found.items() if quantity}


def _heirs() -> dict[int, int]:
    """By contingent of an organisation that was united with another (ids), the other's."""
    gone = ReservationHolder.objects.exclude(organisation__merged_into=None).select_related("organisation")
    return {
        each.pk: ReservationHolder.objects.get(
            organisation=each.organisation.merged_into_id, contingent=each.contingent
        ).pk
        for each in gone
    }


def _entries(stages: Iterable[str]) -> Figures:
    found: Figures = {}
    rows = FlowEntry.objects.filter(stage__in=stages).order_by().values_list("ledger", "holder")
    for ledger, holder, quantity in rows.annotate(Sum("quantity")):
        found.setdefault(ledger, Counter())[holder] += quantity
    return found


def dues() -> Figures:
    """Each unit that entered an account, its convention’s share to each who has one on its day, the rest to the
    landlord; of a unit handed on, to those who may take it; of a first letting, in proportion to what was agreed."""
    found: Figures = {ledger.pk: Counter() for ledger in Ledger.objects.all()}
    promised = Promised()
    out, works = out_for_works(), last_works()
    flow = Vacancy.objects.filter(kind=Kind.IN_FLOW, recommendations__isnull=False).exclude(pk__in=out)
    first = Min("recommendations__sequence", filter=Q(recommendations__attempt=1))
    for vacancy in flow.select_related("unit__commune").annotate(rank=first).order_by("ledger", "rank"):
        found[vacancy.ledger_id].update(promised.shares(vacancy, found[vacancy.ledger_id]))
    made = Recommendation.objects.filter(ledger__kind=Ledger.Kind.ONE_TURN, vacancy__cancelled_at=None)
    credited: set[int] = set()
    for each in made.select_related("vacancy__unit__commune", "ledger").order_by("pk"):
        works_pk, taken_back = works.get(each.vacancy_id, (0, 0))
        if each.vacancy_id in credited | out or each.pk <= taken_back:
            continue
        credited.add(each.vacancy_id)
        given = Return.objects.filter(routing__vacancy=each.vacancy, pk__gt=works_pk).select_related("routing")
        earlier = [back.routing for back in given if (back.routing.recommendation_id or 0) < each.pk]
        yearly = Ledger.objects.ordinary().filter(
            landlord=each.ledger.landlord_id, departement=each.ledger.departement_id, exercise=each.ledger.exercise
        )
        so_far = found[yearly[0].pk] if yearly else Counter()
        may_not = frozenset(routing.holder_id for routing in earlier)
        found[each.ledger_id].update(promised.shares(each.vacancy, so_far, one_turn=True, but=may_not))
    for ledger, holder, quantity in first_dues(promised):
        found[ledger][holder] += quantity
    return found


def first_dues(promised: Promised) -> Iterator[tuple[int, int, int]]:
    """(account, holder, millionths): each home of a new programme in proportion to the parts agreed, so that all of
    them make each part; those that a convention counts, in the yearly account too."""
    let = Vacancy.objects.filter(kind=Kind.FIRST_LETTING, ledger__isnull=False).select_related("unit__commune")
    by_programme: dict[int, list[Vacancy]] = {}
    for vacancy in let.select_related("unit__programme").order_by("pk"):
        by_programme.setdefault(vacancy.unit.programme_id, []).append(vacancy)
        if any(quota.convention.first_letting_counts for quota in promised.quotas_at(vacancy)):
            yearly = Ledger.objects.ordinary().get(
                landlord=vacancy.landlord_id,
                departement=vacancy.unit.commune.departement_id,
                exercise=vacancy.registered_on.year,
            )
            for holder, share in promised.shares(vacancy, Counter(), counting=True).items():
                yield yearly.pk, holder, share
    for programme, homes in by_programme.items():
        parts = list(Allotment.objects.filter(programme=programme).order_by("pk"))
        units = homes[0].unit.programme.expected_units
        assert units is not None
        assert len({home.ledger_id for home in homes}) == 1
        running, before = 0, 0
        own = own_of(homes[0].landlord_id)
        left = units - sum(part.units for part in parts)
        for holder, count in [*((part.holder_id, part.units) for part in parts), (own, left)]:
            running += count
            upto = running * UNIT * len(homes) // units
            yield homes[0].ledger_id, holder, upto - before
            before = upto


def receipts() -> Figures:
    """Each unit of an account to who has it, or for whom it waits; where a turn was used, to whoever used it, and the
    unit is then received in the account of those handed on."""
    found: Figures = {ledger.pk: Counter() for ledger in Ledger.objects.all()}
    out, works = out_for_works(), last_works()
    used = {
        given.routing.vacancy_id: given.routing
        for given in Return.objects.filter(counted=True, routing__one_turn=False).select_related("routing")
        if given.pk > works.get(given.routing.vacancy_id, (0, 0))[0]
    }
    open_ones = {each.vacancy_id: each for each in Routing.objects.filter(closed_at=None)}
    last: dict[int, Recommendation] = {}
    decided = Recommendation.objects.select_related("ledger").defer("situation", "ranking", "plan")
    for each in decided.order_by("vacancy", "attempt"):
        last[each.vacancy_id] = each
    units = Vacancy.objects.filter(Q(pk__in=last) | Q(kind=Kind.FIRST_LETTING, ledger__isnull=False))
    for vacancy in units.select_related("unit__commune", "allotment"):
        routing, turn, made = open_ones.get(vacancy.pk), used.get(vacancy.pk), last.get(vacancy.pk)
        if vacancy.kind == Kind.FIRST_LETTING:  # its part of the programme served, whatever becomes of it
            allotted = vacancy.allotment.holder_id if vacancy.allotment else own_of(vacancy.landlord_id)
            found[vacancy.ledger_id][allotted] += 1
            _receive_first(vacancy, allotted, found)
        if made is None or vacancy.pk in out:
            continue
        has = routing.holder_id if routing else made.holder_id
        if vacancy.kind == Kind.IN_FLOW:
            found[vacancy.ledger_id][turn.holder_id if turn else has] += 1
        if made.ledger.kind == Ledger.Kind.ONE_TURN:
            found[made.ledger_id][has] += 1
    return found


def _receive_first(vacancy: Vacancy, allotted: int, found: Figures) -> None:
    """A first letting inside the percentages: received by its holder where its own convention counts it, else by the
    landlord."""
    counting = [quota for quota in Promised().quotas_at(vacancy) if quota.convention.first_letting_counts]
    if not counting:
        return
    yearly = Ledger.objects.ordinary().get(
        landlord=vacancy.landlord_id,
        departement=vacancy.unit.commune.departement_id,
        exercise=vacancy.registered_on.year,
    )
    counted = any(quota.holder_id == allotted for quota in counting)
    found[yearly.pk][allotted if counted else own_of(vacancy.landlord_id)] += 1


def _check_carried(due: Figures, received: Figures, heirs: dict[int, int]) -> None:
    """What earlier years left is given back unit by unit, from the landlord’s remainder, within what is carried; and it
    is what the year before left. What a return gave up, and what the end of a right moved, sums to nothing too."""
    moved = {stage: _entries([stage]) for stage in ("CARRIED", "FORFEITED", "TRANSFERRED")}
    for figures in moved.values():
        assert {ledger: sum(each.values()) for ledger, each in figures.items() if sum(each.values())} == {}
    assert (
        not FlowEntry.objects.filter(stage="CARRIED")
        .values("ledger", "vacancy")
        .annotate(sum=Sum("quantity"))
        .exclude(sum=0)
        .exists()
    )
    absorbed = set(Absorption.objects.filter(last_day__isnull=False).values_list("transfer__giver", flat=True))
    for ledger in Ledger.objects.ordinary().order_by("exercise", "pk"):
        rows: dict[int, list[CarriedOver]] = {}
        for row in CarriedOver.objects.filter(ledger=ledger).select_related("convention").order_by("ordinal"):
            rows.setdefault(row.holder_id, []).append(row)
        given = moved["CARRIED"].get(ledger.pk, Counter())
        own = own_of(ledger.landlord_id)
        before = _year_before(ledger)
        for holder, those in rows.items():
            total = sum(row.amount for row in those)
            if holder != own and len({row.amount > 0 for row in those}) == 1:
                assert 0 <= given[holder] * (1 if total > 0 else -1) <= abs(total), (ledger, holder)
            # What an absorbed landlord left comes by its own conventions: `_check_absorbed` counts it.
            found = [
                each for each in those if each.opening_id is None and each.convention.landlord_id == ledger.landlord_id
            ]
            if not found or before is None or ledger.landlord_id in absorbed:
                continue
            owed = (
                sum(figures.get(before.pk, Counter())[holder] for figures in (due, *moved.values()))
                - UNIT * received.get(before.pk, Counter())[holder]
            )
            owed += _not_given_back(before, holder, moved["CARRIED"])
            left = _let_through(owed, those[0].convention)
            if holder not in heirs and holder not in heirs.values():
                assert sum(row.amount for row in found) == left, (ledger, holder)


def _year_before(ledger: Ledger) -> Ledger | None:
    same = Ledger.objects.ordinary().filter(landlord=ledger.landlord_id, departement=ledger.departement_id)
    return same.filter(exercise=ledger.exercise - 1).first()


def _not_given_back(ledger: Ledger, holder: int, given: Figures) -> int:
    rows = CarriedOver.objects.filter(ledger=ledger, holder=holder).aggregate(sum=Sum("amount", default=0))
    return int(rows["sum"]) - given.get(ledger.pk, Counter())[holder]


def _check_absorbed(due: Figures, received: Figures) -> None:
    """The last account of a landlord that another absorbed leaves nothing to a holder: all of it passed, the steps of
    earlier years that were not given back included. Absorbed on a 1 January, its year is over: nothing is written in
    it, and the other's next one carries what it left, each holder as the convention that is taken over says."""
    moved = {stage: _entries([stage]) for stage in ("CARRIED", "FORFEITED", "TRANSFERRED")}
    for absorption in Absorption.objects.filter(last_day__isnull=False).select_related("transfer"):
        gone = absorption.transfer.giver_id
        assert absorption.last_day is not None
        ended = Convention.objects.filter(landlord=gone, ends_on=absorption.last_day)
        last = Ledger.objects.ordinary().filter(landlord=gone).order_by("departement_id", "-exercise")
        for ledger in last.distinct("departement"):
            clauses = _clauses(ended, ledger)
            is_over = (absorption.last_day + timedelta(days=1)).year > ledger.exercise
            carried = _carried_by(absorption, ledger) if is_over else Counter[int]()
            had = received.get(ledger.pk, Counter())
            figures = [each.get(ledger.pk, Counter()) for each in (due, *moved.values())]
            left_to = CarriedOver.objects.filter(ledger=ledger).values_list("holder", flat=True)
            for holder in set().union(had, *figures, carried, left_to) - {own_of(gone)}:
                left = sum(each[holder] for each in figures) - UNIT * had[holder]
                left += _not_given_back(ledger, holder, moved["CARRIED"])
                if is_over:
                    assert carried[holder] == _let_through(left, clauses.get(holder)), (ledger, holder)
                else:
                    assert left == 0, (ledger, holder)


def _clauses(ended: Iterable[Convention], ledger: Ledger) -> dict[int, Convention]:
    """By holder, the convention that ended there: in another département it has a clause of its own."""
    place = ledger.departement_id
    there = [
        each
        for each in ended
        if each.perimeter_id == place
        or Territory.objects.communes_within(each.perimeter).filter(departement=place).exists()
    ]
    return {quota.holder_id: convention for convention in there for quota in convention.quotas.all()}


def _carried_by(absorption: Absorption, ledger: Ledger) -> Counter[int]:
    """By holder, what an absorption carries of this account into the next year of the other landlord."""
    rows = CarriedOver.objects.filter(absorption=absorption, ledger__departement=ledger.departement_id)
    found: Counter[int] = Counter()
    for holder, amount in rows.values_list("holder", "amount"):
        found[holder] += amount
    return found


def _let_through(owed: int, convention: Convention | None) -> int:
    """What a convention carries of it; nothing without one."""
    if convention is None:
        return 0
    limit = None if convention.carry_over == "FULL" else convention.carry_over_cap or 0
    return owed if limit is None else max(-limit, min(limit, owed))
