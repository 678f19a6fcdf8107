"""The request for a home, and the numbers it is known by."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q

from attributions.households.models.priority import (
    FACT_BOUNDS,
    IDENTITY_BOUNDS,
    NEED_BOUNDS,
    HouseholdFacts,
    category_has_priority,
)
from reservations.bounds import constraints as bounded
from reservations.models import Organisation, User
from reservations.models.searched import folded
from reservations.rules import IMPRINTED_AGAIN, IMPRINTED_TOGETHER, NEVER_DELETED

if TYPE_CHECKING:
    from reservations.models import Membership


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, member: Membership) -> ApplicationQuerySet:
        """Named requests are read by those who register or instruct them, and by nobody else: the organisations that
        registered them, and the landlord to which a candidate was sent, as long as they name somebody. An officer who
        oversees registers nothing."""
        return self.filter(pk__in=RequestReader.objects.of(member).order_by().values("application"))

    def numbered(self, number: str) -> ApplicationQuerySet:
        """Known by this number, its own or one that merged into it."""
        return self.filter(Q(number=number) | Q(aliases__number=number)).distinct()


class Application(HouseholdFacts):
    """Demande de logement social, known by its numéro unique (CCH, L441-2-1), which is never parsed.

    The facts are the latest known; each proposal keeps those it was made with. What the household looks for (`NEEDS`)
    is read by whoever registered it, and goes to no proposal. Once closed (R441-2-8) the identity is kept for a legal
    term, then pseudonymised: number, name, birth date and nationality are gone for good.
    """

    class Nationality(models.TextChoices):
        FRENCH = "FRENCH", "française"
        EUROPEAN = "EUROPEAN", "Union européenne"
        OTHER = "OTHER", "hors Union européenne"

    class Closure(models.TextChoices):
        """The six causes of R441-2-8; the list is closed."""

        LEASE = "LEASE", "a – attribution suivie d’un bail signé"
        WAIVED = "WAIVED", "b – renonciation écrite du demandeur"
        NO_ANSWER = "NO_ANSWER", "c – absence de réponse du demandeur"
        INELIGIBLE = "INELIGIBLE", "d – demande irrecevable"
        NOT_RENEWED = "NOT_RENEWED", "e – demande non renouvelée"
        MERGED = "MERGED", "f – demandes fusionnées"

    class Documents(models.TextChoices):
        """Are the papers of its file there, as whoever registered it says?"""

        COMPLETE = "COMPLETE", "complètes"
        LACKING = "LACKING", "à compléter"

    number = models.CharField("numéro unique", max_length=18, blank=True)
    name = models.CharField("nom du demandeur", max_length=120, blank=True)
    birth_date = models.DateField("date de naissance", null=True, blank=True)
    nationality = models.CharField("nationalité", max_length=8, choices=Nationality, blank=True)
    requested_on = models.DateField("demande créée le", null=True, blank=True)
    organisations = models.ManyToManyField(Organisation, related_name="+", verbose_name="enregistrée par")
    wanted_communes = ArrayField(
        models.CharField(max_length=5),
        blank=True,
        default=list,
        db_default=[],
        verbose_name="communes souhaitées",
        help_text="codes INSEE ; vide : non renseignées",
    )
    least_rooms = models.SmallIntegerField("pièces souhaitées, au moins", null=True, blank=True)
    needs_accessible = models.BooleanField("logement accessible nécessaire", null=True, blank=True)
    labelled_until = models.DateField("labellisation valable jusqu’au", null=True, blank=True)
    documents = models.CharField(
        "état des pièces", max_length=8, choices=Documents, blank=True, default="", db_default=""
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    closed_on = models.DateField("radiée le", null=True, blank=True)
    closure = models.CharField("cause de radiation", max_length=11, choices=Closure, blank=True)
    pseudonymised_on = models.DateField("pseudonymisée le", null=True, blank=True)
    recorded_at = models.DateTimeField("enregistrée le", auto_now_add=True)

    objects = ApplicationQuerySet.as_manager()

    triggers = (
        IMPRINTED_TOGETHER,
        IMPRINTED_AGAIN,
        # A request is erased of its identity at term, never deleted: what was counted stays counted.
        NEVER_DELETED,
    )

    class Meta:
        verbose_name = "demande"
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["closed_on"],
                condition=Q(pseudonymised_on=None, closed_on__isnull=False),
                name="application_to_pseudonymise",
            ),
            GinIndex(OpClass(folded("name"), name="gin_trgm_ops"), name="application_words"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=~Q(number=""),
                name="application_unique_number",
                violation_error_message="Une demande porte déjà ce numéro unique.",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None, closure="") | Q(closed_on__isnull=False) & ~Q(closure=""),
                name="application_closure",
                violation_error_message="Une radiation porte sa date et sa cause.",
            ),
            models.CheckConstraint(
                condition=Q(pseudonymised_on=None) & ~Q(number="")
                | Q(pseudonymised_on__isnull=False, number="", name="", birth_date=None, nationality=""),
                name="application_pseudonymised",
                violation_error_message="Une demande pseudonymisée ne garde ni numéro ni identité.",
            ),
            category_has_priority("application_priority"),
            *bounded([*FACT_BOUNDS, *IDENTITY_BOUNDS, *NEED_BOUNDS], table="application"),
        ]

    def __str__(self) -> str:
        return f"demande {self.pk}"

    @property
    def is_named(self) -> bool:
        """Both what an attestation says of who asks: an import of the SNE gives neither."""
        return bool(self.name) and self.birth_date is not None

    @property
    def ending(self) -> str:
        """How its number ends, « 41 07 »: enough to state it from another on a page; "" once pseudonymised."""
        return f"{self.number[-4:-2]} {self.number[-2:]}".strip()


class RequestReaderQuerySet(models.QuerySet["RequestReader"]):
    def of(self, member: Membership) -> RequestReaderQuerySet:
        """What its organisation reads, when the member registers or instructs."""
        if not (member.is_landlord or member.is_holder):
            return self.none()
        return self.filter(organisation=member.organisation_id)


class RequestReader(models.Model):
    """Lecteur d’une demande: an organisation that reads it by name, since it registered it, or a candidature of it was
    sent to it as a landlord; nobody, once it names nobody. Kept by the database (docs/triggers.md), for lists."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", db_index=False, verbose_name="organisation"
    )
    application = models.ForeignKey(Application, models.CASCADE, related_name="readers", verbose_name="demande")

    objects = RequestReaderQuerySet.as_manager()

    class Meta:
        verbose_name = "lecteur d’une demande"
        verbose_name_plural = "lecteurs des demandes"
        ordering = ["organisation", "-application"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "application"], name="request_reader_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} lit la {self.application}"


class ApplicationAlias(models.Model):
    """Another number of the same request, since a merger (CCH, R441-2-8 f) or a move from a departmental number.

    Deleted with the identity, when the request is pseudonymised.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="aliases", verbose_name="demande")
    number = models.CharField("numéro unique", max_length=18, unique=True)
    recorded_at = models.DateTimeField("enregistré le", auto_now_add=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistré par")

    #: What a trigger refuses, by the name that it gives (docs/triggers.md).
    SAID: ClassVar = {
        "application_one_number": "Ce numéro vient d’être enregistré comme une demande : recommencez, et les deux "
        "demandes seront réunies."
    }

    class Meta:
        verbose_name = "autre numéro d’une demande"
        verbose_name_plural = "autres numéros des demandes"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"autre numéro de {self.application}"
