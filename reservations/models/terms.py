"""What a convention settles besides its shares: how rights are counted, returned, carried over, exercised."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from reservations.models.clauses import Declaration, agreed
from reservations.models.procedure import DAYS_BOUNDS, MOST_DAYS, DelayTerms, ProcedureTerms
from reservations.models.renewal import RenewalTerms


class Side(models.TextChoices):
    """Whose doing a refusal, a return or a step is; what it does to the account depends on it, by convention."""

    APPLICANT = "APPLICANT", "le demandeur"
    HOLDER = "HOLDER", "le réservataire"
    LANDLORD = "LANDLORD", "le bailleur"
    COMMITTEE = "COMMITTEE", "la CALEOL"
    UNIT = "UNIT", "le logement"


#: After whose doing a convention may give a new delay: a holder that takes its own candidates back goes on with the
#: delay it has, and a unit that cannot be let waits for nobody.
RESTARTING = (Side.APPLICANT, Side.COMMITTEE)
#: By whose doing a unit may count as never offered: what its holder gives back was offered to it.
UNOFFERABLE = (Side.APPLICANT, Side.LANDLORD, Side.COMMITTEE, Side.UNIT)


def restarting_sides() -> list[str]:
    """Usage: the holder had candidates, and they were lost by nobody's fault of its own."""
    return [Side.APPLICANT, Side.COMMITTEE]


def unoffered_sides() -> list[str]:
    """Usage: the unit could not be let, or the landlord took it back: the holder was offered nothing."""
    return [Side.LANDLORD, Side.UNIT]


class Terms(DelayTerms, ProcedureTerms, RenewalTerms):
    """The terms of one version of a convention (CCH, R441-5; arrêté of 10 March 2011 for the State's)."""

    class CountingPoint(models.TextChoices):
        """The moment at which a unit counts as received; until then it is in course, and nobody is served in its place
        (docs/decisions/0066)."""

        ROUTED = "ROUTED", "à l’orientation"
        PROPOSED = "PROPOSED", "à la proposition de candidats"
        ALLOCATED = "ALLOCATED", "à l’attribution"
        LEASED = "LEASED", "au bail signé"

    class ReturnsEffect(models.TextChoices):
        """Whether a unit given back still uses the holder's turn."""

        YES = "YES", "compte toujours"
        NO = "NO", "ne compte jamais"
        YES_IF_HOLDER_FAULT = "YES_IF_HOLDER_FAULT", "compte si le réservataire en est la cause"

    class CarryOver(models.TextChoices):
        """What becomes, the next year, of what is still due at the end of one."""

        NONE = "NONE", "aucun report"
        FULL = "FULL", "report entier"
        CAPPED = "CAPPED", "report plafonné"

    class EarlierDues(models.TextChoices):
        """Signed after its first day: what becomes of the units that entered the flow between the two
        (docs/decisions/0118)."""

        SETTLED = "SETTLED", "réglés en une écriture du compte"
        LEFT = "LEFT", "laissés sans règlement"

    class Management(models.TextChoices):
        """Who looks for the candidates of a unit routed to the holder."""

        DIRECT = "DIRECT", "directe : le réservataire propose des candidats"
        DELEGATED = "DELEGATED", "déléguée : le bailleur cherche les candidats"

    class Fallback(models.TextChoices):
        """Where a unit goes when its holder has no candidate; the steps are tried in the convention's order."""

        MAYOR = "MAYOR", "la commune du logement"
        STATE = "STATE", "le préfet"
        NEXT = "NEXT", "le réservataire suivant, selon la règle"
        LANDLORD = "LANDLORD", "le bailleur, pour une location"

    counting_point = agreed(
        models.CharField("point de comptage", max_length=9, choices=CountingPoint, default=CountingPoint.ROUTED),
        Declaration(
            "compte",
            "Un logement compte comme reçu",
            "Dans le compte, au bilan, et d’une année sur l’autre. Jusque-là il est en cours : aucun autre n’est "
            "orienté à sa place, et il redevient dû s’il n’y arrive pas.",
            column="point de comptage",
            filled="À l’orientation, à la proposition de candidats, à l’attribution ou au bail signé.",
            synonyms=("comptage",),
            row="Point de comptage",
        ),
    )
    uniform_communes = agreed(
        models.BooleanField("servi uniformément d’une commune à l’autre", default=False, db_default=False),
        Declaration(
            "compte",
            "Le réservataire est servi uniformément d’une commune à l’autre",
            "Entre réservataires dont le reste dû est voisin, son manque dans la commune du logement compte alors plus "
            "que ceux de toutes les autres catégories réunies : ce qui lui est dû ne change pas, la commune où il le "
            "reçoit, si. Sinon, la commune compte comme la taille ou le financement (État : CCH, R441-5-2, II).",
            column="uniforme entre communes",
            filled="Oui : servi uniformément d’une commune à l’autre (CCH, R441-5-2, II).",
            row="D’une commune à l’autre",
            yes="uniformément",
            no="sans uniformité demandée",
        ),
    )
    returns_effect = agreed(
        models.CharField(
            "effet d’un logement rendu",
            max_length=19,
            choices=ReturnsEffect,
            default=ReturnsEffect.YES_IF_HOLDER_FAULT,
        ),
        Declaration(
            "rendu",
            "Un logement que le réservataire rend sans candidat",
            "S’il compte, le réservataire a eu son tour ; sinon il le retrouve.",
            column="effet d’un logement rendu",
            filled="Compte-t-il dans ce que le réservataire a reçu ?",
            synonyms=("logement rendu",),
            row="Effet d’un logement rendu",
        ),
    )
    returned_cap = agreed(
        models.PositiveIntegerField(
            "reste dû retrouvé après un logement rendu sans compter, au plus",
            null=True,
            blank=True,
            help_text="en millionièmes de logement ; vide : le réservataire retrouve tout son tour",
        ),
        Declaration("rendu", row="Reste dû retrouvé après un logement rendu sans compter"),
    )
    not_offered = agreed(
        ArrayField(
            models.CharField(max_length=9, choices=Side),
            verbose_name="ne compte pas comme proposé si la cause est",
            default=unoffered_sides,
            blank=True,
        ),
        Declaration("rendu", row="Ne compte pas comme proposé"),
    )
    fallback = agreed(
        ArrayField(
            models.CharField(max_length=8, choices=Fallback),
            verbose_name="à défaut de candidat",
            default=list,
            blank=True,
        ),
        Declaration("", row="À défaut de candidat"),
    )
    carry_over = agreed(
        models.CharField("report d’une année sur l’autre", max_length=6, choices=CarryOver, default="NONE"),
        Declaration(
            "report",
            "Ce qui reste dû, ou donné en trop, au 31 décembre",
            "En plus ou en moins, rendu petit à petit l’année suivante. Sans report, rien ne l’est, pas même l’arrondi "
            ": une part de moins d’un logement par an n’en recevrait peut-être aucun. Un report plafonné à 1 logement "
            "garde cet arrondi.",
            column="report",
            filled="Ce qui reste en fin d’année ; un report plafonné se dit sur la page de la convention.",
            synonyms=("report en fin d’année",),
            unfilled=(CarryOver.CAPPED,),
            row="Report d’une année sur l’autre",
        ),
    )
    carry_over_cap = agreed(
        models.PositiveIntegerField(
            "plafond du report", null=True, blank=True, help_text="en millionièmes de logement"
        ),
        Declaration("report"),
    )
    earlier_dues = agreed(
        models.CharField(
            "logements d’avant la signature",
            max_length=7,
            choices=EarlierDues,
            blank=True,
            default=EarlierDues.SETTLED,
            db_default="",
            help_text="vide : la convention, écrite avant que la question ne se pose, n’en dit rien",
        ),
        Declaration(
            "report",
            "Signée après son premier jour, ce que les logements déjà entrés dans le flux lui auraient donné est",
            "À dire dès que le premier jour est passé ; la page de la convention en donne alors le chiffre. Sans "
            "réponse avant ce jour : réglé.",
            column="logements d’avant la signature",
            filled="Signée après son premier jour : réglés en une écriture du compte, ou laissés sans règlement.",
            synonyms=("avant la signature",),
            row="Logements d’avant la signature",
            nothing="rien n’en est dit",
        ),
    )
    first_letting_counts = agreed(
        models.BooleanField("les premières locations comptent dans la part", default=False),
        Declaration(
            "neufs",
            "Les premières locations d’un programme neuf comptent dans la part du flux",
            "Sinon, elles s’ajoutent : chaque programme neuf se partage à part, entre ceux qui le financent.",
            column="première mise en location comptée",
            filled="Oui ou non.",
            synonyms=("neuf compté",),
            row="Premières locations",
            yes="comptent dans la part",
            no="en plus de la part",
        ),
    )
    first_letting_days = agreed(
        models.PositiveSmallIntegerField("délai pour proposer à la première location", null=True, blank=True),
        Declaration(
            "neufs",
            "Jours pour proposer, à la première location",
            "Vide : aucun délai convenu.",
            most=MOST_DAYS,
            bounds=DAYS_BOUNDS,
            column="délai de première mise en location",
            filled="De même.",
            synonyms=("délai neuf",),
            row="Délai à la première location",
        ),
    )
    management = agreed(
        models.CharField("gestion", max_length=9, choices=Management, default=Management.DIRECT),
        Declaration("propose", "La recherche des candidats est", row="Gestion"),
    )
    proposal_days = agreed(
        models.PositiveSmallIntegerField(
            "délai pour proposer", null=True, blank=True, help_text="vide : aucun délai convenu"
        ),
        Declaration(
            "propose",
            "Jours pour proposer des candidats",
            "À compter de l’orientation. Vide : aucun délai convenu. Passé ce délai sans réponse, le logement repart "
            "de lui-même.",
            most=MOST_DAYS,
            bounds=DAYS_BOUNDS,
            column="délai de proposition",
            filled="En jours, comptés comme ci-dessus.",
            synonyms=("délai",),
            row="Délai pour proposer",
        ),
    )
    minimum_candidates = agreed(
        models.PositiveSmallIntegerField("candidats à proposer, au moins", null=True, blank=True),
        Declaration(
            "propose",
            "Candidats à proposer par logement, au moins",
            "La commission en examine trois au moins, sauf insuffisance (CCH, R441-3).",
            most=20,
            bounds="Le nombre de candidats à proposer va de 1 à 20.",
            column="candidats par logement",
            filled="Le nombre demandé.",
            synonyms=("nombre de candidats",),
            row="Candidats à proposer, au moins",
            nothing="aucun minimum convenu",
        ),
    )
    new_candidates_days = agreed(
        models.PositiveSmallIntegerField(
            "nouveau délai après un refus",
            null=True,
            blank=True,
            help_text="vide : le délai ne repart pas",
        ),
        Declaration(
            "propose",
            "Jours pour proposer d’autres candidats, quand il n’en reste aucun",
            "À compter du dernier refus. Vide : le délai ne repart pas, le bailleur rend le logement au flux.",
            most=MOST_DAYS,
            bounds=DAYS_BOUNDS,
            row="Nouveau délai après un refus",
        ),
    )
    clock_restarts = agreed(
        ArrayField(
            models.CharField(max_length=9, choices=Side),
            verbose_name="le délai repart après le refus de",
            default=restarting_sides,
            blank=True,
        ),
        Declaration("propose"),
    )
    articles = models.TextField(
        "préambule et articles libres",
        blank=True,
        help_text="ce que les parties écrivent d’elles-mêmes ; une ligne « Article : titre » commence chaque article",
    )

    class Meta(RenewalTerms.Meta):
        abstract = True
        constraints = [
            *RenewalTerms.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(returned_cap=None) | models.Q(returned_cap__gt=0, returns_effect="NO"),
                name="convention_returned_cap",
                violation_error_message="Un plafond ne porte que sur des logements rendus qui ne comptent jamais.",
            ),
        ]


#: Names of the columns above, but a date of the version: what an amendment may change.
TERMS = tuple(field.name for field in Terms._meta.local_fields if field.name != "term_on")
