"""Balances on paper: what a worker is to draw, and what it drew."""

from __future__ import annotations

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q

from attributions.bilan.models.balance import BalanceVersion

#: More than any balance takes: what is kept is bounded.
LARGEST = 20 * 1024 * 1024


class PrintedBalance(models.Model):
    """Bilan imprimé: the row is the order, then it holds the file. Known by the fingerprint of its page, which says
    every figure; drawn once, whoever asks. That of a sealed version is kept for good, the others as long as they are
    asked for. Names no household."""

    fingerprint = models.CharField("empreinte", max_length=64, unique=True, validators=[MinLengthValidator(64)])
    version = models.ForeignKey(
        BalanceVersion, models.PROTECT, null=True, blank=True, related_name="printed", verbose_name="version"
    )
    kept = models.BooleanField("gardé pour toujours", default=False)
    address = models.CharField("où le prendre", max_length=300)
    page = models.TextField("page à dessiner", blank=True)
    content = models.BinaryField("fichier", null=True, blank=True)
    size = models.PositiveIntegerField("taille, octets", default=0)
    asked_at = models.DateTimeField("demandé le")
    due_at = models.DateTimeField("à dessiner à partir de")
    drawing_until = models.DateTimeField("en cours jusqu’à", null=True, blank=True)
    drawn_at = models.DateTimeField("dessiné le", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    failure = models.CharField("pourquoi il a échoué", max_length=300, blank=True)

    class Meta:
        verbose_name = "bilan imprimé"
        verbose_name_plural = "bilans imprimés"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["due_at"], name="printed_balance_waiting", condition=Q(content=None)),
            models.Index(fields=["asked_at"], name="printed_balance_asked", condition=Q(kept=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                name="printed_balance_kept_once",
                condition=Q(kept=True),
                violation_error_message="Le PDF de cette version scellée est déjà gardé.",
            ),
            models.CheckConstraint(
                condition=Q(kept=False) | Q(version__isnull=False),
                name="printed_balance_kept_of_a_version",
                violation_error_message="Seul le PDF d’une version scellée est gardé pour toujours.",
            ),
            models.CheckConstraint(
                condition=Q(size__lte=LARGEST),
                name="printed_balance_size",
                violation_error_message="Ce PDF dépasse 20 Mo : limitez le bilan à un territoire.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address} ({self.fingerprint[:8]})"

    @property
    def is_ready(self) -> bool:
        """Is the file there to be taken?"""
        return self.drawn_at is not None
