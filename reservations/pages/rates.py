"""Tables of rates in words: for which units a row holds, what it gives, and which rows cannot stand together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from reservations.models import Quota, Rate
from reservations.models.categories import CODES, DECLINABLE
from reservations.models.rate import RateCell, UnitFacts, share_at
from reservations.queries.rates import kinds_of_units
from reservations.words import percent, to

#: What is stated of the general share of a table.
ELSEWHERE = "tous les autres logements"
#: The same where the rows leave no other unit than those of which nobody gave what they look at.
UNKNOWN = "logements dont ces faits ne sont pas renseignés"
FIRST, AGAIN = "première location", "relocation"


def labels(codes: Iterable[str]) -> list[str]:
    """« T1 ou T2 », « PLAI », « hors QPV »: one for each dimension looked at, in the order of the vocabulary."""
    known = set(codes)
    found = []
    for dimension in DECLINABLE:
        named = [label(code) for code in CODES if code in known and code.startswith(f"{dimension}:")]
        if named:
            found.append(" ou ".join(named))
    return found


def label(code: str) -> str:
    """« T1 », « autre financement », « en QPV »."""
    category = code.partition(":")[2]
    return "autre financement" if category == "AUTRE" else category


def when(cell: RateCell, place: object = None) -> str:
    """« T1 ou T2, hors QPV, à Narbonne, à partir de 2027 »: the units for which a row holds; `place`: its territory."""
    found = labels(cell.categories)
    if cell.first_letting is not None:
        found.append(FIRST if cell.first_letting else AGAIN)
    if place is not None:
        found.append(to(place))
    if cell.since_year is not None:
        found.append(f"à partir de {cell.since_year}")
    return ", ".join(found)


class Spanned(Protocol):
    """What has a lowest and a highest share."""

    @property
    def span(self) -> tuple[int, int]: ...


def in_span(of: Spanned) -> str:
    """« 12 % », or « de 10 % à 30 % » where a table says which."""
    return _between(of.span)


def _between(shares: tuple[int, int]) -> str:
    lowest, highest = shares
    return percent(lowest) if lowest == highest else f"de {percent(lowest)} à {percent(highest)}"


def row(rate: Rate) -> str:
    """« T1, hors QPV »: the units of a stored row, read with its territory."""
    return when(rate.cell, rate.territory)


def rows(quota: Quota) -> list[tuple[str, str]]:
    """The table of a contingent: (for which units, share in words), its general share last, or first where it is that
    of the years before the first step; empty without a table. Its rates come with their territories: no query."""
    table = [(row(rate), percent(rate.share)) for rate in quota.rates.all()]
    if (steps := steps_of(quota)) is not None:
        before = [(f"avant {steps[0]}", percent(quota.share))] if quota.convention.starts_on.year < steps[0] else []
        return [*before, *table]
    last = ELSEWHERE if general_bears(quota) else UNKNOWN
    return [*table, (last, percent(quota.share))] if table else []


def steps_of(quota: Quota) -> list[int] | None:
    """The years from which its share changes, the first one first, where nothing else distinguish units; None without
    a table, or where one does. No query."""
    cells = [rate.cell for rate in quota.rates.all()]
    if not cells or any(cell.categories or cell.territory or cell.first_letting is not None for cell in cells):
        return None
    return sorted(cell.since_year for cell in cells if cell.since_year is not None)


def variation(quota: Quota) -> str:
    """How the rate of a contingent that has several varies, before its rows."""
    if steps_of(quota) is not None:
        return "change selon l’année, sans avenant. Chaque logement a le taux de l’année où il entre dans le flux :"
    return (
        "n’est pas la même pour tous les logements. Chacun a le taux de la ligne la plus précise qui lui convient, "
        "d’après ce qu’il est le jour où il entre dans le flux :"
    )


def general_bears(quota: Quota) -> bool:
    """Is the general share that of some unit whose facts are given, in the year in which the convention begins? No
    query."""
    cells = [rate.cell for rate in quota.rates.all()]
    return any(not any(cell.holds(facts) for cell in cells) for facts in _known(quota, cells))


def _known(quota: Quota, cells: Sequence[RateCell], territories: Collection[int] = ()) -> list[UnitFacts]:
    """The kinds of units that a table states apart, whose facts are all given."""
    declined = [dimension for dimension in DECLINABLE if any(cell.of(dimension) for cell in cells)]
    kinds = kinds_of_units(cells, territories, years=(quota.convention.starts_on.year,))
    return [facts for facts in kinds if all(facts.categories[dimension] for dimension in declined)]


def least_outside(quota: Quota) -> int:
    """The least that it gives of a unit that is not in QPV, wherever it is; in millionths. No query."""
    cells = [rate.cell for rate in quota.rates.all()]
    places = [(), *((cell.territory,) for cell in cells if cell.territory is not None)]
    kinds = [facts for there in places for facts in _known(quota, cells, there)]
    outside = [facts for facts in kinds if facts.categories["qpv"] in {"", DECLINABLE["qpv"][1]}]
    return min(share_at(quota.share, cells, facts) for facts in outside)


def span_of(quota: Quota) -> tuple[int, int]:
    """The lowest and the highest share of the units whose facts are given; the same twice without a table."""
    shares = [rate.share for rate in quota.rates.all()]
    shares += [quota.share] if general_bears(quota) or not shares else []
    return min(shares), max(shares)


def in_table(quota: Quota) -> str:
    """« de 20 % à 30 %, selon la table de l’article »: what stands in place of one rate; "" without a table."""
    return _between(span_of(quota)) if quota.rates.all() else ""


def table_in_words(quota: Quota) -> str:
    """The table on one line, to be compared: « T1, hors QPV : 10 % ; tous les autres logements : 20 % »."""
    return " ; ".join(f"{units} : {share}" for units, share in rows(quota))


def kind(facts: UnitFacts, place: object = None) -> str:
    """« un T1 en QPV à Narbonne en 2027 »: one kind of unit."""
    known: Mapping[str, str] = facts.categories
    found = [f"un {known['typology']}" if known.get("typology") else "un logement"]
    if known.get("financing"):
        found.append("d’un autre financement" if known["financing"] == "AUTRE" else known["financing"])
    if known.get("qpv"):
        found.append(known["qpv"])
    if facts.first_letting:
        found.append("en première location")
    if place is not None:
        found.append(to(place))
    if facts.year:
        found.append(f"en {facts.year}")
    return " ".join(found)
