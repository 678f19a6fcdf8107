"""What was left of households past their term, on a night: read again by nobody when the register is shown."""

from __future__ import annotations

from django.db import models


class TermReading(models.Model):
    """Relevé au terme: what `past_term` counted, the last night. One row, written over: the register of processing
    shows it with its day, and counts nothing itself (RGPD, art. 30)."""

    #: The number of the row.
    ROW = 1

    own = models.PositiveIntegerField("baux dont les faits sont ceux de leur ménage")
    dealt = models.PositiveIntegerField("baux au terme, aux faits mêlés")
    among = models.PositiveSmallIntegerField("mêlés entre, au moins", null=True, blank=True, help_text="vide : aucun")
    erased = models.PositiveIntegerField("baux au terme, aux faits effacés")
    requests = models.PositiveIntegerField("demandes sans identité")
    with_a_fact = models.PositiveIntegerField("demandes sans identité qui gardent un fait")
    read_at = models.DateTimeField("relevé le")

    class Meta:
        verbose_name = "relevé au terme"
        verbose_name_plural = "relevés au terme"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Relevé au terme du {self.read_at:%d/%m/%Y}"
