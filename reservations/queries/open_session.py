"""What every request asks first, in one statement: the row of its session, whose it is and what they chose for their
lists, and under which memberships they act, with the organisation of each
(docs/decisions/0154-one-statement-opens-a-request.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import F, Model
from django.db.models.expressions import OrderBy

from reservations.models import DeskChoice, Landlord, Membership, Organisation, Session, Territory, User
from reservations.models.together import rows_of
from reservations.queries.composed import Statement

MEMBER = "user__memberships__"
#: What a row holds, in the order of its columns, by the path that leads there from the session.
READ: dict[str, type[Model]] = {
    "": Session,
    "user__": User,
    "user__desk_choice__": DeskChoice,
    MEMBER: Membership,
    f"{MEMBER}organisation__": Organisation,
    f"{MEMBER}organisation__landlord__": Landlord,
    f"{MEMBER}organisation__territory__": Territory,
}


def acting_order(path: str = "") -> tuple[OrderBy | str, ...]:
    """Under which membership a person acts first: that of an organisation that is open, before those of one that was
    united to it. `path` leads to the membership."""
    closed = F(f"{path}organisation__closed_on").asc(nulls_first=True)
    return closed, f"{path}organisation__name", f"{path}role", f"{path}pk"


#: Values that no query has by itself.
MARKS: dict[str, object] = {"key": "the key of a session", "now": datetime(1999, 12, 31, tzinfo=UTC)}


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that has not ended: its row, its person, and all that the person may act under, the first one being
    taken at sign-in."""

    row: Session
    person: User | None
    memberships: list[Membership]


def open_session(key: str | None, now: datetime) -> OpenSession | None:
    """The session of this key; None where there is none, or where it ended. One statement."""
    rows = [_of(row) for row in rows_of(_statement().part({"key": key, "now": now}))]
    if not rows:
        return None
    session, person, desk, *_ = rows[0]
    if person is not None:
        User._meta.get_field("desk_choice").set_cached_value(person, desk or DeskChoice(user=person))
    memberships = [_member(person, *found) for _, _, _, *found in rows if found[0] is not None]
    return OpenSession(session, person, memberships)


@cache
def _statement() -> Statement:
    found = Session.objects.filter(session_key=MARKS["key"], expire_date__gt=MARKS["now"])
    ordered = found.order_by(*acting_order(MEMBER))
    columns = [f"{path}{field.attname}" for path, model in READ.items() for field in model._meta.concrete_fields]
    return Statement.of(ordered.values_list(*columns), MARKS)


def _of(row: tuple[Any, ...]) -> list[Any]:
    """An object for each model of a row, as Django makes it; None where the row has none."""
    values = iter(row)
    return [_object(model, values) for model in READ.values()]


def _object(model: type[Model], values: Iterator[Any]) -> Model | None:
    fields = model._meta.concrete_fields
    found = list(islice(values, len(fields)))
    if all(value is None for value in found):
        return None
    for place, field in enumerate(fields):
        for convert in field.get_db_converters(connection):
            found[place] = convert(found[place], None, connection)
    return model.from_db(connection.alias, [field.attname for field in fields], found)


def _member(
    person: User, member: Membership, organisation: Organisation, landlord: Landlord | None, territory: Territory | None
) -> Membership:
    """The membership with what it leads to, so that nothing of it is read again."""
    member.user, member.organisation, organisation.territory = person, organisation, territory
    if landlord is not None:
        landlord.organisation = organisation
    else:
        Organisation._meta.get_field("landlord").set_cached_value(organisation, None)
    return member
