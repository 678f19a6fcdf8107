"""The tables of document.

* Signed files, kept as they were received.
* Papers that were sealed in another tool, kept beside what is sealed here (docs/decisions/0080).
* Who signs a convention, and when each did.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from reservations.models.convention import Convention
from reservations.models.party import Landlord, Organisation
from reservations.models.person import User
from reservations.models.territory import Territory
from reservations.rules import APPEND_ONLY


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

    triggers = (
        # A signed file stays as it was joined, byte for byte.
        APPEND_ONLY,
    )

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

    triggers = (
        # Papers that another tool sealed are kept as they came, byte for byte; balances are read beside those of
        # here, minutes by the landlord that brought them alone.
        APPEND_ONLY,
    )

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
