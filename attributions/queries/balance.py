"""The annual balance, first form (CCH, R441-5-1): what fell vacant, what left the flow, what each holder was due.

Read by the screen, the CSV file and the command. A vacancy belongs to the exercise of the day it was registered,
and its entries to that exercise's ledger, whenever they come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from flux.models import FlowEntry, Ledger, Recommendation, Vacancy
from flux.queries.account import SUMS, Figures, Line, accounts, bearing, lines, sums, total
from reservations.models import Landlord, Membership, Territory
from reservations.models.territory import within
from reservations.queries.rights import Right, rights

Kind = Vacancy.Kind


@dataclass(frozen=True, slots=True)
class Flow:
    """Units that fell vacant, by class. `by_exclusion` has the five legal categories, those without units too.

    By class too: `undecided`, those that no recommendation has reached; `in_shares`, those that count in the yearly
    accounts, as some first lettings do.
    """

    by_kind: dict[str, int] = field(default_factory=dict)
    by_exclusion: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Vacancy.Exclusion.values, 0))
    undecided: dict[str, int] = field(default_factory=dict)
    in_shares: dict[str, int] = field(default_factory=dict)

    @property
    def vacated(self) -> int:
        return sum(self.by_kind.values())

    @property
    def excluded(self) -> int:
        return self.by_kind.get(Kind.EXCLUDED, 0)

    @property
    def stock(self) -> int:
        return self.by_kind.get(Kind.STOCK, 0)

    @property
    def technical(self) -> int:
        return self.by_kind.get(Kind.TECHNICAL, 0)

    @property
    def first_lettings(self) -> int:
        return self.by_kind.get(Kind.FIRST_LETTING, 0)

    @property
    def counted_first_lettings(self) -> int:
        """Those that a convention counts in its share: due in the yearly accounts, though not of the flow."""
        return self.in_shares.get(Kind.FIRST_LETTING, 0)

    @property
    def others(self) -> int:
        """Recorded, and not routed for the time being: technical vacancies and first lettings."""
        return self.technical + self.first_lettings

    @property
    def net(self) -> int:
        """Units of the flow: what is left once all the others are taken away."""
        return self.by_kind.get(Kind.IN_FLOW, 0)

    @property
    def exclusions(self) -> list[tuple[str, str, int]]:
        """(code, words, units) of the five legal categories, in the order of the article."""
        return [(choice.value, str(choice.label), self.by_exclusion[choice]) for choice in Vacancy.Exclusion]


@dataclass(frozen=True, slots=True)
class Balance:
    """One landlord, one year, the whole or one territory: as many units as there are, never a percentage alone."""

    landlord: Landlord
    year: int
    territory: Territory | None
    flow: Flow
    lines: tuple[Line, ...]

    @property
    def total(self) -> Figures:
        return total(line.figures for line in self.lines)

    @property
    def waiting(self) -> int:
        """Units of the flow that no recommendation has reached yet: due to nobody so far."""
        return self.flow.undecided.get(Kind.IN_FLOW, 0)

    @property
    def widest(self) -> Line | None:
        return max(self.lines, key=lambda line: abs(line.figures.gap), default=None)


def balance(
    landlord: Landlord,
    year: int,
    territory: Territory | None = None,
    *,
    member: Membership | None = None,
    on: date = date.max,
) -> Balance:
    """Read a balance, limited to what `member` may read; without member, as commands do, nothing is left out.

    `on`: the day it is read, which says what each convention counts then; by default the year is taken as a whole.

    Five queries, whatever the number of holders (four for the whole).
    """
    vacancies, entries = _seen(member)
    vacancies = vacancies.filter(unit__landlord=landlord, registered_on__year=year)
    entries = entries.filter(ledger__landlord=landlord, ledger__exercise=year, ledger__kind=Ledger.Kind.ORDINARY)
    held: Sequence[Right] = rights(landlord, since=date(year, 1, 1), until=date(year, 12, 31))
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL)
    if territory is not None:
        vacancies = vacancies.filter(within(territory.pk, commune="unit__commune"))
        entries = entries.filter(within(territory.pk, commune="vacancy__unit__commune"))
        communes = communes.filter(within(territory.pk))
    if not sees_whole(member):
        ledgers = Ledger.objects.ordinary().visible_to(member) if member else Ledger.objects.none()
        communes = communes.filter(
            departement__in=ledgers.filter(landlord=landlord, exercise=year).order_by().values("departement")
        )
    if territory is not None or not sees_whole(member):
        held = bearing(held, communes)
    flow = flows(vacancies).get((landlord.pk, year), Flow())
    return Balance(landlord, year, territory, flow, lines(landlord, held, sums(entries), on=on))


def sees_whole(member: Membership | None) -> bool:
    """Is nothing of a balance out of this person's sight? Commands have no member, and read everything."""
    return member is None or member.is_administrator or member.is_landlord


def _seen(member: Membership | None) -> tuple[QuerySet[Vacancy], QuerySet[FlowEntry]]:
    """The vacancies and the entries that balances are made of, for one person: both of the same units."""
    if member is None or sees_whole(member):
        return Vacancy.objects.all(), FlowEntry.objects.all()
    seen = Vacancy.objects.visible_to(member)
    books = Ledger.objects.visible_to(member).order_by().values("pk")
    return seen, FlowEntry.objects.filter(ledger__in=books, vacancy__in=seen.order_by().values("pk"))


def flows(vacancies: QuerySet[Vacancy]) -> dict[tuple[int, int], Flow]:
    """The flow of each (landlord id, year) among some vacancies. One query."""
    found: dict[tuple[int, int], Flow] = {}
    recommended = Exists(Recommendation.objects.filter(vacancy=OuterRef("pk")))
    due = Exists(FlowEntry.objects.filter(vacancy=OuterRef("pk"), ledger__kind=Ledger.Kind.ORDINARY))
    rows = (
        vacancies.order_by()
        .values_list("unit__landlord", "registered_on__year", "kind", "exclusion")
        .annotate(units=Count("pk"), undecided=Count("pk", filter=~recommended), counted=Count("pk", filter=due))
    )
    for landlord, year, kind, exclusion, count, undecided, counted in rows:
        flow = found.setdefault((landlord, year), Flow())
        for counts, found_here in ((flow.by_kind, count), (flow.undecided, undecided), (flow.in_shares, counted)):
            counts[kind] = counts.get(kind, 0) + found_here
        if exclusion:
            flow.by_exclusion[exclusion] += count
    return found


def balances_of(member: Membership) -> list[tuple[int, int]]:
    """(landlord id, year) of the balances that the person may read, the latest first.

    Counts are common: those of the ledgers it sees, and of the vacancies it sees listed. Two queries.
    """
    ledgers = Ledger.objects.visible_to(member).order_by().values_list("landlord", "exercise").distinct()
    vacancies = (
        Vacancy.objects.visible_to(member).order_by().values_list("unit__landlord", "registered_on__year").distinct()
    )
    return sorted({*ledgers, *vacancies}, key=lambda pair: (-pair[1], pair[0]))


def territory_of(member: Membership) -> Territory | None:
    """Where the balances that the person reads are limited to, unless it asks otherwise: the EPCI and the State."""
    return member.organisation.territory if member.is_overseer else None


def territories(landlord: Landlord, year: int, *, member: Membership | None = None) -> list[Territory]:
    """The places that a balance may be limited to: communes where a unit fell vacant in `member`'s sight, and what
    contains them."""
    fallen = _seen(member)[0].filter(unit__landlord=landlord, registered_on__year=year)
    communes = Territory.objects.filter(pk__in=fallen.order_by().values("unit__commune")).order_by()
    order = [
        Territory.Kind.REGION,
        Territory.Kind.DEPARTEMENT,
        Territory.Kind.EPCI,
        Territory.Kind.EPT,
        *Territory.COMMUNAL,
    ]
    found = Territory.objects.filter(pk__in={pk for commune in communes for pk in commune.covering_ids()})
    return sorted(found, key=lambda place: (order.index(Territory.Kind(place.kind)), place.search_name, place.code))


@dataclass(frozen=True, slots=True)
class Overview:
    """One balance in one line. `widest`: the line of its accounts furthest from its due, the whole landlord over:
    commitments hold there, not on a part of the territory."""

    landlord: Landlord
    year: int
    flow: Flow
    figures: Figures
    widest: Line | None

    @property
    def reach(self) -> int:
        """How far its accounts are from what is due, at the furthest; in millionths of a unit."""
        return abs(self.widest.figures.gap) if self.widest else 0


def overview(
    pairs: Sequence[tuple[int, int]], territory: Territory | None, on: date, *, member: Membership | None = None
) -> list[Overview]:
    """Several balances, a line each, in the order given, limited as `balance`. Six queries, whatever their number."""
    landlords = Landlord.objects.select_related("organisation").in_bulk({landlord for landlord, _ in pairs})
    years = {year for _, year in pairs}
    of_pairs = Q(unit__landlord__in=landlords, registered_on__year__in=years)
    vacancies, entries = _seen(member)
    vacancies = vacancies.filter(of_pairs)
    entries = entries.filter(
        ledger__landlord__in=landlords, ledger__exercise__in=years, ledger__kind=Ledger.Kind.ORDINARY
    )
    if territory is not None:
        vacancies = vacancies.filter(within(territory.pk, commune="unit__commune"))
        entries = entries.filter(within(territory.pk, commune="vacancy__unit__commune"))
    flow_of = flows(vacancies)
    figures_of = {
        (row["ledger__landlord"], row["ledger__exercise"]): Figures.of(row)
        for row in entries.order_by().values("ledger__landlord", "ledger__exercise").annotate(**SUMS)
    }
    books = Ledger.objects.ordinary()
    books = books.visible_to(member) if member else books
    ledgers = list(books.filter(landlord__in=landlords, exercise__in=years).order_by("pk"))
    lines_of = accounts(ledgers, on)
    widest: dict[tuple[int, int], Line] = {}
    for ledger in ledgers:
        key = ledger.landlord_id, ledger.exercise
        for line in lines_of[ledger.pk]:
            if key not in widest or abs(line.figures.gap) > abs(widest[key].figures.gap):
                widest[key] = line
    return [
        Overview(
            landlords[landlord],
            year,
            flow_of.get((landlord, year), Flow()),
            figures_of.get((landlord, year), Figures()),
            widest.get((landlord, year)),
        )
        for landlord, year in pairs
    ]
