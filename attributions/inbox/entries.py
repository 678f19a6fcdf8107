"""What « À faire » holds: how many rows of each kind, one row, and the filters that an address keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from attributions.inbox.declared import BY_CODE, KINDS
from attributions.inbox.kinds import KIND, Kind, Words
from attributions.inbox.models import RowMark
from flux.queries.vacancies import VacancyRow

#: Rows of one page.
PAGE = 25
#: Filters of the address by the id of a place.
PLACES = ("commune", "programme")
#: How rows may be grouped, by the parameter of the address.
GROUP, BY_KIND, BY_COMMUNE, BY_PROGRAMME = "par", "genre", "commune", "programme"
GROUPED = {BY_COMMUNE: "commune__name", BY_PROGRAMME: "programme__name"}

#: Whose rows are kept, by the parameter of the address: those that the person took, those that nobody took, those that
#: are put off, which no other list has.
WHOSE, MINE, NOBODY, PUT_OFF = "suivi", "moi", "personne", "reporte"

LAST_DAY, LAST_MOMENT = date.max, datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows of a kind await the person; `first`, the nearest day."""

    kind: Kind
    number: int
    first: date | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: what lapses `due_on`, at the hour of `due_at` when one is fixed. `group`: of a grouped list, the commune
    or the programme, None when it is about no unit; `row`: its unit, when it is about one;
    `drafts`: how many candidates the reader prepared for it, and may send; `mark`: who takes it, and since when it is
    put off."""

    kind: Kind
    key: int
    due_on: date | None
    due_at: datetime | None
    since: date | None
    group: str | None = None
    words: Words | None = None
    row: VacancyRow | None = None
    drafts: int = 0
    mark: RowMark | None = None

    @property
    def order(self) -> tuple[date, datetime, int, date, int]:
        """What lapses first; then the earlier kind, then what has waited for longer."""
        rank = KINDS.index(self.kind)
        return self.due_on or LAST_DAY, self.due_at or LAST_MOMENT, rank, self.since or LAST_DAY, self.key


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """Where the unit of a row is, by id and by name; nowhere, when it is about no unit."""

    programme: int | None = None
    programme_name: str = ""
    commune: int | None = None
    commune_name: str = ""

    @property
    def order(self) -> tuple[str, int]:
        """By the name of its programme."""
        return self.programme_name, self.programme or 0

    def is_in(self, kept: Filters) -> bool:
        """Do the filters of a place keep it?"""
        return all(getattr(self, name) == pk for name, pk in kept.places.items())


@dataclass(frozen=True, slots=True)
class Board:
    """How many rows of each kind there are, how many under the places of the filters, and the places of all of them."""

    counted: Sequence[Counted]
    here: Sequence[Counted]
    places: Sequence[UnitPlace]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address keeps: one kind, one commune, one programme (by id); whose rows; how rows are grouped; and
    which page."""

    kind: Kind | None = None
    commune: int | None = None
    programme: int | None = None
    group: str = ""
    page: str = ""
    whose: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Filters:
        """From an address; an unknown value filters nothing out."""
        places = {name: int(asked[name]) for name in PLACES if asked.get(name, "")[:18].isdecimal()}
        whose = asked.get(WHOSE, "")
        group, page = asked.get(GROUP, ""), asked.get("page", "")[:6]
        return cls(
            BY_CODE.get(asked.get(KIND, "")),
            group=group if group in (BY_KIND, *GROUPED) else "",
            page=page if page.isdecimal() else "",
            whose=whose if whose in (MINE, NOBODY, PUT_OFF) else "",
            **places,
        )

    @property
    def places(self) -> dict[str, int]:
        """Those of a place, by name."""
        asked = {name: getattr(self, name) for name in PLACES}
        return {name: pk for name, pk in asked.items() if pk is not None}
