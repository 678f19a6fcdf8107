"""A unit given back by the holder it was routed to."""

from __future__ import annotations

import pgtrigger
from django.db import models

from flux.models.routing import Routing
from reservations.models import User


class Return(models.Model):
    """Logement rendu: the routing that ends, why, and whether the holder's turn is used. Append-only.

    `counted` is decided once, by the convention the routing used and by who is the cause.
    """

    class Reason(models.TextChoices):
        NO_CANDIDATE = "NO_CANDIDATE", "aucun candidat dans le délai"
        DECLINED = "DECLINED", "le réservataire rend le logement"
        WITHDRAWN = "WITHDRAWN", "le bailleur reprend le logement"
        WORKS = "WORKS", "travaux découverts"
        ERROR = "ERROR", "erreur d’orientation ou de description"

    #: The holder is the cause; of the others the landlord is.
    HOLDER_FAULT = (Reason.NO_CANDIDATE, Reason.DECLINED)

    routing = models.OneToOneField(Routing, models.PROTECT, related_name="given_back", verbose_name="orientation")
    reason = models.CharField("raison", max_length=12, choices=Reason)
    counted = models.BooleanField("compte pour le réservataire")
    text = models.TextField("précision", blank=True)
    returned_at = models.DateTimeField("rendu le")
    returned_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistré par")

    class Meta:
        verbose_name = "logement rendu"
        verbose_name_plural = "logements rendus"
        ordering = ["pk"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.routing} : {self.get_reason_display()}"
