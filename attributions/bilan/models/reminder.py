"""Reminders of balances that have not come."""

from __future__ import annotations

from django.db import models

from reservations.models import Landlord, Organisation, User


class BalanceReminder(models.Model):
    """Relance: who oversees a territory reminds a landlord of the balance that it has not sent. Append-only."""

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+", verbose_name="bailleur")
    exercise = models.PositiveSmallIntegerField("exercice")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="de la part de")
    at = models.DateTimeField("le")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")

    class Meta:
        verbose_name = "relance de bilan"
        verbose_name_plural = "relances de bilan"
        ordering = ["pk"]
        indexes = [models.Index(fields=["landlord", "exercise"], name="balance_reminder_of")]

    def __str__(self) -> str:
        return f"{self.landlord}, {self.exercise} : relance de {self.organisation}"
