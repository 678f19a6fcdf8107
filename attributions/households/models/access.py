"""Who read or took away named files, when, what and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from reservations.models import Organisation, User

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
