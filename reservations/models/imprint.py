"""The tables of imprint.

* What each kept row was when it was written: so that what is changed behind the product is seen.
* The verifiable log: each imprint in its order, as a leaf of one tree (reservations/verifiable).
"""

from __future__ import annotations

import json
from datetime import UTC

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from reservations.models.party import Organisation
from reservations.rules import APPEND_ONLY, NEVER_DELETED, frozen


class Imprint(models.Model):
    """Empreinte: one writing of one kept row, by its SHA-256, written by the database alone (docs/triggers.md).

    `digest` is empty when the row was deleted. What is written in an account enters at once the `chain` of its ledger
    (by id); all the rest that of the house, number 0, every night. Each `link` holds those before it: the last one is
    the head that papers carry.
    """

    HOUSE = 0

    table_name = models.CharField("table", max_length=63)
    row_id = models.BigIntegerField("ligne")
    digest = models.BinaryField("empreinte", max_length=32, null=True)
    chain = models.BigIntegerField("chaîne", null=True)
    position = models.BigIntegerField("rang dans la chaîne", null=True)
    link = models.BinaryField("maillon", max_length=32, null=True)
    at = models.DateTimeField("le")

    triggers = (
        # An imprint is written once; it enters its chain once.
        frozen("chain position link", when="OLD.chain IS NOT NULL OR {}"),
        NEVER_DELETED,
    )

    class Meta:
        verbose_name = "empreinte"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["table_name", "row_id", "id"], name="imprint_row"),
            models.Index(fields=["chain", "position"], name="imprint_position"),
            models.Index(fields=["id"], condition=Q(chain=None), name="imprint_unlinked"),
        ]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"


class ImprintedTable(models.Model):
    """A kept table, and the columns that its imprints are of: when a migration changes them, its rows are imprinted
    again."""

    name = models.CharField("table", max_length=63, primary_key=True)
    columns = ArrayField(models.CharField(max_length=63), verbose_name="colonnes")

    class Meta:
        verbose_name = "table à empreintes"
        verbose_name_plural = "tables à empreintes"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Leaf(models.Model):
    """Feuille: an imprint in the log, written by the database alone (docs/triggers.md). The first has the index 0.

    `commitment` is the SHA-256 of a salt and of the digest of the imprint: without the salt it says nothing. It is
    empty when the row was deleted. `holder` is whose line it is, where the row is a fact of an account.
    """

    index = models.BigIntegerField("rang", primary_key=True)
    imprint = models.OneToOneField(Imprint, models.PROTECT, related_name="leaf", verbose_name="empreinte")
    holder = models.BigIntegerField("réservataire", null=True)
    commitment = models.BinaryField("engagement", max_length=32, null=True)
    hash = models.BinaryField("condensat", max_length=32)

    triggers = (
        # A leaf, a node and a checkpoint are written once, for good.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "feuille du journal"
        verbose_name_plural = "feuilles du journal"
        ordering = ["index"]

    def __str__(self) -> str:
        return str(self.index)

    @property
    def entry(self) -> bytes:
        """The bytes that the log hashes, to the letter of `reservations_entry()`."""
        imprint = self.imprint
        chained = bool(imprint.chain)
        values = {
            "at": f"{imprint.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
            "commitment": None if self.commitment is None else bytes(self.commitment).hex(),
            "holder": self.holder,
            "imprint": imprint.pk,
            "ledger": imprint.chain if chained else None,
            "rank": imprint.position if chained else None,
            "row": imprint.row_id,
            "table": imprint.table_name,
        }
        return json.dumps(values, separators=(",", ":")).encode()


class LeafSalt(models.Model):
    """Sel: what opens the last commitment of a kept row. It is replaced when the row is written again, and goes with
    it: what the product no longer holds, an erased identity first, nobody opens any more."""

    table_name = models.CharField("table", max_length=63)
    row_id = models.BigIntegerField("ligne")
    leaf = models.BigIntegerField("feuille")
    salt = models.BinaryField("sel", max_length=32)

    class Meta:
        verbose_name = "sel d’une feuille"
        verbose_name_plural = "sels des feuilles"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["table_name", "row_id"], name="one_salt_a_row")]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"


class LogNode(models.Model):
    """Nœud: the root of the leaves, or nodes, of a full tile of the level below. Level 1 is above leaves."""

    level = models.PositiveSmallIntegerField("niveau")
    index = models.BigIntegerField("rang")
    hash = models.BinaryField("condensat", max_length=32)

    triggers = (APPEND_ONLY,)

    class Meta:
        verbose_name = "nœud du journal"
        verbose_name_plural = "nœuds du journal"
        ordering = ["level", "index"]
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="one_node_a_place")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class LogHorizon(models.Model):
    """Horizon: where the writer of the log looks from. One row.

    All imprints up to `settled` are leaves or will never be. Those up to `seen` are so too once every transaction
    before `until` has ended: an act that was under way may still write one.
    """

    settled = models.BigIntegerField("réglé jusqu’à")
    seen = models.BigIntegerField("vu jusqu’à")
    until = models.BigIntegerField("transaction suivante")

    class Meta:
        verbose_name = "horizon du journal"
        verbose_name_plural = "horizons du journal"
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.settled)


def checkpoint_name(size: int, root: bytes) -> str:
    """« journal-345-0f3a… »: 128 bits of the root."""
    return f"journal-{size}-{root.hex()[:32]}"


class LogCheckpoint(models.Model):
    """Point de contrôle: how large the log was, and its root, signed by a key that the database does not hold.

    One a size: the tree of a size is signed once. `note` is as it is published, with the signatures of the
    installation alone.
    """

    size = models.BigIntegerField("nombre de feuilles")
    root = models.BinaryField("racine", max_length=32)
    note = models.TextField("note signée")
    signed_at = models.DateTimeField("signé le")

    triggers = (APPEND_ONLY,)

    class Meta:
        verbose_name = "point de contrôle du journal"
        verbose_name_plural = "points de contrôle du journal"
        ordering = ["size"]
        constraints = [
            models.UniqueConstraint(
                fields=["size"],
                name="one_checkpoint_a_size",
                violation_error_message="Cet état du journal est déjà signé.",
            )
        ]

    def __str__(self) -> str:
        """« journal-345-0f3a… », as papers carry it."""
        return checkpoint_name(self.size, bytes(self.root))


class LogCosignature(models.Model):
    """Contresignature: a state of the log that a witness saw, and signed with the key of its organisation.

    One a state and an organisation. `note` is the text of the checkpoint, the signatures of this installation and those
    of the witness: a state that is not held here any more, or never was, is proved by it.
    """

    size = models.BigIntegerField("nombre de feuilles")
    root = models.BinaryField("racine", max_length=32)
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name="organisme", related_name="+")
    note = models.TextField("note signée")
    received_at = models.DateTimeField("reçue le")

    triggers = (
        # What a witness signed is kept as it came (docs/decisions/0139-witnesses-send-what-they-signed.md).
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "contresignature du journal"
        verbose_name_plural = "contresignatures du journal"
        ordering = ["size", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["size", "root", "organisation"],
                name="one_cosignature_an_organisation",
                violation_error_message="Cet organisme a déjà contresigné cet état du journal.",
            )
        ]

    def __str__(self) -> str:
        return checkpoint_name(self.size, bytes(self.root))
