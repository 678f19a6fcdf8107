"""Every act on one ledger, in any order, with needs declared, categories declined and units a year promised: the books
balance, the audit finds nothing (`check_books`), and the past replays."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from flux.engine import versions
from flux.models import Ledger, Recommendation, Return, Routing, Vacancy
from flux.operations.cancellation import cancel_vacancy, reclassify_vacancy
from flux.operations.departures import decide_now
from flux.operations.needs import declare_needs, withdraw_needs
from flux.operations.returning import return_vacancy
from flux.operations.routing import (
    confirm_recommendations,
    route_elsewhere,
    route_waiting_vacancies,
    sweep_waiting_vacancies,
)
from flux.operations.stock_rights import settle_ended_rights
from flux.queries.recommendations import replayed
from reservations.refusals import Refusal
from tests.flux.books import check_books
from tests.flux.known import departure, plan_together
from tests.flux.operations.test_returning import agree
from tests.flux.quotas import promise
from tests.world import MORNING, World

if TYPE_CHECKING:
    from reservations.models import User

Act = Callable[[], object]


class Year:
    """A year lived at random; every refusal is a sentence, and leaves nothing behind."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance = world, random.Random(seed)
        self.now: datetime = MORNING
        self.done: set[str] = set()
        self.refused: list[str] = []

    @property
    def clerk(self) -> User:
        return self.world.people["aline"]

    def any_vacancy(self) -> Vacancy:
        return self.chance.choice(list(Vacancy.objects.filter(kind="IN_FLOW").order_by("pk")))

    def fall(self) -> None:
        chance = self.chance
        vacancy = self.world.vacancy(
            now=self.now,
            commune=chance.choice(("Narbonne", "Narbonne", "Coursan")),
            rooms=chance.randint(1, 5),
            financing_code=chance.choice(("10", "13", "16")),
            in_qpv=chance.choice((True, False, None)),
        )
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=self.now)

    def confirm(self) -> None:
        confirm_recommendations(vacancies=[self.any_vacancy().pk], by=self.clerk, now=self.now)

    def override(self) -> None:
        holder = self.world.holders[self.chance.choice(("city", "epci", "als", "priority", "landlord"))]
        motive = self.chance.choice(("OTHER", "HOLDER_AGREEMENT"))
        route_elsewhere(
            vacancy=self.any_vacancy(),
            holder=holder,
            motive=motive,
            motive_text="Au hasard.",
            by=self.clerk,
            now=self.now,
        )

    def give_back(self) -> None:
        routings = list(Routing.objects.filter(closed_at=None).order_by("pk"))
        if not routings:
            return self.confirm()
        routing = self.chance.choice(routings)
        reason = self.chance.choice([value for value in Return.Reason.values if value != "NO_CANDIDATE"])
        return_vacancy(routing=routing, reason=reason, text="Au hasard.", by=self.clerk, now=self.now)
        return None

    def cancel(self) -> None:
        cancel_vacancy(
            vacancy=self.any_vacancy(), reason="NOTICE_WITHDRAWN", text="Au hasard.", by=self.clerk, now=self.now
        )

    def reclassify(self) -> None:
        reclassify_vacancy(
            vacancy=self.any_vacancy(),
            kind="EXCLUDED",
            exclusion="INTERNAL_TRANSFER",
            text="Au hasard.",
            by=self.clerk,
            now=self.now,
        )

    def declare(self) -> None:
        weights = {name: self.chance.randint(0, 9) for name in ("T1", "T2", "T3", "T4", "T5")}
        holder, by = self.chance.choice((("city", "chloe"), ("priority", "bob")))
        declare_needs(
            ledger=Ledger.objects.ordinary().get(),
            holder=self.world.holders[holder],
            mix={"typology": weights},
            by=self.world.people[by],
            now=self.now,
        )

    def withdraw(self) -> None:
        withdraw_needs(
            ledger=Ledger.objects.ordinary().get(),
            holder=self.world.holders["city"],
            by=self.world.people["chloe"],
            now=self.now,
        )

    def acts(self) -> list[tuple[Act, int]]:
        """What may happen, and how often."""
        return [
            (self.fall, 6),
            (self.confirm, 6),
            (self.override, 3),
            (self.give_back, 5),
            (self.cancel, 1),
            (self.reclassify, 1),
            (self.declare, 1),
            (self.withdraw, 1),
        ]

    def live(self, acts: int) -> None:
        known = self.acts()
        for _ in range(8):
            self.fall()
        for act in self.chance.choices([act for act, _ in known], [weight for _, weight in known], k=acts):
            self.now += timedelta(minutes=1)
            try:
                act()
            except Refusal as refusal:
                self.refused.append(str(refusal))
            else:
                self.done.add(act.__name__)


class PlannedYear(Year):
    """The same, its known departures planned together: notices that leave time, mornings that pass, people who ask."""

    def fall(self) -> None:
        chance = self.chance
        vacancy = departure(
            self.world,
            at=self.now,
            free_in=chance.choice((5, 31, 61, 92)),
            commune=chance.choice(("Narbonne", "Narbonne", "Coursan")),
            rooms=chance.randint(1, 5),
        )
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=self.now)

    def morning(self) -> None:
        """Another day: the sweep decides what it makes firm."""
        self.now += timedelta(days=1)
        sweep_waiting_vacancies(now=self.now)

    def ask(self) -> None:
        vacancy = Vacancy.objects.waiting().first() or self.any_vacancy()
        decide_now(vacancy=vacancy, motive="Au hasard.", by=self.clerk, now=self.now)

    def acts(self) -> list[tuple[Act, int]]:
        return [*super().acts(), (self.morning, 2), (self.ask, 1)]


@pytest.mark.parametrize(("seed", "length"), [(3, 1), (26, 1), pytest.param(5, 8, marks=pytest.mark.nightly), (8, 4)])
def test_any_life_keeps_the_books(world: World, seed: int, length: int) -> None:
    for name, effect in (("city", "NO"), ("als", "YES_IF_HOLDER_FAULT"), ("state", "NO"), ("epci", "YES")):
        agree(world.conventions[name], returns_effect=effect, fallback=[])
    promise(world, "epci", yearly_units=2, planned_flow=40)
    promise(world, "als", declined=["financing:PLS", "typology:T1"])
    if length > 1:
        plan_together(world, length=length)
    year = PlannedYear(world, seed) if length > 1 else Year(world, seed)
    year.live(70)
    assert length == 1 or {"morning", "ask"} <= year.done
    assert {"fall", "confirm", "override", "give_back", "declare"} <= year.done
    ledger = Ledger.objects.ordinary().get()
    check_books(ledger)
    assert [text for text in year.refused if not text.endswith(".")] == [], "a refusal is a sentence"

    world.end(world.conventions["city"], MORNING.date())
    tomorrow = MORNING + timedelta(31)
    settle_ended_rights(now=tomorrow)
    year.now = tomorrow
    year.live(15)
    settle_ended_rights(now=tomorrow + timedelta(1))
    check_books(ledger)
    line = ledger.lines.get(holder=world.holders["city"])
    assert line.due == 1_000_000 * line.received

    assert set(Recommendation.objects.values_list("engine_version", flat=True)) == {versions.version_of(length)}
    assert [each.differences for each in replayed(Recommendation.objects.all()) if each.differences] == []
