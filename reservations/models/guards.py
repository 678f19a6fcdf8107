"""The tables of guards.

* Rules that the database keeps by itself (docs/triggers.md), and those that one transaction sets aside.
* The one order in which acts lock what they share (docs/locks.md).
* Two acts that take the same rows in the same order never wait for each other in a circle. The order is by what is
  locked: an act that holds a row of one line of `ORDER` takes afterwards rows of that line and of those below only.
  Several rows of one table are taken in the order of columns that are the same in every installation, and not by id:
  the account of 2025 may have been opened after that of 2026.
* What waits in the database and that only the installation reads: unreadable without its key (`SECRET_KEY`), which no
  account of the database has.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models import Model, QuerySet
from django.utils.encoding import force_str


class RuleAside(models.Model):
    """Règle levée: a rule, « flux_routing.kept », that a function of the owner of the tables sets aside for its own
    transaction.

    Written and erased by that function alone: no account of the site or of the worker may write here, and nobody else
    ever sees a row.
    """

    transaction = models.BigIntegerField("transaction")
    rule = models.CharField("règle", max_length=130)

    class Meta:
        verbose_name = "règle levée"
        verbose_name_plural = "règles levées"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.rule


class ActingKey(models.Model):
    """Clé des justificatifs: what verifies that a credential of the second wall was signed by the installation.

    The two blocks of an HMAC-SHA256, made from a key of the installation (`reservations/credentials.py`) by
    `database_roles`, a row for each key in use. No account of the site or of the worker reads it.
    """

    inner_block = models.BinaryField("bloc intérieur")
    outer_block = models.BinaryField("bloc extérieur")

    class Meta:
        verbose_name = "clé des justificatifs"
        verbose_name_plural = "clés des justificatifs"
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.pk)


#: What is locked, first to last: the table, the order of its rows, and whether the lock leaves their key alone (rows
#: that name them may then be written meanwhile).
ORDER: dict[str, tuple[tuple[str, ...], bool]] = {
    "reservations.FileImport": (("pk",), True),
    "flux.StockTransfer": (("pk",), True),
    "reservations.Landlord": (("pk",), True),
    "attributions.CommitteeSession": (("pk",), True),
    "attributions.AnnualBalance": (("landlord_id", "departement_id", "exercise"), False),
    "reservations.Convention": (("pk",), False),
    "flux.Unit": (("pk",), True),
    "reservations.StockRight": (("pk",), True),
    "flux.StockAssignment": (("pk",), True),
    "flux.Programme": (("pk",), True),
    # The oldest year first: what moves it moves those that carry it. First lettings come before the yearly percentages,
    # which may count them.
    "flux.Ledger": (("landlord_id", "departement_id", "exercise", "kind"), False),
    "flux.FlowCount": (("month", "kind", "exclusion"), True),
    "flux.Vacancy": (("pk",), True),
    "flux.Routing": (("pk",), False),
    "attributions.Lease": (("pk",), False),
    "attributions.Application": (("pk",), True),
}


def in_order[M: Model](rows: QuerySet[M], *, skip_locked: bool = False) -> QuerySet[M]:
    """These rows, locked as they are read, in the one order. The only way to lock a row of a table of `ORDER`.

    Raises KeyError for a table that has no place in it: it is given one, and its line in docs/locks.md.
    """
    columns, leaves_key = ORDER[rows.model._meta.label]
    return rows.select_for_update(of=("self",), no_key=leaves_key, skip_locked=skip_locked).order_by(*columns)


def sealed(text: str) -> str:
    """This text, unreadable without the key of the installation."""
    return _keys().encrypt(text.encode()).decode()


def unsealed(kept: str) -> str:
    """The text again. Raises cryptography.fernet.InvalidToken when no key of the installation sealed it."""
    return _keys().decrypt(kept.encode()).decode()


def _keys() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(f"mail {force_str(key)}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in digests])
