"""What stands beside a balance: comments of its draft, corrections of its lines, tolerated dates, downloads."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from attributions.bilan.models.balance import AnnualBalance, BalanceRemark, BalanceVersion
from flux.models import FlowEntry, Vacancy
from reservations.models import Landlord, Organisation, ReservationHolder, Territory, User
from reservations.rules import APPEND_ONLY


class BalanceComment(models.Model):
    """Commentaire du bailleur on a holder's line, or on the whole: free until the next version takes it."""

    balance = models.ForeignKey(AnnualBalance, models.PROTECT, related_name="comments", verbose_name="bilan")
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="réservataire"
    )
    text = models.TextField("commentaire")
    written_at = models.DateTimeField("écrit le")
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="écrit par")

    class Meta:
        verbose_name = "commentaire du bilan"
        verbose_name_plural = "commentaires du bilan"
        ordering = ["balance", "holder"]
        constraints = [
            models.UniqueConstraint(
                fields=["balance", "holder"],
                name="balance_comment_once",
                nulls_distinct=False,
                violation_error_message="Cette ligne a déjà un commentaire. Rechargez la page pour le modifier.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.balance} : {self.holder or 'ensemble'}"


class BalanceCorrection(models.Model):
    """Correction d’une ligne: a unit that counts, or does not count, in a figure of the balance; written in the account
    as an entry of the opposite sign, with who and why. Append-only."""

    balance = models.ForeignKey(AnnualBalance, models.PROTECT, related_name="corrections", verbose_name="bilan")
    remark = models.ForeignKey(
        BalanceRemark, models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name="remarque"
    )
    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="+", verbose_name="logement libéré")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+", verbose_name="réservataire")
    entry = models.OneToOneField(FlowEntry, models.PROTECT, related_name="correction", verbose_name="mouvement")
    why = models.TextField("pourquoi")
    made_at = models.DateTimeField("faite le")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="faite par")

    triggers = (
        # A correction of a count is a row beside it, with who and why.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "correction du bilan"
        verbose_name_plural = "corrections du bilan"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(why=""),
                name="balance_correction_says_why",
                violation_error_message="Dites pourquoi cette ligne est corrigée : les réservataires le liront.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.balance} : {self.vacancy}, {self.entry.get_stage_display()} {self.entry.quantity:+d}"


class BalanceTolerance(models.Model):
    """Date tolérée: a later day that a région accepted for the balances of one exercise, with its source."""

    region = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name="région")
    exercise = models.PositiveSmallIntegerField("exercice du bilan")
    until = models.DateField("toléré jusqu’au", help_text="dernier jour, inclus")
    source = models.CharField("source", max_length=200, help_text="lettre, circulaire ou page officielle")

    class Meta:
        verbose_name = "date tolérée"
        verbose_name_plural = "dates tolérées"
        ordering = ["-exercise", "region"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "exercise"],
                name="balance_tolerance_once",
                violation_error_message="Une date est déjà tolérée dans cette région pour cet exercice.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region}, {self.exercise} : {self.until:%d/%m/%Y}"


class BalanceDownload(models.Model):
    """Lecture ou téléchargement d’un bilan: who, but its landlord, read its pages or took which of its files, and when.
    Append-only."""

    class Form(models.TextChoices):
        XLSX = "XLSX", "classeur XLSX"
        CSV = "CSV", "tableau CSV"
        JSON = "JSON", "données JSON"
        PDF = "PDF", "document PDF"
        CIL = "CIL", "dossier complet de la conférence (CIL)"
        PAGE = "PAGE", "lu à l’écran"
        KEPT = "KEPT", "tel quel, tenu ailleurs"

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+", verbose_name="bailleur")
    exercise = models.PositiveSmallIntegerField("exercice")
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="territoire"
    )
    version = models.ForeignKey(
        BalanceVersion, models.PROTECT, null=True, blank=True, related_name="downloads", verbose_name="version"
    )
    form = models.CharField("fichier", max_length=4, choices=Form)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="personne")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="agit pour")
    at = models.DateTimeField("le")

    triggers = (
        # Who took the file away.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "lecture ou téléchargement d’un bilan"
        verbose_name_plural = "lectures et téléchargements d’un bilan"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["landlord", "exercise"], name="balance_download_of")]

    def __str__(self) -> str:
        return f"{self.landlord}, {self.exercise} : {self.get_form_display()}"

    @property
    def of_version(self) -> str:
        """Which version was read: one that was sent, those that were sealed then (`sealed_then`, annotated by
        `downloads`), or what the day said."""
        if self.version is not None:
            return f"version {self.version.number}"
        sealed = [
            f"version {each['number']} scellée ({each['departement']})" for each in getattr(self, "sealed_then", ())
        ]
        return ", ".join(sealed) or "projet du jour"
