"""What the parties to a convention agree on beside its text: a suspension between two days, or its end. Who proposed
it, who agreed, what is left of it."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from reservations.models.convention import Convention
from reservations.models.document import SignedDocument
from reservations.models.party import Organisation
from reservations.models.periods import DateRange
from reservations.models.person import User
from reservations.rules import NEVER_DELETED, frozen, refused


class PauseQuerySet(models.QuerySet["Pause"]):
    def agreed(self) -> PauseQuerySet:
        """Those that suspend something: agreed by each, with a day at least."""
        return self.filter(status=Pause.Status.AGREED, ends_on__isnull=False)

    def agreed_ends(self) -> PauseQuerySet:
        """Those that ended their convention, with the accord of each party."""
        ended = self.filter(status=Pause.Status.AGREED, is_final=True)
        return ended.prefetch_related("accords__organisation")


class Pause(models.Model):
    """Suspension: between two days, both included, one version of a convention promises nothing of what falls vacant
    (docs/decisions/0078).

    Proposed by a party, it suspends nothing before each has agreed. One that `shortens` another says the same from the
    same day, and stops earlier: without `ends_on`, before its first day. `carried_from`: the same, under the version
    before. One that `is_final` does not resume: the convention ends on the eve of `starts_on`, and `successor` takes
    over what it leaves due (docs/decisions/0106).
    """

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", "proposée"
        AGREED = "AGREED", "convenue"
        WITHDRAWN = "WITHDRAWN", "retirée"
        SHORTENED = "SHORTENED", "levée plus tôt"

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="pauses", verbose_name="convention")
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour", null=True, blank=True, help_text="vide : levée avant son premier jour")
    why = models.CharField("motif", max_length=500)
    status = models.CharField("état", max_length=10, choices=Status, default=Status.PROPOSED)
    proposed_on = models.DateField("proposée le")
    proposed_by = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="proposée par")
    agreed_on = models.DateField("convenue le", null=True, blank=True, help_text="jour du dernier accord")
    shortens = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="shortened_by", verbose_name="raccourcit"
    )
    carried_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_to", verbose_name="reprise de"
    )

    is_final = models.BooleanField("met fin à la convention", default=False, db_default=False)
    successor = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="droits repris par",
        help_text="qui reprendrait ce qui reste dû le jour de la fin",
    )

    objects = PauseQuerySet.as_manager()

    triggers = (
        # A suspension is written as it was proposed, and never rewritten: it is agreed by each party, withdrawn
        # before that, or shortened by another row once all agreed to it.
        frozen("status agreed_on"),
        refused(
            "moves_on",
            "UPDATE",
            "(OLD.status, NEW.status) NOT IN (('PROPOSED', 'AGREED'), ('PROPOSED', 'WITHDRAWN'), ('AGREED', "
            "'SHORTENED')) OR (OLD.agreed_on IS NOT NULL AND OLD.agreed_on IS DISTINCT FROM NEW.agreed_on)",
        ),
        NEVER_DELETED,
        refused("first_proposed", "INSERT", "NEW.status <> 'PROPOSED'"),
    )

    class Meta:
        verbose_name = "suspension"
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_final=True, ends_on=None, shortens=None)
                | Q(is_final=False, successor=None)
                & (Q(ends_on=None, shortens__isnull=False) | Q(ends_on__isnull=False, ends_on__gte=F("starts_on"))),
                name="pause_period",
                violation_error_message="La suspension finit avant de commencer : corrigez l’un de ses deux jours.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["PROPOSED", "WITHDRAWN"], agreed_on=None)
                | Q(status__in=["AGREED", "SHORTENED"], agreed_on__isnull=False),
                name="pause_agreed_has_day",
                violation_error_message="Une suspension convenue porte le jour du dernier accord.",
            ),
            models.CheckConstraint(
                condition=~Q(why=""), name="pause_says_why", violation_error_message="Une suspension dit son motif."
            ),
            models.UniqueConstraint(
                fields=["convention"],
                condition=Q(status="PROPOSED"),
                name="pause_one_proposed",
                violation_error_message=(
                    "Une suspension ou une fin de cette convention est déjà proposée : acceptez-la, ou retirez-la "
                    "d’abord."
                ),
            ),
            ExclusionConstraint(
                name="pause_no_overlap",
                expressions=[
                    ("convention", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(status="AGREED", ends_on__isnull=False),
                violation_error_message="La convention est déjà suspendue ces jours-là : choisissez d’autres jours.",
            ),
        ]

    def __str__(self) -> str:
        if self.is_final:
            return f"Fin au {self.last_day:%d/%m/%Y}, {self.convention}"
        return f"Suspension à partir du {self.starts_on:%d/%m/%Y}, {self.convention}"

    @property
    def last_day(self) -> date:
        """Of one that is final: the last day of the convention."""
        return self.starts_on - timedelta(days=1)


class PauseAccord(models.Model):
    """One party agrees to a suspension, to lift it, or to the end of its convention: on the account of one of its
    people, or by the file that it signed."""

    class Means(models.TextChoices):
        """How the accord came."""

        ACCOUNT = "ACCOUNT", "sur son compte"
        PAPER = "PAPER", "sur papier, pièce jointe"
        FILE = "FILE", "sur papier, reprise d’un fichier"
        CARRIED = "CARRIED", "déjà donné, pour la version précédente"
        SUCCESSION = "SUCCESSION", "par l’organisation à laquelle elle succède"

    pause = models.ForeignKey(Pause, models.PROTECT, related_name="accords", verbose_name="suspension")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="partie")
    agreed_on = models.DateField("d’accord le")
    means = models.CharField("comment", max_length=10, choices=Means)
    signer = models.CharField("signataire", max_length=120, blank=True, help_text="nom et qualité de la personne")
    agreed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistré par")
    document = models.ForeignKey(
        SignedDocument, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="pièce"
    )

    triggers = (refused("kept", "UPDATE OR DELETE"),)

    class Meta:
        verbose_name = "accord sur une suspension"
        verbose_name_plural = "accords sur une suspension"
        ordering = ["pause", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pause", "organisation"],
                name="pause_accord_once",
                violation_error_message="Cette organisation a déjà donné son accord.",
            ),
            models.CheckConstraint(
                condition=~Q(means="PAPER") | Q(document__isnull=False) & ~Q(signer=""),
                name="pause_accord_paper_is_kept",
                violation_error_message="Un accord sur papier garde la pièce et le nom du signataire.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.pause}"
