"""The tables of reminder.

* Balances on paper: what a worker is to draw, and what it drew.
* Reminders of balances that have not come.
* Why an officer reads figures that are not published.
"""

from __future__ import annotations

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q

from attributions.bilan.models.balance import BalanceVersion
from flux.models import Programme
from reservations.models import Landlord, Membership, Organisation, Territory, User
from reservations.models.territory import CONTAINERS
from reservations.rules import APPEND_ONLY, refused

#: More than any balance takes: what is kept is bounded.
LARGEST = 20 * 1024 * 1024
#: Drawn and signed, with a reason why its date is missing.
UNDATED = Q(kept=False, drawn_at__isnull=False) & ~Q(failure="")
#: What a worker has still to do: to draw, or to have dated.
WAITING = Q(content=None) | UNDATED
#: The file of a sealed version, dated or not yet.
SERVED = Q(kept=True, drawn_at__isnull=False) | UNDATED


class PrintedBalance(models.Model):
    """Bilan imprimé: the row is the order, then it holds the file. Known by the fingerprint of its page, which says
    every figure; drawn once, whoever asks. That of a sealed version is signed and kept for good, the others as long as
    they are asked for. A signed file that has no date yet says why in `failure`, and is kept once it is dated: the date
    is added after its bytes. Names no household."""

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

    triggers = (
        # The printed file of a sealed version is kept for good once it is drawn; the others may be drawn again.
        refused("kept_as_drawn", "UPDATE OR DELETE", "OLD.content IS NOT NULL AND OLD.kept"),
    )

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

    @property
    def file_address(self) -> str:
        """Where this very file is taken, once drawn, even if a figure of the balance moved since it was ordered."""
        return f"{self.address}{'&' if '?' in self.address else '?'}dessin={self.fingerprint}"


class BalanceReminder(models.Model):
    """Relance: who oversees a territory reminds a landlord of the balance that it has not sent. Append-only."""

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+", verbose_name="bailleur")
    exercise = models.PositiveSmallIntegerField("exercice")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="de la part de")
    at = models.DateTimeField("le")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")

    triggers = (
        # Who was reminded of a balance that had not come, and when.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "relance de bilan"
        verbose_name_plural = "relances de bilan"
        ordering = ["pk"]
        indexes = [models.Index(fields=["landlord", "exercise"], name="balance_reminder_of")]

    def __str__(self) -> str:
        return f"{self.landlord}, {self.exercise} : relance de {self.organisation}"


class StatedPurposeQuerySet(models.QuerySet["StatedPurpose"]):
    def visible_to(self, member: Membership) -> StatedPurposeQuerySet:
        """Each organisation reads its own; a landlord, those that bear on a place where it has a programme; the
        operator's administrator, all of them."""
        if member.is_administrator:
            return self
        mine = Q(organisation=member.organisation_id)
        if member.is_landlord:
            programmes = Programme.objects.filter(landlord__organisation=member.organisation_id)
            communes = Territory.objects.filter(pk__in=programmes.order_by().values("commune")).order_by()
            mine |= Q(territory__in=communes.values("pk"))
            for container in CONTAINERS:
                mine |= Q(territory__in=communes.values(container))
        return self.filter(mine)


class StatedPurpose(models.Model):
    """Finalité déclarée: an officer of the State or of the EPCI says why it reads the whole figures of an exercise on
    its territory, before it does. Append-only."""

    class Why(models.TextChoices):
        CIL = "CIL", "préparer ou suivre la conférence intercommunale du logement (CCH, L441-1-5)"
        CIA = "CIA", "suivre la convention intercommunale d’attribution (CCH, L441-1-6)"
        BALANCE = "BALANCE", "instruire les bilans des bailleurs (CCH, R441-5-1)"
        CONTROL = "CONTROL", "contrôler les attributions ou l’usage d’un contingent"
        OTHER = "OTHER", "autre, précisée ci-dessous"

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="personne")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="agit pour")
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name="territoire")
    exercise = models.PositiveSmallIntegerField("exercice")
    why = models.CharField("finalité", max_length=7, choices=Why)
    text = models.CharField("précision", max_length=200, blank=True)
    at = models.DateTimeField("le")

    objects = StatedPurposeQuerySet.as_manager()

    triggers = (
        # Why an officer read figures that are not published, and when.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "finalité déclarée"
        verbose_name_plural = "finalités déclarées"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["user", "organisation", "exercise"], name="stated_purpose_of")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(why="OTHER") | ~Q(text=""),
                name="stated_purpose_other_is_said",
                violation_error_message="Précisez la finalité : elle n’est pas dans la liste.",
            ),
        ]

    @property
    def words(self) -> str:
        """« préparer ou suivre la conférence… », « étude de la vacance »: the line says what the list does not."""
        if self.why == self.Why.OTHER:
            return self.text
        words = str(self.get_why_display())
        return f"{words} : {self.text}" if self.text else words

    def __str__(self) -> str:
        return f"{self.user}, {self.exercise} : {self.get_why_display()}"
