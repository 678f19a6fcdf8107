"""Everything that an organisation has here, in open files: what a worker is to gather, and what it gathered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from reservations.models.party import Organisation
from reservations.models.person import User


class Archive(models.Model):
    """Tout ce qui est à une organisation : the row is the order of one ZIP of tables and papers, which a worker makes
    and keeps by parts. Two days."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="archives", verbose_name="organisation")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="demandée par")
    asked_at = models.DateTimeField("demandée le")
    made_at = models.DateTimeField("prête le", null=True, blank=True)
    size = models.PositiveIntegerField("taille, octets", default=0)
    counts = models.JSONField("lignes par tableau", default=dict, blank=True)

    class Meta:
        verbose_name = "archive d’une organisation"
        verbose_name_plural = "archives d’organisations"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                name="archive_one_at_a_time",
                condition=Q(made_at=None),
                violation_error_message="Une archive de votre organisation se prépare déjà : attendez-la.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.asked_at:%d/%m/%Y}"


class ArchivePart(models.Model):
    """Morceau d’archive: its bytes, a megabyte at a time, so that nobody ever holds all of it in memory."""

    archive = models.ForeignKey(Archive, models.CASCADE, related_name="parts", verbose_name="archive", db_index=False)
    number = models.PositiveIntegerField("rang")
    content = models.BinaryField("contenu")

    class Meta:
        verbose_name = "morceau d’archive"
        verbose_name_plural = "morceaux d’archives"
        ordering = ["archive", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["archive", "number"],
                name="archive_part_once",
                violation_error_message="Ce morceau d’archive est déjà gardé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.archive}, morceau {self.number}"
