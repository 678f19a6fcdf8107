"""What a forecast says: the year beside the one before, and the targets drawn from it; kept whole once it is sent.

A draft is read as things stand; what was sent is what its readers received that day, whatever is signed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from flux.models import Forecast, Vacancy
from flux.queries.forecasts import Year, happened
from flux.queries.targets import Cap, CapStep, Part, Target, Targets, targets
from reservations.models import ReservationHolder
from reservations.models.once_a_request import by_id

Exclusion = Vacancy.Exclusion


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One figure of the forecast beside the year before: forecast then (None: none sent), what happened, now."""

    code: str
    planned_before: int | None
    happened: int
    planned: int

    @property
    def gap(self) -> int | None:
        """What happened less what had been forecast."""
        return None if self.planned_before is None else self.happened - self.planned_before


@dataclass(frozen=True, slots=True)
class Comparison:
    """A forecast beside the year before. `until`: the day to which what happened is counted."""

    exercise: int
    until: date
    fallen: ForecastRow
    categories: tuple[ForecastRow, ...]
    subtracted: ForecastRow
    net: ForecastRow

    @property
    def before(self) -> int:
        """The year before."""
        return self.exercise - 1

    @property
    def counted_until(self) -> date:
        """The day to which what happened is counted: the last of the year before, once it is over."""
        return min(self.until, date(self.before, 12, 31))

    @property
    def running(self) -> bool:
        """Was the year before not over on that day?"""
        return self.until < date(self.before, 12, 31)

    @property
    def has_before(self) -> bool:
        """Was a forecast sent for the year before?"""
        return self.fallen.planned_before is not None


@dataclass(frozen=True, slots=True)
class Content:
    """All that the page and the file of a forecast say."""

    compared: Comparison
    drawn: Targets


def content_of(forecast: Forecast, *, today: date) -> Content:
    """What a forecast says: as it was sent, or as things stand for a draft. One query for one sent, a dozen else."""
    return thawed(forecast, forecast.content) if forecast.content else content_on(forecast, on=today)


def content_on(forecast: Forecast, *, on: date) -> Content:
    """What a forecast says as things stand on a day: vacancies registered by then, and the conventions signed."""
    owner, place, year = forecast.landlord, forecast.departement, forecast.exercise
    before = happened(owner, place, [year - 1], until=on)[year - 1]
    earlier = (
        Forecast.objects.filter(landlord=owner, departement=place, exercise=year - 1)
        .exclude(sent_at=None)
        .order_by("pk")
        .first()
    )
    compared = compare(forecast, before, _figures(earlier) if earlier else {}, until=on)
    return Content(compared, targets(owner, place, year, compared.net.planned, until=on))


def compare(forecast: Forecast, before: Year, then: Mapping[str, int], *, until: date) -> Comparison:
    """Put a forecast beside the year before. `then`: what had been forecast for that year, by code; empty when none
    was sent. `until`: the day to which what happened is counted. One query."""
    now = _figures(forecast)

    def row(code: str, units: int) -> ForecastRow:
        return ForecastRow(code, then.get(code), units, now[code])

    return Comparison(
        exercise=forecast.exercise,
        until=until,
        fallen=row("fallen", before.fallen),
        categories=tuple(row(choice.value, before.subtracted[choice]) for choice in Exclusion),
        subtracted=row("subtracted", before.total_subtracted),
        net=row("net", before.net),
    )


def _figures(forecast: Forecast) -> dict[str, int]:
    """Every figure of a forecast by its code; a category that has no line is zero."""
    lines = dict.fromkeys(Exclusion.values, 0) | {line.category: line.units for line in forecast.lines.all()}
    total = sum(lines.values())
    return {"fallen": forecast.expected, **lines, "subtracted": total, "net": forecast.expected - total}


# --- kept with the forecast ----------------------------------------------------------------------------------------


def frozen(content: Content) -> dict[str, Any]:
    """The content as plain JSON: figures whole, or fractions « 96/5 »; holders by their id. Read back by `thawed`."""
    compared, drawn = content.compared, content.drawn
    rows = (compared.fallen, *compared.categories, compared.subtracted, compared.net)
    return {
        "until": compared.until.isoformat(),
        "planned_before": {row.code: row.planned_before for row in rows if row.planned_before is not None},
        "fallen": compared.fallen.happened,
        "subtracted": {row.code: row.happened for row in compared.categories},
        "net": drawn.net,
        "by_vacancies": drawn.by_vacancies,
        "known": drawn.known,
        "excess": None if drawn.excess is None else str(drawn.excess),
        "targets": [
            {
                "holder": target.holder.pk,
                "parts": [asdict(part) for part in target.parts],
                "exact": str(target.exact),
                "whole": target.whole,
                "left": target.left,
            }
            for target in drawn.targets
        ],
        "caps": [asdict(cap) for cap in drawn.caps],
    }


def thawed(forecast: Forecast, kept: Mapping[str, Any]) -> Content:
    """The content of a sent forecast, from what `frozen` kept. Holders have their name of today. One query."""
    before = Year(forecast.exercise - 1, kept["fallen"], kept["subtracted"])
    compared = compare(forecast, before, kept["planned_before"], until=date.fromisoformat(kept["until"]))
    holders = by_id(ReservationHolder, [target["holder"] for target in kept["targets"]], "organisation")
    drawn = Targets(
        net=kept["net"],
        by_vacancies=kept["by_vacancies"],
        known=kept["known"],
        targets=tuple(
            Target(
                holder=holders[target["holder"]],
                parts=tuple(Part(**part) for part in target["parts"]),
                exact=Fraction(target["exact"]),
                whole=target["whole"],
                left=target["left"],
            )
            for target in kept["targets"]
        ),
        caps=tuple(Cap(**cap | {"steps": tuple(CapStep(**step) for step in cap["steps"])}) for cap in kept["caps"]),
        excess=None if kept["excess"] is None else Fraction(kept["excess"]),
    )
    return Content(compared, drawn)
