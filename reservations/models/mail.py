"""What a person is notified of by e-mail: each thing once (`MailItem`), in a message to an address (`Mail`), and each
time that one was handed to a server.

A thing to state is written in the transaction of what it states; a worker then gathers, sends, and writes what came of
it (docs/decisions/0053-one-row-a-mail.md).
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reservations.models.party import Organisation
from reservations.models.person import User, spelling


class Family(models.TextChoices):
    """Families of information, of which each person chooses the rhythm."""

    UNITS = "units", "logements et candidats"
    BALANCES = "balances", "bilans et règles"
    FILES = "files", "imports et contrôles"


class Mail(models.Model):
    """One message to one address, under one identifier however often it is handed over: its `Message-ID`."""

    class State(models.TextChoices):
        PENDING = "PENDING", "à envoyer"
        SENT = "SENT", "remis"
        REFUSED = "REFUSED", "refusé par la messagerie"
        GIVEN_UP = "GIVEN_UP", "abandonné après plusieurs essais"
        DROPPED = "DROPPED", "plus rien à dire"

    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="mails", verbose_name="personne")
    address = models.EmailField("adresse", max_length=254)
    identifier = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField("état", max_length=8, choices=State, default=State.PENDING)
    tries = models.PositiveSmallIntegerField("essais", default=0)
    made_at = models.DateTimeField("écrit le")
    next_at = models.DateTimeField("prochain essai")
    ended_at = models.DateTimeField("fini le", null=True, blank=True)

    class Meta:
        verbose_name = "courriel"
        verbose_name_plural = "courriels"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="PENDING", ended_at=None) | ~Q(state="PENDING") & Q(ended_at__isnull=False),
                name="mail_ended_when_not_pending",
                violation_error_message="Un courriel qui n’attend plus dit depuis quand.",
            )
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="PENDING"), name="mail_due"),
            models.Index(fields=["ended_at"], name="mail_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.address}, le {timezone.localtime(self.made_at):%d/%m/%Y}"


class MailItemQuerySet(models.QuerySet["MailItem"]):
    def waiting(self) -> MailItemQuerySet:
        """Those that are in no message yet, and are still to be sent."""
        return self.filter(mail=None, dropped="")


class MailItem(models.Model):
    """One thing to state one person, or an address. `says`: its sentences; `link`: a path of the site, and `label` what
    it does. Without a `family` it is no information that one may do without. `about`: the object, notified once by
    kind. `secret`: its link is sealed, and erased with its sentences once handed over or dropped."""

    class Dropped(models.TextChoices):
        DONE = "DONE", "c’est fait"
        UNWANTED = "UNWANTED", "information non voulue"
        REFUSED = "REFUSED", "adresse refusée par la messagerie"
        OLD = "OLD", "trop ancien"

    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="personne")
    address = models.EmailField("adresse", max_length=254, blank=True, help_text="sinon celle de la personne")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="pour le compte de"
    )
    kind = models.CharField("nature", max_length=30)
    family = models.CharField("famille", max_length=8, choices=Family, blank=True)
    about = models.CharField("objet", max_length=60, blank=True)
    subject = models.CharField("sujet", max_length=200)
    says = models.JSONField("phrases", default=list, blank=True)
    link = models.CharField("lien", max_length=300, blank=True)
    label = models.CharField("libellé du lien", max_length=80, blank=True)
    secret = models.BooleanField("à effacer une fois remis", default=False)
    made_at = models.DateTimeField("écrit le")
    due_at = models.DateTimeField("à dire le")
    mail = models.ForeignKey(Mail, models.CASCADE, null=True, blank=True, related_name="items", verbose_name="courriel")
    dropped = models.CharField("pourquoi il n’est pas dit", max_length=8, choices=Dropped, blank=True)

    objects = MailItemQuerySet.as_manager()

    class Meta:
        verbose_name = "chose à dire"
        verbose_name_plural = "choses à dire"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "about"],
                condition=~Q(about=""),
                name="mail_item_once",
                violation_error_message="Cela est déjà dit à cette personne.",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(address=""),
                name="mail_item_to_somebody",
                violation_error_message="Un courriel va à une personne, ou à une adresse.",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(mail=None, dropped=""), name="mail_item_waiting")]

    def __str__(self) -> str:
        return self.subject


class MailAttempt(models.Model):
    """One time that a message was handed to a server: its answer, or why there was none."""

    mail = models.ForeignKey(Mail, models.CASCADE, related_name="attempts", verbose_name="courriel")
    at = models.DateTimeField("le")
    status = models.PositiveSmallIntegerField("réponse", null=True, blank=True)
    said = models.CharField("ce qui a été répondu", max_length=300, blank=True)

    class Meta:
        verbose_name = "essai de remise"
        verbose_name_plural = "essais de remise"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%d/%m/%Y %H:%M}, {self.status or self.said}"


class RefusedAddress(models.Model):
    """An address that a server stated to be of nobody, or closed to us: until it takes a message again."""

    address = models.CharField("adresse", max_length=254, unique=True)
    at = models.DateTimeField("le")
    said = models.CharField("ce qui a été répondu", max_length=300, blank=True)

    class Meta:
        verbose_name = "adresse refusée"
        verbose_name_plural = "adresses refusées"
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.address


class MailChoice(models.Model):
    """When a person wants to receive what is only information, by family; the hour and the day of what is gathered."""

    class Rhythm(models.TextChoices):
        AT_ONCE = "AT_ONCE", "tout de suite"
        DAILY = "DAILY", "une fois par jour"
        WEEKLY = "WEEKLY", "une fois par semaine"
        NEVER = "NEVER", "jamais"

    DAYS = tuple(enumerate(("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")))

    user = models.OneToOneField(User, models.CASCADE, related_name="mail_choice", verbose_name="personne")
    units = models.CharField("logements et candidats", max_length=7, choices=Rhythm, default=Rhythm.DAILY)
    balances = models.CharField("bilans et règles", max_length=7, choices=Rhythm, default=Rhythm.DAILY)
    files = models.CharField("imports et contrôles", max_length=7, choices=Rhythm, default=Rhythm.AT_ONCE)
    hour = models.PositiveSmallIntegerField("heure", default=8, validators=[MaxValueValidator(23)])
    day = models.PositiveSmallIntegerField("jour", choices=DAYS, default=0)

    class Meta:
        verbose_name = "choix de courriels"
        verbose_name_plural = "choix de courriels"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(hour__lte=23, day__lte=6),
                name="mail_choice_moment",
                violation_error_message="Choisissez une heure de 0 à 23, et un jour de la semaine.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} : courriels"

    @classmethod
    def of(cls, user: User) -> MailChoice:
        """The choice of this person: the usual one as long as none was made."""
        return cls.objects.filter(user=user).first() or cls(user=user)

    def rhythm(self, family: str) -> str:
        return str(getattr(self, family))

    def due(self, family: str, now: datetime) -> datetime | None:
        """When something of this family is sent, if it is known `now`: never is None. Of Paris, as every hour here."""
        rhythm = self.rhythm(family)
        if rhythm == self.Rhythm.NEVER:
            return None
        if rhythm == self.Rhythm.AT_ONCE:
            return now
        moment = timezone.localtime(now).replace(hour=self.hour, minute=0, second=0, microsecond=0)
        if rhythm == self.Rhythm.WEEKLY:
            moment += timedelta(days=(self.day - moment.weekday()) % 7)
        if moment < timezone.localtime(now):
            moment += timedelta(days=7 if rhythm == self.Rhythm.WEEKLY else 1)
        return moment


class MailFact(models.Model):
    """Something that happened, written by the database with it, from which a worker finds whom to state."""

    kind = models.CharField("fait", max_length=30)
    subject = models.BigIntegerField("numéro")
    at = models.DateTimeField("le")
    spread_at = models.DateTimeField("réparti le", null=True, blank=True)

    class Meta:
        verbose_name = "fait à dire"
        verbose_name_plural = "faits à dire"
        ordering = ["pk"]
        indexes = [models.Index(fields=["id"], condition=Q(spread_at=None), name="mail_fact_to_spread")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


def refused(addresses: list[str]) -> dict[str, RefusedAddress]:
    """Of these addresses, those that a server refuses, by their spelling. One query."""
    found = RefusedAddress.objects.filter(address__in=[spelling(each) for each in addresses])
    return {each.address: each for each in found.order_by("pk")}
