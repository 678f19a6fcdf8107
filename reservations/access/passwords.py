"""Passwords.

* How passwords are kept (Argon2id, RFC 9106), and that a refusal takes the same time whoever is asked about.
* Which passwords are refused: those that somebody who knows French, a keyboard and the house would try first.
* Django's own validators hold the length, the likeness to one's name or address, and the 20,000 most used (English).
  What leaked elsewhere is asked of a service only where the installation names one (`BREACHED_PASSWORDS_URL`).
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import math
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    PBKDF2PasswordHasher,
    make_password,
)
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from reservations.models import Membership, Territory, User
from reservations.models.territory import search_key
from reservations.queries.parties import DEMO_DOMAIN, DEMO_PASSWORD

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


log = logging.getLogger(__name__)

WORDS = Path(__file__).resolve().parent.parent / "data" / "common_passwords_fr.txt"

#: Read forwards or backwards: the alphabet, the digits, the rows of French and English keyboards.
RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
)
NEXT = {pair for run in RUNS for one, two in pairwise(run) for pair in ((one, two), (two, one))}

#: Different characters, and characters once a run counts for two and a repetition for one: under this, it is guessed.
DISTINCT, LEFT = 5, 8
#: A run or a repetition shorter than this is chance.
SHORTEST = 3

ADVICE = "Prenez plutôt quatre mots sans lien entre eux."

#: What a digit or a sign is typed for.
STANDS_FOR = str.maketrans("01345@$€!", "oieasasei")


#: CNIL, délibération n° 2022-100 du 21 juillet 2022: a password whose trials are counted and stopped
#: (`access/limits.py`) is worth 50 bits at least, each character being drawn among those of its kinds.
BITS = 50
#: The kinds, and how many characters each has.
KINDS = (
    (re.compile(r"\d"), 10),
    (re.compile(r"[a-z]"), 26),
    (re.compile(r"[A-Z]"), 26),
    (re.compile(r"[^a-zA-Z\d]"), 37),
)
#: How long the service of leaked passwords is waited for, in seconds.
WAIT = 2


class EntropyValidator:
    """Not digits alone, unless there are sixteen: what the CNIL asks of a password."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        alphabet = sum(size for kind, size in KINDS if kind.search(password))
        if alphabet and len(password) * math.log2(alphabet) < BITS:
            raise ValidationError(
                f"Ce mot de passe se devine : des chiffres seuls, il en faudrait seize. {ADVICE}",
                code="password_entropy",
            )

    def get_help_text(self) -> str:
        return "Pas de chiffres seuls, à moins de seize."


class LeakedPasswordValidator:
    """Not one that leaked elsewhere, where the installation names a service that knows them (`BREACHED_PASSWORDS_URL`).

    It receives the first five signs of a digest that thousands of passwords share (k-anonymity), and answers with what
    follows them in each. A service that does not answer keeps nobody out.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        if not settings.BREACHED_PASSWORDS_URL:
            return
        import requests  # loaded with the first password that is looked up: no command waits for it

        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            answer = requests.get(
                f"{settings.BREACHED_PASSWORDS_URL}{digest[:5]}", headers={"Add-Padding": "true"}, timeout=WAIT
            )
            answer.raise_for_status()
        except requests.RequestException as failed:
            log.warning("The service of leaked passwords did not answer: %s", type(failed).__name__)
            return
        leaked = dict(line.strip().split(":", 1) for line in answer.text.splitlines() if ":" in line)
        if leaked.get(digest[5:], "0") != "0":  # padding has a count of none
            raise ValidationError(
                f"Ce mot de passe est dans une liste volée à un autre site : on l’essaie en premier. {ADVICE}",
                code="password_leaked",
            )

    def get_help_text(self) -> str:
        return "Pas un mot de passe volé à un autre site."


class PatternValidator:
    """Nothing that a finger draws on a keyboard: repetitions, sequences, rows (AZERTY too)."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        typed = password.casefold()
        if len(set(typed)) < DISTINCT < len(typed):
            raise ValidationError(
                f"Ce mot de passe répète les mêmes caractères : il en faut {DISTINCT} différents au moins. {ADVICE}",
                code="password_repeated",
            )
        if min(_left(typed), _left(typed[::2]) + _left(typed[1::2])) < min(LEFT, len(typed)):
            raise ValidationError(
                f"Ce mot de passe suit le clavier ou une suite (azerty, 123456…) : on l’essaie en premier. {ADVICE}",
                code="password_sequence",
            )

    def get_help_text(self) -> str:
        return "Pas de suite de touches ni de caractères répétés."


def _left(typed: str) -> int:
    """How many characters are left once a run counts for two, and a repetition for one."""
    at = left = 0
    while at < len(typed):
        repeated, drawn = _length(typed, at, repeated=True), _length(typed, at, repeated=False)
        length = max(repeated, drawn)
        if length < SHORTEST:
            length = 1
        left, at = left + (2 if length == drawn > 1 else 1), at + length
    return left


def _length(typed: str, at: int, *, repeated: bool) -> int:
    """How far one character is repeated from there, or a run goes on."""
    end = at + 1
    while end < len(typed) and (typed[end] == typed[end - 1] if repeated else (typed[end - 1], typed[end]) in NEXT):
        end += 1
    return end - at


class CommonWordValidator:
    """Not one common French word, place, or name of the house, dressed with digits and signs (« Narbonne-2026 ! »)."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        if _is_published(password):  # one common word, that its own validator judges
            return
        words = {_once(found) for found in _words(password)}
        if words & common_words() or words & _names_of(user) or _is_a_place(password):
            raise ValidationError(
                "Ce mot de passe est un mot courant, un lieu ou un nom connu, habillé de chiffres ou de signes : on "
                f"l’essaie en premier. {ADVICE}",
                code="password_common_word",
            )

    def get_help_text(self) -> str:
        return "Pas un mot courant, un lieu ou le nom d’une organisation."


class PublishedPasswordValidator:
    """Not the password of the demonstration, which its manual prints, but for those who live in it: nobody real."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        is_demo = settings.DEMO or (user is not None and user.email.endswith(DEMO_DOMAIN))
        if not is_demo and _is_published(password):
            raise ValidationError(
                f"Ce mot de passe est celui de la démonstration : tout le monde peut le lire. {ADVICE}",
                code="password_published",
            )

    def get_help_text(self) -> str:
        return "Pas le mot de passe de la démonstration."


def _is_published(password: str) -> bool:
    """Is it the password of the demonstration, however it is written?"""
    return search_key(password) == search_key(DEMO_PASSWORD)


def refuse_weak(password: str, user: User, *names: str) -> None:
    """Raise ValidationError on the field « password » when it is too weak for this person, or one of these names."""
    try:
        validate_password(password, user)
        refuse_names(password, *names)
    except ValidationError as weak:
        raise ValidationError({"password": weak.messages}) from weak


def refuse_names(password: str, *names: str) -> None:
    """Refuse a password that is one of these names, dressed: those a person is about to act for. ValidationError."""
    if {_once(found) for found in _words(password)} & _folded(*names):
        raise ValidationError(
            f"Ce mot de passe est le nom de l’organisation, habillé de chiffres ou de signes. {ADVICE}",
            code="password_name",
        )


@cache
def common_words() -> frozenset[str]:
    """The common words of the house, without accents."""
    return frozenset(WORDS.read_text(encoding="utf-8").split())


def _words(password: str) -> set[str]:
    """The one word that a password may be, once its digits and signs are dropped, or read as letters (« B0nj0ur »)."""
    folded = search_key(password)
    trimmed = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password.casefold())
    readings = (folded, search_key(trimmed.translate(STANDS_FOR)))
    return {word for reading in readings if len(word := re.sub(r"[^a-z]", "", reading)) >= SHORTEST}


def _once(word: str) -> str:
    """« bonjourbonjour » is « bonjour »."""
    return word[:found] if 0 < (found := (word + word).find(word, 1)) < len(word) else word


def _names_of(user: User | None) -> set[str]:
    if user is None or user.pk is None:
        return set()
    of = (
        Membership.objects.filter(user=user.pk)
        .order_by()
        .values_list("organisation__name", "organisation__landlord__acronym")
    )
    return _folded(*(name for names in of for name in names if name))


def _folded(*names: str) -> set[str]:
    """Each name whole, and each of its longer words: « Ville de Narbonne », « narbonne »."""
    parts = {part for name in names for part in (name, *re.split(r"[\s’'‑-]+", name))}
    return {word for part in parts if len(word := re.sub(r"[^a-z]", "", search_key(part))) > SHORTEST}


def _is_a_place(password: str) -> bool:
    """A commune, a département, a région: they are kept under their folded name, its words apart."""
    spelt = search_key(re.sub(r"[\d_]+", " ", password))
    return len(spelt) >= SHORTEST and Territory.objects.filter(search_name=spelt).exists()
