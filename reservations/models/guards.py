"""Rules that the database keeps by itself (docs/triggers.md), and those that one transaction sets aside."""

from __future__ import annotations

from django.db import models


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
