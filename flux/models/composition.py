"""What the stock of a landlord was, and what fell vacant of it, when its convention with the State was proposed."""

from __future__ import annotations

from django.db import models

from reservations.models import Convention


class ConventionStock(models.Model):
    """Relevé du parc: what the arrêté of 10 March 2011 asks a convention with the State to say (1° and 2°), counted on
    the day when it was proposed, and printed as it was then (docs/decisions/0120). The latest stands: proposed again, a
    convention is counted again. Append-only.

    `content`: the whole `years` that are read; by typology, the units of the stock, their mean surface, those
    accessible, and what fell vacant in each year; then what fell vacant in all of them by typology and financing, in
    and out of QPV, and by period of construction (`flux.queries.composition`).
    """

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="stocks", verbose_name="convention")
    counted_on = models.DateField("relevé le")
    content = models.JSONField("relevé")

    class Meta:
        verbose_name = "relevé du parc d’une convention"
        verbose_name_plural = "relevés du parc des conventions"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.convention}, parc au {self.counted_on:%d/%m/%Y}"
