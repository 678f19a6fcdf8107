"""What is read of conversion sheets.

* Worksheets of conversion as people read them: listed, opened line by line, side by side.
* The stock of a landlord on a perimeter, and what fell vacant of it in whole past years, by typology.
* What the arrêté asks of a convention with the State, and that its text does not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.db.models import Avg, Count, Q, QuerySet
from django.db.models.fields.json import KT

from flux.financing import GROUPS, group_of
from flux.models import ConventionStock, Conversion, Unit, Vacancy
from flux.models.unit import IN_QPV, OUT_OF_QPV, TYPOLOGIES, period_names, period_of, qpv_of, typology_of
from flux.queries.conventions import known_of
from reservations.models import Convention, Landlord, Membership, Organisation, Territory
from reservations.models.territory import holds_one_of, within
from reservations.models.together import Steps, read_whole, stepwise
from reservations.queries.checks.findings import Finding
from reservations.queries.checks.quotas import Code, Level
from reservations.rounding import steps


def conversions_of(member: Membership) -> QuerySet[Conversion]:
    """The worksheets that this person may read, those of one holder side by side, newest first. Not their contents."""
    return (
        Conversion.objects.visible_to(member)
        .select_related("landlord__organisation", "holder__organisation", "perimeter", "convention", "created_by")
        .defer("given", "worksheet")
        .annotate(expected=KT("worksheet__result__expected_shown"), net_flow=KT("worksheet__result__net_flow_shown"))
        .order_by("holder__organisation__name", "-holder__contingent", "landlord__organisation__name", "-pk")
    )


#: The line in which each part of the sum ends.
RESULTS = frozenset(["BASE", "WEIGHTED", "VOLUME_YEARLY", "ROTATION", "NET", "SHARE", "TARGET"])


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One line of several worksheets: what each shows, None where it has no such line."""

    label: str
    shown: tuple[str | None, ...]

    @property
    def differs(self) -> bool:
        """Do the worksheets not all say the same?"""
        return len(set(self.shown)) > 1


@dataclass(frozen=True, slots=True)
class ComparedSection:
    """A part of the sum, line by line."""

    label: str
    lines: tuple[ComparedLine, ...]


def compared(conversions: Sequence[Conversion]) -> list[ComparedSection]:
    """Worksheets line by line: those of the first in its order, then what only the others have. No query."""
    sections: dict[str, str] = {}
    for conversion in conversions:
        sections |= {
            part["code"]: part["label"] for part in conversion.worksheet["sections"] if part["code"] not in sections
        }
    return [ComparedSection(label, tuple(_lines(conversions, code))) for code, label in sections.items()]


def _lines(conversions: Iterable[Conversion], section: str) -> Iterable[ComparedLine]:
    columns = [
        {
            line["code"]: line
            for part in conversion.worksheet["sections"]
            if part["code"] == section
            for line in part["lines"]
        }
        for conversion in conversions
    ]
    order: list[str] = []
    for column in columns:
        following = 0
        for code in column:
            if code not in order:
                order.insert(following, code)  # beside the line before it, not after the result
            following = order.index(code) + 1
    for code in order:
        label = next(column[code]["label"] for column in columns if code in column)
        yield ComparedLine(label, tuple(column[code]["display"] if code in column else None for column in columns))


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line to read and to argue with. `life`: from when to when a right lives, and why then. `changes`:
    each figure that was overridden, what it was, and why."""

    line: Mapping[str, Any]
    life: tuple[str, ...]
    changes: tuple[Mapping[str, Any], ...]

    @property
    def is_result(self) -> bool:
        """Is it the last word of its part?"""
        return self.line["code"] in RESULTS


@dataclass(frozen=True, slots=True)
class SheetSection:
    """A part of the worksheet."""

    code: str
    label: str
    lines: tuple[SheetLine, ...]


def sheet(conversion: Conversion) -> list[SheetSection]:
    """The whole worksheet, as it was kept. No query."""
    return [
        SheetSection(part["code"], part["label"], tuple(_sheet_line(line) for line in part["lines"]))
        for part in conversion.worksheet["sections"]
    ]


def _sheet_line(line: Mapping[str, Any]) -> SheetLine:
    lives = line["code"].startswith("RIGHT.")
    return SheetLine(
        line,
        tuple(f"{number['name']} {number['display']}" for number in line["numbers"]) if lives else (),
        tuple(change for line_or_detail in (line, *line["details"]) for change in line_or_detail["overrides"]),
    )


#: How many past years a rotation is counted on, at most.
YEARS = 3

#: One group of vacancies: how many, and what they are.
type Freed = Mapping[str, Any]


def composition(convention: Convention, on: date) -> dict[str, Any]:
    """What is counted of a convention on a day, as `ConventionStock.content`. Four queries."""
    known = known_of(convention.landlord)
    years = [year for year in range(on.year - YEARS, on.year) if known.is_begun(year)]
    freed = _freed(convention, years)
    by_year: Counter[tuple[str, int]] = Counter()
    for each in freed:
        by_year[typology_of(each["description__rooms"]), each["registered_on__year"]] += each["units"]
    stock = _stock(convention, on)
    return {
        "years": years,
        "typologies": [
            [name, *stock.get(name, NOTHING_COUNTED), [by_year[name, year] for year in years]]
            for name in TYPOLOGIES
            if name in stock or any(by_year[name, year] for year in years)
        ],
        "financings": _cross(freed),
        "qpv": _along(freed, lambda each: qpv_of(each["description__in_qpv"]), (IN_QPV, OUT_OF_QPV)),
        "periods": _along(freed, lambda each: period_of(each["description__construction_year"]), period_names()),
    }


def stock_of(convention: Convention, *, today: date) -> ConventionStock | None:
    """What is printed of a convention with the State: as it was counted when it was proposed; as it is today while it
    is a draft. None of what was proposed before that was counted."""
    if convention.is_draft:
        return ConventionStock(convention=convention, counted_on=today, content=composition(convention, today))
    return ConventionStock.objects.filter(convention=convention).order_by("pk").last()


#: The first item of the arrêté that asks for the stock; the second, for its rotation.
STOCK = "1°"


@dataclass(frozen=True, slots=True, kw_only=True)
class MattersMissing(Finding):
    """Items of article 1 of the arrêté of 10 March 2011 of which the text of a convention with the State says nothing:
    in its order, the stock first where nobody counted it when the convention was proposed."""

    name: ClassVar[Code] = Code.MATTERS_MISSING
    level: ClassVar[Level] = Level.WARNING

    convention: Convention
    items: tuple[str, ...]


@stepwise
def missing_matters(conventions: Iterable[Convention]) -> Steps[list[MattersMissing]]:
    """What those with the State lack, of those that are negotiated or that bind. One query where there are some."""
    asked = [
        each
        for each in conventions
        if each.organisation.kind == Organisation.Kind.STATE
        and not each.is_order
        and (each.is_open or each.status == Convention.Status.SIGNED)
    ]
    proposed = [each.pk for each in asked if not each.is_draft]  # what a draft prints is counted each day
    (rows,) = yield [ConventionStock.objects.filter(convention__in=proposed).values_list("convention")]
    counted = {pk for (pk,) in rows}
    found = []
    for each in asked:
        stock = () if each.is_draft or each.pk in counted else (STOCK,)
        if items := (*stock, *each.unsettled):
            found.append(MattersMissing(convention=each, items=items))
    return found


@stepwise
def missing_in_force(
    landlords: Iterable[Landlord], *, on: date, territory: Territory | None
) -> Steps[list[MattersMissing]]:
    """The same, of all that binds these landlords on a day; on the communes of a territory only. Two queries."""
    binding = Convention.objects.in_force(on).filter(landlord__in=landlords, organisation__kind=Organisation.Kind.STATE)
    if territory is not None:
        binding = binding.filter(holds_one_of(Territory.objects.communes_within(territory), "perimeter"))
    found = yield from read_whole(binding.select_related("organisation", "perimeter").order_by("landlord", "pk"))
    return (yield from missing_matters.steps(found))


#: Of a typology: units, mean surface in m², those accessible in a wheelchair; None where no unit says.
type _Counted = tuple[int, str | None, int | None]
NOTHING_COUNTED: _Counted = (0, None, None)


def _stock(convention: Convention, on: date) -> dict[str, _Counted]:
    """What is counted of each typology. One query."""
    found: dict[str, _Counted] = {}
    units = Unit.objects.filter(landlord=convention.landlord_id).in_base(on, within_any=convention.perimeter_id)
    counted = (
        units.order_by()
        .values("rooms")
        .annotate(
            count=Count("pk"),
            mean=Avg("surface"),
            sized=Count("surface"),
            open=Count("pk", filter=Q(is_accessible=True)),
            known=Count("is_accessible"),
        )
    )
    sizes: dict[str, list[tuple[int, Any]]] = {}
    for row in counted:
        name = typology_of(row["rooms"])
        units_before, _, open_before = found.get(name, NOTHING_COUNTED)
        sizes.setdefault(name, []).append((row["sized"], row["mean"] or 0))
        sized = sum(number for number, _ in sizes[name])
        mean = sum(number * surface for number, surface in sizes[name]) / sized if sized else None
        found[name] = (
            units_before + row["count"],
            None if mean is None else str(steps(mean)),
            (open_before or 0) + row["open"] if row["known"] else open_before,
        )
    return found


def _freed(convention: Convention, years: list[int]) -> list[Freed]:
    """What entered the flow in these years on the perimeter, by year and description. One query, or none."""
    if not years:
        return []
    names = (
        "registered_on__year",
        "description__rooms",
        "description__financing_code",
        "description__in_qpv",
        "description__construction_year",
    )
    found = Vacancy.objects.filter(
        within(convention.perimeter_id, commune="commune"),
        landlord=convention.landlord_id,
        kind=Vacancy.Kind.IN_FLOW,
        registered_on__year__in=years,
    )
    return list(found.order_by().values(*names).annotate(units=Count("pk")))


def _cross(freed: Iterable[Freed]) -> dict[str, Any]:
    """Typology × financing, each financing that there is: {"names": […], "rows": [[typology, counts…]]}."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in freed:
        counts[typology_of(each["description__rooms"]), group_of(each["description__financing_code"])] += each["units"]
    names = [name for name in (*GROUPS, "") if any(key[1] == name for key in counts)]
    rows = [
        [typology, *(counts[typology, name] for name in names)]
        for typology in TYPOLOGIES
        if any(key[0] == typology for key in counts)
    ]
    return {"names": names, "rows": rows}


def _along(freed: Iterable[Freed], of: Callable[[Freed], str], order: Iterable[str]) -> list[list[Any]]:
    counts: Counter[str] = Counter()
    for each in freed:
        counts[of(each)] += each["units"]
    return [[name, counts[name]] for name in (*order, "") if counts[name]]
