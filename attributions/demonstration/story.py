"""Story.

* The story from its first line to this morning, day after day.
* What the next day needs is in the database, and in the `notes` of the story: a story that was recorded is taken up
  again on its next day (`again`), and goes on as if it had never stopped.
* How far the story is, for who waits: each chapter weighs the seconds it took when it was measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateformat import format as date_format

from attributions.demonstration import balances, mixed, people, stock, years
from attributions.demonstration import cast as casting
from attributions.demonstration.cast import Cast
from attributions.demonstration.committee import SECRETARY, sit_down
from attributions.demonstration.households import Households
from attributions.demonstration.people import connect_software
from attributions.demonstration.years import Departure, at
from attributions.notices.announcing import announce_decision_windows
from flux.models import Routing, Vacancy
from reservations.models import Organisation, User

#: Receives how far the story is, from 0 to 1, and where.
Reach = Callable[[float, str], None]


def ignore(_share: float, _where: str) -> None:
    """Nobody waits."""


@dataclass(slots=True)
class Telling:
    """The chapters of one story, in order, with their weights."""

    say: Callable[[str], None]
    reach: Reach
    weights: Mapping[str, float]
    chapter: str = ""
    past: float = 0.0

    def begin(self, chapter: str, sentence: str = "") -> None:
        """The next chapter begins, with a sentence if it is worth one."""
        self.past += self.weights.get(self.chapter, 0.0)
        self.chapter = chapter
        if sentence:
            self.say(sentence)
        self.go_on(0.0, sentence)

    def go_on(self, share: float, where: str) -> None:
        """So much of this chapter is lived, from 0 to 1."""
        self.reach((self.past + share * self.weights[self.chapter]) / sum(self.weights.values()), where)


#: The clerk of each landlord, the share of its stock that leaves in a year, whether what the rule says is followed by
#: itself.
LANDLORDS = {
    "robine": (SECRETARY, 0.093, True),
    "corbieres": ("attribution@corbieres-logis.example", 0.11, False),
}


def is_complete() -> bool:
    """Is the demonstration in this database up to its last morning? Its landlord in the mixed system comes then."""
    return Organisation.objects.filter(siren=mixed.SIREN).exists()


@dataclass(slots=True)
class Story:
    """The story on the eve of `day`, the next one to live. The households of the first landlord are followed here since
    its second year; the other leases are followed elsewhere."""

    cast: Cast
    first_year: int
    day: date
    households: Households | None = None
    asked: list[int] = field(default_factory=list)  # months in which a departure is still to be decided before its turn
    leaving: dict[str, dict[date, list[Departure]]] = field(default_factory=dict)
    drawn: int = 0  # the year whose departures are drawn

    @classmethod
    def begin(cls, first_year: int) -> Story:
        """Everybody arrives, on the first day of that year."""
        since = date(first_year, 1, 1)
        cast = casting.gather(since=since, until=date(first_year + 2, 12, 31))
        stock.build(cast)
        years.keep_some_in_stock(cast, since=since)
        announce_decision_windows(now=at(date(first_year, 12, 15), 9))
        return cls(cast, first_year, since)

    @classmethod
    def again(cls, notes: dict[str, Any]) -> Story:
        """The same, from `notes()` and the database where it was left."""
        cast = Cast.again()
        households = Households.again(cast, notes["households"]) if notes["households"] else None
        return cls(cast, notes["first_year"], date.fromisoformat(notes["day"]), households, notes["asked"])

    def notes(self) -> dict[str, Any]:
        """What the database does not hold, in plain values."""
        return {
            "first_year": self.first_year,
            "day": self.day.isoformat(),
            "asked": self.asked,
            "households": self.households.notes() if self.households else None,
        }

    def live(self, until: date, telling: Telling) -> None:
        """Every day to the eve of another."""
        while self.day < until:
            year = self.day.year
            first, end = self.day, min(until, date(year + 1, 1, 1))
            telling.begin(str(year))
            while self.day < end:
                telling.go_on((self.day - first) / (end - first), date_format(self.day, "F Y"))
                self._live_one(self.day)
                self.day += timedelta(1)
            count = sum(len(by_day) for found in self.leaving.values() for day, by_day in found.items() if day < end)
            telling.say(f"{year} : {count} logements libérés")

    def _live_one(self, day: date) -> None:
        if day.year != self.drawn:
            self._draw_departures(day.year)
        if day.year > self.first_year and day.timetuple().tm_yday == 1:
            self.asked = list(years.ASKED)
            self._settle(day)
        if day.day == 1:
            years.count_rows()
            people.read_what_is_old(now=at(day, 8))
        for name, (login, _, automatic) in LANDLORDS.items():
            clerk = self.cast.person(login)
            decided = years.live_a_day(self.leaving[name].get(day, []), day, clerk, automatic=automatic)
            if name == "robine" and self.households is not None:
                self.households.live([*decided, *self._ask(day, clerk)], day)
            outside = self._followed_elsewhere(name)
            years.follow_outside(outside, clerk, since=day, until=day + timedelta(1))

    def _settle(self, day: date) -> Households:
        """Those who come from that day on, and the committee that examines them."""
        if self.households is None:
            self.households = Households.settle(self.cast, sit_down(self.cast, since=day))
        return self.households

    def _draw_departures(self, year: int) -> None:
        for name, (_, rotation, _) in LANDLORDS.items():
            by_day = self.leaving[name] = defaultdict(list)
            for departure in years.departures(getattr(self.cast, name), year, rotation=rotation):
                by_day[departure.day].append(departure)
        self.drawn = year

    def _ask(self, day: date, clerk: User) -> list[Vacancy]:
        """Of a month in which one is due, the departure that is decided before its turn."""
        if (
            day.month not in self.asked
            or (asked := years.ask_for_the_last(self.cast.robine, clerk, now=at(day, 15))) is None
        ):
            return []
        self.asked.remove(day.month)
        return [asked]

    def _followed_elsewhere(self, name: str) -> QuerySet[Routing]:
        found = Routing.objects.filter(vacancy__unit__landlord=getattr(self.cast, name))
        return found.filter(vacancy__registered_on__year=self.first_year) if name == "robine" else found

    def wake_up(self, now: datetime, telling: Telling) -> None:
        """This morning: what only holds on the day, and what is stated by its distance to the day."""
        today = timezone.localdate(now)
        assert self.day == today, "every day before has been lived"
        cast = self.cast
        self._settle(today).wait_for_the_committee(today)
        years.empty_one_in_stock(cast, now=now)
        years.say_what_the_city_needs(cast, now=now)
        connect_software(cast, now=now, today=today)
        telling.begin("mixed")
        mixed.tell_mixed(cast, now=now, today=today, say=telling.say)
        telling.begin("balances")
        balances.tell_reviews(cast, today=today, say=telling.say)
        telling.begin("notices")
        people.read_what_is_old(now=now)


def tell(*, now: datetime, say: Callable[[str], None], reach: Reach = ignore) -> None:
    """State it all, saying where it is: last year and this one, up to the queue of this morning.

    The past is one transaction, so that an interrupted start leaves nothing half-lived.
    """
    today = timezone.localdate(now)
    with transaction.atomic():
        story, telling = _begin(today, say, reach)
        story.live(today, telling)
        story.wake_up(now, telling)
    _fill_the_queue(story.cast, now, say)


def tell_until_the_eve(*, today: date, say: Callable[[str], None], reach: Reach = ignore) -> dict[str, Any]:
    """The same but for this morning; the notes from which it goes on."""
    with transaction.atomic():
        story, telling = _begin(today, say, reach)
        story.live(today, telling)
    return story.notes()


def go_on(notes: dict[str, Any], *, now: datetime, say: Callable[[str], None], reach: Reach = ignore) -> None:
    """Live the days since a story was recorded, then this morning; in one transaction too."""
    today = timezone.localdate(now)
    with transaction.atomic():
        story = Story.again(notes)
        telling = Telling(say, reach, chapters(story.day, today, story.first_year))
        story.live(today, telling)
        story.wake_up(now, telling)
    _fill_the_queue(story.cast, now, say)


def _begin(today: date, say: Callable[[str], None], reach: Reach) -> tuple[Story, Telling]:
    first = date(today.year - 1, 1, 1)
    telling = Telling(say, reach, {"arrival": 5.0} | chapters(first, today, first.year))
    telling.begin("arrival", "Organisations, conventions et logements")
    return Story.begin(first.year), telling


def _fill_the_queue(cast: Cast, now: datetime, say: Callable[[str], None]) -> None:
    size = years.fill_the_queue(cast, now=now)
    say(f"{cast.corbieres.organisation.name}, ce matin : {size} logements confiés au travailleur")


def chapters(since: date, today: date, first_year: int) -> dict[str, float]:
    """The chapters in order, with the seconds each took when measured: a day of the first year is short, as nobody’s
    candidates are followed then."""
    found = {}
    for year in range(since.year, today.year + 1):
        days = (min(today, date(year + 1, 1, 1)) - max(since, date(year, 1, 1))).days
        found[str(year)] = days * (0.04 if year == first_year else 0.33)
    return found | {"mixed": 4.0, "balances": 0.5, "notices": 1.0}
