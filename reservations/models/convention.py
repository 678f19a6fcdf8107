"""Conventions and the quotas they give."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from reservations.models.categories import CODES
from reservations.models.party import Landlord, Organisation, ReservationHolder
from reservations.models.periods import DateRange
from reservations.models.terms import Terms
from reservations.models.territory import CONTAINERS, OneOf, Territory, around, within
from reservations.rules import frozen, refused

if TYPE_CHECKING:
    from reservations.models.person import Membership

#: One whole unit, in the integer shares that the accounts use: a percentage with four decimals is exact.
UNIT = 1_000_000


class ConventionQuerySet(models.QuerySet["Convention"]):
    def binding(self) -> ConventionQuerySet:
        """Signed, whether still running or ended: what decisions rested on."""
        return self.filter(status__in=Convention.BINDING)

    def in_force(self, on: date) -> ConventionQuerySet:
        return self.binding().filter(starts_on__lte=on, ends_on__gte=on)

    def landlords_of(self, organisation: int) -> models.QuerySet[Convention, dict[str, int]]:
        """For a subquery: the landlords (ids) with whom an organisation (id) ever drafted or signed one: few, found
        once, where each row of a country would have its own looked for."""
        return self.filter(organisation=organisation).order_by().values("landlord")

    def visible_to(self, member: Membership) -> ConventionQuerySet:
        """A landlord reads its own; a holder those it signs; the State and the EPCI those that touch their territory.

        A draft is its landlord's alone until it is proposed; a proposal stays between its parties.
        """
        if member.is_administrator:
            return self
        own = member.organisation_id
        party = apps.get_model("reservations", "Signatory").objects.filter(organisation=own)
        landlord = Landlord.objects.filter(organisation=own)
        # Each by an index of its own: those of a country are not looked at.
        mine = Q(OneOf(F("landlord_id"), ArraySubquery(landlord.order_by().values("pk")))) | (
            (Q(organisation=own) | Q(OneOf(F("pk"), ArraySubquery(party.order_by().values("convention")))))
            & ~Q(status=Convention.Status.DRAFT)
        )
        if member.is_overseer and member.organisation.territory_id:
            communes = Territory.objects.filter(kind__in=Territory.COMMUNAL).filter(
                within(member.organisation.territory_id)
            )
            touching = Q(status__in=Convention.BINDING) & Q(OneOf(F("perimeter_id"), around(communes)))
            return self.filter(mine | touching)
        return self.filter(mine)

    def covering(self, commune: str) -> ConventionQuerySet:
        """For a subquery: conventions whose perimeter contains the outer row's commune, at path `commune`: found by its
        id, since what contains the communes of all the outer rows would be read from those of France."""
        holds = Q(pk=OuterRef("perimeter"))
        for container in CONTAINERS:
            holds |= Q(**{container: OuterRef("perimeter")})
        return self.filter(Exists(Territory.objects.filter(holds, pk=OuterRef(OuterRef(commune)))))


class Convention(Terms):
    """Convention de réservation: what one landlord owes one organisation on one perimeter (CCH, R441-5, R441-5-3).

    A row is one *version* of it: an amendment (avenant) is a row of its own that `amends` the version before, from
    its date of effect on, so that a decision of the past keeps the row it used (docs/decisions/0008). With a
    `prefect_order`, it is no convention but the order that stands for that of the State (docs/decisions/0055).
    """

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "brouillon"
        PROPOSED = "PROPOSED", "proposée"
        SIGNED = "SIGNED", "signée"
        AMENDED = "AMENDED", "remplacée par un avenant"
        ENDED = "ENDED", "terminée"
        TERMINATED = "TERMINATED", "résiliée"
        VOID = "VOID", "sans effet"

    BINDING = (Status.SIGNED, Status.AMENDED, Status.ENDED, Status.TERMINATED)
    #: Negotiated still: it binds nobody.
    OPEN = (Status.DRAFT, Status.PROPOSED)

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="conventions", verbose_name="bailleur")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="conventions", verbose_name="signataire"
    )
    perimeter = models.ForeignKey(Territory, models.PROTECT, related_name="conventions", verbose_name="périmètre")
    starts_on = models.DateField("début")
    ends_on = models.DateField("fin")
    status = models.CharField("état", max_length=10, choices=Status, default=Status.DRAFT)
    proposed_on = models.DateField("proposée le", null=True, blank=True)
    signed_on = models.DateField("signée le", null=True, blank=True)
    amends = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="amended_by", verbose_name="avenant à"
    )
    version = models.PositiveSmallIntegerField("version", default=1)
    successor = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="droits repris par",
        help_text="qui reprend ce qui reste dû quand la convention finit avant son terme",
    )
    formal_notice_on = models.DateField("mise en demeure le", null=True, blank=True)
    prefect_order = models.CharField(
        "arrêté du préfet",
        max_length=200,
        blank=True,
        help_text="à défaut de convention de l’État : son numéro et sa date",
    )

    objects = ConventionQuerySet.as_manager()

    triggers = (
        # What was signed does not become a draft again.
        refused(
            "never_unsigned",
            "UPDATE",
            "OLD.status NOT IN ('DRAFT', 'PROPOSED') AND NEW.status IN ('DRAFT', 'PROPOSED')",
        ),
        # A convention that left the draft is never deleted: decisions of the past refer to the version they applied.
        refused("binding_kept", "DELETE", "OLD.status <> 'DRAFT'"),
        # Its parties, its perimeter, its first day and its terms no longer change: an amendment is a row of its own.
        # Its end, its state and the dates of its steps may.
        frozen(
            "status proposed_on signed_on ends_on formal_notice_on successor_id",
            "terms_kept",
            "OLD.status <> 'DRAFT' AND {}",
        ),
    )

    class Meta:
        verbose_name = "convention"
        ordering = ["-starts_on", "organisation__name", "pk"]
        # Of two parties: what an organisation was promised by a landlord is looked for beside each unit and count.
        indexes = [models.Index(fields=["organisation", "landlord"], name="convention_of_two")]
        constraints = [
            *Terms.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="convention_period",
                violation_error_message="La convention finit avant de commencer : corrigez l’une des deux dates.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "PROPOSED"], signed_on=None)
                | Q(status__in=["SIGNED", "AMENDED", "ENDED", "TERMINATED", "VOID"], signed_on__isnull=False),
                name="convention_signed_has_date",
                violation_error_message="Une convention signée porte sa date de signature, un projet n’en a pas.",
            ),
            models.CheckConstraint(
                condition=Q(amends=None, version=1) | Q(amends__isnull=False, version__gt=1),
                name="convention_amendment_has_version",
                violation_error_message="Un avenant porte le numéro de version qui suit celui qu’il modifie.",
            ),
            models.CheckConstraint(
                condition=Q(carry_over="CAPPED", carry_over_cap__isnull=False)
                | ~Q(carry_over="CAPPED") & Q(carry_over_cap=None),
                name="convention_carry_over_cap",
                violation_error_message="Un report plafonné porte son plafond, les autres n’en ont pas.",
            ),
            models.CheckConstraint(
                condition=Q(prefect_order="") | Q(amends=None) & ~Q(status__in=["PROPOSED", "AMENDED"]),
                name="convention_order_stands_alone",
                violation_error_message=(
                    "Un arrêté du préfet ne se propose ni ne s’amende : enregistrez le nouveau, ou la convention."
                ),
            ),
            ExclusionConstraint(
                name="convention_no_overlap",
                expressions=[
                    ("landlord", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("perimeter", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=["SIGNED", "AMENDED", "ENDED", "TERMINATED"]),
                violation_error_message=(
                    "Une convention signée existe déjà avec cette organisation sur ce périmètre et cette période. "
                    "Terminez-la d’abord, ou changez les dates."
                ),
            ),
        ]

    def __str__(self) -> str:
        who = self.organisation.name
        if self.is_order:
            who = f"Arrêté du préfet pour {who}" if self.is_served_by_state else "Arrêté du préfet"
        return f"{who} – {self.perimeter.name}, {self.starts_on.year}–{self.last_day.year}"

    @property
    def last_day(self) -> date:
        """Its last day as it is known today: of what is renewed tacitly, the term that runs."""
        goes_on = self.status in (*self.OPEN, self.Status.SIGNED)
        return self.term(timezone.localdate()) if goes_on else self.ends_on

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_order(self) -> bool:
        """The préfet's order that stands for the State's convention, in default of one (CCH, R441-5-2 IV)."""
        return self.prefect_order != ""

    @property
    def is_served_by_state(self) -> bool:
        """Do the State's services propose in the place of the holder, by an order that fixes the part of another?"""
        return self.is_order and self.organisation.kind != Organisation.Kind.STATE

    @property
    def is_open(self) -> bool:
        """Still negotiated: a draft, or a proposal."""
        return self.status in self.OPEN

    @property
    def most_carried(self) -> int | None:
        """The most that a year carries over of what it left to a contingent, either way, in millionths; None without a
        limit, 0 where nothing is carried: not even what whole units alone leave, for anybody (docs/decisions/0009)."""
        return None if self.carry_over == self.CarryOver.FULL else self.carry_over_cap or 0


class Quota(models.Model):
    """The share of the flow that a convention gives one contingent.

    `share` is in millionths of a unit: 250 000 is 25 %. `rank` breaks the very last tie of the routing rule.
    `yearly_units`: when so many units a year are promised instead of a percentage, `share` is what they make of the
    `planned_flow` of the perimeter, and what is due in a year stops there. `declined`: codes of the categories that
    the contingent does not take (`reservations.models.categories`). `grounds`: why it was given, part by part
    (`reservations.models.ground`); what a guarantee gave stops with it.
    """

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="quotas")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="quotas", verbose_name="contingent")
    share = models.PositiveIntegerField("part")
    rank = models.PositiveSmallIntegerField("rang")
    yearly_units = models.PositiveSmallIntegerField("logements par an", null=True, blank=True)
    planned_flow = models.PositiveIntegerField("flux prévu", null=True, blank=True)
    declined = ArrayField(models.CharField(max_length=24), verbose_name="ne prend pas", default=list, blank=True)
    grounds = models.JSONField("fondements", default=list, blank=True, db_default=[])

    class Meta:
        verbose_name = "part réservée"
        verbose_name_plural = "parts réservées"
        ordering = ["convention", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "holder"],
                name="quota_unique_holder",
                violation_error_message="Ce contingent a déjà une part dans cette convention.",
            ),
            models.UniqueConstraint(
                fields=["convention", "rank"],
                name="quota_unique_rank",
                violation_error_message="Deux contingents de cette convention ont le même rang.",
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=UNIT),
                name="quota_share_bounds",
                # Django formats this message with the constraint's name: a percent sign is doubled.
                violation_error_message="Une part va de plus de 0 %% à 100 %%.",
            ),
            models.CheckConstraint(
                condition=Q(yearly_units=None, planned_flow=None)
                | Q(
                    yearly_units__isnull=False,
                    yearly_units__gte=1,
                    planned_flow__isnull=False,
                    planned_flow__gte=F("yearly_units"),
                ),
                name="quota_yearly_units",
                violation_error_message="Un nombre de logements par an se compte sur un flux prévu au moins égal.",
            ),
            models.CheckConstraint(
                condition=Q(declined__contained_by=list(CODES)),
                name="quota_declined_known",
                violation_error_message="Un contingent ne refuse que des catégories connues.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} : {self.percent.normalize():f} %"

    @property
    def percent(self) -> Decimal:
        return percent_of(self.share)


def percent_of(share: int) -> Decimal:
    """The percentage, exact, of a share in millionths."""
    return Decimal(share) * 100 / UNIT


class Delegation(models.Model):
    """Délégation: a commune or an EPCI proposes in the préfet's name on its own territory (CCH, L441-1).

    The units it is given stay debited to the State. `share`: so much of those that fall there, in millionths; without
    days, those of the convention. Never of the contingent of State agents. An EPCI has it « avec l’accord du maire »:
    its day and its reference.
    """

    class Units(models.TextChoices):
        """Which of the State's units the delegation is about."""

        ALL = "ALL", "tous"
        NEW = "NEW", "neufs, à leur première location"
        REHABILITATED = "REHABILITATED", "réhabilités, loués après des travaux"

    quota = models.ForeignKey(Quota, models.CASCADE, related_name="delegations")
    delegate = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="délégataire")
    share = models.PositiveIntegerField("part déléguée", default=UNIT)
    units = models.CharField("logements délégués", max_length=13, choices=Units, default=Units.ALL)
    starts_on = models.DateField("à partir du", null=True, blank=True, help_text="vide : comme la convention")
    ends_on = models.DateField("jusqu’au", null=True, blank=True, help_text="vide : comme la convention")
    accord_on = models.DateField("accord du maire le", null=True, blank=True, help_text="pour une intercommunalité")
    accord_reference = models.CharField("référence de l’accord", max_length=200, blank=True)

    class Meta:
        verbose_name = "délégation du contingent préfectoral"
        verbose_name_plural = "délégations du contingent préfectoral"
        ordering = ["quota", "delegate__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["quota", "delegate"],
                name="delegation_once",
                violation_error_message="Ce contingent est déjà délégué à cette organisation.",
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=UNIT),
                name="delegation_share_bounds",
                violation_error_message="Une part déléguée va de plus de 0 %% à 100 %%.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="delegation_period",
                violation_error_message="La délégation finit avant de commencer : corrigez l’un de ses deux jours.",
            ),
            models.CheckConstraint(
                condition=Q(accord_on=None, accord_reference="") | Q(accord_on__isnull=False) & ~Q(accord_reference=""),
                name="delegation_accord",
                violation_error_message="L’accord du maire porte son jour et sa référence.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quota.holder} par {self.delegate}"
