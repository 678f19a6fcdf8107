"""Parties: organisations, the landlords among them, and the contingents they hold."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models

from reservations.models.searched import folded
from reservations.models.territory import Territory, search_key
from reservations.models.together import Steps, by_itself, whole
from reservations.words import ARTICLES, inside


def validate_siren(value: str) -> None:
    """Raise ValidationError unless `value` is nine digits that pass the Luhn check (how INSEE builds a SIREN)."""
    if len(value) != 9 or not (value.isascii() and value.isdigit()):
        raise ValidationError("Un SIREN a neuf chiffres, sans espace : 999000003 par exemple.", code="siren_shape")
    digits = [int(c) * (1 + i % 2) for i, c in enumerate(value)]
    if not any(digits) or sum(d - 9 if d > 9 else d for d in digits) % 10:
        raise ValidationError(
            "Ce SIREN comporte une erreur de saisie : sa clé de contrôle est fausse. Vérifiez chaque chiffre.",
            code="siren_luhn",
        )


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def open(self) -> OrganisationQuerySet:
        """Those that have not been closed: the others take part in the past only."""
        return self.filter(closed_on=None)


class Organisation(models.Model):
    """A legal person: landlord, State service, authority, Action Logement…; known by its SIREN.

    `closed_on`: it takes part in nothing new from then on; `merged_into`: the one that took its place.
    `article`: what its name takes before it in a sentence, chosen by whoever records it.
    `postal_address`: on several lines, at the head of what it writes to applicants.
    """

    class Kind(models.TextChoices):
        LANDLORD = "LANDLORD", "bailleur social"
        STATE = "STATE", "service de l’État"
        ACTION_LOGEMENT = "ACTION_LOGEMENT", "Action Logement Services"
        COMMUNE = "COMMUNE", "commune"
        EPCI = "EPCI", "intercommunalité"
        DEPARTEMENT = "DEPARTEMENT", "département"
        REGION = "REGION", "région"
        OTHER = "OTHER", "autre réservataire"
        OPERATOR = "OPERATOR", "exploitant d’Équiflux"

    class Article(models.TextChoices):
        NONE = "", "aucun"
        ELIDED = "d’", "aucun, « de » s’élide : d’"
        ELIDED_ARTICLE = "l’", "l’"
        FEMININE = "la", "la"
        MASCULINE = "le", "le"
        PLURAL = "les", "les"

    #: An authority uses its rights on its own territory only (CCH, R441-5-3).
    OWN_TERRITORY = (Kind.COMMUNE, Kind.EPCI)

    siren = models.CharField("SIREN", max_length=9, unique=True, validators=[validate_siren])
    name = models.CharField("nom", max_length=120)
    article = models.CharField("article", max_length=3, choices=Article, blank=True, default="", db_default="")
    kind = models.CharField("nature", max_length=16, choices=Kind)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, verbose_name="territoire", related_name="organisations"
    )
    postal_address = models.TextField("adresse postale", max_length=300, blank=True, db_default="")
    closed_on = models.DateField("fermée le", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name="réunie à", related_name="merged"
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "organisation"
        ordering = ["name", "siren"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | models.Q(closed_on__isnull=False),
                name="organisation_merged_is_closed",
                violation_error_message="Une organisation réunie à une autre est fermée : donnez le jour.",
            ),
            models.CheckConstraint(
                condition=models.Q(article__in=ARTICLES),
                name="organisation_article",
                violation_error_message="L’article d’un nom est le, la, l’, les, d’ ou aucun : choisissez-en un.",
            ),
        ]
        indexes = [
            GinIndex(OpClass(folded("name"), name="gin_trgm_ops"), name="organisation_words"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def inside(self) -> str:
        """Its name in a sentence, after its article: « la Ville de Narbonne »."""
        return inside(self.name, self.article)

    @cached_property
    def held(self) -> Sequence[ReservationHolder]:
        """Its contingents, read once: several parts of a page ask for them."""
        return by_itself(self.hold())

    def hold(self) -> Steps[Sequence[ReservationHolder]]:
        """Read them with what does not wait for them. One step, none where they are known."""
        if "held" in vars(self):
            return self.held
        found = yield from whole(self.contingents.order_by("pk"))
        for each in found:
            each.organisation = self
        self.held = found
        return found

    @property
    def may_delegate(self) -> bool:
        """An EPCI or a département lets its communes propose for a part of its rights."""
        return self.kind in (self.Kind.EPCI, self.Kind.DEPARTEMENT)

    @property
    def search_name(self) -> str:
        return search_key(self.name)


class Landlord(models.Model):
    """A social landlord (bailleur social; CCH, L411-2): it owes a share of its flow to the holders."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="landlord")
    acronym = models.CharField(
        "sigle", max_length=6, unique=True, help_text="en tête des références de logement : RH-03-009"
    )

    class Meta:
        verbose_name = "bailleur"
        ordering = ["organisation__name", "pk"]

    def __str__(self) -> str:
        return self.organisation.name

    @property
    def article(self) -> str:
        """That of its organisation."""
        return self.organisation.article

    @property
    def inside(self) -> str:
        """As its organisation."""
        return self.organisation.inside


class ReservationHolder(models.Model):
    """A contingent: what one organisation holds under one code of RPLS item 63.

    The State has two (priority households, State agents). Code 7, not reserved, is the landlord's own row,
    so that every unit of the flow has a holder and the accounts add up.
    """

    class Contingent(models.IntegerChoices):
        STATE_AGENTS = 1, "État – agents"
        STATE_PRIORITY = 2, "État – publics prioritaires"
        ACTION_LOGEMENT = 3, "Action Logement et employeurs"
        AUTHORITY = 4, "collectivités"
        STATE_CONVENTIONAL = 5, "État – réservations conventionnelles"
        OTHER = 6, "autres réservataires"
        NOT_RESERVED = 7, "Non réservé"

    #: Counted against the préfet's cap (CCH, R441-5-2).
    STATE = (Contingent.STATE_AGENTS, Contingent.STATE_PRIORITY)

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="contingents")
    contingent = models.PositiveSmallIntegerField("contingent", choices=Contingent)

    class Meta:
        verbose_name = "réservataire"
        ordering = ["organisation__name", "-contingent"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "contingent"],
                name="holder_unique_organisation_contingent",
                violation_error_message="Cette organisation a déjà ce contingent.",
            ),
            models.CheckConstraint(
                condition=models.Q(contingent__range=(1, 7)),
                name="holder_contingent_code",
                violation_error_message="Le contingent est un code de 1 à 7 (RPLS, rubrique 63).",
            ),
        ]

    def __str__(self) -> str:
        """« Ville de Narbonne », « État – agents », « Non réservé »: the name accounts and reasons use."""
        if self.contingent in (*self.STATE, self.Contingent.STATE_CONVENTIONAL, self.Contingent.NOT_RESERVED):
            return str(self.Contingent(self.contingent).label)
        return self.organisation.name

    @property
    def article(self) -> str:
        """That of its organisation, or of the contingent that names it."""
        if self.contingent == self.Contingent.NOT_RESERVED:
            return Organisation.Article.MASCULINE
        if self.contingent in (*self.STATE, self.Contingent.STATE_CONVENTIONAL):
            return Organisation.Article.ELIDED_ARTICLE
        return self.organisation.article

    @property
    def inside(self) -> str:
        """Its name in a sentence: « la Ville de Narbonne », « l’État – agents », « le bailleur (non réservé) »."""
        if self.contingent == self.Contingent.NOT_RESERVED:
            return "le bailleur (non réservé)"
        return inside(str(self), self.article)

    @property
    def is_not_reserved(self) -> bool:
        """True for the landlord's own row (code 7)."""
        return self.contingent == self.Contingent.NOT_RESERVED
