"""Where a unit stands, as a line of steps: the day when each was reached, then the day when the next one is expected.

The story of a departure says all that happened, and how; this says in one look how far it is. A step that was gone back
on is to be reached again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from flux.models import FlowEntry, Vacancy
from flux.queries.sheet import Sheet
from reservations.words import day

#: States of a sheet whose unit goes on towards a lease, or has one.
GOING_ON = ("WAITING", "FORESEEN", "RECOMMENDED", "ROUTED", *Vacancy.BESIDE)


@dataclass(frozen=True, slots=True)
class LineStep:
    """One step: `at`, as a program reads its day, and `when`, as one does; `css`: « now », where it stands, « next »,
    to come, and nothing when it is done."""

    words: str
    at: str
    when: str
    css: str = ""

    @property
    def is_now(self) -> bool:
        """Is it where the unit stands? At the end, the last one."""
        return "now" in self.css


def line(steps: Mapping[str, date | None], now: int, expected: Mapping[str, tuple[str, date]]) -> list[LineStep]:
    """The steps in their order, `now` of them being done. `expected`: of those that are not, words and a day."""
    found = []
    last = len(steps) - 1
    for place, (words, on) in enumerate(steps.items()):
        if place < now:
            css = "now over" if place == last else ""
            found.append(LineStep(words, on.isoformat() if on else "", day(on) if on else "c’est fait", css))
            continue
        before, due = expected.get(words, ("en cours" if place == now else "à venir", None))
        when = f"{before} {day(due)}" if due else before
        found.append(LineStep(words, due.isoformat() if due else "", when, "now" if place == now else "next"))
    return found


def sheet_line(read: Sheet) -> list[LineStep]:
    """From the notice to the lease, as the sheet of a unit knows it; nothing for a unit that does not go there."""
    if read.state not in GOING_ON:
        return []
    vacancy, clock = read.vacancy, read.clock
    steps = {
        "Congé": vacancy.notice_on,
        "Enregistré": vacancy.registered_on,
        "Orienté": timezone.localdate(read.routing.routed_at) if read.routing else None,
        "Candidats": clock.answered_on if clock else None,
        "Attribué": read.outcome.get(FlowEntry.Stage.ALLOCATED),
        "Bail signé": read.outcome.get(FlowEntry.Stage.LEASED),
    }
    expected = {}
    if clock is not None and clock.until is not None and not clock.answered_on:
        expected["Candidats"] = ("au plus tard le", clock.until)
    return line(steps, _done(steps.values()), expected)


def _done(days: Iterable[date | None]) -> int:
    """How many steps are done: up to the last one whose day is known."""
    return max((place for place, on in enumerate(days, start=1) if on), default=0)
