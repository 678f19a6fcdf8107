"""Signed files, kept as they were received."""

from __future__ import annotations

from django.db import models

from reservations.models.convention import Convention
from reservations.models.person import User


class SignedDocument(models.Model):
    """A signed file of a convention, with the SHA-256 of its bytes. Kept in the database, so that a backup has both.
    `paper`: the dated act that it is the paper of."""

    class Paper(models.TextChoices):
        CONVENTION = "CONVENTION", "convention signée"
        DENUNCIATION = "DENUNCIATION", "lettre de dénonciation"
        NOTICE = "NOTICE", "mise en demeure"
        TERMINATION = "TERMINATION", "décision de résiliation"
        ENDING = "ENDING", "accord de fin, ou arrêté qui abroge"

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="documents", verbose_name="convention")
    paper = models.CharField("papier", max_length=12, choices=Paper, default=Paper.CONVENTION, db_default="CONVENTION")
    name = models.CharField("nom du fichier", max_length=200)
    content_type = models.CharField("nature", max_length=60)
    content = models.BinaryField("contenu")
    size = models.PositiveIntegerField("taille, octets")
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    attached_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="joint par")
    attached_at = models.DateTimeField("joint le", auto_now_add=True)

    class Meta:
        verbose_name = "pièce signée"
        verbose_name_plural = "pièces signées"
        ordering = ["convention", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "sha256"],
                name="signed_document_once",
                violation_error_message="Ce fichier est déjà joint à cette convention.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
