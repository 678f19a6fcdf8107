"""What the operator says of the service: who publishes it, who hosts it, whom to write to."""

from __future__ import annotations

from typing import cast

from django.db import models

from reservations.models.person import User
from reservations.rules import APPEND_ONLY


class ServiceNotice(models.Model):
    """The legal notice, as its operator wrote it on a day. Append-only: the latest is in force, the others are its
    history."""

    name = models.CharField("nom du service", max_length=80)
    publisher = models.CharField("éditeur", max_length=300)
    director = models.CharField("directeur de la publication", max_length=120)
    host = models.CharField("hébergeur", max_length=300)
    officer = models.CharField("délégué à la protection des données", max_length=200)
    contact = models.CharField("contact", max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")
    at = models.DateTimeField("le")

    #: What the operator writes, in the order of the page.
    WRITTEN = ("name", "publisher", "director", "host", "officer", "contact")

    triggers = (
        # What the operator said of the service, and when: a legal notice that can be rewritten proves nothing.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "mentions du service"
        verbose_name_plural = "mentions du service"
        ordering = ["-pk"]

    @classmethod
    def column(cls, name: str) -> models.CharField[str, str]:
        """One of `WRITTEN`, with its words and its length."""
        return cast("models.CharField[str, str]", cls._meta.get_field(name))

    def __str__(self) -> str:
        return f"{self.name}, {self.at:%d/%m/%Y}"
