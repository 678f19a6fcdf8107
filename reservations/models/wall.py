"""The tables of wall.

* An act is one transaction: opened here, and done again when the database undoes it because it crossed another.
* Two acts that lock rows in two orders wait for each other, and PostgreSQL undoes one of them (`40P01`); so it does
  of an act that read what another wrote meanwhile (`40001`). Nothing of the act is left: it is done again, from its
  first statement. The order in which acts lock what they share makes it rare (`reservations/models/guards.py`).
* The second wall (docs/second-wall.md): what the database itself shows to the account of the site.
* Pages filter by `visible_to`. A page that forgot to would still be shown nothing: the tables that name households,
  the files of conventions and those that came in have a policy, which reads for whom a credential says that the site
  reads. Without one, no row of them is shown. An act has a credential of its own for its transaction, a command for
  its process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import wraps
from typing import Any, cast
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings
from django.db import Error, OperationalError, connection, transaction
from django.db.backends.signals import connection_created
from django.utils import timezone

from reservations import credentials
from reservations.models.person import Membership
from reservations.retries import TRIES, is_crossed, moment


def again_if_crossed[**P, R](act: Callable[P, R]) -> Callable[P, R]:
    """The act, done again while it is undone because it crossed another. Inside another act it is a part of it, and
    that one is done again as a whole.

    What is given once, an iterator, is read first: the act has it each time.
    """

    @wraps(act)
    def tried(*arguments: P.args, **named: P.kwargs) -> R:
        if connection.in_atomic_block:
            return act(*arguments, **named)
        given = [list(each) if isinstance(each, Iterator) else each for each in arguments]
        values = {name: list(each) if isinstance(each, Iterator) else each for name, each in named.items()}
        for done in range(1, TRIES):
            try:
                return act(*given, **values)  # type: ignore[arg-type]
            except OperationalError as error:
                if not is_crossed(error):
                    raise
            time.sleep(moment(done))
        return act(*given, **values)  # type: ignore[arg-type]

    return tried


def atomic[**P, R](act: Callable[P, R]) -> Callable[P, R]:
    """One transaction, done again if it is crossed: how an act is declared (`atomic_act`, where the second wall keeps
    what it looks at)."""
    return again_if_crossed(transaction.atomic(act))


def of_one_moment[Read: Callable[..., Any]](read: Read) -> Read:
    """What several statements read, as it was at the first of them: an act committed between two is in none of them.
    Inside an act, what is read is of the act; the steps of a reading are of the moment of whoever runs them."""

    @wraps(read)
    def at_once(*arguments: Any, **named: Any) -> Any:
        if connection.in_atomic_block:
            return read(*arguments, **named)
        connection.ensure_connection()
        native = connection.connection
        native.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        try:
            with transaction.atomic():
                return read(*arguments, **named)
        finally:
            if not native.closed:
                native.isolation_level = None

    return cast("Read", at_once)


#: Uses of a credential: for whom one reads, and which act looks at everything. Each is a setting, « equiflux.acting ».
ACTING, ACT = "acting", "act"
#: Seconds that a credential is good for: an answer and its act; a command, whose process has no other.
LENGTH, COMMAND_LENGTH = 600, 86_400
#: Gives a setting, what it was, and the time of the server.
GIVE = (
    "SELECT coalesce(current_setting(%s, true), ''), set_config(%s, %s, %s::boolean),"
    " extract(epoch FROM pg_catalog.clock_timestamp())::double precision"
)
#: How the server knows this connection, and its time.
WHO = "SELECT pg_backend_pid(), extract(epoch FROM pg_catalog.clock_timestamp())::double precision"

#: From which the day of who reads is counted: that of the pages, whatever the clock of the server is.
EPOCH = date(1970, 1, 1)

Given = Mapping[str, object]

#: None where nobody’s request is under way.
_acting: ContextVar[Given | None] = ContextVar("acting", default=None)
_open: ContextVar[bool] = ContextVar("open", default=False)
#: (number of a connection for its server, seconds that its clock is ahead of ours)
_known: WeakKeyDictionary[psycopg.Connection[Any], tuple[int, float]] = WeakKeyDictionary()


def given_to(member: Membership) -> Given:
    """For whom this member reads, as the policies take it."""
    organisation, own = member.organisation, member.organisation_id
    return {
        "organisation": own,
        "user": member.user_id,
        "landlord": organisation.landlord.pk if member.is_landlord and member.landlord else None,
        "registering": own if member.is_landlord or member.is_holder else None,
        "state": own if member.is_state else None,
        "managing": own if member.part.manages_people and not member.is_administrator else None,
        "territory": organisation.territory_id if member.is_overseer else None,
        "administrator": int(member.is_administrator),
        "day": (timezone.localdate() - EPOCH).days,
    }


def read_as(member: Membership) -> None:
    """From now on this request reads for that member; whoever began `for_request` ends it.

    Raises RuntimeError where nobody did: the process, and each connection that it opens, would read so for ever.
    """
    if _acting.get() is None:
        raise RuntimeError("read_as(member) is called inside for_request(), which ends it.")
    _acting.set(given := given_to(member))
    if connection.connection is not None:  # one that is not open yet has its credential when it opens
        _give(connection, ACTING, given)


@contextmanager
def for_request(member: Membership | None) -> Iterator[None]:
    """Inside, one reads for that member, or for nobody until `read_as` says for whom. Nothing of it is left after."""
    before = _acting.set({})
    try:
        if member is not None:
            read_as(member)
        yield
    finally:
        given = _acting.get()
        _acting.reset(before)
        if given:
            _take_back()


def while_read(member: Membership, content: Any) -> Iterator[Any]:
    """What a file gives as its rows are read, after its view has answered: for that member too, to its end, however
    long one takes it."""
    with for_request(member):
        renewed = time.monotonic()
        for piece in content:
            yield piece
            if time.monotonic() - renewed > LENGTH / 2:
                read_as(member)
                renewed = time.monotonic()


@contextmanager
def opened(act: str = "opened") -> Iterator[None]:
    """A transaction that looks at what every organisation holds, for what an act has to know and shows to nobody."""
    with transaction.atomic():
        if _open.get() or settings.COMMAND:
            yield
            return
        token = _open.set(True)
        try:
            before = _give(connection, ACT, {"act": act}, local=True)
            yield
            if connection.savepoint_ids and not connection.needs_rollback:  # an end does it too
                _ask(connection, GIVE, (_setting(ACT), _setting(ACT), before, "true"))
        finally:
            _open.reset(token)


def atomic_act[**P, R](act: Callable[P, R]) -> Callable[P, R]:
    """An act on what the second wall keeps: one transaction, in which the wall is `opened`, done again if it crosses
    another (`reservations.models.wall`)."""

    @again_if_crossed
    @wraps(act)
    def opening(*arguments: P.args, **named: P.kwargs) -> R:
        with opened(act.__qualname__):
            return act(*arguments, **named)

    return opening


def is_recognised() -> bool:
    """Does the database verify what this process signs, with the key that `database_roles` gave it?"""
    with opened(), connection.cursor() as cursor:
        cursor.execute("SELECT reservations_act_under_way()")
        return bool(cursor.fetchone()[0])


def _setting(use: str) -> str:
    return f"equiflux.{use}"


def _give(connection: Any, use: str, given: Given, *, local: bool = False, length: int = LENGTH) -> str:
    """Give this connection a credential, until the end of its transaction (`local`) or until another is given; what was
    there. One statement, and a second one when our clock or that of the server has moved."""
    connection.ensure_connection()
    native = connection.connection
    before = None
    for _ in range(2):
        if native not in _known:
            number, now = _ask(connection, WHO, ())
            _known[native] = number, now - time.time()
        number, ahead = _known[native]
        until = time.time() + ahead + length
        credential = credentials.signed(
            use=use, given=given, connection=number, until=until, secret=settings.SECRET_KEY
        )
        was, _, now = _ask(connection, GIVE, (_setting(use), _setting(use), credential, str(local).lower()))
        before = was if before is None else before
        if length / 2 < until - now < length * 2:
            break
        del _known[native]
    return before or ""


def _take_back() -> None:
    """Nobody else may read so: a connection that cannot be given nothing is not lent again."""
    if connection.connection is None:
        return
    try:
        _ask(connection, GIVE, (_setting(ACTING), _setting(ACTING), "", "false"))
    except Error:
        if not connection.in_atomic_block and connection.connection is not None:
            connection.connection.close()


def _ask(connection: Any, statement: str, values: tuple[str, ...]) -> tuple[Any, ...]:
    """The row of the answer. Beside the statements of the page, which are counted; and values apart from the statement,
    which other sessions of the same account see while it runs."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        found = psycopg.Cursor(connection.connection).execute(statement, values).fetchone()
    assert found is not None
    return found


def _give_new(connection: Any, **_: Any) -> None:
    if settings.COMMAND and connection.vendor == "postgresql":
        _give(connection, ACT, {"act": settings.COMMAND}, length=COMMAND_LENGTH)
    if given := _acting.get():
        _give(connection, ACTING, given)


connection_created.connect(_give_new, dispatch_uid="second wall")
