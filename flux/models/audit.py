"""The tables of the audit.

* What a control of the accounts found: an alert, never a repair.
* A year replayed with other shares: what a worker is to replay, and what it found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q

from flux.models.account import Ledger
from flux.models.routing import Recommendation
from reservations.models import Landlord, ReservationHolder, User
from reservations.rules import NEVER_DELETED, frozen, once

if TYPE_CHECKING:
    from reservations.models import Membership


#: What was altered, and cannot be stated of one landlord; what a task set aside is for whoever runs the service.
OF_ALL = Q(ledger=None, landlord=None) & ~Q(check_code="APART")

#: What an act could leave wrong, or a hand in the database: found in an account, at a landlord, or of all.
OF_FACTS = ("COUNTS", "LISTS", "STAGE", "RECOUNT", "LEASE", "HOUSED", "TWICE", "GONE", "LOST", "CLOSED")


class AuditAlertQuerySet(models.QuerySet["AuditAlert"]):
    def active(self) -> AuditAlertQuerySet:
        """Those that nobody has looked at yet."""
        return self.filter(acknowledged_at=None)

    def visible_to(self, member: Membership) -> AuditAlertQuerySet:
        """The administrator reads every alert, a landlord's manager those of its own accounts and rows, and those that
        cannot be stated of one landlord: whoever wrote behind the product may be who runs it. Nobody else any."""
        if member.is_administrator:
            return self
        if member.is_manager:
            mine = member.organisation_id
            return self.filter(Q(ledger__landlord__organisation=mine) | Q(landlord__organisation=mine) | OF_ALL)
        return self.none()


class AuditAlert(models.Model):
    """Alerte de contrôle: an account does not hold what it must, or a kept row is not as it was written. Kept as found;
    a person only says that it was read.

    An alert of an account has its `ledger`; one of altered rows or of facts their `landlord`, or neither when no
    landlord is known from them: it then concerns all.
    `expected` and `found` are the two figures that differ: dues in millionths of a unit, the others in whole units.
    `difference` is the SHA-256 of what differs and by how much, so that the same one is not recorded again every night.
    """

    class Check(models.TextChoices):
        """What is controlled; `docs/engine.md`, section 9. Each has its line in `flux.controls.CONTROLS`."""

        LINE = "LINE", "la ligne n’est pas la somme de ses mouvements"
        DUE = "DUE", "le total dû n’est pas celui des logements entrés"
        RECEIVED = "RECEIVED", "le nombre de reçus n’est pas celui des logements attribués"
        DELAYS = "DELAYS", "la somme des écarts n’est pas nulle"
        LACKS = "LACKS", "les manques d’un réservataire ne font pas son écart"
        SUMS = "SUMS", "ce que l’un a cédé n’est pas ce que l’autre a pris"
        SEQUENCE = "SEQUENCE", "le rang du compte n’est pas celui de ses logements"
        OPENING = "OPENING", "ce qui est repris de l’ouverture n’est pas ce que le réservataire a accepté"
        RECORDED = "RECORDED", "une orientation dite passée ne l’est pas, ou le contraire"
        ORDER = "ORDER", "un logement est passé avant un autre, enregistré plus tôt"
        REPLAY = "REPLAY", "une recommandation recalculée diffère de celle qui est gardée"
        UNFOUND = "UNFOUND", "des mouvements ne répondent à aucun acte"
        ASKED = "ASKED", "des décisions demandées hors de leur tour, par habitude"
        ALTERED = "ALTERED", "des lignes gardées ont été écrites hors de l’application"
        BROKEN = "BROKEN", "la chaîne des faits est rompue"
        APART = "APART", "une tâche n’a pas pu traiter une ligne, et l’a mise de côté"
        COUNTS = "COUNTS", "un cumul des comptes n’est pas ce qu’il additionne"
        LISTS = "LISTS", "un décompte des listes n’est pas ce que disent les demandes et les baux"
        STAGE = "STAGE", "l’étape d’un logement n’est pas celle de ses candidats"
        RECOUNT = "RECOUNT", "une case du bilan n’est pas celle des actes recomptés"
        LEASE = "LEASE", "un bail en vigueur n’est pas dans le compte"
        HOUSED = "HOUSED", "un ménage a deux baux en vigueur"
        TWICE = "TWICE", "un ménage est deux fois candidat au même logement"
        GONE = "GONE", "un logement sorti du parc est déclaré libéré"
        LOST = "LOST", "ce qu’une année laisse dû n’est pas repris"
        CLOSED = "CLOSED", "un logement est orienté vers une organisation fermée"
        SETTLED = "SETTLED", "ce qui précède une signature n’est pas réglé comme la convention le dit"

    #: What was done behind the product: reading it does not undo it, and it is reported once.
    TAMPERING = (Check.ALTERED, Check.BROKEN)

    ledger = models.ForeignKey(
        Ledger, models.PROTECT, null=True, blank=True, related_name="alerts", verbose_name="compte"
    )
    landlord = models.ForeignKey(
        Landlord, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="bailleur"
    )
    check_code = models.CharField("contrôle", max_length=8, choices=Check)
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="réservataire"
    )
    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="recommandation"
    )
    expected = models.JSONField("attendu")
    found = models.JSONField("trouvé", null=True)
    difference = models.CharField("empreinte de la différence", max_length=64)
    found_at = models.DateTimeField("trouvée le")
    acknowledged_at = models.DateTimeField("lue le", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="lue par"
    )
    acknowledgement = models.TextField("ce qui a été constaté", blank=True)

    objects = AuditAlertQuerySet.as_manager()

    triggers = (
        # Of an alert, only its reading is written later.
        frozen("acknowledged_at acknowledged_by_id acknowledgement"),
        # A difference that was found is not taken away: it is read, and explained.
        NEVER_DELETED,
        # Who read it first, and what that person said, stays.
        once("acknowledged_at", "read_once"),
    )

    class Meta:
        verbose_name = "alerte de contrôle"
        verbose_name_plural = "alertes de contrôle"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ledger", "difference"],
                condition=Q(acknowledged_at=None),
                nulls_distinct=False,
                name="audit_alert_once_while_it_stands",
                violation_error_message="Cette différence a déjà son alerte.",
            ),
            models.CheckConstraint(
                condition=Q(check_code="ALTERED", ledger=None)
                | Q(check_code="BROKEN", landlord=None)
                | Q(check_code="APART", ledger=None, landlord=None)
                | Q(check_code__in=OF_FACTS) & (Q(ledger=None) | Q(landlord=None))
                | ~Q(check_code__in=["ALTERED", "BROKEN", "APART", *OF_FACTS]) & Q(ledger__isnull=False, landlord=None),
                name="audit_alert_whose",
                violation_error_message="Une alerte est celle d’un compte, d’un bailleur ou de toute l’installation.",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None, acknowledgement="")
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False) & ~Q(acknowledgement=""),
                name="audit_alert_acknowledgement",
                violation_error_message="Une lecture porte sa date, son auteur et une phrase.",
            ),
        ]

    @property
    def is_of_log(self) -> bool:
        """Was what everybody verifies rewritten? Reported to holders too."""
        return self.check_code == self.Check.BROKEN and "log" in (self.found or {})

    def __str__(self) -> str:
        return f"{self.account} : {self.get_check_code_display()}"

    @property
    def account(self) -> str:
        """The account, the landlord or, of what concerns all, the whole installation."""
        return str(self.ledger or self.landlord or "toute l’installation")

    @property
    def is_set_aside(self) -> bool:
        """What a task could not do: read, it is tried again."""
        return self.check_code == self.Check.APART

    @property
    def is_tampering(self) -> bool:
        return self.check_code in self.TAMPERING


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
