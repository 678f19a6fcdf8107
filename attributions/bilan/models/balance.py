"""The annual balance as it is sent, contested, signed and sealed (CCH, R441-5-1; docs/decisions/0026).

Its figures are read from the account on any day; what is here is what was sent of them, and what was answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from flux.models.account import Ledger
from flux.models.fold import AccountMonth, FlowCell
from flux.models.forecast import bearing_during
from flux.models.routing import Routing
from flux.models.unit import Programme, Unit
from flux.models.vacancy import Vacancy
from reservations.models import Landlord, Organisation, ReservationHolder, Territory, User
from reservations.models.stand_in import of_role
from reservations.models.territory import within
from reservations.rules import APPEND_ONLY, NEVER_DELETED, frozen, once, refused

if TYPE_CHECKING:
    from reservations.models import Membership


def counted_in(landlord: Any, departement: Any, exercise: Any) -> tuple[models.QuerySet[Any], ...]:
    """Rows that count a holder (`holder`) in a balance: months of the yearly accounts, cells of its units and of what
    was done in its year, first lettings among them, and units kept in stock. Values, or columns of an outer row."""
    place = {"ledger__landlord": landlord, "ledger__departement": departement}
    of = place | {"ledger__exercise": exercise}
    return (
        AccountMonth.objects.filter(**of, ledger__kind=Ledger.Kind.ORDINARY).order_by(),
        FlowCell.objects.filter(Q(ledger__exercise=exercise) | Q(year=exercise), **place)
        .exclude(**dict.fromkeys(FlowCell.MEASURES, 0))
        .order_by(),
        Routing.objects.filter(
            vacancy__kind=Vacancy.Kind.STOCK,
            vacancy__landlord=landlord,
            vacancy__description__commune__departement=departement,
            vacancy__registered_on__year=exercise,
            vacancy__cancelled_at=None,
        ).order_by(),
    )


def concerned(member: Membership) -> Q:
    """Whom a balance is about, of any rows that have a `landlord`, a `departement` and an `exercise`: those whose
    convention bore that year, those it counts, and who oversees a commune of the département where the landlord has a
    programme or a unit."""
    signed = bearing_during(OuterRef("landlord"), OuterRef("departement"), OuterRef("exercise"))
    seen = Q(Exists(signed.filter(organisation=member.organisation_id)))
    for rows in counted_in(OuterRef("landlord"), OuterRef("departement"), OuterRef("exercise")):
        seen |= Q(Exists(rows.filter(holder__organisation=member.organisation_id)))
    if member.is_overseer and member.organisation.territory_id:
        there = within(member.organisation.territory_id, commune="commune")
        for owned in (Programme, Unit):
            near = owned._default_manager.filter(
                there, landlord=OuterRef("landlord"), commune__departement=OuterRef("departement")
            )
            seen |= Q(Exists(near))
    return seen


def _sent_to(member: Membership) -> Q:
    """What the others read: the condition of `visible_to`."""
    dispatched = BalanceDispatch.objects.filter(version__balance=OuterRef("pk"), organisation=member.organisation_id)
    sent = Q(Exists(BalanceVersion.objects.filter(balance=OuterRef("pk"))))
    return sent & (Q(Exists(dispatched)) | concerned(member))


class AnnualBalanceQuerySet(models.QuerySet["AnnualBalance"]):
    def visible_to(self, member: Membership) -> AnnualBalanceQuerySet:
        """The landlord follows its own, an administrator all; the others once a version was sent: those it was sent to,
        those whose convention of that year was signed later, those it counts, and who oversees a commune of the
        département where the landlord has a programme or a unit."""
        if member.is_administrator:
            return self
        if member.is_landlord:
            return self.filter(landlord__organisation=member.organisation_id)
        return self.filter(of_role(self.model, _sent_to, member))


class AnnualBalance(models.Model):
    """Bilan annuel of a landlord in a département, as it is reviewed. Without version it is a draft: nobody had it."""

    class State(models.TextChoices):
        """Derived from its latest version and from its remarks, never stored."""

        DRAFT = "DRAFT", "brouillon"
        SENT = "SENT", "envoyé"
        CONTESTED = "CONTESTED", "remarque à répondre"
        SEALED = "SEALED", "scellé"

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="balances", verbose_name="bailleur")
    departement = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name="département")
    exercise = models.PositiveSmallIntegerField("exercice")

    objects = AnnualBalanceQuerySet.as_manager()

    class Meta:
        verbose_name = "bilan annuel"
        verbose_name_plural = "bilans annuels"
        ordering = ["-exercise", "landlord", "departement"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "departement", "exercise"],
                name="annual_balance_once_a_year",
                violation_error_message="Le bilan de cette année existe déjà pour ce département.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.landlord}, {self.departement}, {self.exercise}"


class BalanceVersion(models.Model):
    """Version envoyée du bilan: a canonical file and its seal, the SHA-256 of its bytes. Nothing of it ever changes,
    but the moment at which the last party signed it: it is then sealed for ever."""

    balance = models.ForeignKey(AnnualBalance, models.PROTECT, related_name="versions", verbose_name="bilan")
    number = models.PositiveSmallIntegerField("version")
    content = models.TextField("fichier canonique")
    seal = models.CharField("empreinte SHA-256", max_length=64, validators=[MinLengthValidator(64)])
    sent_at = models.DateTimeField("envoyée le")
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="envoyée par")
    note = models.TextField("ce qui a changé", blank=True)
    sealed_at = models.DateTimeField("scellée le", null=True, blank=True)
    heads = models.CharField(
        "têtes des chaînes de faits", max_length=400, blank=True, help_text="vide : envoyée avant qu’il y en ait"
    )

    triggers = (
        # A version that was sent is its bytes: its content and its seal never change.
        frozen("sealed_at"),
        # A version that somebody received is not taken back.
        NEVER_DELETED,
        # The moment at which the last party signed is written once.
        once("sealed_at", "sealed_once"),
    )

    class Meta:
        verbose_name = "version du bilan"
        verbose_name_plural = "versions du bilan"
        ordering = ["balance", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["balance", "number"],
                name="balance_version_number",
                violation_error_message="Cette version existe déjà. Rechargez la page.",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="balance_version_from_one",
                violation_error_message="Les versions se comptent à partir de 1.",
            ),
            models.CheckConstraint(
                condition=Q(seal__regex=r"^[0-9a-f]{64}$"),
                name="balance_version_seal",
                violation_error_message="L’empreinte d’une version est un SHA-256 en hexadécimal.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.balance}, version {self.number}"


class BalanceDispatch(models.Model):
    """Envoi du bilan: to whom a version was sent, and whether its signature is asked. Its first opening alone is
    written later."""

    version = models.ForeignKey(BalanceVersion, models.PROTECT, related_name="dispatches", verbose_name="version")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="destinataire")
    signs = models.BooleanField("signature demandée")
    opened_at = models.DateTimeField("ouvert le", null=True, blank=True)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    triggers = (
        # To whom a version was sent, and whether a signature was asked, does not change.
        frozen("opened_at opened_by_id"),
        # A sending is not taken back.
        NEVER_DELETED,
        # The first opening is the first.
        once("opened_at", "opened_once"),
    )

    class Meta:
        verbose_name = "envoi du bilan"
        verbose_name_plural = "envois du bilan"
        ordering = ["version", "organisation__name"]
        constraints = [
            models.UniqueConstraint(fields=["version", "organisation"], name="balance_dispatch_once"),
            models.CheckConstraint(
                condition=Q(opened_at=None, opened_by=None) | Q(opened_at__isnull=False, opened_by__isnull=False),
                name="balance_dispatch_opened_by_somebody",
                violation_error_message="Une lecture porte sa date et la personne.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} → {self.organisation}"


class BalanceRemark(models.Model):
    """Remarque: a line of a version contested by a reader, with the figure that it claims. The landlord answers once:
    corrected, in the version that follows, or maintained, and why. Nothing else of it changes, but a correction that
    no version has yet: it may still be maintained."""

    class Line(models.TextChoices):
        """Which table the line is of."""

        SUMMARY = "SUMMARY", "synthèse"
        TYPOLOGY = "TYPOLOGY", "typologie"
        FINANCING = "FINANCING", "financement"
        QPV = "QPV", "quartier prioritaire (QPV)"
        COMMUNE = "COMMUNE", "commune"
        PERIOD = "PERIOD", "période de construction"
        SUBTRACTED = "SUBTRACTED", "logements soustraits du flux"
        STOCK = "STOCK", "logements gardés en stock"
        FLOW = "FLOW", "logements libérés"

    class Measure(models.TextChoices):
        """Which figure of the line."""

        DUE = "due", "dû"
        RECEIVED = "received", "reçus"
        OFFERED = "offered", "proposés"
        DESIGNATED = "designated", "candidats désignés"
        RETURNED = "returned", "rendus"
        LAPSED = "lapsed", "délais écoulés sans candidat"
        REFUSED = "refused", "candidatures non abouties"
        ALLOCATED = "allocated", "attribués"
        LEASED = "leased", "loués"
        FIRST_LETTINGS = "first_lettings", "premières mises en location"
        FIRST_ALLOCATED = "first_allocated", "premières mises en location attribuées"
        FIRST_LEASED = "first_leased", "premières mises en location louées"
        UNITS = "units", "logements"

    class Answer(models.TextChoices):
        CORRECTED = "CORRECTED", "corrigée"
        MAINTAINED = "MAINTAINED", "maintenue"

    version = models.ForeignKey(BalanceVersion, models.PROTECT, related_name="remarks", verbose_name="version")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="de la part de")
    line = models.CharField("tableau", max_length=10, choices=Line)
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="réservataire"
    )
    category = models.CharField("catégorie", max_length=40, blank=True)
    measure = models.CharField("colonne", max_length=15, choices=Measure)
    shown = models.BigIntegerField("chiffre du bilan", help_text="en millionièmes de logement pour le dû")
    claimed = models.BigIntegerField("chiffre demandé", null=True, blank=True)
    reason = models.TextField("pourquoi")
    made_at = models.DateTimeField("faite le")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="faite par")
    answer = models.CharField("réponse", max_length=10, choices=Answer, blank=True)
    answer_text = models.TextField("réponse du bailleur", blank=True)
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    corrected_in = models.ForeignKey(
        BalanceVersion, models.PROTECT, null=True, blank=True, related_name="corrects", verbose_name="corrigée dans"
    )

    triggers = (
        # What a reader contested, and the figure claimed, stay as they were written.
        frozen("answer answer_text answered_at answered_by_id corrected_in_id"),
        # A remark is answered, not taken away.
        NEVER_DELETED,
        # The landlord answers once. A correction that no version carries yet may still be maintained instead.
        refused(
            "answered_once",
            "UPDATE",
            "OLD.answer <> '' AND ROW(NEW.answer, NEW.answer_text, NEW.answered_at, NEW.answered_by_id) IS "
            "DISTINCT FROM ROW(OLD.answer, OLD.answer_text, OLD.answered_at, OLD.answered_by_id) AND (OLD.answer "
            "<> 'CORRECTED' OR NEW.answer <> 'MAINTAINED' OR OLD.corrected_in_id IS NOT NULL)",
        ),
    )

    class Meta:
        verbose_name = "remarque"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="balance_remark_says_why",
                violation_error_message="Une remarque dit ce que vous contestez, et pourquoi.",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answer_text="", answered_at=None, answered_by=None, corrected_in=None)
                | ~Q(answer="") & ~Q(answer_text="") & Q(answered_at__isnull=False, answered_by__isnull=False),
                name="balance_remark_answer",
                violation_error_message="Une réponse porte sa date, son auteur et une phrase.",
            ),
            models.CheckConstraint(
                condition=Q(corrected_in=None) | Q(answer="CORRECTED"),
                name="balance_remark_corrected_in",
                violation_error_message="Seule une remarque corrigée l’est dans une version.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} : {self.get_line_display()}, {self.get_measure_display()}"

    @property
    def is_unsent_correction(self) -> bool:
        """Stated corrected, and in no version yet."""
        return self.answer == self.Answer.CORRECTED and self.corrected_in_id is None


class BalanceSignature(models.Model):
    """Signature d’une version: by one party, once. Append-only."""

    version = models.ForeignKey(BalanceVersion, models.PROTECT, related_name="signatures", verbose_name="version")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="signataire")
    signed_at = models.DateTimeField("signée le")
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="signée par")

    triggers = (
        # Who signed which version, and when.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "signature du bilan"
        verbose_name_plural = "signatures du bilan"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "organisation"],
                name="balance_signature_once",
                violation_error_message="Cette version est déjà signée au nom de votre organisation.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}, signée par {self.organisation}"
