"""What each kept row was when it was written: so that what is changed behind the product is seen."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


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
