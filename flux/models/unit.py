"""The landlord's stock: programmes and units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast

from flux import financing
from reservations.bounds import Bound, Usual
from reservations.bounds import constraints as bounded
from reservations.models import Landlord, ReservationHolder, Territory
from reservations.models.territory import OneOf, within
from reservations.rules import IMPRINTED_AGAIN, IMPRINTED_TOGETHER

if TYPE_CHECKING:
    from reservations.models import Membership

#: The last year of each construction period but the last, where nobody cuts them otherwise (`PeriodCut`).
BOUNDS = (1948, 1974, 1999)
TYPOLOGIES = ("T1", "T2", "T3", "T4", "T5", "T6+")


def typology_of(rooms: int) -> str:
    """T1 to T5, then T6+, from the number of main rooms (CCH, R111-1-1)."""
    return f"T{rooms}" if rooms < 6 else "T6+"


def period_names(bounds: tuple[int, ...] = BOUNDS) -> tuple[str, ...]:
    """« avant 1949 », « 1949-1974 », « depuis 1975 »: the periods that these bounds make, in their order."""
    between = (f"{one + 1}-{other}" for one, other in pairwise(bounds))
    return f"avant {bounds[0] + 1}", *between, f"depuis {bounds[-1] + 1}"


def period_of(year: int | None, bounds: tuple[int, ...] = BOUNDS) -> str:
    """The construction period of a year, or "" when the year is not given."""
    return "" if year is None else period_names(bounds)[sum(year > bound for bound in bounds)]


#: In and out of a priority district, as the profile says it; not given is "".
IN_QPV, OUT_OF_QPV = "en QPV", "hors QPV"


def qpv_of(in_qpv: bool | None) -> str:
    """The category of a unit in this dimension, or "" when it is not given."""
    return "" if in_qpv is None else IN_QPV if in_qpv else OUT_OF_QPV


#: Words that stay small inside a French name, and those that stay capital.
SMALL_WORDS = frozenset(["a", "à", "au", "aux", "de", "des", "du", "en", "et", "la", "le", "les", "sous", "sur"])
CAPITAL_WORDS = frozenset(["HLM", "HBM", "ZAC", "ZUP", "OPAC"])


@lru_cache(maxsize=16_384)
def readable(name: str) -> str:
    """A name that a file writes in capitals, as one reads it: « RUE DE L EUROPE » → « Rue de l’Europe ».

    A name that already has small letters is left as it is; only what is shown changes, never what is stored.
    """
    if name != name.upper():
        return name

    def cased(word: re.Match[str]) -> str:
        text = word[0]
        if text in CAPITAL_WORDS:
            return text
        small = text.lower() in SMALL_WORDS or word.string[word.end() :].startswith("’")
        return text.lower() if word.start() and small else text.capitalize()

    elided = re.sub(r"\b([LD])[ '](?=[AEIOUYÀÂÉÈÊÎÔ])", r"\1’", name)
    return re.sub(r"[^\W\d_]+", cased, elided)


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def visible_to(self, member: Membership) -> ProgrammeQuerySet:
        """Its landlord's staff; of a new programme, the holders that have a share of it, and, once the allotment is
        agreed, the State and the EPCI of its territory."""
        if member.is_administrator:
            return self
        seen = Q(pk__in=[])
        if member.is_landlord:
            seen |= Q(landlord__organisation=member.organisation_id)
        # Each by an index of its own: those of a country are not looked at.
        if member.is_holder:
            shares = apps.get_model("flux", "Allotment")._default_manager  # by name: its module imports this one
            own = shares.filter(holder__organisation=member.organisation_id).order_by().values("programme")
            seen |= Q(OneOf(F("pk"), ArraySubquery(own)))
        if member.is_overseer and member.organisation.territory_id:
            communes = Territory.objects.filter(within(member.organisation.territory_id)).order_by().values("pk")
            seen |= Q(OneOf(F("commune_id"), ArraySubquery(communes)), allotment_agreed_on__isnull=False)
        return self.filter(seen)

    def held_between(self, since: date, until: date) -> ProgrammeQuerySet:
        """Those of their landlord on some day of this period: neither given by its first day, nor received after its
        last one (docs/decisions/0071)."""
        passed = apps.get_model("flux", "TransferredProgramme")._default_manager.filter(becomes__isnull=False)
        gone = passed.filter(programme=OuterRef("pk"), transfer__takes_effect_on__lte=since)
        to_come = passed.filter(becomes=OuterRef("pk"), transfer__takes_effect_on__gt=until)
        return self.filter(~Exists(gone), ~Exists(to_come))


class Programme(models.Model):
    """Programme or résidence: units built together, under one name in one commune.

    A new one is planned before its units exist: `expected_units`, fixed once its allotment is agreed.
    """

    class Attractiveness(models.TextChoices):
        A = "A", "A – très demandé"
        B = "B", "B – demandé"
        C = "C", "C – moins demandé"

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="programmes")
    number = models.PositiveIntegerField("numéro")
    name = models.CharField("nom", max_length=120)
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    attractiveness = models.CharField(
        "attractivité", max_length=1, blank=True, choices=Attractiveness, help_text="selon la grille du bailleur"
    )
    delivered_on = models.DateField("livré le", null=True, blank=True, help_text="prévu ou réel, d’un programme neuf")
    expected_units = models.PositiveSmallIntegerField("logements prévus", null=True, blank=True)
    allotment_agreed_on = models.DateField("répartition convenue le", null=True, blank=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = "programme"
        ordering = ["landlord", "number"]
        constraints = [
            models.UniqueConstraint(fields=["landlord", "number"], name="programme_unique_number"),
            models.UniqueConstraint(
                fields=["landlord", "name", "commune"],
                name="programme_unique_name",
                violation_error_message="Ce bailleur a déjà un programme de ce nom dans cette commune.",
            ),
            models.CheckConstraint(
                condition=Q(allotment_agreed_on=None) | Q(delivered_on__isnull=False, expected_units__gte=1),
                name="programme_agreed_is_planned",
                violation_error_message="Une répartition se convient sur un nombre de logements et une livraison.",
            ),
        ]

    def __str__(self) -> str:
        return readable(self.name)


#: The figures of a unit: what its landlord types, or a file says. Beyond are slips of the keyboard.
UNIT_BOUNDS = (
    Bound("rooms", 1, 99, "Un logement a de 1 à 99 pièces principales."),
    Bound("surface", 1, 2_000, "Une surface va de 1 à 2 000 m², avec deux décimales au plus.", places=2),
    Bound("construction_year", 1000, 2100, "Une année d’achèvement va de 1000 à 2100."),
    Bound("floor", -3, 60, "Un étage va de −3 à 60 ; 0 est le rez-de-chaussée."),
    Bound("rent", 0, 5_000, "Écrivez un montant mensuel de 0 à 5 000 €, avec deux décimales au plus.", places=2),
    Bound("charges", 0, 5_000, "Écrivez un montant mensuel de 0 à 5 000 €, avec deux décimales au plus.", places=2),
)


def unusual_unit(values: Mapping[str, Any], *, today: date) -> dict[str, str]:
    """By column, what is seldom true of a unit among what is stated of it (`Usual`). A surface is that of its rooms."""
    rooms = values.get("rooms") or 1
    usual = (
        Usual("rooms", "{} pièces principales, c’est rare.", most=12),
        Usual("surface", "{} m² pour un T" + str(rooms) + ", c’est rare.", least=9, most=30 + 50 * rooms),
        Usual("construction_year", "Achevé en {}, c’est dans longtemps.", most=today.year + 6),
        Usual("rent", "{} € de loyer par mois, c’est rare dans le parc social.", most=2_500),
        Usual("charges", "{} € de charges par mois, c’est rare.", most=1_500),
        Usual("leased_since", "Un bail en cours depuis le {} n’a pas commencé.", most=today + timedelta(days=62)),
    )
    found = {each.field: each.doubt(values.get(each.field), _written(values.get(each.field))) for each in usual}
    return {field: sentence for field, sentence in found.items() if sentence}


def _written(value: Any) -> str:
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else ""


#: As long as the references of management software are.
LONGEST_REFERENCE = 40
#: What the directory gives (IDENT_REP), or nothing.
RPLS_ID = re.compile(r"[0-9A-Z]*")


class UnitQuerySet(models.QuerySet["Unit"]):
    def visible_to(self, member: Membership) -> UnitQuerySet:
        """The stock belongs to its landlord: its staff open it; a holder opens what is routed to it, or to the State
        that it acts for."""
        if member.landlord is not None:  # of the very type of the column: the index of words has it first
            return self.filter(landlord_id=Cast(Value(member.landlord.pk), BigIntegerField()))
        if member.is_holder:
            return self.filter(readers__organisation=member.organisation_id)
        return self.none()

    def in_stock(self, on: date) -> UnitQuerySet:
        """Those of the stock of their landlord on that day: not sold, nor demolished, nor given to another landlord by
        then, nor received from another one since."""
        received = apps.get_model("flux", "TransferredUnit")._default_manager  # by name: its module imports this one
        to_come = received.filter(becomes=OuterRef("pk"), programme__transfer__takes_effect_on__gt=on)
        return self.filter(Q(left_on=None) | Q(left_on__gt=on), ~Exists(to_come))

    def in_base(self, on: date, *, within_any: int | Iterable[int] | None = None) -> UnitQuerySet:
        """The stock that the flow bears on, on a day (l’assiette): in the stock of its landlord that day, not outside
        what shares bear on (`OutsideFlow`), and in one of these territories (ids) by the borders of that day. The one
        definition of declaring, routing, conversion, forecast, projection and review (docs/decisions/0101)."""
        outside = apps.get_model("flux", "OutsideFlow")._default_manager.in_force(on).filter(unit=OuterRef("pk"))
        found = self.in_stock(on).filter(~Exists(outside))
        return found if within_any is None else found.filter(within(within_any, commune="commune", on=on))


class Unit(models.Model):
    """Logement. Known by its landlord's reference, by its identifier in the RPLS, and by its address there with its
    ordinal. `told_contingent`: what item 63 of the RPLS says, which is a right to check, and reserves nothing."""

    class Left(models.TextChoices):
        OCCUPANT = "OCCUPANT", "vendu à son occupant"
        LANDLORD = "LANDLORD", "vendu à un autre bailleur"
        SOLD = "SOLD", "vendu autrement"
        DEMOLISHED = "DEMOLISHED", "démoli"
        OTHERWISE = "OTHERWISE", "sorti autrement"
        TRANSFERRED = "TRANSFERRED", "cédé à un autre bailleur"

    # Other indexes begin by it.
    landlord = models.ForeignKey(
        Landlord, models.PROTECT, related_name="units", verbose_name="bailleur", db_index=False
    )
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="units")
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name="commune")
    reference = models.CharField("référence", max_length=LONGEST_REFERENCE)
    is_own_reference = models.BooleanField(
        "référence du bailleur", default=False, help_text="non : donnée ici, en attendant la sienne"
    )
    rpls_id = models.CharField("identifiant RPLS", max_length=14, blank=True, help_text="IDENT_REP, dix positions")
    software = models.CharField("logiciel d’origine", max_length=40, blank=True)
    street_number = models.CharField("numéro", max_length=10, blank=True)
    street_index = models.CharField("indice de répétition", max_length=10, blank=True)
    street_type = models.CharField("type de voie", max_length=30, blank=True)
    street_name = models.CharField("nom de voie", max_length=120, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    building = models.CharField("bâtiment", max_length=30, blank=True)
    staircase = models.CharField("escalier", max_length=10, blank=True)
    door = models.CharField("appartement", max_length=15, blank=True)
    ordinal = models.PositiveSmallIntegerField("rang à l’adresse")
    rooms = models.SmallIntegerField("pièces principales")
    surface = models.DecimalField(
        "surface moyenne à l’adresse, m²", max_digits=7, decimal_places=2, null=True, blank=True
    )
    financing_code = models.CharField("financement initial", max_length=2, blank=True)
    in_qpv = models.BooleanField("en quartier prioritaire (QPV)", null=True, blank=True)
    construction_year = models.SmallIntegerField("année d’achèvement", null=True, blank=True)
    is_house = models.BooleanField("individuel", null=True, blank=True)
    energy_class = models.CharField("étiquette énergie", max_length=1, blank=True)
    floor = models.SmallIntegerField("étage", null=True, blank=True, help_text="0 : rez-de-chaussée")
    has_lift = models.BooleanField("ascenseur", null=True, blank=True)
    is_accessible = models.BooleanField("accessible en fauteuil roulant", null=True, blank=True)
    rent = models.DecimalField("loyer mensuel hors charges, €", max_digits=7, decimal_places=2, null=True, blank=True)
    charges = models.DecimalField("charges mensuelles, €", max_digits=7, decimal_places=2, null=True, blank=True)
    leased_since = models.DateField("bail en cours depuis", null=True, blank=True, help_text="RPLS, BAIL : au mois")
    last_offered_on = models.DateField("dernière remise en location", null=True, blank=True, help_text="RPLS, DERLOC")
    told_contingent = models.PositiveSmallIntegerField(
        "contingent dit par le RPLS", null=True, blank=True, help_text="rubrique 63 : un droit à vérifier"
    )
    left_on = models.DateField("sorti du parc, su le", null=True, blank=True)
    left_why = models.CharField("motif de sortie", max_length=11, blank=True, choices=Left)
    is_adapted_plai = models.BooleanField("PLAI adapté", default=False, help_text="subvention de l’article D331-25-1")
    # By which it is searched: kept by the database (flux/sql/unit_words.sql), whatever is written here.
    words = models.TextField(editable=False, blank=True, default="", db_default="")

    objects = UnitQuerySet.as_manager()

    triggers = (IMPRINTED_TOGETHER, IMPRINTED_AGAIN)

    class Meta:
        verbose_name = "logement"
        ordering = ["landlord", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "reference"],
                name="unit_unique_reference",
                violation_error_message="Ce bailleur a déjà un logement de cette référence.",
            ),
            models.UniqueConstraint(
                fields=[
                    "landlord",
                    "commune",
                    "street_number",
                    "street_index",
                    "street_type",
                    "street_name",
                    "ordinal",
                ],
                name="unit_unique_address_ordinal",
                violation_error_message="Un logement de ce rang existe déjà à cette adresse.",
            ),
            models.UniqueConstraint(
                fields=["landlord", "rpls_id"],
                name="unit_unique_rpls_id",
                condition=~Q(rpls_id=""),
                violation_error_message="Ce bailleur a déjà un logement de cet identifiant RPLS.",
            ),
            models.CheckConstraint(
                condition=Q(left_on=None, left_why="") | Q(left_on__isnull=False) & ~Q(left_why=""),
                name="unit_left_with_its_reason",
                violation_error_message="Un logement sort du parc à une date, pour un motif.",
            ),
            *bounded(UNIT_BOUNDS, table="unit"),
        ]
        indexes = [
            GinIndex("landlord", OpClass("words", name="gin_trgm_ops"), name="unit_words"),
            models.Index(fields=["landlord", "programme"], name="unit_of_programme"),
            # Those that the RPLS says reserved: the condition is that of `reported_units`.
            models.Index(
                fields=["landlord", "told_contingent"],
                condition=Q(left_on=None, told_contingent__isnull=False)
                & ~Q(told_contingent=ReservationHolder.Contingent.NOT_RESERVED),
                name="unit_told_reserved",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_sold(self) -> bool:
        """Did it leave the stock otherwise than to another landlord? What was declared before a transfer goes on."""
        return self.left_on is not None and self.left_why != self.Left.TRANSFERRED

    def is_gone(self, on: date) -> bool:
        """Did it leave the stock by that day? As `in_stock` says it, of a unit that was read."""
        return self.left_on is not None and self.left_on <= on

    @property
    def typology(self) -> str:
        return typology_of(self.rooms)

    @property
    def financing_group(self) -> str:
        return financing.group_of(self.financing_code)

    @property
    def qpv(self) -> str:
        return qpv_of(self.in_qpv)

    @property
    def period(self) -> str:
        return period_of(self.construction_year)

    @property
    def place(self) -> str:
        """Where it is at its address: « bâtiment B, escalier 2, porte 21 »."""
        parts = (("bâtiment", self.building), ("escalier", self.staircase), ("porte", self.door))
        return ", ".join(f"{word} {each}" for word, each in parts if each)

    @property
    def address(self) -> str:
        """One line without the commune: « 12 bis rue Voltaire »."""
        street = readable(f"{self.street_type} {self.street_name}".strip())
        if self.street_type:
            street = f"{street[0].lower()}{street[1:]}"
        parts = (self.street_number, self.street_index.lower(), street)
        return " ".join(part for part in parts if part)
