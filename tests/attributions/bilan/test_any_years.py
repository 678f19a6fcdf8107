"""A landlord's acts in any order across two ends of year, typed the day they are done or long after: every cell of
every balance is what this test wrote down of each act when it did it; its recount, its accounts and the controls of the
night say the same.

What was written down here is of no table that a balance reads: the holder, the unit and the day that were typed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

import pytest
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from attributions.bilan.models import BalanceCorrection
from attributions.bilan.operations.lines import correct_line, open_balance
from attributions.bilan.queries.balance import balance
from attributions.bilan.queries.recounts import Tables, differences, read_tables
from attributions.households.models import AgendaItem, Designation, Lease, Proposal
from attributions.households.operations.agenda import add_to_agenda
from attributions.households.operations.calls import cancel_followed
from attributions.households.operations.lease import record_outside_lease, undo_lease
from attributions.households.operations.needs import instruct_proposal
from attributions.households.operations.offers import withdraw_proposal
from attributions.households.operations.session import open_session
from attributions.households.operations.silence import give_unit_back, lapse_silent_routings, say_no_candidate
from attributions.households.operations.withdrawals import record_outside_allocation, undo_outside
from flux.controls import run_controls
from flux.models import AuditAlert, Ledger, Programme, Recommendation, Return, Routing, Unit, Vacancy
from flux.operations.entries import lost_dues
from flux.operations.outcomes import resume_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.stock import keep_in_stock
from flux.operations.stock_rights import settle_ended_rights
from flux.operations.stock_transfers import Given, accept_transfer, follow_absorptions, propose_transfer
from flux.operations.vacancy import open_of
from flux.operations.vacancy_dates import VacancyOpen
from flux.queries.controls.folds import drift
from reservations.models import Landlord, Organisation, ReservationHolder
from reservations.operations.merger import merge_organisations
from reservations.operations.party import register_organisation
from reservations.refusals import Refusal
from tests.attributions.bilan.same_totals import check_totals
from tests.attributions.households.candidates import agree, sent
from tests.attributions.households.sittings import House, house, lines
from tests.attributions.recount import check_accounts, check_once
from tests.flux.books import check_books
from tests.flux.queries.test_uncarried import lacking
from tests.world import World, convention, manager_of, siren

pytestmark = pytest.mark.django_db

#: The morning on which a life begins; two years end before it does.
FIRST = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
YEARS = (2026, 2027, 2028)
#: Faults that are mended elsewhere: each says which acts are drawn only once it is (issue 28, section A).
MERGERS = True  # points 1 and 3 of the merger of organisations
AFTER_CORRECTION = True  # point 4: what undoes an act after a hand correction is dated to its year


@dataclass
class Fact:
    """One act as it was typed: what it counts as, of which unit and routing, on which day, how many times."""

    measure: str
    vacancy: int
    routing: int
    on: date
    times: int = 1


@dataclass
class Diary:
    """What was done, act by act; `touched`: the units of which a line was corrected by hand; `late`: how many
    committees of the year before were typed after."""

    facts: list[Fact] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    late: int = 0

    def write(self, measure: str, routing: Routing, on: date, times: int = 1) -> None:
        self.facts.append(Fact(measure, routing.vacancy_id, routing.pk, on, times))

    def strike(self, measure: str, vacancy: int, *, routing: int | None = None) -> None:
        """It is as if it had never been done: the latest of them."""
        for fact in reversed(self.facts):
            if (fact.measure, fact.vacancy) == (measure, vacancy) and routing in (None, fact.routing):
                self.facts.remove(fact)
                return

    def tables(self, landlord: Landlord, year: int) -> Tables:
        """The five tables of a year of a landlord, counted from what was written down."""
        holders = dict(Routing.objects.order_by().values_list("pk", "holder"))
        in_accounts = Vacancy.objects.filter(landlord=landlord).exclude(ledger=None)  # the stock is read beside
        current = {each.pk: each for each in in_accounts.select_related("unit__commune")}
        found: dict[str, dict[int, dict[str, Counter[str]]]] = {
            axis: {} for axis in ("TYPOLOGY", "FINANCING", "QPV", "COMMUNE", "PERIOD")
        }
        for fact in self.facts:
            if fact.on.year != year or fact.vacancy not in current:
                continue
            unit = current[fact.vacancy].unit
            told_of = {
                "TYPOLOGY": unit.typology,
                "FINANCING": unit.financing_group,
                "QPV": unit.qpv,
                "COMMUNE": unit.commune.code,
                "PERIOD": unit.period,
            }
            for axis, category in told_of.items():
                row = found[axis].setdefault(holders[fact.routing], {})
                row.setdefault(category, Counter())[fact.measure] += fact.times
        return {
            axis: {
                holder: {category: dict(counts) for category, counts in row.items() if any(counts.values())}
                for holder, row in rows.items()
            }
            for axis, rows in found.items()
        }


class Years:
    """A life: its chance, its clock, and its diary. A refused act leaves nothing."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance, self.diary = world, random.Random(seed), Diary()
        self.now = FIRST
        self.rank = 0
        self.merged = self.absorbed = False

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @cached_property
    def house(self) -> House:
        return house(self.world, quorum=1)

    @property
    def by(self) -> dict[str, object]:
        return {"by": self.world.people["alice"], "now": self.now}

    def past_day(self, since: date) -> date:
        """Today, or a day since then: what is typed late."""
        days = (self.today - since).days
        return self.today - timedelta(days=self.chance.choice([0, 0, self.chance.randint(0, days)]))

    def open(self, **which: object) -> Routing | None:
        rows = Routing.objects.filter(closed_at=None, vacancy__cancelled_at=None, vacancy__is_let=False, **which)
        if not AFTER_CORRECTION:
            rows = rows.exclude(vacancy__in=self.diary.touched)
        found = list(rows.select_related("vacancy__unit", "holder__organisation").order_by("pk"))
        return self.chance.choice(found) if found else None

    def outside(self) -> Routing | None:
        """One whose candidates are not followed here."""
        return self.open(vacancy__designations=None)

    # --- acts: each is done, then written down ---

    def fall(self) -> None:
        draw, world = self.chance.choice, self.world
        landlords = [world.landlord] * 4 + [world.other_landlord] * (not self.absorbed)
        vacancy = world.vacancy(
            now=self.now,
            landlord=draw(landlords),
            commune=draw(("Narbonne", "Narbonne", "Coursan")),
            rooms=self.chance.randint(1, 7),
            financing_code=draw(("10", "13", "16", "")),
            in_qpv=draw((True, False, None)),
            construction_year=draw((1948, 1972, 1999, 2015, None)),
        )
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=self.now)
        if self.chance.random() < 0.85:
            self.confirm()

    def confirm(self) -> None:
        for vacancy in list(Vacancy.objects.to_confirm().values_list("pk", flat=True)):
            [routing] = confirm_recommendations(vacancies=[vacancy], **self.by)
            self.diary.write("offered", routing, self.today)

    def reroute(self) -> None:
        if (routing := self.open()) is not None:
            ours = routing.vacancy.landlord == self.world.landlord
            others = ("als", "epci", "landlord") if ours else ("other_landlord",)
            self.move(routing, self.chance.choice(("city", "priority", *others)))

    def to_the_city(self) -> None:
        """Whose candidates are followed here."""
        routing = self.outside()
        if routing is not None and routing.holder != self.world.holders["city"]:
            self.move(routing, "city")

    def move(self, routing: Routing, to: str) -> None:
        holder = self.world.holders[to]
        moved = route_elsewhere(
            vacancy=routing.vacancy, holder=holder, motive="OTHER", motive_text="Au hasard.", **self.by
        )
        self.diary.strike("offered", routing.vacancy_id, routing=routing.pk)
        self.diary.write("offered", moved, self.today)

    def give_back(self) -> None:
        if (routing := self.open()) is not None:
            reason = self.chance.choice(("DECLINED", "WORKS", "ERROR"))
            with self.returns():
                give_unit_back(routing=routing, reason=reason, text="Au hasard.", **self.by)

    def say_nobody(self) -> None:
        if (routing := self.outside()) is not None:
            with self.returns():
                say_no_candidate(routing=routing, **self.by)

    def lapse(self) -> None:
        """The night after the last days of some holders."""
        if AFTER_CORRECTION or not self.diary.touched:
            with self.returns():
                lapse_silent_routings(now=self.now)

    @contextmanager
    def returns(self) -> Iterator[None]:
        """What was given back by an act, and what was routed at once after it."""
        given, routed = (set(model.objects.values_list("pk", flat=True)) for model in (Return, Routing))
        yield
        for each in Return.objects.exclude(pk__in=given).select_related("routing").order_by("pk"):
            self.diary.write("returned", each.routing, self.today)
            if each.reason == Return.Reason.NO_CANDIDATE:
                self.diary.write("lapsed", each.routing, self.today)
            if not each.offered:
                self.diary.strike("offered", each.routing.vacancy_id, routing=each.routing_id)
        for following in Routing.objects.exclude(pk__in=routed).order_by("pk"):
            self.diary.write("offered", following, self.today)

    def send(self) -> None:
        """Two households, sent the same day."""
        ours = {"vacancy__landlord": self.world.landlord}  # whose committee sits below
        routing = self.open(vacancy__designations=None, holder=self.world.holders["city"], **ours)
        if routing is None:
            return
        self.rank += 2
        sent(self.world, routing, self.rank, self.rank + 1, now=self.now)
        self.diary.write("designated", routing, self.today)

    def sit(self) -> None:
        """A committee of any day since its candidates were sent, typed today: of the year before when they were sent in
        it. It keeps one, or nobody."""
        open_ones = Q(routing__closed_at=None, vacancy__cancelled_at=None, designation__isnull=False, status="SENT")
        waiting = list(Proposal.objects.filter(open_ones).select_related("designation", "routing").order_by("pk"))
        waiting = [each for each in waiting if each.vacancy_id not in self.diary.touched]
        if not waiting:
            return
        first = self.chance.choice([each for each in waiting if sent_on(each).year < self.today.year] or waiting)
        held = self.past_day(sent_on(first))
        if sent_on(first).year < self.today.year:
            days = (date(sent_on(first).year, 12, 31) - sent_on(first)).days
            held = sent_on(first) + timedelta(days=self.chance.randint(0, days))
        at = min(self.now, max(first.designation.sent_at, datetime.combine(held, time(12), UTC)))
        by = self.world.people["aline"]
        asked = [each for each in waiting if each.vacancy_id == first.vacancy_id]
        for proposal in asked:
            instruct_proposal(proposal=proposal, by=by, now=at)
        house = self.house
        session = house.session(now=at, held_at=at)
        [item] = add_to_agenda(session=session, vacancies=[first.vacancy], by=by, now=at)
        open_session(session=session, present=list(house.members.values()), by=by, now=at)
        kinds = [self.chance.choice(("RANKED 1", "NOT_ALLOCATED SIZE"))] + ["NOT_ALLOCATED SIZE"] * (len(asked) - 1)
        with self.returns():
            house.decide(AgendaItem.objects.get(pk=item.pk), *lines(item, *kinds), now=self.now)
        kept = kinds[0] == "RANKED 1"
        if kept:
            self.diary.write("allocated", first.routing, held)
        if len(asked) > kept:
            self.diary.write("refused", first.routing, held, len(asked) - kept)
        self.diary.late += held.year < self.today.year

    def withdraw(self) -> None:
        live = Proposal.objects.live().filter(designation__isnull=False, status="SENT").order_by("pk")
        proposal = self.chance.choice(list(live.select_related("routing"))) if live else None
        if proposal is not None and proposal.vacancy_id not in self.diary.touched:
            withdraw_proposal(proposal=proposal, reason="WITHDREW", text="Au hasard.", **self.by)
            self.diary.write("refused", proposal.routing, self.today)

    def let(self) -> None:
        """A lease of another tool, typed today or long after it was signed."""
        routing = self.outside()
        if routing is None:
            return
        since = timezone.localdate(routing.routed_at)
        counted = any((fact.measure, fact.routing) == ("allocated", routing.pk) for fact in self.diary.facts)
        signed = self.past_day(since)
        record_outside_lease(vacancy=routing.vacancy, signed_on=signed, facts={}, **self.by)
        self.diary.write("leased", routing, signed)
        if not counted:
            self.diary.write("allocated", routing, signed)

    def allocate(self) -> None:
        if (routing := self.outside()) is not None:
            on = self.past_day(timezone.localdate(routing.routed_at))
            record_outside_allocation(vacancy=routing.vacancy, on=on, **self.by)
            self.diary.write("allocated", routing, on)

    def undo_allocation(self) -> None:
        if (routing := self.outside()) is not None:
            undo_outside(vacancy=routing.vacancy, why="Saisie par erreur.", **self.by)
            self.diary.strike("allocated", routing.vacancy_id)

    def undo_letting(self) -> None:
        leases = [
            lease
            for lease in Lease.objects.filter(cancelled_at=None).select_related("routing").order_by("pk")
            if AFTER_CORRECTION or lease.vacancy_id not in self.diary.touched
        ]
        if leases:
            lease = self.chance.choice(leases)
            undo_lease(lease=lease, why="Saisi par erreur.", **self.by)
            self.diary.strike("leased", lease.vacancy_id)
            self.diary.strike("allocated", lease.vacancy_id)

    def technical(self) -> None:
        """A unit that cannot be let for a time: it enters no account."""
        unit = self.world.unit(commune="Narbonne", rooms=self.chance.randint(1, 7), financing_code="13")
        self.world.vacancy(unit, kind="TECHNICAL", now=self.now)

    def resume(self) -> None:
        """What works took out, or a technical vacancy, is let again."""
        works = list(Vacancy.objects.out_for_works().order_by("pk"))
        apart = list(Vacancy.objects.filter(kind="TECHNICAL", closed_on=None).order_by("pk"))
        if (found := works + apart) and (vacancy := self.chance.choice(found)):
            after = resume_vacancy(vacancy=vacancy, **self.by)
            if after.kind == Vacancy.Kind.IN_FLOW:
                route_waiting_vacancies(ledger_id=after.ledger_id, now=self.now)

    def keep(self) -> None:
        """A unit that a title gives to its holder."""
        unit = self.world.unit(commune="Narbonne", rooms=3, financing_code="13")
        by = self.world.people["alice"]
        keep_in_stock(unit=unit, holder=self.world.holders["als"], ground="LAND", starts_on=self.today, by=by)
        self.world.vacancy(unit, kind="STOCK", now=self.now)

    def hand_on(self) -> None:
        """Its holder has nobody: it goes on for one turn, beside the accounts of the year."""
        rows = Routing.objects.filter(closed_at=None, one_turn=False, vacancy__kind="STOCK", vacancy__is_let=False)
        routing = rows.filter(vacancy__cancelled_at=None).select_related("vacancy").order_by("pk").first()
        if routing is not None:
            say_no_candidate(routing=routing, **self.by)

    def declare_again(self) -> None:
        """The same unit, whatever has become of it: it falls vacant again once it was let, and not before."""
        lived_in = Q(vacancies__isnull=False) | Q(came_by__isnull=False)
        units = Unit.objects.filter(lived_in, left_on=None).distinct().order_by("pk")
        let = units.filter(vacancies__is_let=True)
        unit = self.chance.choice(list(let if self.chance.random() < 0.7 and let.exists() else units))
        was_open = open_of(unit)
        try:
            again = self.world.vacancy(unit, now=self.now)
        except VacancyOpen:
            assert was_open is not None
            raise
        assert was_open is None
        if again.kind == Vacancy.Kind.IN_FLOW:
            route_waiting_vacancies(ledger_id=again.ledger_id, now=self.now)

    def cancel(self) -> None:
        if (routing := self.open()) is not None:
            cancel_followed(vacancy=routing.vacancy, reason="NOTICE_WITHDRAWN", text="Au hasard.", **self.by)

    def correct(self) -> None:
        """A line of the balance of a year, by hand: the unit counts, or does not, among those offered."""
        gone = list(Routing.objects.exclude(closed_at=None).filter(vacancy__cancelled_at=None).order_by("pk"))
        if not gone:
            return
        routing, quantity = self.chance.choice(gone), self.chance.choice((-1, 1))
        year = self.chance.choice([each for each in YEARS if each <= self.today.year])
        correction: BalanceCorrection = correct_line(
            balance=open_balance(routing.vacancy.landlord, self.world.places["Aude"], year),
            vacancy=routing.vacancy,
            holder=routing.holder,
            stage="OFFERED",
            quantity=quantity,
            why="Au hasard.",
            **self.by,
        )
        assert correction.entry.on.year == year
        self.diary.write("offered", routing, date(year, 7, 1), quantity)
        self.diary.touched.add(routing.vacancy_id)

    def merge(self) -> None:
        """The commune of Coursan becomes a part of Narbonne, once, at the end of a year."""
        if not MERGERS or self.merged:
            return
        gone = Organisation.objects.get(name="Commune de Coursan")
        merge_organisations(
            organisation=gone,
            into=self.world.city,
            why="Commune nouvelle.",
            today=self.today,
            by=self.world.people["adam"],
        )
        self.merged = True

    def sell(self) -> None:
        """A programme changes landlord: what is empty there is followed by the one that gave it until its lease."""
        programmes = Programme.objects.filter(units__left_on=None, units__isnull=False).distinct().order_by("pk")
        programme = self.chance.choice(list(programmes))
        giver, other = programme.landlord, self.world.other_landlord
        self.give(giver, self.world.landlord if giver == other else other, [programme])

    def absorb(self) -> None:
        """The other landlord becomes a part of this one, once, in the second year."""
        if self.absorbed or self.today.year < YEARS[1]:
            return
        self.give(self.world.other_landlord, self.world.landlord, [], absorbs=True)
        self.absorbed = True

    def give(self, giver: Landlord, receiver: Landlord, programmes: list[Programme], *, absorbs: bool = False) -> None:
        given = Given(receiver, programmes, self.today, "acte du jour", absorbs=absorbs)
        transfer = propose_transfer(giver=giver, given=given, by=manager_of(giver), now=self.now)
        accept_transfer(transfer=transfer, by=manager_of(receiver), now=self.now)
        for row in transfer.programmes.select_related("programme"):  # the next home of this name is in another one
            Programme.objects.filter(pk=row.programme_id).update(name=f"{row.programme.name}, cédée ({row.pk})")

    def night(self) -> None:
        settle_ended_rights(now=self.now)
        follow_absorptions(now=self.now)

    ACTS = (
        *((fall, 8), (confirm, 3), (reroute, 2), (give_back, 2), (say_nobody, 1), (lapse, 1)),
        *((send, 6), (withdraw, 2), (sit, 4)),
        *((let, 4), (allocate, 2), (undo_allocation, 2), (undo_letting, 2), (cancel, 1), (correct, 2), (night, 1)),
        *((technical, 1), (resume, 3), (keep, 1), (hand_on, 1), (declare_again, 3)),
        *((merge, 1), (sell, 1), (absorb, 1)),
        (to_the_city, 1),
    )

    def live(self, acts: int) -> None:
        """So many acts, spread over sixteen months."""
        known = [act for act, _ in self.ACTS]
        drawn = self.chance.choices(known, [weight for _, weight in self.ACTS], k=acts)
        for act in [Years.fall] * 4 + drawn:
            self.do(act)
            year = self.today.year
            self.now += timedelta(hours=self.chance.randint(1, 2 * 24 * 500 // acts))
            if (self.today.month, self.today.day) >= (12, 15):  # before a year ends, what is open is sent
                for each in (Years.fall, Years.to_the_city, Years.send):
                    self.do(each)
            elif self.today.year > year:  # and its last committees are typed when it is over
                for _ in range(3):
                    self.do(Years.sit)
        self.do(Years.night)

    def do(self, act: Callable[[Years], None]) -> None:
        before = len(self.diary.facts), list(self.diary.facts)
        try:
            with transaction.atomic():
                act(self)
        except Refusal as refusal:
            self.diary.refusals.append(str(refusal))
            self.diary.facts = before[1]
        else:
            self.diary.done[act.__name__] += 1
        check_once()

    def check(self) -> None:
        world = self.world
        assert [each for each in self.diary.refusals if not each.endswith((".", "?"))] == [], "a refusal is a sentence"
        for year in YEARS:
            for landlord in (world.landlord, world.other_landlord):
                read = read_tables(balance(landlord, year, on=self.today).cells)
                assert differences(self.diary.tables(landlord, year), read) == [], (landlord, year)
                check_totals(landlord, year)
        if self.diary.touched:  # what is counted again knows no correction by hand
            assert drift() == {}
        else:
            check_books(*Ledger.objects.order_by("pk"))
        check_accounts()
        assert list(lost_dues(self.today)) == []
        assert lacking() == set()
        run_controls(now=self.now)
        # The clock of tests stands still: two passes look like one out of order.
        found = AuditAlert.objects.exclude(check_code="ORDER")
        allowed = {"CLOSED"} if self.merged else set()
        assert set(found.values_list("check_code", flat=True)) <= allowed, list(found)


def sent_on(proposal: Proposal) -> date:
    """The day on which a candidate was sent."""
    assert proposal.designation is not None
    return timezone.localdate(proposal.designation.sent_at)


def lived(world: World, seed: int, acts: int) -> Years:
    for name, effect in (("city", "NO"), ("als", "YES_IF_HOLDER_FAULT"), ("state", "NO"), ("epci", "YES")):
        agree(world.conventions[name], returns_effect=effect, fallback=[], carry_over="FULL")
    coursan = register_organisation(
        siren=siren(6),
        name="Commune de Coursan",
        article="la",
        kind=Organisation.Kind.COMMUNE,
        territory=world.places["Narbonne"],
    )
    holder = ReservationHolder.objects.get(organisation=coursan)
    terms = {"carry_over": "FULL", "returns_effect": "YES"}
    convention(world.landlord, coursan, world.places["Narbonne"], (holder, "8", 6), **terms)
    for holder, percent, rank in (("priority", "25", 1), ("city", "10", 3)):
        organisation = world.holders[holder].organisation
        place = world.places["Aude" if holder == "priority" else "Narbonne"]
        convention(world.other_landlord, organisation, place, (world.holders[holder], percent, rank), **terms)
    years = Years(world, seed)
    assert years.house.committee.pk
    years.live(acts)
    years.check()
    return years


@pytest.mark.parametrize("seed", [1])
def test_any_years_are_the_acts_that_were_typed(world: World, seed: int) -> None:
    years = lived(world, seed, 60)
    assert len(years.diary.done) > 9, years.diary.done
    assert {fact.on.year for fact in years.diary.facts} >= {2026, 2027}


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(2, 7))
def test_five_hundred_acts_are_what_was_typed(world: World, seed: int) -> None:
    """Of every kind, whatever chance gave first."""
    years = lived(world, seed, 500)
    assert set(years.diary.done) == {act.__name__ for act, _ in Years.ACTS}, years.diary.refusals
    assert {fact.on.year for fact in years.diary.facts} >= {2026, 2027, 2028}
    assert Designation.objects.exists()
    assert years.diary.late, "a committee of the year before, typed after"
    assert Recommendation.objects.count() > 100
