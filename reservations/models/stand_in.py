"""Conditions that Django composes once a process, and not at each request: what a role sees is the same text for
everybody, with other ids (docs/decisions/0161-conditions-composed-for-a-role.md).

It is composed for a stand-in of the role, whose ids are marks: each place where a mark went takes the value of whoever
reads. The stand-in has nothing else: asking it for anything more of a person would read the database, which is refused
while something is composed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection
from django.db.models import BooleanField, F, Func, Model, Q

from reservations.models.party import Landlord, Organisation
from reservations.models.person import Membership

#: Numbers that no query has by itself.
USER, ORGANISATION, LANDLORD, TERRITORY = range(1_999_999_001, 1_999_999_005)
#: What a role is: all that a condition or a statement may depend on, besides ids.
Role = tuple[str, str, bool]
#: An alias that Django gives to the table of a subquery.
ALIAS = re.compile(r'"([T-Z][0-9]+)"')

_numbers = count(1)


def role_of(member: Membership) -> Role:
    """The role, the kind of organisation, and whether it has a territory."""
    organisation = member.organisation
    return member.role, organisation.kind, organisation.territory_id is not None


def ids_of(member: Membership) -> dict[str, int | None]:
    """All that a condition or a statement may take of whoever reads."""
    organisation, landlord = member.organisation, member.landlord
    found = {"user": member.user_id, "organisation": organisation.pk, "territory": organisation.territory_id}
    return {**found, "landlord": landlord.pk if landlord else None}


def stand_in(role: str, kind: str, placed: bool) -> Membership:
    """Somebody of this role, in an organisation of this kind, of which nothing else is known."""
    territory = TERRITORY if placed else None
    organisation = Organisation.from_db(None, ["id", "kind", "territory_id"], [ORGANISATION, kind, territory])
    member = Membership.from_db(None, ["user_id", "organisation_id", "role"], [USER, ORGANISATION, role])
    member.organisation = organisation
    if kind == Organisation.Kind.LANDLORD:
        landlord = Landlord.from_db(None, ["id", "organisation_id"], [LANDLORD, ORGANISATION])
        landlord.organisation = organisation
    return member


@contextmanager
def reading_nothing() -> Iterator[None]:
    """While something is composed for everybody, nothing is read of anybody. Raises LookupError."""

    def refuse(_: Any, sql: str, *__: Any) -> Any:
        raise LookupError(f"composed once, it would keep what is read now: {sql}")

    with connection.execute_wrapper(refuse):
        yield


class RoleCondition(Func):
    """The text of a condition on the rows of a table, its `parts` around the name that the table has in the query, and
    its parameters."""

    output_field = BooleanField()

    def __init__(self, pk: F, parts: tuple[str, ...], params: tuple[Hashable, ...], **extra: Any) -> None:
        super().__init__(pk, **extra)
        self.parts, self.params = parts, params

    def as_sql(self, compiler: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        [pk] = self.get_source_expressions()
        return f"{compiler.quote_name(pk.alias)}.".join(self.parts), self.params


def of_role(model: type[Model], compose: Callable[[Membership], Q], member: Membership) -> Q:
    """`compose(member)`, a condition on rows of this model that takes nothing of a person but ids: composed once for
    those of the same role.

    Raises LookupError where it joins another table, or reads something of the person.
    """
    parts, params, places = _condition(model, compose, role_of(member))
    if not parts:
        return compose(member)
    ids = ids_of(member)
    given = list(params)
    for place, name in places:
        given[place] = ids[name]
    return Q(RoleCondition(F("pk"), parts, tuple(given)))


@lru_cache
def _condition(
    model: type[Model], compose: Callable[[Membership], Q], role: Role
) -> tuple[tuple[str, ...], tuple[Any, ...], tuple[tuple[int, str], ...]]:
    with reading_nothing():
        member = stand_in(*role)
        marks = {mark: name for name, mark in ids_of(member).items() if mark is not None}
        query = model._base_manager.filter(compose(member)).query
        compiler = query.get_compiler(connection=connection)
        compiler.setup_query()
        try:
            sql, params = compiler.compile(query.where)
        except (EmptyResultSet, FullResultSet):
            return (), (), ()
    table = connection.ops.quote_name(model._meta.db_table)
    joined = [alias for alias, used in query.alias_refcount.items() if used]
    if len(joined) > 1 or re.search(rf'{table}(?!\.| "[T-Z][0-9]+")', sql):
        raise LookupError(f"a condition on rows of {table} alone is composed once: {sql}")
    if any(str(mark) in each for mark in marks for each in (sql, *map(repr, params)) if each != repr(mark)):
        raise LookupError(f"an id is written inside another value: {sql}")
    # Names of its own, for whatever query it is put in.
    named = ALIAS.sub(rf'"c{next(_numbers)}_\1"', sql)
    places = tuple((place, marks[value]) for place, value in enumerate(params) if type(value) is int and value in marks)
    return tuple(named.split(f"{table}.")), tuple(params), places
