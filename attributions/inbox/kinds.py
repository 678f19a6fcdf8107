"""What a row of « À faire » is, and what declares one: each act of the chain has its declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from attributions.inbox.reader import Reader
from reservations.models.together import Steps
from reservations.words import upper_first

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: The filter of the address that keeps one kind of act.
KIND = "genre"


@dataclass(frozen=True, slots=True)
class Words:
    """What a row reads of its object, what is added below, and the address at which the act is done."""

    title: str
    detail: str
    address: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a kind, read by one query. `key`: the column of the id that says which object; `unit`: the path to
    the unit of a vacancy, whose id is then the key, empty when the act is about no unit. `due_on`, `since`: columns or
    expressions of days; `due_at`, of a moment, when the hour counts; `begun`, of the moment since which the row is
    there, when the same key comes back: what was noted of it before is of another round."""

    found: QuerySet[Any, Any]
    key: str = "pk"
    unit: str = ""
    due_on: Any = None
    due_at: Any = None
    since: Any = None
    begun: Any = None


@dataclass(frozen=True, slots=True)
class One:
    """A row that takes more than a query to find: few of its kind await anybody."""

    key: int
    words: Words
    due_on: date | None = None
    due_at: datetime | None = None
    since: date | None = None

    @property
    def begun(self) -> datetime | None:
        """The moment from which it waits, when it is known."""
        return timezone.make_aware(datetime.combine(self.since, time.min)) if self.since else None

    @classmethod
    def by(cls, key: int, words: Words, at: datetime) -> One:
        """One whose hour counts."""
        return cls(key, words, timezone.localdate(at), at)


@dataclass(frozen=True, slots=True)
class RowAct:
    """An act that one form of the row does. `code`: its name in the address; `words`: what opens the form; `key`: the
    single key that does; `whom`: may this person do it at all; `drafts`: only where candidates are ready to be sent;
    `main`: it takes the place of the link to the page of the act."""

    code: str
    words: str
    key: str = ""
    whom: Callable[[Reader], bool] = lambda _: True
    drafts: bool = False
    main: bool = False


#: Who takes a row, and until when it is put off: of every kind that awaits an organisation.
FOLLOW = RowAct("suivre", "Suivre", "p")


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """An act that awaits somebody. `code`: its name in the address; `one`, `many`: what is counted; `verb`: the act of
    a row; `whom`: does it await this person at all; `found`: its rows, by a query; `ones`: those that take more than a
    query; `describe`: what rows read, by key, of those
    about no unit; `opens`: the address by name, with the key, of those about a unit; `listed`: the page that has all of
    them with what they need, rather than the list filtered by this kind; `lapse`: what happens once the day is over;
    `title`: the act as a row names it, when it is not `one`; `acts`: those that a form of the row does; `own`: no
    colleague takes it."""

    code: str
    one: str
    many: str
    verb: str
    whom: Callable[[Reader], bool]
    found: Callable[[Reader], Rows] | None = None
    describe: Callable[[Reader, Sequence[int]], Steps[Mapping[int, Words]]] | None = None
    opens: str = "vacancy-detail"
    listed: StrOrPromise = ""
    lapse: str = ""
    title: str = ""
    acts: tuple[RowAct, ...] = ()
    ones: Callable[[Reader], Sequence[One]] | None = None
    own: bool = False

    @property
    def of_unit(self) -> bool:
        """Is it about a unit, whose vacancy is the key of a row?"""
        return self.found is not None and self.describe is None

    @property
    def where(self) -> str:
        """The page that has all of this kind."""
        return str(self.listed) or f"{reverse('inbox')}?{KIND}={self.code}"

    @property
    def heading(self) -> str:
        """All of this kind, above them or in a filter."""
        return self.title or upper_first(self.many)

    def words(self, number: int) -> str:
        """Of so many."""
        return self.many if number > 1 else self.one


def anybody(_: Reader) -> bool:
    """Whatever its role."""
    return True


def landlord(reader: Reader) -> bool:
    """A landlord's people."""
    return reader.member.is_landlord


def holder(reader: Reader) -> bool:
    """Who acts for a holder."""
    return reader.member.is_holder


def party(reader: Reader) -> bool:
    """Everybody but who administers the service."""
    return not reader.member.is_administrator


def administrator(reader: Reader) -> bool:
    """Who administers the service."""
    return reader.member.is_administrator
