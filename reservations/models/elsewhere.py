"""Papers that were sealed in another tool, kept beside what is sealed here (docs/decisions/0080)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from reservations.models.party import Landlord, Organisation
from reservations.models.person import User
from reservations.models.territory import Territory

#: A SHA-256, in hexadecimal.
SEAL = r"^[0-9a-f]{64}$"


class KeptElsewhere(models.Model):
    """Papier tenu ailleurs: a balance or minutes that another tool sealed, byte for byte, for who kept it there. A
    proof: nothing of it counts here, and it never changes.

    `said`: what its list says of it, by column, so that it leaves again as it came; `readers`: the SIREN of those to
    whom a balance was sent; `kept_in`: the tool that kept it."""

    class Kind(models.TextChoices):
        BALANCE = "BALANCE", "bilan"
        MINUTES = "MINUTES", "procès-verbal"

    kind = models.CharField("nature", max_length=7, choices=Kind)
    keeper = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="gardé par")
    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+", verbose_name="bailleur")
    departement = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="département"
    )
    exercise = models.PositiveSmallIntegerField("exercice", null=True, blank=True)
    held_on = models.DateField("envoyé le, ou séance du")
    sealed_on = models.DateField("scellé le", null=True, blank=True)
    readers = ArrayField(models.CharField(max_length=9), verbose_name="SIREN de ceux qui l’ont reçu", default=list)
    said = models.JSONField("ce que sa liste en dit", default=dict)
    kept_in = models.CharField("tenu dans", max_length=120)
    name = models.CharField("nom du fichier", max_length=200)
    content_type = models.CharField("format", max_length=60)
    content = models.BinaryField("contenu")
    size = models.PositiveIntegerField("taille, octets")
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    brought_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="donné par")
    brought_at = models.DateTimeField("donné le")

    class Meta:
        verbose_name = "papier tenu ailleurs"
        verbose_name_plural = "papiers tenus ailleurs"
        ordering = ["-held_on", "-pk"]
        indexes = [models.Index(fields=["landlord", "kind", "-held_on"], name="kept_elsewhere_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["keeper", "kind", "sha256"],
                name="kept_elsewhere_once",
                violation_error_message="Ce papier est déjà gardé ici.",
            ),
            models.CheckConstraint(
                condition=Q(kind="BALANCE", departement__isnull=False, exercise__isnull=False)
                | Q(kind="MINUTES", departement=None, exercise=None, readers=[]),
                name="kept_elsewhere_whole",
                violation_error_message="Un bilan a son département et son exercice ; un procès-verbal, ni l’un ni "
                "l’autre, et personne ne l’a reçu.",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=SEAL),
                name="kept_elsewhere_sealed",
                violation_error_message="L’empreinte d’un papier est celle de ses octets.",
            ),
        ]

    def __str__(self) -> str:
        if self.kind == self.Kind.BALANCE:
            return f"bilan {self.exercise} de {self.landlord}, {self.departement}"
        return f"procès-verbal du {self.held_on:%d/%m/%Y}, {self.landlord}"
