"""The second wall (docs/second-wall.md): what the database itself shows to the account of the site.

Pages filter by `visible_to`. A page that forgot to would still be shown nothing: the tables that name households, the
files of conventions and those that came in have a policy, which reads for whom the site says that it reads. Who says
nothing is shown no row of them. An act opens the wall for its own transaction, the worker's account and commands for
theirs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from django.db import Error, connection, transaction
from django.db.backends.signals import connection_created

from reservations.models.acting import again_if_crossed
from reservations.models.person import Membership

#: What the policies read: for whom one reads, and whether everything is.
HAT, WALL, OPEN = "equiflux.hat", "equiflux.wall", "open"
#: Opens the wall, for the transaction or for longer, and gives what it was.
OPENING = "SELECT coalesce(current_setting(%s, true), ''), set_config(%s, %s, %s::boolean)"

#: None where nobody’s request is under way.
_hat: ContextVar[str | None] = ContextVar("hat", default=None)
_open: ContextVar[bool] = ContextVar("open", default=False)


def hat_of(member: Membership) -> str:
    """For whom this member reads, as the policies take it."""
    organisation = member.organisation
    return json.dumps(
        {
            "organisation": member.organisation_id,
            "user": member.user_id,
            "landlord": organisation.landlord.pk if member.is_landlord and member.landlord else None,
            "territory": organisation.territory_id if member.is_overseer else None,
            "administrator": int(member.is_administrator),
        }
    )


def wear(member: Membership) -> None:
    """From now on this request reads for that member; whoever began `for_request` ends it.

    Raises RuntimeError where nobody did: the process, and each connection that it opens, would read so for ever.
    """
    if _hat.get() is None:
        raise RuntimeError("wear(member) is said inside for_request(), which takes the hat off.")
    hat = hat_of(member)
    _hat.set(hat)
    _tell(hat)


@contextmanager
def for_request(member: Membership | None) -> Iterator[None]:
    """Inside, one reads for that member, or for nobody until `wear` says for whom. Nothing of it is left afterwards."""
    before = _hat.set("")
    try:
        if member is not None:
            wear(member)
        yield
    finally:
        worn = _hat.get()
        _hat.reset(before)
        if worn:
            _put_back(HAT, "")


def while_read(member: Membership, content: Any) -> Iterator[Any]:
    """What a file gives as its rows are read, after its view has answered: for that member too, to its end."""
    with for_request(member):
        yield from content


@contextmanager
def opened() -> Iterator[None]:
    """A transaction that looks at what every organisation holds, for what an act has to know and shows to nobody."""
    with transaction.atomic():
        if _open.get():
            yield
            return
        token = _open.set(True)
        try:
            before = _ask(OPENING, (WALL, WALL, OPEN, "true"))
            yield
            if before != OPEN and connection.savepoint_ids and not connection.needs_rollback:  # an end does it too
                _ask("SELECT set_config(%s, %s, true)", (WALL, before))
        finally:
            _open.reset(token)


def atomic_act[**P, R](act: Callable[P, R]) -> Callable[P, R]:
    """An act on what the second wall keeps: one transaction, in which the wall is `opened`, done again if it crosses
    another (`reservations.models.acting`)."""

    @again_if_crossed
    @wraps(act)
    def opening(*arguments: P.args, **named: P.kwargs) -> R:
        with opened():
            return act(*arguments, **named)

    return opening


def _tell(hat: str) -> None:
    """A connection that is not open yet is told when it opens."""
    if connection.connection is not None:
        _ask("SELECT set_config(%s, %s, false)", (HAT, hat))


def _put_back(setting: str, value: str) -> None:
    """Nobody else may read so: a connection that cannot be told is not lent again."""
    if connection.connection is None:
        return
    try:
        _ask("SELECT set_config(%s, %s, false)", (setting, value))
    except Error:
        if not connection.in_atomic_block and connection.connection is not None:
            connection.connection.close()


def _ask(statement: str, values: tuple[str, ...]) -> str:
    """The first value of the answer. Beside the statements of the page, which are counted."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        found = connection.connection.execute(statement, values).fetchone()
    return str(found[0])


def _tell_new(connection: Any, **_: Any) -> None:
    if hat := _hat.get():
        with connection.wrap_database_errors:
            connection.connection.execute("SELECT set_config(%s, %s, false)", (HAT, hat))


connection_created.connect(_tell_new, dispatch_uid="second wall")
