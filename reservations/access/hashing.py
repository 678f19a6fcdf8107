"""How passwords are kept (Argon2id, RFC 9106), and that a refusal takes the same time whoever is asked about."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    PBKDF2PasswordHasher,
    make_password,
)

from reservations.models import User

#: How passwords were kept before.
OLD = "pbkdf2_sha256"
#: One hash at a time among the threads of a process, which then queue for the machine.
IN_THIS_PROCESS = threading.Lock()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """One hash at a time on the machine, whatever the processes and the threads that ask: its memory is bounded, and
    passwords that are tried by many connections take one core at most, in turn. The kernel holds the queue, by a lock
    on this very file: it ends with the process that holds it."""
    with IN_THIS_PROCESS, open(__file__, "rb") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        yield


class Argon2id(Argon2PasswordHasher):
    """46 MiB read and written once: the first of the costs that OWASP holds for equal. `password_cost` measures it."""

    time_cost = 1
    memory_cost = 47_104
    parallelism = 1

    def encode(self, *args: Any, **kwargs: Any) -> str:
        with one_at_a_time():
            return super().encode(*args, **kwargs)

    def verify(self, *args: Any, **kwargs: Any) -> bool:
        with one_at_a_time():
            return super().verify(*args, **kwargs)


class Before(PBKDF2PasswordHasher):
    """How passwords were kept before: one at a time as well, for each costs as much as eight of the others."""

    def encode(self, *args: Any, **kwargs: Any) -> str:  # `verify` calls it
        with one_at_a_time():
            return super().encode(*args, **kwargs)


def even_out(*, email: str, password: str) -> None:
    """Do, after a refusal, the work that another address would have cost: who has an account is not read in the time.

    Passwords kept before Argon2id take longer to check, until their person signs in. As long as one is left, every
    refusal costs both ways; after the last, this is one query on a partial index.
    """
    if not User.objects.with_old_password().exists():
        return
    kept = User.objects.at(email).values_list("password", flat=True).first()
    was_old = kept is not None and kept.startswith(f"{OLD}$")  # an unusable password has no algorithm
    make_password(password, hasher="default" if was_old else OLD)
