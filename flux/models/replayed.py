"""A year replayed with other shares: what a worker is to replay, and what it found."""

from __future__ import annotations

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q

from flux.models.account import Ledger

#: How many times a year is tried: beyond, it is tried again for who asks for it an hour later.
TRIES = 3


class ReplayedYear(models.Model):
    """Année rejouée: the row is the order, then it holds the answer. A question (`changes`, known by its fingerprint)
    is one row of its account, whoever asks. `version`: the account that was read, known by its fingerprint too;
    `moved`: it is replayed again because its account is no longer that one. Kept as long as it is asked for. Names no
    household.
    """

    # Without a key of the database: a page that asks would wait for who routes, or imports, in that account.
    ledger = models.ForeignKey(
        Ledger,
        models.PROTECT,
        related_name="replayed",
        verbose_name="compte",
        db_index=False,
        db_constraint=False,
    )
    question = models.CharField("empreinte de l’hypothèse", max_length=64, validators=[MinLengthValidator(64)])
    changes = models.JSONField("hypothèse")
    version = models.CharField("empreinte du compte lu", max_length=64, blank=True)
    moved = models.BooleanField("le compte a changé depuis la réponse d’avant", default=False)
    total = models.PositiveIntegerField("logements à rejouer", default=0)
    done = models.PositiveIntegerField("logements rejoués", default=0)
    answer = models.BinaryField("réponse", null=True, blank=True)
    asked_at = models.DateTimeField("demandée le")
    due_at = models.DateTimeField("à rejouer à partir de")
    begun_at = models.DateTimeField("commencée le", null=True, blank=True)
    replaying_until = models.DateTimeField("en cours jusqu’à", null=True, blank=True)
    replayed_at = models.DateTimeField("rejouée le", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    failure = models.CharField("pourquoi elle a échoué", max_length=300, blank=True)

    class Meta:
        verbose_name = "année rejouée"
        verbose_name_plural = "années rejouées"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["due_at"], name="replayed_year_waiting", condition=Q(answer=None)),
            models.Index(fields=["asked_at"], name="replayed_year_asked"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["ledger", "question"], name="replayed_year_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ledger} ({self.question[:8]})"

    @property
    def is_ready(self) -> bool:
        """Is the answer there to be read?"""
        return self.replayed_at is not None
