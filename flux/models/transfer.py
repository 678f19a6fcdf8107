"""Programmes that a landlord gives to another, from a day on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from flux.models.unit import Programme, Unit
from reservations.models import Landlord, User
from reservations.rules import APPEND_ONLY, NEVER_DELETED, frozen, refused

if TYPE_CHECKING:
    from reservations.models import Membership


class StockTransferQuerySet(models.QuerySet["StockTransfer"]):
    def visible_to(self, member: Membership) -> StockTransferQuerySet:
        """The two landlords read it, and the operator."""
        if member.is_administrator:
            return self
        if not member.is_landlord:
            return self.none()
        here = member.organisation_id
        return self.filter(Q(giver__organisation=here) | Q(receiver__organisation=here))

    def to_carry_out(self) -> StockTransferQuerySet:
        """Accepted, and not carried out yet: the row is the order."""
        return self.filter(accepted_at__isnull=False, done_at=None).order_by("pk")


class StockTransfer(models.Model):
    """Cession de programmes: proposed by the landlord that gives, accepted by the one that receives, carried out on its
    day (docs/decisions/0071). What was declared vacant before stays where it was declared.

    `signer`: who accepted by hand, for a landlord for which nobody acts here. `source`: the act that says so.
    """

    giver = models.ForeignKey(Landlord, models.PROTECT, related_name="transfers_given", verbose_name="cédant")
    receiver = models.ForeignKey(Landlord, models.PROTECT, related_name="transfers_received", verbose_name="repreneur")
    takes_effect_on = models.DateField("à compter du")
    source = models.CharField("acte", max_length=200, help_text="acte notarié, délibération, traité d’apport")
    proposed_at = models.DateTimeField("proposée le")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="proposée par")
    accepted_at = models.DateTimeField("acceptée le", null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="acceptation enregistrée par"
    )
    signer = models.CharField(
        "signataire", max_length=120, blank=True, help_text="nom et qualité de qui a accepté sur papier"
    )
    withdrawn_at = models.DateTimeField("retirée ou refusée le", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="retirée ou refusée par"
    )
    withdrawn_why = models.CharField("pourquoi", max_length=300, blank=True)
    done_at = models.DateTimeField("faite le", null=True, blank=True)

    objects = StockTransferQuerySet.as_manager()

    triggers = (
        # Of a transfer, only the answer and its carrying out are written later.
        frozen("accepted_at accepted_by_id signer withdrawn_at withdrawn_by_id withdrawn_why done_at"),
        # each once.
        refused(
            "answered_once",
            "UPDATE",
            "(coalesce(OLD.accepted_at, OLD.withdrawn_at) IS NOT NULL AND ROW(OLD.accepted_at, "
            "OLD.accepted_by_id, OLD.signer, OLD.withdrawn_at, OLD.withdrawn_by_id, OLD.withdrawn_why) IS "
            "DISTINCT FROM ROW(NEW.accepted_at, NEW.accepted_by_id, NEW.signer, NEW.withdrawn_at, "
            "NEW.withdrawn_by_id, NEW.withdrawn_why)) OR (OLD.done_at IS NOT NULL AND NEW.done_at IS DISTINCT "
            "FROM OLD.done_at)",
        ),
        NEVER_DELETED,
    )

    class Meta:
        verbose_name = "cession de programmes"
        verbose_name_plural = "cessions de programmes"
        ordering = ["-takes_effect_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(giver=F("receiver")),
                name="stock_transfer_two_landlords",
                violation_error_message="Un bailleur ne se cède rien à lui-même : choisissez un autre bailleur.",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None, signer="", done_at=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, withdrawn_at=None),
                name="stock_transfer_accepted",
                violation_error_message="Une cession acceptée dit par qui et quand ; elle ne se retire plus.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_why="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_why=""),
                name="stock_transfer_withdrawn",
                violation_error_message="Une cession retirée ou refusée dit par qui, quand et pourquoi.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.receiver}, à compter du {self.takes_effect_on:%d/%m/%Y}"

    @property
    def waits(self) -> bool:
        """Proposed, and neither accepted nor withdrawn."""
        return self.accepted_at is None and self.withdrawn_at is None


class TransferredProgramme(models.Model):
    """Programme cédé: one of those that a transfer gives, and what it `becomes` at the landlord that receives it."""

    transfer = models.ForeignKey(StockTransfer, models.PROTECT, related_name="programmes", verbose_name="cession")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="transfers", verbose_name="programme")
    becomes = models.OneToOneField(
        Programme, models.PROTECT, null=True, blank=True, related_name="came_by", verbose_name="devient"
    )

    triggers = (
        # Of a programme given, only what it becomes is written later, once.
        frozen("becomes_id", when="OLD.becomes_id IS NOT NULL OR {}"),
        NEVER_DELETED,
    )

    class Meta:
        verbose_name = "programme cédé"
        verbose_name_plural = "programmes cédés"
        ordering = ["transfer", "programme__number"]
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "programme"],
                name="transferred_programme_once",
                violation_error_message="Ce programme est déjà dans cette cession.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.programme)


class TransferredUnit(models.Model):
    """Logement cédé: the unit that left, and the one that it `becomes`, which has the same facts from that day on."""

    programme = models.ForeignKey(TransferredProgramme, models.PROTECT, related_name="units", verbose_name="programme")
    unit = models.OneToOneField(Unit, models.PROTECT, related_name="gone_by", verbose_name="logement")
    becomes = models.OneToOneField(Unit, models.PROTECT, related_name="came_by", verbose_name="devient")

    triggers = (
        # A unit given is written once.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "logement cédé"
        verbose_name_plural = "logements cédés"
        ordering = ["programme", "unit"]

    def __str__(self) -> str:
        return f"{self.unit} → {self.becomes}"


class Absorption(models.Model):
    """Absorption: a transfer that gives the whole of a landlord, with its conventions and its accounts; it then closes
    (Code de commerce, L236-3: transmission universelle du patrimoine; docs/decisions/0081).

    `last_day`: the last day of its conventions, written when it is carried out.
    """

    transfer = models.OneToOneField(StockTransfer, models.PROTECT, related_name="absorption", verbose_name="cession")
    last_day = models.DateField("dernier jour de ses conventions", null=True, blank=True)

    triggers = (
        # Of an absorption, only the last day of the conventions is written later, once.
        frozen("last_day", when="OLD.last_day IS NOT NULL OR {}"),
        NEVER_DELETED,
    )

    class Meta:
        verbose_name = "absorption d’un bailleur"
        verbose_name_plural = "absorptions de bailleurs"
        ordering = ["transfer"]

    def __str__(self) -> str:
        return str(self.transfer)


class AbsorbedBalance(models.Model):
    """Solde repris: an entry of an account that an absorption moved, in that of the one absorbed or of the other."""

    absorption = models.ForeignKey(Absorption, models.PROTECT, related_name="balances", verbose_name="absorption")
    entry = models.OneToOneField(
        "flux.FlowEntry", models.PROTECT, related_name="absorbed", verbose_name="mouvement de compte"
    )

    triggers = (
        # Which entries of accounts it moved is written with them.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "solde repris d’un bailleur absorbé"
        verbose_name_plural = "soldes repris de bailleurs absorbés"
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.entry)
