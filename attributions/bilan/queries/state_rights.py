"""The State's contingents, landlord by landlord: what it was due and had, its caps and its floor (CCH, R441-5-2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from attributions.bilan.queries.landlord_figures import Comparison, HolderLine, LandlordFigures, total
from attributions.bilan.queries.since import Since
from flux.models import PlaceCell
from flux.queries.state_cap import CapYear, state_caps
from reservations.models import Landlord, LegalParameter, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.models.legal_parameter import figures_on
from reservations.models.once_a_request import by_id_steps
from reservations.models.territory import end_of, within
from reservations.models.together import Steps, stepwise, together
from reservations.pages.checks.check import by_order, whose
from reservations.queries.checks.caps import share_of_percent
from reservations.rounding import ENOUGH, rate_of

Code = LegalParameter.Code
Contingent = ReservationHolder.Contingent


@dataclass(frozen=True, slots=True)
class Ratio:
    """Whole units on others; `asked`, the bound in millionths, or None when no parameter gives it."""

    numerator: int
    denominator: int
    asked: int | None = None
    is_ceiling: bool = True

    @property
    def rate(self) -> int | None:
        """A share in millionths, to the nearest tenth of a per cent; None without denominator."""
        return rate_of(self.numerator, self.denominator)

    @property
    def is_small(self) -> bool:
        return self.denominator < ENOUGH

    @property
    def holds(self) -> bool | None:
        """Is the bound kept, exactly? None when there is none, or too few units to say."""
        if self.asked is None or self.is_small:
            return None
        got, asked = UNIT * self.numerator, self.asked * self.denominator
        return got <= asked if self.is_ceiling else got >= asked


@dataclass(frozen=True, slots=True)
class CapLine:
    """One cap of one landlord: the year alone, and the verdict of all the years of the convention."""

    words: str
    year: CapYear
    ratio: Ratio
    by_order: str


@dataclass(frozen=True, slots=True)
class LandlordRights:
    """One landlord: each contingent of the State, its caps, its units out of QPV."""

    landlord: Landlord
    contingents: tuple[HolderLine, ...]
    caps: tuple[CapLine, ...]
    outside_qpv: Ratio

    @property
    def figures(self) -> LandlordFigures:
        return total(line.figures for line in self.contingents)


@dataclass(frozen=True, slots=True)
class StateRightsPlace:
    """One commune: what the State was offered there, of all the units offered."""

    commune: Territory
    ratio: Ratio
    agents: Ratio


@dataclass(frozen=True, slots=True)
class StateRights:
    """`caps_on`: the day on which the caps are read."""

    landlords: tuple[LandlordRights, ...]
    places: tuple[StateRightsPlace, ...]
    caps_on: date

    @property
    def lines(self) -> list[HolderLine]:
        return [line for each in self.landlords for line in each.contingents]

    @property
    def total(self) -> LandlordFigures:
        return total(line.figures for line in self.lines)

    @property
    def by_contingent(self) -> list[tuple[str, LandlordFigures]]:
        """Each contingent, all landlords together."""
        found: dict[int, list[LandlordFigures]] = defaultdict(list)
        for line in self.lines:
            found[line.holder.contingent].append(line.figures)
        return [(str(Contingent(code).label), total(found[code])) for code in sorted(found, reverse=True)]

    @property
    def unused(self) -> list[HolderLine]:
        """Those with a whole unit due that did not come, or units that came back, the most first."""
        found = [
            line for line in self.lines if line.figures.unused or line.figures.returned > 0 or line.figures.lapsed > 0
        ]
        return sorted(found, key=lambda line: -line.figures.gap)

    @property
    def outside_qpv(self) -> Ratio:
        return _sum(each.outside_qpv for each in self.landlords)


@stepwise
def state_rights(
    read: Comparison, year: int, territory: Territory, departements: Collection[int], *, on: date
) -> Steps[StateRights]:
    """What the State had of the landlords compared on its territory. `departements` (ids): those whose accounts are
    read there; `on`: the day of reading, never after the year's end. As many queries whatever there is to count."""
    day = min(on, date(year, 12, 31))
    landlords = [line.landlord for line in read.lines]
    figures, capped, (by_landlord, by_commune, communes) = yield from together(
        figures_on.steps(day),
        state_caps.steps(landlords, on=day, departements=departements),
        _offered(read.accounts.acts.keys(), territory, year, read.since),
    )
    law = {code: share_of_percent(value) for code, value in figures.items()}
    asked = law.get(Code.STATE_OUTSIDE_QPV_MIN)
    rights = []
    for line in read.lines:
        mine, every = by_landlord.get(line.landlord.pk, (0, 0))
        rights.append(
            LandlordRights(
                line.landlord,
                tuple(each for each in line.holders if each.holder.contingent in ReservationHolder.STATE),
                tuple(
                    CapLine(
                        whose(account.capped),
                        account.last,
                        Ratio(account.last.received, account.last.net, account.cap.share),
                        by_order(account.cap),
                    )
                    for account in capped.get(line.landlord.pk, ())
                    if account.last.exercise == year
                ),
                Ratio(mine, every, asked, is_ceiling=False),
            )
        )
    places = [
        StateRightsPlace(
            communes[commune],
            Ratio(state, every, law.get(Code.STATE_SHARE_MAX)),
            Ratio(agents, every, law.get(Code.STATE_AGENTS_SHARE_MAX)),
        )
        for commune, (state, agents, every) in by_commune.items()
        if every
    ]
    places.sort(key=lambda place: (-place.ratio.denominator, place.commune.search_name))
    return StateRights(tuple(rights), tuple(places), day)


def _sum(ratios: Iterable[Ratio]) -> Ratio:
    every = list(ratios)
    asked = next((each.asked for each in every), None)
    return Ratio(sum(r.numerator for r in every), sum(r.denominator for r in every), asked, is_ceiling=False)


def _offered(
    acts: Collection[int], territory: Territory, year: int, since: Since
) -> Steps[tuple[Mapping[int, tuple[int, int]], Mapping[int, tuple[int, int, int]], Mapping[int, Territory]]]:
    """Units offered in the year, in some accounts (ids): out of QPV, {landlord: (to the State, in all)}; {commune:
    (State, its agents, in all)}; ids; less what was recorded `since` a seal; and these communes. Two queries, of the
    cells of communes and of their names."""
    here = within(territory.pk, commune="commune", on=end_of(year))
    cells = PlaceCell.objects.filter(here, ledger__in=acts, year=year).order_by()
    sums = cells.values_list("ledger__landlord", "commune", "holder__contingent").annotate(
        Sum("offered"), Sum("outside_qpv")
    )
    (rows,) = yield [sums]
    outside: dict[int, tuple[int, int]] = {}
    communes: dict[int, tuple[int, int, int]] = {}
    moved = (
        (
            each.seal.key.landlord,
            each.commune,
            each.contingent,
            -figures.get("offered", 0),
            -figures.get("outside_qpv", 0),
        )
        for each, figures in since.placed(acts)
        if each.commune is not None
    )
    for landlord, commune, contingent, units, out in (*rows, *moved):
        state = contingent in ReservationHolder.STATE
        mine, every = outside.get(landlord, (0, 0))
        outside[landlord] = mine + out * state, every + out
        mine, agents, every = communes.get(commune, (0, 0, 0))
        communes[commune] = (
            mine + units * state,
            agents + units * (contingent == Contingent.STATE_AGENTS),
            every + units,
        )
    return outside, communes, (yield from by_id_steps(Territory, communes))
