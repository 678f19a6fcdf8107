"""Whole-number targets of a year, drawn from its forecast: exact shares first, rounded last, the State's cap held.

Indicative: routing within the year follows the account, unit by unit, and never recomputes these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Count

from flux.conversion.figures import equals, exact, figure, plain
from flux.conversion.targets import apportion
from flux.models import LedgerLine, Unit, Vacancy
from flux.queries.account import bearing
from reservations.models import Landlord, LegalParameter, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.queries.rights import Right, rights


@dataclass(frozen=True, slots=True)
class Split:
    """How the flow of a département falls by commune: units by commune, the year before or, without any, the stock."""

    departement: Territory
    by_vacancies: bool
    communes: tuple[tuple[Territory, int], ...]

    @property
    def total(self) -> int:
        return sum(units for _, units in self.communes)

    def inside(self, perimeter: int) -> int:
        """Units of the split that lie in a territory."""
        return sum(units for commune, units in self.communes if perimeter in commune.covering_ids())

    def covers(self, perimeter: int) -> bool:
        """Does the territory contain the whole département?"""
        return perimeter in (self.departement.pk, self.departement.region_id)


def split(landlord: Landlord, departement: Territory, year: int, *, until: date) -> Split:
    """Read the split of a year. Two queries, four when nothing fell vacant."""
    fallen = Vacancy.objects.filter(
        kind=Vacancy.Kind.IN_FLOW,
        unit__landlord=landlord,
        unit__commune__departement=departement,
        registered_on__year=year,
        registered_on__lte=until,
    )
    counts = dict(fallen.order_by().values_list("unit__commune").annotate(Count("pk")))
    if by_vacancies := bool(counts):
        found = counts
    else:
        stock = Unit.objects.filter(landlord=landlord, commune__departement=departement)
        found = dict(stock.order_by().values_list("commune").annotate(Count("pk")))
    places = Territory.objects.in_bulk(found)
    communes = sorted(((places[pk], units) for pk, units in found.items()), key=lambda pair: pair[0].code)
    return Split(departement, by_vacancies, tuple(communes))


@dataclass(frozen=True, slots=True)
class Part:
    """What one right brings in the year: share × flow of its perimeter × part of the year that it runs."""

    right: Right
    net: int
    inside: int
    of: int
    days: int
    year: int

    @property
    def flow(self) -> Fraction:
        """The net flow expected on the perimeter, in units."""
        return Fraction(self.net * self.inside, self.of)

    @property
    def volume(self) -> Fraction:
        return Fraction(self.right.share, UNIT) * self.flow * Fraction(self.days, self.year)

    @property
    def formula(self) -> str:
        """« 12 % × 480 × 50/400 = 7,2 » : each number of it can be found elsewhere on the page."""
        where = f" × {figure(self.inside)}/{figure(self.of)}" if self.inside != self.of else ""
        when = f" × {self.days}/{self.year} jours" if self.days != self.year else ""
        percent = plain(Fraction(100 * self.right.share, UNIT))
        result = equals(self.volume)
        fraction = f" (exactement {exact(self.volume)})" if result.startswith("≈") else ""
        return f"{percent}\u202f% × {figure(self.net)}{where}{when} {result}{fraction}"


@dataclass(frozen=True, slots=True)
class Target:
    """One holder's year: exact, whole, and where its account stood at the end of the year before (millionths).

    `spared`: units that rounding alone would have added over the State's cap, and that it does not get.
    """

    holder: ReservationHolder
    parts: tuple[Part, ...]
    exact: Fraction
    whole: int
    spared: int
    left: int | None

    @property
    def written(self) -> str:
        """The exact volume, as it is shown."""
        return figure(self.exact)


@dataclass(frozen=True, slots=True)
class Cap:
    """The State's cap in whole units: `percent` of `net` is `exact`, `rounded` what largest remainder alone gives."""

    percent: Fraction
    net: int
    rounded: int
    whole: int

    @property
    def formula(self) -> str:
        """« 30 % × 6 = 1,8 »."""
        return f"{plain(100 * self.percent)}\u202f% × {figure(self.net)} {equals(self.percent * self.net)}"

    @property
    def held(self) -> bool:
        """Had rounding to be held back?"""
        return self.whole < self.rounded


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets of a year, in the order of the ranks, the landlord last. `excess`: exact units promised over the
    whole; there is then no target, for nothing is rescaled."""

    net: int
    split: Split
    targets: tuple[Target, ...]
    cap: Cap | None
    excess: Fraction | None

    @property
    def has_local(self) -> bool:
        """Does a right bear on a part of the département only?"""
        return any(part.inside != part.of for target in self.targets for part in target.parts)

    @property
    def over(self) -> str:
        """The units promised over the whole, as they are shown."""
        return figure(self.excess or 0)


def targets(landlord: Landlord, departement: Territory, exercise: int, net: int, *, until: date) -> Targets:
    """Draw the targets of a net flow (units). `until`: the day to which the year before is known. Seven queries."""
    first, last = date(exercise, 1, 1), date(exercise, 12, 31)
    year = (last - first).days + 1
    known = split(landlord, departement, exercise - 1, until=until)
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=departement)
    parts: dict[ReservationHolder, list[Part]] = defaultdict(list)
    for right in bearing(rights(landlord, since=first, until=last), communes):
        whole = known.covers(right.perimeter_id) or not known.total
        of = 1 if whole else known.total
        inside = (1 if known.covers(right.perimeter_id) else 0) if whole else known.inside(right.perimeter_id)
        days = (min(right.ends_on, last) - max(right.starts_on, first)).days + 1
        parts[right.holder].append(Part(right, net, inside, of, days, year))
    own = ReservationHolder.objects.select_related("organisation").get(
        organisation=landlord.organisation_id, contingent=ReservationHolder.Contingent.NOT_RESERVED
    )
    volumes = {holder: sum((part.volume for part in of_holder), Fraction(0)) for holder, of_holder in parts.items()}
    rest = net - sum(volumes.values(), Fraction(0))
    if rest < 0:
        return Targets(net, known, (), None, -rest)
    volumes[own] = rest
    percent = _state_cap(first)
    rounded, whole_of = whole_targets(net, volumes, percent)
    left = {
        line.holder_id: line.due - UNIT * line.received
        for line in LedgerLine.objects.filter(
            ledger__landlord=landlord,
            ledger__departement=departement,
            ledger__exercise=exercise - 1,
            ledger__kind="ORDINARY",
        ).order_by("pk")
    }
    drawn = tuple(
        Target(
            holder,
            tuple(parts[holder]),
            volumes[holder],
            whole_of[holder],
            rounded[holder] - whole_of[holder],
            left.get(holder.pk),
        )
        for holder in volumes
    )
    state = [holder for holder in volumes if holder.contingent in ReservationHolder.STATE]
    cap = (
        Cap(percent, net, sum(rounded[holder] for holder in state), sum(whole_of[holder] for holder in state))
        if percent is not None and state
        else None
    )
    return Targets(net, known, drawn, cap, None)


def _state_cap(on: date) -> Fraction | None:
    """The State's share of the flow at most, of one; None when no such cap is in force. One query."""
    try:
        return Fraction(LegalParameter.objects.value_on(LegalParameter.Code.STATE_SHARE_MAX, on)) / 100
    except LegalParameter.DoesNotExist:
        return None


def whole_targets(
    net: int, exact: Mapping[ReservationHolder, Fraction], cap: Fraction | None
) -> tuple[dict[ReservationHolder, int], dict[ReservationHolder, int]]:
    """(by largest remainder alone, and with the State's cap held): whole units that sum to the net flow.

    Where rounding alone, and not the conventions, would take the State over its cap, it gets the whole part of the
    cap and the others share the rest in the same way; what it lacks stays due in its account, from year to year.
    `exact` sums to `net`, in the order of the ranks.
    """
    by_key = {str(holder.pk): holder for holder in exact}

    def shared(total: int, holders: list[ReservationHolder]) -> dict[ReservationHolder, int]:
        volume = sum(exact[holder] for holder in holders)
        if not volume:
            return dict.fromkeys(holders, 0)
        return {
            by_key[key]: units
            for key, units in apportion(total, {str(h.pk): exact[h] / volume for h in holders}).items()
        }

    rounded = shared(net, list(exact))
    state = [holder for holder in exact if holder.contingent in ReservationHolder.STATE]
    if cap is None or not sum(exact[holder] for holder in state) <= cap * net < sum(
        rounded[holder] for holder in state
    ):
        return rounded, rounded
    ceiling = int(cap * net)
    others = [holder for holder in exact if holder not in state]
    return rounded, shared(ceiling, state) | shared(net - ceiling, others)
