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
