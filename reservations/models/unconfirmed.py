"""What the law or usage says here, and that nobody here has read where it is written."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from reservations.models.person import User


class UnconfirmedQuerySet(models.QuerySet["Unconfirmed"]):
    def left(self) -> UnconfirmedQuerySet:
        """Those that nobody confirmed."""
        return self.filter(confirmed_on=None)

    def about(self, subject: models.Model) -> UnconfirmedQuerySet:
        """Those of one dated row."""
        return self.filter(subject=subject._meta.label_lower, subject_id=subject.pk)


class Unconfirmed(models.Model):
    """À confirmer: a dated row of the law (a figure, a rate, a category) that is used as it stands, and what would
    confirm it. `subject` is the table (« reservations.legalparameter »), as in `HistoryEntry`.

    Confirmed, it says where the text was read; a row that was wrong is followed by another, dated, instead.
    """

    subject = models.CharField("objet", max_length=60)
    subject_id = models.BigIntegerField()
    would_confirm = models.CharField("ce qui le confirmerait", max_length=300)
    confirmed_on = models.DateField("confirmé le", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="confirmé par"
    )
    source = models.CharField("lu dans", max_length=200, blank=True)

    objects = UnconfirmedQuerySet.as_manager()

    class Meta:
        verbose_name = "valeur à confirmer"
        verbose_name_plural = "valeurs à confirmer"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "subject_id"],
                name="unconfirmed_once",
                violation_error_message="Cette valeur est déjà dite à confirmer.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_on=None, confirmed_by=None, source="")
                | Q(confirmed_on__isnull=False, confirmed_by__isnull=False) & ~Q(source=""),
                name="unconfirmed_said_whole",
                violation_error_message="Une confirmation dit le jour, la personne et le texte lu.",
            ),
        ]

    def __str__(self) -> str:
        return f"à confirmer : {self.would_confirm}"
