"""The tables of committee.

* The CALEOL: who sits, and by which rules of its landlord (CCH, L441-2, R441-9).
* Who read or took away named files, when, what and why.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from reservations.bounds import Bound
from reservations.models import Landlord, Organisation, Territory, User
from reservations.rules import NEVER_CHANGED, NEVER_DELETED


class Committee(models.Model):
    """Commission d’attribution des logements et d’examen de l’occupation des logements: the only body that allocates.

    A landlord has one, or one a territory (R441-9 I); without territory it sits for the whole stock.
    """

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="committees", verbose_name="bailleur")
    name = models.CharField("nom", max_length=120)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="territoire"
    )

    class Meta:
        verbose_name = "commission (CALEOL)"
        verbose_name_plural = "commissions (CALEOL)"
        ordering = ["landlord", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "name"],
                name="committee_unique_name",
                violation_error_message="Ce bailleur a déjà une commission de ce nom.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


#: Days between a convening and its session, by the rules of a committee.
CONVENING = Bound("convening_days", 1, 60, "Un délai de convocation va de 1 à 60 jours ; vide, il n’y en a pas.")


class CommitteeRules(models.Model):
    """Règlement intérieur: dated, the latest that has started holds; the board sets it (CCH, R441-9 IV)."""

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="rules", verbose_name="commission")
    starts_on = models.DateField("en vigueur depuis le")
    quorum = models.PositiveSmallIntegerField("quorum, parmi les membres désignés")
    remote_allowed = models.BooleanField("vote à distance permis", default=False)
    convening_days = models.PositiveSmallIntegerField(
        "délai de convocation, en jours", null=True, blank=True, help_text="vide : le règlement n’en fixe pas"
    )
    source = models.CharField("source", max_length=200, help_text="délibération du conseil d’administration")

    class Meta:
        verbose_name = "règlement de la commission"
        verbose_name_plural = "règlements des commissions"
        ordering = ["committee", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "starts_on"],
                name="committee_rules_unique_date",
                violation_error_message="Un règlement commence déjà ce jour-là.",
            ),
            models.CheckConstraint(
                condition=Q(quorum__gte=1),
                name="committee_rules_quorum",
                violation_error_message="Le quorum est d’au moins un membre.",
            ),
            CONVENING.constraint("committee_rules"),
        ]

    def __str__(self) -> str:
        return f"{self.committee}, depuis le {self.starts_on:%d/%m/%Y}"


class CommitteeMemberQuerySet(models.QuerySet["CommitteeMember"]):
    def sitting(self, on: date) -> CommitteeMemberQuerySet:
        """Those in office on a day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class CommitteeMember(models.Model):
    """Membre: a person who sits, in what capacity, and from when to when.

    An EPCI's president and a mayor vote on the units of their `territory` only; the mayor's vote is the casting one
    (R441-9 II). `user` is there when the person signs in here, to vote remotely or to keep the minutes.
    """

    class Capacity(models.TextChoices):
        APPOINTED = "APPOINTED", "désigné par le conseil d’administration"
        PREFECT = "PREFECT", "préfet ou son représentant"
        EPCI = "EPCI", "président de l’intercommunalité ou son représentant"
        MAYOR = "MAYOR", "maire de la commune ou son représentant"
        OWNER = "OWNER", "président de la commission du propriétaire (mandat de gérance)"
        ADVISER = "ADVISER", "organisme agréé d’ingénierie sociale (voix consultative)"
        HOLDER = "HOLDER", "réservataire (voix consultative)"
        SECRETARY = "SECRETARY", "secrétariat (sans voix)"

    #: With a vote: voix délibérative.
    VOTING = (Capacity.APPOINTED, Capacity.PREFECT, Capacity.EPCI, Capacity.MAYOR, Capacity.OWNER)
    #: On the units of their own territory only.
    LOCAL = (Capacity.EPCI, Capacity.MAYOR)

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="members", verbose_name="commission")
    capacity = models.CharField("qualité", max_length=9, choices=Capacity)
    full_name = models.CharField("nom", max_length=120)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="organisation"
    )
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="territoire"
    )
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="seats", verbose_name="se connecte comme"
    )
    represents_tenants = models.BooleanField("représente les locataires", default=False)
    presides = models.BooleanField("préside", default=False)
    starts_on = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)

    objects = CommitteeMemberQuerySet.as_manager()

    class Meta:
        verbose_name = "membre de la commission"
        verbose_name_plural = "membres de la commission"
        ordering = ["committee", "-presides", "capacity", "full_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="committee_member_period",
                violation_error_message="La date de fin précède la date de début.",
            ),
            models.CheckConstraint(
                condition=Q(capacity__in=["EPCI", "MAYOR"], territory__isnull=False)
                | ~Q(capacity__in=["EPCI", "MAYOR"]) & Q(territory=None),
                name="committee_member_territory",
                violation_error_message="Le maire et le président de l’intercommunalité siègent pour un territoire.",
            ),
            models.CheckConstraint(
                condition=Q(presides=False, represents_tenants=False) | Q(capacity="APPOINTED"),
                name="committee_member_appointed",
                violation_error_message="Seul un membre désigné préside, ou représente les locataires.",
            ),
            models.CheckConstraint(
                condition=~Q(capacity="HOLDER") | Q(organisation__isnull=False),
                name="committee_member_holder",
                violation_error_message="Un réservataire siège pour son organisation.",
            ),
            models.UniqueConstraint(
                fields=["committee", "capacity", "user"],
                condition=Q(ends_on=None, user__isnull=False),
                name="committee_member_once",
                violation_error_message="Cette personne siège déjà en cette qualité.",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def votes(self) -> bool:
        return self.capacity in self.VOTING


if TYPE_CHECKING:
    from reservations.models import Membership


class AccessRecordQuerySet(models.QuerySet["AccessRecord"]):
    def visible_to(self, member: Membership) -> AccessRecordQuerySet:
        """A landlord's manager reads the journal of its files, other organisations their own accesses; the operator's
        administrator all of them: the journal names who reads, and no household."""
        if member.is_administrator:
            return self
        mine = models.Q(organisation=member.organisation_id)
        if member.is_manager:
            mine |= models.Q(keeper=member.organisation_id)
        return self.filter(mine)


class AccessRecord(models.Model):
    """Consultation nominative. Never changed; erased at the end of its legal term, by the nightly job only."""

    class What(models.TextChoices):
        FILE = "FILE", "fiche d’une candidature"
        CASES = "CASES", "dossiers d’un point de l’ordre du jour"
        MINUTES = "MINUTES", "procès-verbal"
        LETTER = "LETTER", "courrier au demandeur"
        LIST = "LIST", "liste de candidats, fichier"
        IMPORT = "IMPORT", "import d’un fichier du SNE"
        COMPARE = "COMPARE", "rapprochement avec un fichier"

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="personne")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="agit pour")
    keeper = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name="fichier tenu par", help_text="le bailleur"
    )
    what = models.CharField("quoi", max_length=7, choices=What)
    subject = models.CharField("objet", max_length=120, help_text="un logement, une séance : jamais une personne")
    files = models.PositiveIntegerField("dossiers", default=1)
    downloaded = models.BooleanField("emporté", default=False)
    why = models.CharField("finalité", max_length=300, blank=True)
    at = models.DateTimeField("le")

    objects = AccessRecordQuerySet.as_manager()

    triggers = (
        # Who looked at which named file is written once.
        NEVER_CHANGED,
        # The journal is purged at the end of its legal term by the nightly job, and by nobody else.
        NEVER_DELETED,
    )

    class Meta:
        verbose_name = "consultation nominative"
        verbose_name_plural = "consultations nominatives"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["at"], name="access_record_at")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(downloaded=False) | ~models.Q(why=""),
                name="access_record_download_says_why",
                violation_error_message="Dites pourquoi vous emportez ce fichier : le journal le garde.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_what_display()}, {self.subject}"
