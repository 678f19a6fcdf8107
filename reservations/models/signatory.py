"""Who signs a convention, and when each did."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from reservations.models.convention import Convention
from reservations.models.document import SignedDocument
from reservations.models.party import Organisation
from reservations.models.person import User


class Signatory(models.Model):
    """One party to one version of a convention, and its signature once it gave it.

    The landlord and the organisation of the rights always are; others (an EPCI, the State, Action Logement) where the
    convention is signed by three or more. A convention binds once each has signed. The préfet's order has none.
    """

    class Means(models.TextChoices):
        """How the signature came."""

        ACCOUNT = "ACCOUNT", "sur son compte"
        PAPER = "PAPER", "sur papier, pièce jointe"
        FILE = "FILE", "sur papier, reprise d’un fichier"
        BEFORE = "BEFORE", "avant que chaque partie signe ici"
        SUCCESSION = "SUCCESSION", "par l’organisation à laquelle elle succède"

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="signatories", verbose_name="convention")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="partie")
    signed_on = models.DateField("signée le", null=True, blank=True)
    means = models.CharField("comment", max_length=10, choices=Means, blank=True)
    signer = models.CharField("signataire", max_length=120, blank=True, help_text="nom et qualité de la personne")
    signed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="enregistrée par"
    )
    document = models.ForeignKey(
        SignedDocument, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="pièce"
    )
    denounced_on = models.DateField(
        "dénoncée le", null=True, blank=True, help_text="jour où elle a dit que la convention ne serait pas reconduite"
    )

    class Meta:
        verbose_name = "partie signataire"
        verbose_name_plural = "parties signataires"
        ordering = ["convention", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "organisation"],
                name="signatory_once",
                violation_error_message="Cette organisation signe déjà cette convention.",
            ),
            models.CheckConstraint(
                condition=Q(signed_on=None, means="", signer="", signed_by=None, document=None)
                | Q(signed_on__isnull=False) & ~Q(means=""),
                name="signatory_signature_whole",
                violation_error_message="Une signature dit son jour et comment elle est venue.",
            ),
            models.CheckConstraint(
                condition=~Q(means="PAPER") | Q(document__isnull=False) & ~Q(signer=""),
                name="signatory_paper_is_kept",
                violation_error_message="Une signature sur papier garde la pièce et le nom du signataire.",
            ),
            models.CheckConstraint(
                condition=~Q(means="ACCOUNT") | Q(signed_by__isnull=False) & ~Q(signer=""),
                name="signatory_account_is_named",
                violation_error_message="Une signature sur un compte dit de qui.",
            ),
            models.CheckConstraint(
                condition=Q(denounced_on=None) | Q(signed_on__isnull=False),
                name="signatory_denounces_what_it_signed",
                violation_error_message="Une partie ne dénonce que ce qu’elle a signé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.convention}"
