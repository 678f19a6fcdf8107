"""The tables of file import.

* Files that come in by the one door (docs/imports.md): what was given, what it would change, what it changed.
* Everything that an organisation has here, in open files: what a worker is to gather, and what it gathered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from reservations.models.party import Organisation, ReservationHolder
from reservations.models.person import User
from reservations.models.territory import Territory

if TYPE_CHECKING:
    from reservations.models import Membership

#: What a file may weigh: two hundred thousand units of sixty columns are a third of it.
LARGEST = 150 * 1024 * 1024


class FileImportQuerySet(models.QuerySet["FileImport"]):
    def visible_to(self, member: Membership) -> FileImportQuerySet:
        """Files are read where they were given, and nowhere else."""
        return self.filter(organisation=member.organisation_id)


class FileImport(models.Model):
    """Import d’un fichier: the row is the order. A worker checks the file by chunks, `cursor` being the last line that
    is checked, then writes it by short batches, `written` lines so far; what is left to write is checked again when
    `mark`, the day and the state that it was checked against, has moved. The bytes are kept beside, by parts, with
    their SHA-256, so that what is written is what was checked."""

    class State(models.TextChoices):
        CHOSEN = "CHOSEN", "colonnes à reconnaître"
        CHECKING = "CHECKING", "vérification en cours"
        CHECKED = "CHECKED", "vérifié, à confirmer"
        WRITING = "WRITING", "écriture en cours"
        DONE = "DONE", "importé"
        REFUSED = "REFUSED", "fichier refusé"
        DROPPED = "DROPPED", "abandonné"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="organisation")
    kind = models.CharField("nature", max_length=30)
    name = models.CharField("nom du fichier", max_length=200)
    size = models.PositiveIntegerField("taille, octets")
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    header = models.JSONField("noms des colonnes", default=list)
    first_line = models.PositiveIntegerField("ligne après laquelle les données commencent", default=0)
    mapping = models.JSONField("place de chaque colonne reconnue", default=dict)
    state = models.CharField("état", max_length=8, choices=State, default=State.CHOSEN)
    total = models.PositiveIntegerField("lignes du fichier", null=True, blank=True)
    cursor = models.PositiveIntegerField("dernière ligne vérifiée", default=0)
    new = models.PositiveIntegerField("nouveaux", default=0)
    changed = models.PositiveIntegerField("modifiés", default=0)
    same = models.PositiveIntegerField("inchangés", default=0)
    refused = models.PositiveIntegerField("lignes refusées", default=0)
    warned = models.PositiveIntegerField("lignes à regarder", default=0)
    topics = models.JSONField("ce que le fichier dit encore", default=dict)
    totals = models.JSONField("ce qui sera écrit, par réservataire", default=dict, db_default={})
    written = models.PositiveIntegerField("lignes écrites", default=0, db_default=0)
    mark = models.CharField("état de la base à la vérification", max_length=64, blank=True)
    moved = models.BooleanField("la base a changé depuis la vérification", default=False)
    failure = models.CharField("pourquoi il a échoué", max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    given_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="donné par"
    )
    given_at = models.DateTimeField("donné le", auto_now_add=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="confirmé par"
    )
    confirmed_at = models.DateTimeField("confirmé le", null=True, blank=True)
    done_at = models.DateTimeField("écrit le", null=True, blank=True)

    objects = FileImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import de fichier"
        verbose_name_plural = "imports de fichiers"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="file_import_of"),
            models.Index(fields=["id"], name="file_import_at_work", condition=Q(state__in=["CHECKING", "WRITING"])),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(size__lte=LARGEST),
                name="file_import_size",
                violation_error_message="Le fichier dépasse 150 Mo : coupez-le en plusieurs fichiers.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lines(self) -> int:
        """Lines that were checked, blank ones apart."""
        return self.new + self.changed + self.same + self.refused

    @property
    def touched(self) -> int:
        """What there is left to write."""
        return self.new + self.changed - self.written

    @property
    def state_words(self) -> str:
        """Its state, as lists and mails say it: one of which nothing is left to write waits for nobody."""
        if self.state == self.State.CHECKED and not self.touched:
            return "vérifié, rien à importer"
        return str(self.get_state_display())

    @property
    def at_work(self) -> bool:
        """Does a worker have something to do, or is it doing it?"""
        return self.state in (self.State.CHECKING, self.State.WRITING)


class FilePart(models.Model):
    """Morceau d’un fichier: its bytes, a megabyte at a time, so that nobody ever holds all of it in memory."""

    file_import = models.ForeignKey(
        FileImport, models.CASCADE, related_name="parts", verbose_name="import", db_index=False
    )
    number = models.PositiveIntegerField("rang")
    content = models.BinaryField("contenu")

    class Meta:
        verbose_name = "morceau de fichier"
        verbose_name_plural = "morceaux de fichiers"
        ordering = ["file_import", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["file_import", "number"],
                name="file_part_once",
                violation_error_message="Ce morceau de fichier est déjà gardé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_import}, morceau {self.number}"


class ImportedLine(models.Model):
    """Ligne d’un fichier en cours d’import, as it was checked; once written, only those refused stay.

    `remarks`: [column, value, sentence, whether it stops the line]; `changes`: {column: [before, after]}; `target`: the
    row that it is about, when there is one; `named`: {column: the party or the place that its cell was read as}.
    """

    class Verdict(models.TextChoices):
        NEW = "NEW", "nouveau"
        CHANGED = "CHANGED", "modifié"
        SAME = "SAME", "inchangé"
        REFUSED = "REFUSED", "refusé"

    file_import = models.ForeignKey(
        FileImport, models.CASCADE, related_name="lines_checked", verbose_name="import", db_index=False
    )
    line = models.PositiveIntegerField("ligne")
    key = models.CharField("ce qui la reconnaît", max_length=200)
    verdict = models.CharField("verdict", max_length=7, choices=Verdict)
    target = models.BigIntegerField("ce dont elle parle", null=True, blank=True)
    cells = models.JSONField("cellules")
    remarks = models.JSONField("remarques", default=list)
    changes = models.JSONField("changements", default=dict)
    named = models.JSONField("qui et quels lieux ses cellules nomment", default=dict, db_default={})

    class Meta:
        verbose_name = "ligne importée"
        verbose_name_plural = "lignes importées"
        ordering = ["file_import", "line"]
        indexes = [
            models.Index(fields=["file_import", "key"], name="imported_line_key"),
            models.Index(
                fields=["file_import", "target"], name="imported_line_target", condition=Q(target__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["file_import", "line"],
                name="imported_line_once",
                violation_error_message="Cette ligne est déjà vérifiée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_import}, ligne {self.line}"


class ColumnMapping(models.Model):
    """Correspondance de colonnes: how the files of an organisation name the columns of a kind, recorded once by
    hand."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name="organisation")
    kind = models.CharField("nature", max_length=30)
    names = models.JSONField("nom que le fichier donne à chaque colonne", default=dict)

    class Meta:
        verbose_name = "correspondance de colonnes"
        verbose_name_plural = "correspondances de colonnes"
        ordering = ["organisation", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind"],
                name="column_mapping_once",
                violation_error_message="Les colonnes de ces fichiers ont déjà leur correspondance.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.kind}"


class Nickname(models.Model):
    """Surnom dans les fichiers: the holder, or the place, that files call so, as a person stated it; or taken back."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name="organisation")
    said = models.CharField("ce que ses fichiers écrivent", max_length=120)
    key = models.CharField("sans accents ni majuscules", max_length=120)
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="réservataire"
    )
    place = models.ForeignKey(Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="lieu")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="dit par")
    at = models.DateTimeField("dit le", auto_now_add=True)

    class Meta:
        verbose_name = "surnom dans les fichiers"
        verbose_name_plural = "surnoms dans les fichiers"
        ordering = ["organisation", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "key"],
                condition=Q(holder__isnull=False),
                name="nickname_once",
                violation_error_message="Ce nom est déjà retenu : oubliez-le d’abord, pour dire quelqu’un d’autre.",
            ),
            models.UniqueConstraint(
                fields=["organisation", "key"],
                condition=Q(place__isnull=False),
                name="nickname_of_place_once",
                violation_error_message="Ce nom est déjà retenu : oubliez-le d’abord, pour dire un autre lieu.",
            ),
            models.CheckConstraint(
                condition=Q(holder__isnull=True) ^ Q(place__isnull=True),
                name="nickname_of_one",
                violation_error_message="Un nom désigne un réservataire, ou un lieu : l’un des deux.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.said} : {self.holder or self.place}"


class Archive(models.Model):
    """Tout ce qui est à une organisation : the row is the order of one ZIP of tables and papers, which a worker makes
    and keeps by parts. Two days."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="archives", verbose_name="organisation")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="demandée par")
    asked_at = models.DateTimeField("demandée le")
    made_at = models.DateTimeField("prête le", null=True, blank=True)
    size = models.PositiveIntegerField("taille, octets", default=0)
    counts = models.JSONField("lignes par tableau", default=dict, blank=True)

    class Meta:
        verbose_name = "archive d’une organisation"
        verbose_name_plural = "archives d’organisations"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                name="archive_one_at_a_time",
                condition=Q(made_at=None),
                violation_error_message="Une archive de votre organisation se prépare déjà : attendez-la.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.asked_at:%d/%m/%Y}"


class ArchivePart(models.Model):
    """Morceau d’archive: its bytes, a megabyte at a time, so that nobody ever holds all of it in memory."""

    archive = models.ForeignKey(Archive, models.CASCADE, related_name="parts", verbose_name="archive", db_index=False)
    number = models.PositiveIntegerField("rang")
    content = models.BinaryField("contenu")

    class Meta:
        verbose_name = "morceau d’archive"
        verbose_name_plural = "morceaux d’archives"
        ordering = ["archive", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["archive", "number"],
                name="archive_part_once",
                violation_error_message="Ce morceau d’archive est déjà gardé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.archive}, morceau {self.number}"
