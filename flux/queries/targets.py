"""Whole-number targets of a year, drawn from its forecast: exact shares first, rounded last, the State's caps held.

Indicative: routing within the year follows the account, unit by unit, and never recomputes these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import Count

from flux.apportion import apportion
from flux.conversion.figures import equals, exact, figure, plain
from flux.engine.wording import counted
from flux.models import LedgerLine, Unit, Vacancy
from flux.queries.accounts import bearing
from flux.queries.shares import averaged
from reservations.models import Landlord, LegalParameter, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.pages.checks.check import whose
from reservations.queries.checks.caps import CAPPED, Caps, caps
from reservations.queries.rights import rights

Code = LegalParameter.Code
ONE_DAY = timedelta(days=1)


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
        landlord=landlord,
        commune__departement=departement,
        registered_on__year=year,
        registered_on__lte=until,
    )
    counts = dict(fallen.order_by().values_list("commune").annotate(Count("pk")))
    if by_vacancies := bool(counts):
        found = counts
    else:
        stock = Unit.objects.in_base(until).filter(landlord=landlord, commune__departement=departement)
        found = dict(stock.order_by().values_list("commune").annotate(Count("pk")))
    places = Territory.objects.in_bulk(found)
    communes = sorted(((places[pk], units) for pk, units in found.items()), key=lambda pair: pair[0].code)
    return Split(departement, by_vacancies, tuple(communes))


@dataclass(frozen=True, slots=True)
class Part:
    """What one right brings in the year: share (millionths) × flow of its perimeter × part of the year that it runs."""

    share: int
    perimeter: str
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
        return Fraction(self.share, UNIT) * self.flow * Fraction(self.days, self.year)

    @property
    def formula(self) -> str:
        """« 12 % × 480 × 50/400 = 7,2 » : each number of it can be found elsewhere on the page."""
        where = f" × {figure(self.inside)}/{figure(self.of)}" if self.inside != self.of else ""
        when = f" × {self.days}/{self.year} jours" if self.days != self.year else ""
        percent = plain(Fraction(100 * self.share, UNIT))
        result = equals(self.volume)
        fraction = f" (exactement {exact(self.volume)})" if result.startswith("≈") else ""
        return f"{percent}\u202f% × {figure(self.net)}{where}{when} {result}{fraction}"


@dataclass(frozen=True, slots=True)
class Target:
    """One holder's year: exact, whole, and where its account stood at the end of the year before (millionths)."""

    holder: ReservationHolder
    parts: tuple[Part, ...]
    exact: Fraction
    whole: int
    left: int | None

    @property
    def written(self) -> str:
        """The exact volume, as it is shown."""
        return figure(self.exact)


@dataclass(frozen=True, slots=True)
class CapStep:
    """A cap over some days of the year: `share` in millionths; `order` is the préfet's when one fixes it."""

    share: int
    days: int
    order: str = ""

    @property
    def percent(self) -> str:
        return f"{plain(Fraction(100 * self.share, UNIT))}\u202f%"


@dataclass(frozen=True, slots=True)
class Cap:
    """One of the State's caps in whole units: `exact` is what it makes of `net`, each value of the year counting for
    its days; `rounded` what largest remainder alone gives, `whole` the targets kept. `code` is the legal parameter's.
    """

    code: str
    whose: str
    steps: tuple[CapStep, ...]
    net: int
    rounded: int
    whole: int

    @property
    def exact(self) -> Fraction:
        """The most units that the cap leaves."""
        return ceiling(self.net, self.steps)

    @property
    def formula(self) -> str:
        """« 30 % × 6 = 1,8 », « (30 % × 181 jours + 40 % × 184 jours) / 365 × 6 = 2,10 »."""
        if len(self.steps) == 1:
            average = self.steps[0].percent
        else:
            terms = " + ".join(f"{step.percent} × {step.days} jour{'s' * (step.days > 1)}" for step in self.steps)
            average = f"({terms}) / {sum(step.days for step in self.steps)}"
        return f"{average} × {figure(self.net)} {equals(self.exact)}"

    @property
    def orders(self) -> str:
        """The préfet's orders that lift it in the year: « arrêté n° 2026-7 »; nothing when the law's value stands."""
        return ", ".join(dict.fromkeys(step.order for step in self.steps if step.order))

    @property
    def held(self) -> bool:
        """Had rounding to be held back?"""
        return self.whole < self.rounded


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets of a year, in the order of the ranks, the landlord last. `excess`: exact units promised over the
    whole; there is then no target, for nothing is rescaled. `known` units of the year before (`by_vacancies`), or of
    the stock, state how the flow falls by commune."""

    net: int
    by_vacancies: bool
    known: int
    targets: tuple[Target, ...]
    caps: tuple[Cap, ...]
    excess: Fraction | None

    @property
    def has_local(self) -> bool:
        """Does a right bear on a part of the département only?"""
        return any(part.inside != part.of for target in self.targets for part in target.parts)

    @property
    def over(self) -> str:
        """The units promised over the whole, as they are read: « 220,80 logements »."""
        excess = self.excess or Fraction(0)
        return counted(excess.numerator, excess.denominator)


def targets(landlord: Landlord, departement: Territory, exercise: int, net: int, *, until: date) -> Targets:
    """Draw the targets of a net flow (units). `until`: the day to which the year before is known. Eight queries."""
    first, last = date(exercise, 1, 1), date(exercise, 12, 31)
    year = (last - first).days + 1
    known = split(landlord, departement, exercise - 1, until=until)
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=departement)
    parts: dict[ReservationHolder, list[Part]] = defaultdict(list)
    here = bearing(rights(landlord, since=first, until=last), communes)
    for right in averaged(landlord, here, exercise, until=until):
        whole = known.covers(right.perimeter_id) or not known.total
        of = 1 if whole else known.total
        inside = (1 if known.covers(right.perimeter_id) else 0) if whole else known.inside(right.perimeter_id)
        days = right.days(first, last)
        place = str(right.convention.perimeter)
        parts[right.holder].append(Part(right.share, place, net, inside, of, days, year))
    own = ReservationHolder.objects.select_related("organisation").get(
        organisation=landlord.organisation_id, contingent=ReservationHolder.Contingent.NOT_RESERVED
    )
    volumes = {holder: sum((part.volume for part in of_holder), Fraction(0)) for holder, of_holder in parts.items()}
    rest = net - sum(volumes.values(), Fraction(0))
    if rest < 0:
        return Targets(net, known.by_vacancies, known.total, (), (), -rest)
    volumes[own] = rest
    steps = cap_steps(
        caps([landlord], since=first, until=last), landlord=landlord, departement=departement, exercise=exercise
    )
    ceilings = {code: ceiling(net, found) for code, found in steps.items()}
    rounded, whole_of = whole_targets(net, volumes, ceilings)
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
        Target(holder, tuple(parts[holder]), volumes[holder], whole_of[holder], left.get(holder.pk))
        for holder in volumes
    )
    held = []
    for capped in CAPPED:
        capped_holders = [holder for holder in volumes if holder.contingent in capped.contingents]
        if capped.parameter in steps and capped_holders:
            given = (sum(units[holder] for holder in capped_holders) for units in (rounded, whole_of))
            held.append(Cap(capped.parameter, whose(capped), steps[capped.parameter], net, *given))
    return Targets(net, known.by_vacancies, known.total, drawn, tuple(held), None)


def cap_steps(
    known: Caps, *, landlord: Landlord, departement: Territory, exercise: int
) -> dict[str, tuple[CapStep, ...]]:
    """What each cap of the State is, day after day of a year: the law's, or the order that lifts it (R441-5-2).

    A cap that the law does not give every day of the year is left out: nothing can then be compared with it.
    """
    first, after = date(exercise, 1, 1), date(exercise + 1, 1, 1)
    found: dict[str, tuple[CapStep, ...]] = {}
    for capped in CAPPED:
        code = capped.parameter
        if known.first_day_without(code, first, after - ONE_DAY) is not None:
            continue
        days = sorted({first, *(day for day in known.moments(code, landlord=landlord.pk) if first < day < after)})
        steps: list[CapStep] = []
        for day, following in zip(days, [*days[1:], after], strict=True):
            cap = known.on(code, day, landlord=landlord.pk, departement=departement.pk)
            assert cap is not None
            length, order = (following - day).days, cap.derogation.order if cap.derogation else ""
            if steps and (steps[-1].share, steps[-1].order) == (cap.share, order):
                length += steps.pop().days
            steps.append(CapStep(cap.share, length, order))
        found[code] = tuple(steps)
    return found


def ceiling(net: int, steps: Iterable[CapStep]) -> Fraction:
    """The most units of a net flow that a cap leaves, exactly: each of its values counts for its days."""
    found = list(steps)
    return net * Fraction(sum(step.share * step.days for step in found), UNIT * sum(step.days for step in found))


def whole_targets(
    net: int, exact: Mapping[ReservationHolder, Fraction], ceilings: Mapping[str, Fraction]
) -> tuple[dict[ReservationHolder, int], dict[ReservationHolder, int]]:
    """(by largest remainder alone, and with the State's caps held): whole units that sum to the net flow.

    Where rounding alone, and not the conventions, would take the State or its agents over their cap, they get its whole
    part and the others share the rest in the same way; what they lack stays due in their account, from year to year.
    `exact` sums to `net`, in the order of the ranks; `ceilings`: units, by the code of the legal parameter.
    """
    by_key = {str(holder.pk): holder for holder in exact}

    def shared(total: int, holders: Iterable[ReservationHolder]) -> dict[ReservationHolder, int]:
        weights = {str(holder.pk): exact[holder] for holder in holders}
        if not any(weights.values()):
            return {by_key[key]: 0 for key in weights}
        return {by_key[key]: units for key, units in apportion(total, weights).items()}

    def held(code: str, given: dict[ReservationHolder, int], capped: Iterable[int]) -> list[ReservationHolder]:
        """The holders under a cap, when rounding took them over it and others can have what they lose."""
        inside = [holder for holder in given if holder.contingent in capped]
        others = any(exact[holder] for holder in given if holder not in inside)
        limit = ceilings.get(code)
        over = limit is not None and sum(exact[h] for h in inside) <= limit < sum(given[h] for h in inside)
        return inside if over and others else []

    def agents_held(total: int, holders: Iterable[ReservationHolder]) -> dict[ReservationHolder, int]:
        given = shared(total, holders)
        agents = held(Code.STATE_AGENTS_SHARE_MAX, given, (ReservationHolder.Contingent.STATE_AGENTS,))
        if not agents:
            return given
        most = int(ceilings[Code.STATE_AGENTS_SHARE_MAX])
        return shared(most, agents) | shared(total - most, [holder for holder in given if holder not in agents])

    rounded, whole = shared(net, exact), agents_held(net, exact)
    if state := held(Code.STATE_SHARE_MAX, whole, ReservationHolder.STATE):
        most = int(ceilings[Code.STATE_SHARE_MAX])
        whole = agents_held(most, state) | shared(net - most, [holder for holder in exact if holder not in state])
    return rounded, whole
