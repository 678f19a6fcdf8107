"""A file of the SNE or of SYPLO compared with the ledger, and what is left to settle, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from attributions.bilan import reconciliation
from flux.models import Vacancy
from reservations.models import Landlord, Organisation, ReservationHolder, User
from reservations.rules import APPEND_ONLY

if TYPE_CHECKING:
    from reservations.models import Membership


class ReconciliationQuerySet(models.QuerySet["Reconciliation"]):
    def visible_to(self, member: Membership) -> ReconciliationQuerySet:
        """The landlord's staff read all of its own; a State officer those of the SYPLO of its own service. Nobody else:
        lines hold numbers of households."""
        if member.is_landlord:
            return self.filter(landlord__organisation=member.organisation_id)
        if member.is_state:
            return self.filter(state=member.organisation_id)
        return self.none()


class Reconciliation(models.Model):
    """Rapprochement: one file compared with the lettings of one landlord in one year. Append-only; it changes nothing
    but itself. `counts`: how many rows of each side went where (`counted`, in the queries of its wing)."""

    class Source(models.TextChoices):
        SNE = "SNE", "export du SNE"
        SYPLO = "SYPLO", "extrait de SYPLO"

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+", verbose_name="bailleur")
    exercise = models.PositiveSmallIntegerField("exercice")
    source = models.CharField("fichier", max_length=5, choices=Source)
    state = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="service de l’État"
    )
    file_name = models.CharField("nom du fichier", max_length=100)
    digest = models.CharField("empreinte SHA-256", max_length=64)
    rows = models.PositiveIntegerField("lignes lues")
    counts = models.JSONField("comptes")
    at = models.DateTimeField("le")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")

    objects = ReconciliationQuerySet.as_manager()

    triggers = (
        # What a file said on the day it was compared; a later file is another comparison.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "rapprochement"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source="SNE", state=None) | Q(source="SYPLO", state__isnull=False),
                name="reconciliation_state",
                violation_error_message="Un extrait de SYPLO est celui d’un service de l’État, et lui seul.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.landlord}, {self.exercise} : {self.get_source_display()}"


class ReconciliationLine(models.Model):
    """Point à régler: one difference, and who can settle it. Append-only, but its number is erased at term.

    `number`: as the file gives it, ours when the file has none of the letting. `line`: in the file. Days: of the lease.
    """

    class Finding(models.TextChoices):
        """In the order of the page: what changes an account first."""

        NOT_OURS = "NOT_OURS", "manquant chez le bailleur"
        NOT_THEIRS = "NOT_THEIRS", "manquant dans le fichier"
        CONTINGENT = "CONTINGENT", "contingent différent"
        NUMBER = "NUMBER", "numéro unique différent"
        UNIT = "UNIT", "logement différent"
        DATE = "DATE", "date différente"
        DUPLICATE = "DUPLICATE", "en double dans le fichier"
        UNDECIDED = "UNDECIDED", "à rapprocher à la main"

    class Owner(models.TextChoices):
        LANDLORD = "LANDLORD", "le bailleur"
        HOLDER = "HOLDER", "le réservataire"
        STATE = "STATE", "le service de l’État"
        SNE = "SNE", "le guichet du SNE"

    reconciliation = models.ForeignKey(Reconciliation, models.PROTECT, related_name="lines")
    finding = models.CharField("constat", max_length=10, choices=Finding)
    owner = models.CharField("à régler par", max_length=8, choices=Owner)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="organisation"
    )
    line = models.PositiveIntegerField("ligne du fichier", null=True, blank=True)
    vacancy = models.ForeignKey(
        Vacancy, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="logement libéré"
    )
    unit_reference = models.CharField("logement", max_length=40, blank=True)
    number = models.CharField("numéro unique", max_length=18, blank=True)
    forget_on = models.DateField("numéro gardé jusqu’au", null=True, blank=True)
    their_contingent = models.CharField("contingent du fichier", max_length=40, blank=True)
    our_holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="contingent du compte"
    )
    their_day = models.DateField("bail, d’après le fichier", null=True, blank=True)
    our_day = models.DateField("bail, d’après le compte", null=True, blank=True)

    triggers = (
        # A point to settle stays as it was found. The number that a file gave is erased at term, by that act alone.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "point à régler"
        verbose_name_plural = "points à régler"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["number"], condition=~Q(number=""), name="reconciliation_line_number"),
            models.Index(fields=["forget_on"], condition=~Q(number=""), name="reconciliation_line_forget"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__in=["LANDLORD", "SNE"], organisation=None)
                | Q(owner__in=["HOLDER", "STATE"], organisation__isnull=False),
                name="reconciliation_line_owner",
                violation_error_message="Un réservataire ou un service de l’État qui règle un point est nommé.",
            ),
            models.CheckConstraint(
                condition=Q(number="") | Q(forget_on__isnull=False),
                name="reconciliation_line_number_term",
                violation_error_message="Un numéro unique se garde jusqu’à un jour dit.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_finding_display()}, {self.unit_reference or 'logement non renseigné'}"

    @property
    def ending(self) -> str:
        """How its number ends, « 41 07 »; "" once erased."""
        return f"{self.number[-4:-2]} {self.number[-2:]}".strip()

    @property
    def party_key(self) -> str:
        """Who settles it, as an address and a form call it."""
        return f"{self.owner}-{self.organisation_id}" if self.organisation_id else self.owner

    @property
    def party(self) -> Organisation | str:
        """The organisation that settles it, or « le bailleur »."""
        return self.organisation or str(self.get_owner_display())

    @property
    def party_name(self) -> str:
        """« Ville de Narbonne », « le bailleur »."""
        return str(self.party)

    @property
    def is_elsewhere(self) -> bool:
        """Of a SYPLO: does the account give the letting to another than the service of the file? Its holder and its day
        are not kept."""
        return (
            self.reconciliation.source == Reconciliation.Source.SYPLO
            and self.vacancy_id is not None
            and self.our_holder_id is None
        )

    @property
    def todo(self) -> str:
        """What to do, in one sentence. Reads the reconciliation and the holder."""
        return reconciliation.what_to_do(
            reconciliation.Finding(self.finding),
            reconciliation.Source(self.reconciliation.source),
            theirs=self.their_contingent,
            ours=str(self.our_holder) if self.our_holder else "",
            their_day=self.their_day,
            our_day=self.our_day,
            elsewhere=self.is_elsewhere,
        )
