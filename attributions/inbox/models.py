"""What people write beside « À faire »: who takes a row, until when it is put off, named filters, single keys."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.db.models import Q

from reservations.models import Organisation, User


class RowMark(models.Model):
    """Suivi d’une ligne: of a row of « À faire », who takes it and the day until which it is put off, with the reason.

    `kind` and `key` are those of the row. It is of the organisation: colleagues read the same list."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name="organisation")
    kind = models.CharField("nature de l’acte", max_length=40)
    key = models.BigIntegerField("objet de l’acte")
    taken_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="pris par"
    )
    put_off_until = models.DateField("reporté au", null=True, blank=True)
    reason = models.CharField("motif du report", max_length=120, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name="noté par")
    at = models.DateTimeField("noté le")

    class Meta:
        verbose_name = "suivi d’une ligne"
        verbose_name_plural = "suivis de lignes"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "key"],
                name="row_mark_unique",
                violation_error_message="Un collègue vient de noter le suivi de cette ligne : relisez-le.",
            ),
            models.CheckConstraint(
                condition=Q(put_off_until=None, reason="") | Q(put_off_until__isnull=False) & ~Q(reason=""),
                name="row_mark_put_off_with_reason",
                violation_error_message="Un report porte un jour et un motif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} : {self.kind} {self.key}"

    def is_of(self, begun: datetime | None) -> bool:
        """Was it noted in the present round of the row? One noted before is of a round that is over."""
        return begun is None or self.at >= begun

    def hides(self, due_on: date | None, *, today: date) -> bool:
        """Is the row put off on this day? Never one that lapses before the day on which it comes back."""
        until = self.put_off_until
        return until is not None and until > today and (due_on is None or due_on >= until)


class NamedFilter(models.Model):
    """Filtre gardé: the filters of « À faire » that a person keeps under a name. `kept`: the address, whose filters
    are read as those of any address."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="personne")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name="organisation")
    name = models.CharField("nom du filtre", max_length=40)
    kept = models.CharField("filtres", max_length=300)

    class Meta:
        verbose_name = "filtre gardé"
        verbose_name_plural = "filtres gardés"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "name"],
                name="named_filter_unique",
                violation_error_message="Vous avez déjà un filtre de ce nom : choisissez un autre nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name
