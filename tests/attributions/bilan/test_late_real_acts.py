"""The same theorem through the acts themselves: leases recorded late, undone, lines corrected, balances sealed at any
moment. Each act is counted once, by an independent count of the rows of the acts (docs/decisions/0042)."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from attributions.bilan.late_acts import Counts, Stated, minus
from attributions.bilan.models import AnnualBalance, BalanceVersion
from attributions.bilan.operations.lines import correct_line
from attributions.bilan.operations.sending import sign_version
from attributions.bilan.queries import recounts
from attributions.bilan.queries.balance import Balance, balance
from attributions.bilan.queries.figures import MEASURES, key_of, late_acts, stated
from attributions.households.models import Lease
from attributions.households.operations.lease import record_outside_lease, undo_lease
from flux.models import Ledger, Routing, Unit
from flux.operations.description import correct_unit
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.queries.cells import Axis
from reservations.models import Landlord, ReservationHolder
from reservations.refusals import Refusal
from tests.attributions.bilan.balances import YEAR, lived, people, send
from tests.world import MORNING, World, convention, manager_of

pytestmark = pytest.mark.django_db

#: What happens: which unit, lease or year; the day of a lease, or the place of a landlord.
type Event = tuple[str, int, date | int | None]

YEARS = (YEAR, YEAR + 1, YEAR + 2)
#: Figures of an account that a file states.
ACCOUNT = ("due", "routed", "awaiting", "received")
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("let"), st.integers(0, 9), st.sampled_from([date(2026, 12, 15), date(2027, 1, 12)])),
        st.tuples(st.just("undo"), st.integers(0, 9), st.none()),
        st.tuples(st.just("return"), st.integers(0, 9), st.none()),
        st.tuples(st.just("correct"), st.integers(0, 9), st.none()),
        st.tuples(st.just("describe"), st.integers(0, 9), st.none()),
        st.tuples(st.just("fall"), st.integers(0, 9), st.none()),
        st.tuples(st.just("seal"), st.sampled_from(YEARS[:2]), st.sampled_from([0, 1])),
    ),
    min_size=4,
    max_size=9,
)
#: Two years sealed in a row; the second takes what came late to the first, of which one is then undone.
DECEMBER = date(2026, 12, 15)
BOTH_SEALED: list[Event] = [
    *(("let", 0, DECEMBER), ("seal", YEAR, 0), ("let", 1, DECEMBER), ("let", 2, DECEMBER), ("seal", YEAR + 1, 0)),
    *(("undo", 1, None), ("let", 3, DECEMBER), ("correct", 1, None)),
    *(("describe", 0, None), ("describe", 0, None), ("describe", 1, None), ("fall", 0, None)),
]


def two_landlords(world: World) -> None:
    """Ten units of Robine Habitat routed in the year, and three of another landlord."""
    people(world)
    lived(world)
    other, hold, where = world.other_landlord, world.holders, world.places
    convention(other, world.state, where["Aude"], (hold["priority"], "25", 1))
    convention(other, world.city, where["Narbonne"], (hold["city"], "20", 3))
    for _ in range(3):
        world.vacancy(landlord=other)
    ledger = Ledger.objects.get(landlord=other)
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    waiting = list(ledger.vacancies.order_by("pk").values_list("pk", flat=True))
    confirm_recommendations(vacancies=waiting, by=manager_of(other), now=MORNING)


class Offices:
    """Both landlords in the Aude, living a calendar: each event is an act, or is refused and leaves nothing."""

    def __init__(self, world: World) -> None:
        self.world, self.now = world, datetime(2027, 2, 1, 9, tzinfo=UTC)
        self.done, self.refusals = Counter[str](), list[str]()
        self.aude = world.places["Aude"]
        self.landlords = (world.landlord, world.other_landlord)

    def live(self, event: Event) -> None:
        what, which, more = event
        self.now += timedelta(days=11)
        try:
            with transaction.atomic():
                self.act(what, which, more)
                self.done[what] += 1
        except Refusal as refusal:
            self.refusals.append(str(refusal))

    def act(self, what: str, which: int, more: date | int | None) -> None:
        alice = self.world.people["alice"]
        if what == "seal" and isinstance(more, int):
            self.seal(self.landlords[more], which)
        elif what == "undo":
            leases = list(Lease.objects.filter(cancelled_at=None).order_by("pk"))
            if leases:
                undo_lease(lease=leases[which % len(leases)], why="Saisi par erreur.", by=alice, now=self.now)
        elif what == "describe":
            units = Unit.objects.filter(landlord=self.world.landlord).order_by("pk")
            last = units[which % units.count()].descriptions.latest("since", "pk")
            values = {"in_qpv": not last.in_qpv, "rooms": 1 + last.rooms % 5}
            day = max(last.since, date(2026, 1, 1))
            correct_unit(description=last, since=day, changes=values, source="Relevé", by=alice, today=self.now.date())
        elif what == "fall":
            self.world.vacancy(rooms=1 + which % 4, now=self.now)
        elif what == "correct":
            gone = Routing.objects.exclude(closed_at=None).order_by("pk")[0]
            about = AnnualBalance.objects.filter(landlord=self.world.landlord, exercise=YEAR).first()
            if about is not None:
                quantity = -1 if which % 2 else 1
                correct_line(
                    balance=about,
                    vacancy=gone.vacancy,
                    holder=gone.holder,
                    stage="OFFERED",
                    quantity=quantity,
                    why="Les travaux n’étaient pas finis.",
                    by=alice,
                    now=self.now,
                )
        else:
            routings = list(Routing.objects.filter(closed_at=None, holder__isnull=False).order_by("pk"))
            routing = routings[which % len(routings)]
            if what == "return":
                return_vacancy(routing=routing, reason="DECLINED", text="Trop loin.", by=alice, now=self.now)
            elif isinstance(more, date):
                record_outside_lease(vacancy=routing.vacancy, signed_on=more, facts={}, by=alice, now=self.now)

    def seal(self, landlord: Landlord, exercise: int) -> None:
        by = manager_of(landlord)
        version = send(self.world, landlord=landlord, exercise=exercise, note="Nouvelle version.", by=by, now=self.now)
        for dispatch in version.dispatches.filter(signs=True).select_related("organisation").order_by("pk"):
            sign_version(version=version, organisation=dispatch.organisation, by=by, now=self.now)
        version.refresh_from_db()
        assert version.sealed_at is not None

    def states(self, landlord: Landlord, year: int) -> Stated:
        """What the balance of a year says: its latest sealed version, or what is read today."""
        sealed = BalanceVersion.objects.filter(
            balance__landlord=landlord, balance__exercise=year, sealed_at__isnull=False
        ).order_by("-number")
        if version := sealed.first():
            return stated(json.loads(version.content))
        read = balance(landlord, year, on=self.now.date())
        own = _counts({line.holder: read.cells.holder(line.holder.pk).as_json() for line in read.lines})
        found: dict[int, dict[tuple[str, str], int]] = {}
        for each in late_acts(landlord, year, [self.aude.pk]).earlier:
            found.setdefault(each.exercise, {}).update(_counts({each.holder: each.measures.as_json()}))
        return Stated(own, found)

    def acts(self) -> Counts:
        """Every act of both landlords, counted from its own row, year by year (`recount`)."""
        total = Counter[tuple[str, str]]()
        holders = ReservationHolder.objects.select_related("organisation").in_bulk()
        for landlord in self.landlords:
            for year in YEARS:
                for holder, row in recounts.tables(landlord.pk, year)["TYPOLOGY"].items():
                    for counts in row.values():
                        total.update({(key_of(holders[holder]), name): count for name, count in counts.items()})
        return dict(total)

    def check(self) -> None:
        assert [text for text in self.refusals if not text.endswith(".")] == [], "a refusal is a sentence"
        for landlord in self.landlords:
            for year in YEARS:
                read = recounts.read_tables(balance(landlord, year, on=self.now.date(), live=True).cells)
                assert recounts.differences(recounts.tables(landlord.pk, year), read) == []
                self.check_sealed(landlord, year)
        rows = [self.states(landlord, year) for landlord in self.landlords for year in YEARS]
        assert minus(self.acts(), *(each for of in rows for each in (of.own, *of.earlier.values()))) == {}

    def check_sealed(self, landlord: Landlord, year: int) -> None:
        """A sealed year reads as its file, figure by figure, whatever came since."""
        versions = BalanceVersion.objects.filter(balance__landlord=landlord, balance__exercise=year)
        version = versions.filter(sealed_at__isnull=False).order_by("-number").first()
        if version is None:
            return
        payload, read = json.loads(version.content), balance(landlord, year, on=self.now.date())
        assert read_as_sealed(read) == sealed_figures(payload)
        assert [each.version for each in read.since.seals] == [version.number]
        assert late_acts(landlord, year, [self.aude.pk]).earlier == read.late.earlier if read.late else True


def sealed_figures(values: dict[str, Any]) -> dict[tuple[str, ...], int]:
    """Every figure of a file that is not zero: accounts, cells by act and by cohort, what fell vacant."""
    found: dict[tuple[str, ...], int] = {}
    for line in values["holders"]:
        found |= {("account", line["holder"], name): line[name] for name in ACCOUNT}
    for reading, axes in (("acts", values["axes"]), ("cohort", values["cohort"]["axes"])):
        for axis in axes:
            for row in axis["rows"]:
                found |= {(reading, axis["code"], row["holder"], row["category"], name): row[name] for name in MEASURES}
    found |= {("flow", kind["code"]): kind["units"] for kind in values["flow"]["kinds"]}
    return {key: value for key, value in found.items() if value}


def read_as_sealed(read: Balance) -> dict[tuple[str, ...], int]:
    """The same of a balance as it is read."""
    found: dict[tuple[str, ...], int] = {}
    for line in read.lines:
        found |= {("account", key_of(line.holder), name): getattr(line.figures, name) for name in ACCOUNT}
    for reading, cells in (("acts", read.cells), ("cohort", read.cohort)):
        for axis in Axis:
            for holder, row in cells.of(axis).items():
                key = key_of(read.holders[holder])
                for category, measures in row.items():
                    counts = measures.as_json()
                    found |= {(reading, axis, key, category, name): counts[name] for name in MEASURES}
    found |= {("flow", kind): units for kind, units in read.flow.by_kind.items()}
    return {key: value for key, value in found.items() if value}


def _counts(rows: dict[ReservationHolder, dict[str, int]]) -> dict[tuple[str, str], int]:
    return {(key_of(holder), name): count for holder, counts in rows.items() for name, count in counts.items() if count}


def test_the_balances_of_all_years_and_landlords_are_the_acts_once_each(world: World) -> None:
    """Whatever came late, was undone, corrected or sealed again: sealed files and open balances add up to the acts."""
    two_landlords(world)
    done = Counter[str]()

    @settings(
        max_examples=5,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(EVENTS)
    @example(BOTH_SEALED)
    def lived_at_random(events: list[Event]) -> None:
        with transaction.atomic():
            offices = Offices(world)
            for event in events:
                offices.live(event)
            offices.check()
            done.update(offices.done)
            if events is BOTH_SEALED:
                assert offices.done == {"let": 4, "seal": 2, "undo": 1, "correct": 1, "describe": 3, "fall": 1}, (
                    offices.refusals
                )
            transaction.set_rollback(True)

    lived_at_random()
    assert {"let", "undo", "correct", "describe", "seal"} <= set(done), done
