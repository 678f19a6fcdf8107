"""The tables of reservations, with their constraints and their indexes, as ./run squash wrote them.

The migration that makes them is 0700_squashed.py."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import reservations.models.party
import reservations.models.periods
import reservations.models.searched
import reservations.models.terms

TABLES: list[migrations.operations.base.Operation] = [
    django.contrib.postgres.operations.BtreeGistExtension(),
    django.contrib.postgres.operations.TrigramExtension(),
    django.contrib.postgres.operations.BtreeGinExtension(),
    migrations.CreateModel(
        name="Territory",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("REGION", "région"),
                        ("DEPARTEMENT", "département"),
                        ("EPCI", "intercommunalité"),
                        ("EPT", "établissement public territorial"),
                        ("COMMUNE", "commune"),
                        ("DISTRICT", "arrondissement municipal"),
                    ],
                    max_length=12,
                    verbose_name="échelle",
                ),
            ),
            (
                "code",
                models.CharField(
                    help_text="code INSEE, ou SIREN d’un EPCI ou d’un EPT", max_length=9, verbose_name="code"
                ),
            ),
            ("name", models.CharField(max_length=120, verbose_name="nom")),
            ("search_name", models.CharField(editable=False, max_length=120)),
            (
                "region",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                ),
            ),
            (
                "departement",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                ),
            ),
            (
                "epci",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                ),
            ),
            (
                "ept",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                ),
            ),
            (
                "parent_commune",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                ),
            ),
            ("population", models.PositiveIntegerField(blank=True, null=True, verbose_name="population")),
            ("postal_codes", models.JSONField(blank=True, default=list, verbose_name="codes postaux")),
        ],
        options={
            "verbose_name": "territoire",
            "ordering": ["search_name", "kind", "code"],
            "indexes": [
                models.Index(fields=["code"], name="territory_code"),
                models.Index(fields=["search_name"], name="territory_search_name"),
                django.contrib.postgres.indexes.GinIndex(
                    fields=["search_name"], name="territory_words", opclasses=["gin_trgm_ops"]
                ),
                django.contrib.postgres.indexes.GinIndex(
                    fields=["postal_codes"], name="territory_postal_codes", opclasses=["jsonb_path_ops"]
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=("kind", "code"),
                    name="territory_unique_kind_code",
                    violation_error_message="Ce territoire existe déjà : une échelle et un code ne désignent qu’un lieu.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Organisation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "siren",
                models.CharField(
                    max_length=9,
                    unique=True,
                    validators=[reservations.models.party.validate_siren],
                    verbose_name="SIREN",
                ),
            ),
            ("name", models.CharField(max_length=120, verbose_name="nom")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("LANDLORD", "bailleur social"),
                        ("STATE", "service de l’État"),
                        ("ACTION_LOGEMENT", "Action Logement Services"),
                        ("COMMUNE", "commune"),
                        ("EPCI", "intercommunalité"),
                        ("DEPARTEMENT", "département"),
                        ("REGION", "région"),
                        ("OTHER", "autre réservataire"),
                        ("OPERATOR", "exploitant d’Équiflux"),
                    ],
                    max_length=16,
                    verbose_name="nature",
                ),
            ),
            (
                "territory",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="organisations",
                    to="reservations.territory",
                    verbose_name="territoire",
                ),
            ),
            ("closed_on", models.DateField(blank=True, null=True, verbose_name="fermée le")),
            (
                "merged_into",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="merged",
                    to="reservations.organisation",
                    verbose_name="réunie à",
                ),
            ),
            (
                "postal_address",
                models.TextField(blank=True, db_default="", max_length=300, verbose_name="adresse postale"),
            ),
            (
                "article",
                models.CharField(
                    blank=True,
                    choices=[
                        ("", "aucun"),
                        ("d’", "aucun, « de » s’élide : d’"),
                        ("l’", "l’"),
                        ("la", "la"),
                        ("le", "le"),
                        ("les", "les"),
                    ],
                    db_default="",
                    default="",
                    max_length=3,
                    verbose_name="article",
                ),
            ),
        ],
        options={
            "verbose_name": "organisation",
            "ordering": ["name", "siren"],
            "indexes": [
                django.contrib.postgres.indexes.GinIndex(
                    django.contrib.postgres.indexes.OpClass(
                        django.db.models.functions.text.Lower(
                            reservations.models.searched.Folded(
                                django.db.models.functions.comparison.Cast("name", models.TextField())
                            )
                        ),
                        name="gin_trgm_ops",
                    ),
                    name="organisation_words",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("merged_into", None), ("closed_on__isnull", False), _connector="OR"),
                    name="organisation_merged_is_closed",
                    violation_error_message="Une organisation réunie à une autre est fermée : donnez le jour.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("article__in", ("", "d’", "l’", "la", "le", "les"))),
                    name="organisation_article",
                    violation_error_message="L’article d’un nom est le, la, l’, les, d’ ou aucun : choisissez-en un.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Landlord",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "organisation",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="landlord", to="reservations.organisation"
                ),
            ),
            (
                "acronym",
                models.CharField(
                    help_text="en tête des références de logement : RH-03-009",
                    max_length=6,
                    unique=True,
                    verbose_name="sigle",
                ),
            ),
        ],
        options={
            "verbose_name": "bailleur",
            "ordering": ["organisation__name", "pk"],
        },
    ),
    migrations.CreateModel(
        name="ReservationHolder",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="contingents",
                    to="reservations.organisation",
                ),
            ),
            (
                "contingent",
                models.PositiveSmallIntegerField(
                    choices=[
                        (1, "État – agents"),
                        (2, "État – publics prioritaires"),
                        (3, "Action Logement et employeurs"),
                        (4, "collectivités"),
                        (5, "État – réservations conventionnelles"),
                        (6, "autres réservataires"),
                        (7, "Non réservé"),
                    ],
                    verbose_name="contingent",
                ),
            ),
        ],
        options={
            "verbose_name": "réservataire",
            "ordering": ["organisation__name", "-contingent"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("organisation", "contingent"),
                    name="holder_unique_organisation_contingent",
                    violation_error_message="Cette organisation a déjà ce contingent.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("contingent__range", (1, 7))),
                    name="holder_contingent_code",
                    violation_error_message="Le contingent est un code de 1 à 7 (RPLS, rubrique 63).",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Convention",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "counting_point",
                models.CharField(
                    choices=[
                        ("ROUTED", "à l’orientation"),
                        ("PROPOSED", "à la proposition de candidats"),
                        ("ALLOCATED", "à l’attribution"),
                        ("LEASED", "au bail signé"),
                    ],
                    default="ROUTED",
                    max_length=9,
                    verbose_name="point de comptage",
                ),
            ),
            (
                "returns_effect",
                models.CharField(
                    choices=[
                        ("YES", "compte toujours"),
                        ("NO", "ne compte jamais"),
                        ("YES_IF_HOLDER_FAULT", "compte si le réservataire en est la cause"),
                    ],
                    default="YES_IF_HOLDER_FAULT",
                    max_length=19,
                    verbose_name="effet d’un logement rendu",
                ),
            ),
            (
                "proposal_days",
                models.PositiveSmallIntegerField(
                    blank=True, help_text="vide : aucun délai convenu", null=True, verbose_name="délai pour proposer"
                ),
            ),
            (
                "first_letting_days",
                models.PositiveSmallIntegerField(
                    blank=True, null=True, verbose_name="délai pour proposer à la première location"
                ),
            ),
            (
                "minimum_candidates",
                models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="candidats à proposer, au moins"),
            ),
            (
                "carry_over",
                models.CharField(
                    choices=[("NONE", "aucun report"), ("FULL", "report entier"), ("CAPPED", "report plafonné")],
                    default="NONE",
                    max_length=6,
                    verbose_name="report d’une année sur l’autre",
                ),
            ),
            (
                "carry_over_cap",
                models.PositiveIntegerField(
                    blank=True, help_text="en millionièmes de logement", null=True, verbose_name="plafond du report"
                ),
            ),
            (
                "first_letting_counts",
                models.BooleanField(default=False, verbose_name="les premières locations comptent dans la part"),
            ),
            (
                "fallback",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("MAYOR", "la commune du logement"),
                            ("STATE", "le préfet"),
                            ("NEXT", "le réservataire suivant, selon la règle"),
                            ("LANDLORD", "le bailleur, pour une location"),
                        ],
                        max_length=8,
                    ),
                    blank=True,
                    default=list,
                    verbose_name="à défaut de candidat",
                ),
            ),
            (
                "new_candidates_days",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="vide : le délai ne repart pas",
                    null=True,
                    verbose_name="nouveau délai après un refus",
                ),
            ),
            (
                "clock_restarts",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("APPLICANT", "le demandeur"),
                            ("HOLDER", "le réservataire"),
                            ("LANDLORD", "le bailleur"),
                            ("COMMITTEE", "la CALEOL"),
                            ("UNIT", "le logement"),
                        ],
                        max_length=9,
                    ),
                    blank=True,
                    default=reservations.models.terms.restarting_sides,
                    verbose_name="le délai repart après le refus de",
                ),
            ),
            (
                "not_offered",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("APPLICANT", "le demandeur"),
                            ("HOLDER", "le réservataire"),
                            ("LANDLORD", "le bailleur"),
                            ("COMMITTEE", "la CALEOL"),
                            ("UNIT", "le logement"),
                        ],
                        max_length=9,
                    ),
                    blank=True,
                    default=reservations.models.terms.unoffered_sides,
                    verbose_name="ne compte pas comme proposé si la cause est",
                ),
            ),
            ("local_holidays", models.BooleanField(default=False, verbose_name="jours fériés d’Alsace-Moselle")),
            (
                "management",
                models.CharField(
                    choices=[
                        ("DIRECT", "directe : le réservataire propose des candidats"),
                        ("DELEGATED", "déléguée : le bailleur cherche les candidats"),
                    ],
                    default="DIRECT",
                    max_length=9,
                    verbose_name="gestion",
                ),
            ),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="conventions",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="conventions",
                    to="reservations.organisation",
                    verbose_name="signataire",
                ),
            ),
            (
                "perimeter",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="conventions",
                    to="reservations.territory",
                    verbose_name="périmètre",
                ),
            ),
            ("starts_on", models.DateField(verbose_name="début")),
            ("ends_on", models.DateField(verbose_name="fin")),
            (
                "status",
                models.CharField(
                    choices=[
                        ("DRAFT", "brouillon"),
                        ("PROPOSED", "proposée"),
                        ("SIGNED", "signée"),
                        ("AMENDED", "remplacée par un avenant"),
                        ("ENDED", "terminée"),
                        ("TERMINATED", "résiliée"),
                        ("VOID", "sans effet"),
                    ],
                    default="DRAFT",
                    max_length=10,
                    verbose_name="état",
                ),
            ),
            ("proposed_on", models.DateField(blank=True, null=True, verbose_name="proposée le")),
            ("signed_on", models.DateField(blank=True, null=True, verbose_name="signée le")),
            (
                "amends",
                models.OneToOneField(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="amended_by",
                    to="reservations.convention",
                    verbose_name="avenant à",
                ),
            ),
            ("version", models.PositiveSmallIntegerField(default=1, verbose_name="version")),
            (
                "successor",
                models.ForeignKey(
                    blank=True,
                    help_text="qui reprend ce qui reste dû quand la convention finit avant son terme",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="droits repris par",
                ),
            ),
            ("formal_notice_on", models.DateField(blank=True, null=True, verbose_name="mise en demeure le")),
            (
                "prefect_order",
                models.CharField(
                    blank=True,
                    help_text="à défaut de convention de l’État : son numéro et sa date",
                    max_length=200,
                    verbose_name="arrêté du préfet",
                ),
            ),
            (
                "articles",
                models.TextField(
                    blank=True,
                    help_text="ce que les parties écrivent d’elles-mêmes ; une ligne « Article : titre » commence chaque article",
                    verbose_name="préambule et articles libres",
                ),
            ),
            (
                "day_unit",
                models.CharField(
                    choices=[
                        ("WORKING", "jours ouvrés"),
                        ("CALENDAR", "jours calendaires"),
                        ("POSTPONED", "jours calendaires, le dernier reporté s’il est chômé"),
                        ("CLEAR", "jours francs"),
                    ],
                    default="WORKING",
                    max_length=9,
                    verbose_name="jours comptés",
                ),
            ),
            ("august_suspended", models.BooleanField(default=False, verbose_name="le mois d’août ne compte pas")),
            (
                "opens_on",
                models.CharField(
                    choices=[
                        ("NOTICE", "le congé reçu"),
                        ("AVAILABLE", "le logement libre"),
                        ("WORKS", "la fin des travaux"),
                    ],
                    default="NOTICE",
                    max_length=9,
                    verbose_name="ce qui ouvre le flux",
                ),
            ),
            (
                "signal_days",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="vide : aucun délai convenu",
                    null=True,
                    verbose_name="délai pour signaler un logement",
                ),
            ),
            (
                "clauses",
                models.JSONField(
                    blank=True,
                    default=dict,
                    help_text="ce que les parties en écrivent, par matière",
                    verbose_name="clauses de procédure",
                ),
            ),
            (
                "dalo_refusal_said",
                models.BooleanField(default=False, verbose_name="le refus d’un ménage DALO se motive en une phrase"),
            ),
            (
                "file_days",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="vide : aucun délai convenu",
                    null=True,
                    verbose_name="délai pour compléter un dossier",
                ),
            ),
            (
                "outside_publics",
                models.CharField(
                    choices=[("WARNED", "signalé au bailleur, et transmis"), ("REFUSED", "refusé à la transmission")],
                    default="WARNED",
                    max_length=7,
                    verbose_name="hors de ces publics",
                ),
            ),
            (
                "publics",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("DALO", "ménage reconnu prioritaire par la commission de médiation (DALO)"),
                            ("PRIORITY", "ménage prioritaire de l’article L441-1"),
                            ("LABELLED", "ménage labellisé par l’État"),
                            ("FIRST_QUARTILE", "demandeur du premier quartile de ressources"),
                            ("URBAN_RENEWAL", "ménage à reloger d’une opération de renouvellement urbain"),
                            ("STATE_AGENT", "agent civil ou militaire de l’État"),
                        ],
                        max_length=14,
                    ),
                    blank=True,
                    default=list,
                    help_text="vide : tous",
                    verbose_name="publics éligibles",
                ),
            ),
            (
                "notice_months",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="en mois, avant chaque terme",
                    null=True,
                    verbose_name="préavis de non-reconduction",
                ),
            ),
            (
                "renewal_months",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="en mois ; vide : pas de reconduction tacite",
                    null=True,
                    verbose_name="reconduite tacitement pour",
                ),
            ),
            (
                "renewal_times",
                models.PositiveSmallIntegerField(
                    blank=True, help_text="vide : sans limite", null=True, verbose_name="reconductions, au plus"
                ),
            ),
            ("term_on", models.DateField(blank=True, null=True, verbose_name="premier terme")),
            (
                "returned_cap",
                models.PositiveIntegerField(
                    blank=True,
                    help_text="en millionièmes de logement ; vide : le réservataire retrouve tout son tour",
                    null=True,
                    verbose_name="reste dû retrouvé après un logement rendu sans compter, au plus",
                ),
            ),
            (
                "earlier_dues",
                models.CharField(
                    blank=True,
                    choices=[("SETTLED", "réglés en une écriture du compte"), ("LEFT", "laissés sans règlement")],
                    db_default="",
                    default="SETTLED",
                    help_text="vide : la convention, écrite avant que la question ne se pose, n’en dit rien",
                    max_length=7,
                    verbose_name="logements d’avant la signature",
                ),
            ),
            (
                "uniform_communes",
                models.BooleanField(
                    db_default=False, default=False, verbose_name="servi uniformément d’une commune à l’autre"
                ),
            ),
        ],
        options={
            "verbose_name": "convention",
            "ordering": ["-starts_on", "organisation__name", "pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                    name="convention_period",
                    violation_error_message="La convention finit avant de commencer : corrigez l’une des deux dates.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("amends", None), ("version", 1)),
                        models.Q(("amends__isnull", False), ("version__gt", 1)),
                        _connector="OR",
                    ),
                    name="convention_amendment_has_version",
                    violation_error_message="Un avenant porte le numéro de version qui suit celui qu’il modifie.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("carry_over", "CAPPED"), ("carry_over_cap__isnull", False)),
                        models.Q(models.Q(("carry_over", "CAPPED"), _negated=True), ("carry_over_cap", None)),
                        _connector="OR",
                    ),
                    name="convention_carry_over_cap",
                    violation_error_message="Un report plafonné porte son plafond, les autres n’en ont pas.",
                ),
                django.contrib.postgres.constraints.ExclusionConstraint(
                    condition=models.Q(("status__in", ["SIGNED", "AMENDED", "ENDED", "TERMINATED"])),
                    expressions=[
                        ("landlord", "="),
                        ("organisation", "="),
                        ("perimeter", "="),
                        (reservations.models.periods.DateRange("starts_on", "ends_on"), "&&"),
                    ],
                    name="convention_no_overlap",
                    violation_error_message="Une convention signée existe déjà avec cette organisation sur ce périmètre et cette période. Terminez-la d’abord, ou changez les dates.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("prefect_order", ""),
                        models.Q(("amends", None), models.Q(("status__in", ["PROPOSED", "AMENDED"]), _negated=True)),
                        _connector="OR",
                    ),
                    name="convention_order_stands_alone",
                    violation_error_message="Un arrêté du préfet ne se propose ni ne s’amende : enregistrez le nouveau, ou la convention.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("signed_on", None), ("status__in", ["DRAFT", "PROPOSED"])),
                        models.Q(
                            ("signed_on__isnull", False),
                            ("status__in", ["SIGNED", "AMENDED", "ENDED", "TERMINATED", "VOID"]),
                        ),
                        _connector="OR",
                    ),
                    name="convention_signed_has_date",
                    violation_error_message="Une convention signée porte sa date de signature, un projet n’en a pas.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("notice_months", None),
                            ("renewal_months", None),
                            ("renewal_times", None),
                            ("term_on", None),
                        ),
                        models.Q(
                            ("notice_months__gte", 1),
                            ("notice_months__isnull", False),
                            ("renewal_months__gte", 1),
                            ("renewal_months__isnull", False),
                            ("term_on__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="convention_renewal_whole",
                    violation_error_message="Une reconduction tacite dit sa durée, son préavis et son premier terme.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("returned_cap", None),
                        models.Q(("returned_cap__gt", 0), ("returns_effect", "NO")),
                        _connector="OR",
                    ),
                    name="convention_returned_cap",
                    violation_error_message="Un plafond ne porte que sur des logements rendus qui ne comptent jamais.",
                ),
            ],
            "indexes": [models.Index(fields=["organisation", "landlord"], name="convention_of_two")],
        },
    ),
    migrations.CreateModel(
        name="Quota",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "convention",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="quotas", to="reservations.convention"
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="quotas",
                    to="reservations.reservationholder",
                    verbose_name="contingent",
                ),
            ),
            ("share", models.PositiveIntegerField(verbose_name="part")),
            ("rank", models.PositiveSmallIntegerField(verbose_name="rang")),
            ("yearly_units", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="logements par an")),
            ("planned_flow", models.PositiveIntegerField(blank=True, null=True, verbose_name="flux prévu")),
            (
                "declined",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=24), blank=True, default=list, verbose_name="ne prend pas"
                ),
            ),
            ("grounds", models.JSONField(blank=True, db_default=[], default=list, verbose_name="fondements")),
        ],
        options={
            "verbose_name": "part réservée",
            "verbose_name_plural": "parts réservées",
            "ordering": ["convention", "rank"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("convention", "holder"),
                    name="quota_unique_holder",
                    violation_error_message="Ce contingent a déjà une part dans cette convention.",
                ),
                models.UniqueConstraint(
                    fields=("convention", "rank"),
                    name="quota_unique_rank",
                    violation_error_message="Deux contingents de cette convention ont le même rang.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("share__gt", 0), ("share__lte", 1000000)),
                    name="quota_share_bounds",
                    violation_error_message="Une part va de plus de 0 %% à 100 %%.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("planned_flow", None), ("yearly_units", None)),
                        models.Q(
                            ("planned_flow__gte", models.F("yearly_units")),
                            ("planned_flow__isnull", False),
                            ("yearly_units__gte", 1),
                            ("yearly_units__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="quota_yearly_units",
                    violation_error_message="Un nombre de logements par an se compte sur un flux prévu au moins égal.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "declined__contained_by",
                            [
                                "typology:T1",
                                "typology:T2",
                                "typology:T3",
                                "typology:T4",
                                "typology:T5",
                                "typology:T6+",
                                "financing:PLAI",
                                "financing:PLUS",
                                "financing:PLS",
                                "financing:PLI",
                                "financing:AUTRE",
                                "qpv:en QPV",
                                "qpv:hors QPV",
                            ],
                        )
                    ),
                    name="quota_declined_known",
                    violation_error_message="Un contingent ne refuse que des catégories connues.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Delegation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "quota",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="delegations", to="reservations.quota"
                ),
            ),
            (
                "delegate",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="délégataire",
                ),
            ),
            (
                "ends_on",
                models.DateField(
                    blank=True, help_text="vide : comme la convention", null=True, verbose_name="jusqu’au"
                ),
            ),
            ("share", models.PositiveIntegerField(default=1000000, verbose_name="part déléguée")),
            (
                "starts_on",
                models.DateField(
                    blank=True, help_text="vide : comme la convention", null=True, verbose_name="à partir du"
                ),
            ),
            (
                "units",
                models.CharField(
                    choices=[
                        ("ALL", "tous"),
                        ("NEW", "neufs, à leur première location"),
                        ("REHABILITATED", "réhabilités, loués après des travaux"),
                    ],
                    default="ALL",
                    max_length=13,
                    verbose_name="logements délégués",
                ),
            ),
            (
                "accord_on",
                models.DateField(
                    blank=True, help_text="pour une intercommunalité", null=True, verbose_name="accord du maire le"
                ),
            ),
            ("accord_reference", models.CharField(blank=True, max_length=200, verbose_name="référence de l’accord")),
        ],
        options={
            "verbose_name": "délégation du contingent préfectoral",
            "verbose_name_plural": "délégations du contingent préfectoral",
            "ordering": ["quota", "delegate__name"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("quota", "delegate"),
                    name="delegation_once",
                    violation_error_message="Ce contingent est déjà délégué à cette organisation.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("share__gt", 0), ("share__lte", 1000000)),
                    name="delegation_share_bounds",
                    violation_error_message="Une part déléguée va de plus de 0 %% à 100 %%.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("starts_on", None), ("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                    ),
                    name="delegation_period",
                    violation_error_message="La délégation finit avant de commencer : corrigez l’un de ses deux jours.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("accord_on", None), ("accord_reference", "")),
                        models.Q(("accord_on__isnull", False), models.Q(("accord_reference", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="delegation_accord",
                    violation_error_message="L’accord du maire porte son jour et sa référence.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="LegalParameter",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "code",
                models.CharField(
                    choices=[
                        ("STATE_SHARE_MAX", "part maximale de l’État dans le flux, en %"),
                        ("STATE_AGENTS_SHARE_MAX", "dont part maximale des agents de l’État, en %"),
                        ("STATE_OUTSIDE_QPV_MIN", "part minimale de l’État hors QPV, sauf accord, en %"),
                        ("GUARANTEE_SHARE_MAX", "part maximale des droits pour garantie d’emprunt, en %"),
                        ("GUARANTEE_EXTENSION_YEARS", "prolongation après l’emprunt garanti, en années"),
                        ("DEROGATION_MONTHS_MAX", "durée maximale d’une dérogation préfectorale, en mois"),
                        ("TERMINATION_NOTICE_MONTHS", "délai entre mise en demeure et résiliation par l’État, en mois"),
                        ("MINIMUM_CANDIDATES", "candidats à examiner par logement, au moins"),
                        ("PROPOSAL_DAYS", "délai d’usage pour proposer des candidats, en jours ouvrés"),
                        ("FIRST_LETTING_DAYS", "délai d’usage à la première location, en jours ouvrés"),
                        ("FORECAST_DUE", "jour limite du prévisionnel et du bilan (mois × 100 + jour)"),
                        ("FLOW_REQUIRED", "convention en flux exigée de tout réservataire (1 : oui)"),
                        ("EXPIRY_WARNING_DAYS", "alerte avant la fin d’un droit ou d’une convention, en jours"),
                        ("RIGHT_END_DAYS", "délai avant de solder le compte d’un droit terminé, en jours"),
                        ("OFFER_DAYS_MIN", "délai de réponse du demandeur à une offre, en jours, au moins"),
                        ("COMMITTEE_MEMBERS", "membres de la CALEOL désignés par le bailleur"),
                        ("RETENTION_MONTHS", "conservation des données nominatives après la radiation, en mois"),
                        ("ACCESS_LOG_MONTHS", "conservation du journal des consultations nominatives, en mois"),
                        (
                            "MINUTES_READ_MONTHS",
                            "lecture des dossiers par les membres de la CALEOL après le procès-verbal, en mois",
                        ),
                        ("UNCONFIRMED_FILE_DAYS", "conservation d’un fichier donné et jamais confirmé, en jours"),
                        ("SMALL_CELL", "effectif sous lequel un décompte de ménages est groupé, en ménages"),
                        ("DORMANT_MONTHS", "fermeture d’un compte dont personne ne se sert, en mois"),
                        ("DORMANT_WARNING_DAYS", "avertissement avant cette fermeture, en jours"),
                        ("PROOF_MINUTES", "durée d’une identité prouvée pour signer ou donner des droits, en minutes"),
                        ("HOLDING_BACK_DAYS", "délai d’alerte entre le congé et l’enregistrement, en jours"),
                        ("REMARK_DAYS", "délai pour répondre à une remarque sur un bilan, en jours ouvrés"),
                        ("SPARE_ROOMS_MAX", "pièces de plus que d’occupants, au-delà : sous-occupation"),
                        ("AREA_ALONE_MIN", "surface pour une personne seule, en m², au moins"),
                        ("AREA_OF_TWO_MIN", "surface pour deux personnes, en m², au moins"),
                        ("AREA_OF_EACH_MIN", "surface pour chaque personne de plus, en m², au moins"),
                        ("AREA_MIN_MOST", "surface demandée au plus, quel que soit le nombre, en m²"),
                    ],
                    max_length=32,
                    verbose_name="paramètre",
                ),
            ),
            ("value", models.DecimalField(decimal_places=4, max_digits=9, verbose_name="valeur")),
            ("starts_on", models.DateField(verbose_name="en vigueur depuis le")),
            ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
            ("source", models.CharField(help_text="article, décret ou arrêté", max_length=200, verbose_name="source")),
        ],
        options={
            "verbose_name": "paramètre de droit",
            "verbose_name_plural": "paramètres de droit",
            "ordering": ["code", "-starts_on"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                    name="legal_parameter_period",
                    violation_error_message="La date de fin précède la date de début.",
                ),
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[("code", "="), (reservations.models.periods.DateRange("starts_on", "ends_on"), "&&")],
                    name="legal_parameter_no_overlap",
                    violation_error_message="Deux valeurs de ce paramètre se chevauchent dans le temps.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Derogation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="derogations",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            (
                "departement",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="département",
                ),
            ),
            (
                "code",
                models.CharField(
                    choices=[
                        ("STATE_SHARE_MAX", "part maximale de l’État dans le flux, en %"),
                        ("STATE_AGENTS_SHARE_MAX", "dont part maximale des agents de l’État, en %"),
                        ("STATE_OUTSIDE_QPV_MIN", "part minimale de l’État hors QPV, sauf accord, en %"),
                        ("GUARANTEE_SHARE_MAX", "part maximale des droits pour garantie d’emprunt, en %"),
                        ("GUARANTEE_EXTENSION_YEARS", "prolongation après l’emprunt garanti, en années"),
                        ("DEROGATION_MONTHS_MAX", "durée maximale d’une dérogation préfectorale, en mois"),
                        ("TERMINATION_NOTICE_MONTHS", "délai entre mise en demeure et résiliation par l’État, en mois"),
                        ("MINIMUM_CANDIDATES", "candidats à examiner par logement, au moins"),
                        ("PROPOSAL_DAYS", "délai d’usage pour proposer des candidats, en jours ouvrés"),
                        ("FIRST_LETTING_DAYS", "délai d’usage à la première location, en jours ouvrés"),
                        ("FORECAST_DUE", "jour limite du prévisionnel et du bilan (mois × 100 + jour)"),
                        ("FLOW_REQUIRED", "convention en flux exigée de tout réservataire (1 : oui)"),
                        ("EXPIRY_WARNING_DAYS", "alerte avant la fin d’un droit ou d’une convention, en jours"),
                        ("RIGHT_END_DAYS", "délai avant de solder le compte d’un droit terminé, en jours"),
                        ("OFFER_DAYS_MIN", "délai de réponse du demandeur à une offre, en jours, au moins"),
                        ("COMMITTEE_MEMBERS", "membres de la CALEOL désignés par le bailleur"),
                        ("RETENTION_MONTHS", "conservation des données nominatives après la radiation, en mois"),
                        ("ACCESS_LOG_MONTHS", "conservation du journal des consultations nominatives, en mois"),
                        (
                            "MINUTES_READ_MONTHS",
                            "lecture des dossiers par les membres de la CALEOL après le procès-verbal, en mois",
                        ),
                        ("UNCONFIRMED_FILE_DAYS", "conservation d’un fichier donné et jamais confirmé, en jours"),
                        ("SMALL_CELL", "effectif sous lequel un décompte de ménages est groupé, en ménages"),
                        ("DORMANT_MONTHS", "fermeture d’un compte dont personne ne se sert, en mois"),
                        ("DORMANT_WARNING_DAYS", "avertissement avant cette fermeture, en jours"),
                        ("PROOF_MINUTES", "durée d’une identité prouvée pour signer ou donner des droits, en minutes"),
                        ("HOLDING_BACK_DAYS", "délai d’alerte entre le congé et l’enregistrement, en jours"),
                        ("REMARK_DAYS", "délai pour répondre à une remarque sur un bilan, en jours ouvrés"),
                        ("SPARE_ROOMS_MAX", "pièces de plus que d’occupants, au-delà : sous-occupation"),
                        ("AREA_ALONE_MIN", "surface pour une personne seule, en m², au moins"),
                        ("AREA_OF_TWO_MIN", "surface pour deux personnes, en m², au moins"),
                        ("AREA_OF_EACH_MIN", "surface pour chaque personne de plus, en m², au moins"),
                        ("AREA_MIN_MOST", "surface demandée au plus, quel que soit le nombre, en m²"),
                    ],
                    max_length=32,
                    verbose_name="plafond levé",
                ),
            ),
            (
                "value",
                models.DecimalField(decimal_places=4, max_digits=7, verbose_name="plafond de la dérogation, en %"),
            ),
            ("starts_on", models.DateField(verbose_name="début")),
            ("ends_on", models.DateField(verbose_name="fin")),
            (
                "order",
                models.CharField(
                    help_text="numéro et date de l’arrêté préfectoral", max_length=200, verbose_name="arrêté"
                ),
            ),
        ],
        options={
            "verbose_name": "dérogation préfectorale",
            "verbose_name_plural": "dérogations préfectorales",
            "ordering": ["landlord", "departement", "-starts_on"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                    name="derogation_period",
                    violation_error_message="La dérogation finit avant de commencer : corrigez l’une des deux dates.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("code__in", ["STATE_SHARE_MAX", "STATE_AGENTS_SHARE_MAX"])),
                    name="derogation_of_a_cap",
                    violation_error_message="Une dérogation lève l’un des deux plafonds de la part de l’État.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("value__gt", 0), ("value__lte", 100)),
                    name="derogation_value",
                    violation_error_message="Un plafond va de plus de 0 %% à 100 %%.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="User",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("password", models.CharField(max_length=128, verbose_name="password")),
            ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
            ("email", models.EmailField(max_length=254, verbose_name="adresse électronique")),
            ("full_name", models.CharField(max_length=120, verbose_name="nom ou service")),
            ("is_active", models.BooleanField(default=True, verbose_name="peut se connecter")),
            (
                "must_change_password",
                models.BooleanField(
                    default=False,
                    help_text="une autre personne l’a tapé, donc le connaît",
                    verbose_name="doit changer son mot de passe",
                ),
            ),
            (
                "told_up_to",
                models.BigIntegerField(
                    default=0,
                    help_text="dernier acte sur son compte que la personne dit avoir lu",
                    verbose_name="a lu l’historique jusqu’à",
                ),
            ),
        ],
        options={
            "verbose_name": "personne",
            "ordering": ["full_name", "pk"],
            "indexes": [
                models.Index(
                    condition=models.Q(("password__startswith", "pbkdf2_")), fields=["id"], name="user_old_password"
                )
            ],
            "constraints": [
                models.UniqueConstraint(
                    django.db.models.functions.text.Lower("email"),
                    name="user_unique_email",
                    violation_error_message="Une personne utilise déjà cette adresse électronique.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Membership",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="memberships",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="memberships",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
            (
                "role",
                models.CharField(
                    choices=[
                        ("LANDLORD_STAFF", "chargé d’attribution"),
                        ("LANDLORD_MANAGER", "responsable chez le bailleur"),
                        ("HOLDER_STAFF", "réservataire"),
                        ("HOLDER_MANAGER", "responsable chez le réservataire"),
                        ("EPCI_OFFICER", "agent de l’intercommunalité"),
                        ("STATE_OFFICER", "agent de l’État"),
                        ("ADMINISTRATOR", "administrateur"),
                    ],
                    max_length=16,
                    verbose_name="rôle",
                ),
            ),
        ],
        options={
            "verbose_name": "appartenance",
            "ordering": ["organisation__name", "role", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("user", "organisation", "role"),
                    name="membership_unique",
                    violation_error_message="Cette personne a déjà ce rôle dans cette organisation.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="SignedDocument",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "convention",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="documents",
                    to="reservations.convention",
                    verbose_name="convention",
                ),
            ),
            ("name", models.CharField(max_length=200, verbose_name="nom du fichier")),
            ("content_type", models.CharField(max_length=60, verbose_name="nature")),
            ("content", models.BinaryField(verbose_name="contenu")),
            ("size", models.PositiveIntegerField(verbose_name="taille, octets")),
            ("sha256", models.CharField(max_length=64, verbose_name="empreinte SHA-256")),
            (
                "attached_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="joint par",
                ),
            ),
            ("attached_at", models.DateTimeField(auto_now_add=True, verbose_name="joint le")),
            (
                "paper",
                models.CharField(
                    choices=[
                        ("CONVENTION", "convention signée"),
                        ("DENUNCIATION", "lettre de dénonciation"),
                        ("NOTICE", "mise en demeure"),
                        ("TERMINATION", "décision de résiliation"),
                        ("ENDING", "accord de fin, ou arrêté qui abroge"),
                    ],
                    db_default="CONVENTION",
                    default="CONVENTION",
                    max_length=12,
                    verbose_name="papier",
                ),
            ),
        ],
        options={
            "verbose_name": "pièce signée",
            "verbose_name_plural": "pièces signées",
            "ordering": ["convention", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("convention", "sha256"),
                    name="signed_document_once",
                    violation_error_message="Ce fichier est déjà joint à cette convention.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="HistoryEntry",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("subject", models.CharField(max_length=60, verbose_name="objet")),
            ("subject_id", models.BigIntegerField()),
            (
                "act",
                models.CharField(
                    choices=[
                        ("RECORDED", "enregistrement"),
                        ("EDITED", "modification"),
                        ("PROPOSED", "proposition au signataire"),
                        ("WITHDRAWN", "retrait de la proposition"),
                        ("PARTY_SIGNED", "signature d’une partie"),
                        ("SIGNED", "signature"),
                        ("AMENDED", "remplacement par un avenant"),
                        ("FORMAL_NOTICE", "mise en demeure"),
                        ("DENOUNCED", "dénonciation : ne sera pas reconduite"),
                        ("NOT_DENOUNCED", "dénonciation retirée"),
                        ("PAUSE_ASKED", "suspension proposée"),
                        ("PAUSE_ACCORD", "accord d’une partie sur la suspension"),
                        ("PAUSED", "suspension convenue"),
                        ("PAUSE_DROPPED", "suspension retirée avant d’être convenue"),
                        ("LIFT_ASKED", "levée de la suspension proposée"),
                        ("LIFTED", "suspension levée plus tôt"),
                        ("END_ASKED", "fin proposée à chaque partie"),
                        ("END_ACCORD", "accord d’une partie sur la fin"),
                        ("END_DROPPED", "fin retirée avant d’être convenue"),
                        ("VOIDED", "sans effet avant d’avoir commencé"),
                        ("ENDED", "fin avancée"),
                        ("TERMINATED", "résiliation"),
                        ("DISCARDED", "suppression du brouillon"),
                        ("ATTACHED", "ajout d’une pièce signée"),
                        ("CONVERTED", "conversion en flux"),
                        ("IMPORTED", "import d’un fichier"),
                        ("SENT", "envoi"),
                        ("AGREED", "accord sur la répartition"),
                        ("CANCELLED", "annulation"),
                        ("GRANTED", "rôle donné"),
                        ("REVOKED", "rôle retiré"),
                        ("PASSWORD", "mot de passe changé"),
                        ("INVITED", "invitation"),
                        ("CLOSED", "fermeture"),
                        ("MERGED", "réunion à une autre organisation"),
                        ("WARNED", "avertissement avant fermeture"),
                        ("REVIEWED", "revue des personnes"),
                        ("ADDRESS", "changement d’adresse électronique"),
                        ("FACTOR", "second facteur ajouté"),
                        ("FACTOR_GONE", "second facteur retiré"),
                        ("SIGNED_IN", "première connexion avec un mot de passe donné"),
                        ("LOCKED", "connexions suspendues après trop d’essais"),
                    ],
                    max_length=13,
                    verbose_name="acte",
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    blank=True,
                    help_text="vide : un délai s’est écoulé, ou une commande du serveur a agi",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="par",
                ),
            ),
            ("at", models.DateTimeField(auto_now_add=True, verbose_name="le")),
            ("why", models.TextField(blank=True, verbose_name="pourquoi")),
            ("details", models.JSONField(blank=True, default=dict)),
            (
                "organisations",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.BigIntegerField(), blank=True, null=True, verbose_name="organisations concernées"
                ),
            ),
        ],
        options={
            "verbose_name": "acte de l’historique",
            "verbose_name_plural": "actes de l’historique",
            "ordering": ["pk"],
            "indexes": [
                models.Index(fields=["subject", "subject_id"], name="history_subject"),
                django.contrib.postgres.indexes.GinIndex(
                    condition=models.Q(("organisations__isnull", False)),
                    fields=["organisations"],
                    name="history_organisations",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="StockRight",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="stock_rights",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            (
                "reference",
                models.CharField(
                    blank=True,
                    help_text="convention ou délibération d’origine",
                    max_length=60,
                    verbose_name="référence du titre",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="stock_rights",
                    to="reservations.reservationholder",
                    verbose_name="réservataire",
                ),
            ),
            (
                "ground",
                models.CharField(
                    choices=[
                        ("LOAN_GUARANTEE", "garantie d’emprunt"),
                        ("LAND", "apport de terrain"),
                        ("FUNDING", "apport de financement"),
                        ("STATE", "droit de l’État"),
                        ("DEFENCE", "défense nationale"),
                        ("INTERNAL_SECURITY", "sécurité intérieure"),
                        ("PUBLIC_HEALTH", "établissement public de santé"),
                        ("UNCONVERTED", "droit antérieur non encore converti en flux"),
                    ],
                    max_length=20,
                    verbose_name="fondement",
                ),
            ),
            ("starts_on", models.DateField(verbose_name="début")),
            ("ends_on", models.DateField(blank=True, null=True, verbose_name="fin")),
            (
                "use",
                models.CharField(
                    choices=[("RECURRING", "droit de suite"), ("SINGLE", "droit unique")],
                    default="RECURRING",
                    max_length=9,
                    verbose_name="usage",
                ),
            ),
            ("loan_ends_on", models.DateField(blank=True, null=True, verbose_name="fin de l’emprunt garanti")),
            (
                "extension_years",
                models.PositiveSmallIntegerField(
                    blank=True, null=True, verbose_name="années de prolongation après l’emprunt"
                ),
            ),
            (
                "converted_in",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="converted_rights",
                    to="reservations.convention",
                    verbose_name="converti par",
                ),
            ),
        ],
        options={
            "verbose_name": "droit en stock",
            "verbose_name_plural": "droits en stock",
            "ordering": ["landlord", "holder", "starts_on"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                    name="stock_right_period",
                    violation_error_message="Le droit finit avant de commencer : corrigez l’une des deux dates.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("reference", ""), _negated=True),
                    fields=("landlord", "reference"),
                    name="stock_right_unique_reference",
                    violation_error_message="Ce bailleur a déjà un droit en stock de cette référence.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("extension_years", None), ("loan_ends_on", None)),
                        models.Q(
                            ("extension_years__isnull", False),
                            ("ground", "LOAN_GUARANTEE"),
                            ("loan_ends_on__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="stock_right_loan",
                    violation_error_message="La fin de l’emprunt et sa prolongation vont ensemble, pour une garantie d’emprunt seulement.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="TerritoryLink",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("REGION", "région"),
                        ("DEPARTEMENT", "département"),
                        ("EPCI", "intercommunalité"),
                        ("EPT", "établissement public territorial"),
                        ("PARENT_COMMUNE", "commune de l’arrondissement"),
                        ("MERGED", "réunie à"),
                    ],
                    max_length=14,
                    verbose_name="nature",
                ),
            ),
            ("since", models.DateField(verbose_name="à compter du")),
            ("until", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
            ("source", models.CharField(blank=True, max_length=120, verbose_name="source")),
            (
                "container",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="linked", to="reservations.territory"
                ),
            ),
            (
                "territory",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="links", to="reservations.territory"
                ),
            ),
        ],
        options={
            "verbose_name": "rattachement",
            "ordering": ["territory", "kind", "since"],
            "constraints": [
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[
                        ("territory", "="),
                        ("kind", "="),
                        (reservations.models.periods.DateRange("since", "until"), "&&"),
                    ],
                    name="territory_link_once_at_a_time",
                    violation_error_message="Un territoire n’est que d’un seul autre de cette nature à la fois.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                    name="territory_link_period",
                    violation_error_message="Un rattachement finit après avoir commencé.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="TerritoryName",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=120, verbose_name="nom")),
            ("since", models.DateField(verbose_name="à compter du")),
            ("source", models.CharField(blank=True, max_length=120, verbose_name="source")),
            (
                "territory",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="names", to="reservations.territory"
                ),
            ),
        ],
        options={
            "verbose_name": "nom de territoire",
            "verbose_name_plural": "noms de territoires",
            "ordering": ["territory", "since"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("territory", "since"),
                    name="territory_name_since",
                    violation_error_message="Un territoire n’a qu’un nom à compter d’un jour.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Invitation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("email", models.EmailField(max_length=254, verbose_name="adresse électronique")),
            ("full_name", models.CharField(max_length=120, verbose_name="nom ou service")),
            (
                "role",
                models.CharField(
                    blank=True,
                    choices=[
                        ("LANDLORD_STAFF", "chargé d’attribution"),
                        ("LANDLORD_MANAGER", "responsable chez le bailleur"),
                        ("HOLDER_STAFF", "réservataire"),
                        ("HOLDER_MANAGER", "responsable chez le réservataire"),
                        ("EPCI_OFFICER", "agent de l’intercommunalité"),
                        ("STATE_OFFICER", "agent de l’État"),
                        ("ADMINISTRATOR", "administrateur"),
                    ],
                    max_length=16,
                    verbose_name="rôle",
                ),
            ),
            ("digest", models.CharField(max_length=64, unique=True, verbose_name="empreinte de la clé")),
            ("made_at", models.DateTimeField(verbose_name="le")),
            ("ends_at", models.DateTimeField(verbose_name="vaut jusqu’au")),
            ("taken_at", models.DateTimeField(blank=True, null=True, verbose_name="prise le")),
            ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="retirée le")),
            (
                "made_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="par",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="invitations",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
            (
                "taken_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="prise par",
                ),
            ),
        ],
        options={
            "verbose_name": "invitation",
            "ordering": ["-pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("organisation", None), ("role", "")),
                        models.Q(("organisation__isnull", False), models.Q(("role", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="invitation_role_in_organisation",
                    violation_error_message="Une invitation donne un rôle dans une organisation, ou un mot de passe.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("taken_at", None), ("taken_by", None)),
                        models.Q(("taken_at__isnull", False), ("taken_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="invitation_taken_by_somebody",
                    violation_error_message="Une invitation prise l’est par une personne.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("ends_at__gt", models.F("made_at"))),
                    name="invitation_period",
                    violation_error_message="Une invitation finit après avoir commencé.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="FileImport",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=30, verbose_name="nature")),
            ("name", models.CharField(max_length=200, verbose_name="nom du fichier")),
            ("size", models.PositiveIntegerField(verbose_name="taille, octets")),
            ("sha256", models.CharField(max_length=64, verbose_name="empreinte SHA-256")),
            ("header", models.JSONField(default=list, verbose_name="noms des colonnes")),
            (
                "first_line",
                models.PositiveIntegerField(default=0, verbose_name="ligne après laquelle les données commencent"),
            ),
            ("mapping", models.JSONField(default=dict, verbose_name="place de chaque colonne reconnue")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("CHOSEN", "colonnes à reconnaître"),
                        ("CHECKING", "vérification en cours"),
                        ("CHECKED", "vérifié, à confirmer"),
                        ("WRITING", "écriture en cours"),
                        ("DONE", "importé"),
                        ("REFUSED", "fichier refusé"),
                        ("DROPPED", "abandonné"),
                    ],
                    default="CHOSEN",
                    max_length=8,
                    verbose_name="état",
                ),
            ),
            ("total", models.PositiveIntegerField(blank=True, null=True, verbose_name="lignes du fichier")),
            ("cursor", models.PositiveIntegerField(default=0, verbose_name="dernière ligne vérifiée")),
            ("new", models.PositiveIntegerField(default=0, verbose_name="nouveaux")),
            ("changed", models.PositiveIntegerField(default=0, verbose_name="modifiés")),
            ("same", models.PositiveIntegerField(default=0, verbose_name="inchangés")),
            ("refused", models.PositiveIntegerField(default=0, verbose_name="lignes refusées")),
            ("warned", models.PositiveIntegerField(default=0, verbose_name="lignes à regarder")),
            ("topics", models.JSONField(default=dict, verbose_name="ce que le fichier dit encore")),
            ("mark", models.CharField(blank=True, max_length=64, verbose_name="état de la base à la vérification")),
            ("moved", models.BooleanField(default=False, verbose_name="la base a changé depuis la vérification")),
            ("failure", models.CharField(blank=True, max_length=500, verbose_name="pourquoi il a échoué")),
            ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
            ("given_at", models.DateTimeField(auto_now_add=True, verbose_name="donné le")),
            ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmé le")),
            ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="écrit le")),
            (
                "confirmed_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="confirmé par",
                ),
            ),
            (
                "given_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="donné par",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
            (
                "totals",
                models.JSONField(db_default={}, default=dict, verbose_name="ce qui sera écrit, par réservataire"),
            ),
            ("written", models.PositiveIntegerField(db_default=0, default=0, verbose_name="lignes écrites")),
        ],
        options={
            "verbose_name": "import de fichier",
            "verbose_name_plural": "imports de fichiers",
            "ordering": ["-pk"],
            "indexes": [
                models.Index(fields=["organisation", "-id"], name="file_import_of"),
                models.Index(
                    condition=models.Q(("state__in", ["CHECKING", "WRITING"])),
                    fields=["id"],
                    name="file_import_at_work",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("size__lte", 157286400)),
                    name="file_import_size",
                    violation_error_message="Le fichier dépasse 150 Mo : coupez-le en plusieurs fichiers.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ImportedLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("line", models.PositiveIntegerField(verbose_name="ligne")),
            ("key", models.CharField(max_length=200, verbose_name="ce qui la reconnaît")),
            (
                "verdict",
                models.CharField(
                    choices=[("NEW", "nouveau"), ("CHANGED", "modifié"), ("SAME", "inchangé"), ("REFUSED", "refusé")],
                    max_length=7,
                    verbose_name="verdict",
                ),
            ),
            ("target", models.BigIntegerField(blank=True, null=True, verbose_name="ce dont elle parle")),
            ("cells", models.JSONField(verbose_name="cellules")),
            ("remarks", models.JSONField(default=list, verbose_name="remarques")),
            ("changes", models.JSONField(default=dict, verbose_name="changements")),
            (
                "file_import",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="lines_checked",
                    to="reservations.fileimport",
                    verbose_name="import",
                ),
            ),
            (
                "named",
                models.JSONField(db_default={}, default=dict, verbose_name="qui et quels lieux ses cellules nomment"),
            ),
        ],
        options={
            "verbose_name": "ligne importée",
            "verbose_name_plural": "lignes importées",
            "ordering": ["file_import", "line"],
            "indexes": [
                models.Index(fields=["file_import", "key"], name="imported_line_key"),
                models.Index(
                    condition=models.Q(("target__isnull", False)),
                    fields=["file_import", "target"],
                    name="imported_line_target",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=("file_import", "line"),
                    name="imported_line_once",
                    violation_error_message="Cette ligne est déjà vérifiée.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ColumnMapping",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=30, verbose_name="nature")),
            ("names", models.JSONField(default=dict, verbose_name="nom que le fichier donne à chaque colonne")),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
        ],
        options={
            "verbose_name": "correspondance de colonnes",
            "verbose_name_plural": "correspondances de colonnes",
            "ordering": ["organisation", "kind"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("organisation", "kind"),
                    name="column_mapping_once",
                    violation_error_message="Les colonnes de ces fichiers ont déjà leur correspondance.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="CapReading",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "reading",
                models.CharField(
                    choices=[
                        ("OVER_YEARS", "sur les années de la convention"),
                        ("IN_YEAR", "strictement dans l’année"),
                    ],
                    max_length=10,
                    verbose_name="lecture",
                ),
            ),
            ("starts_on", models.DateField(verbose_name="à compter du")),
            (
                "source",
                models.CharField(
                    help_text="article de la convention, arrêté du préfet", max_length=200, verbose_name="source"
                ),
            ),
            (
                "departement",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="département",
                ),
            ),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
        ],
        options={
            "verbose_name": "lecture du plafond de l’État",
            "verbose_name_plural": "lectures du plafond de l’État",
            "ordering": ["landlord", "departement", "-starts_on"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("landlord", "departement", "starts_on"),
                    name="cap_reading_once",
                    violation_error_message="Une lecture commence déjà ce jour-là : choisissez un autre jour.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ApiToken",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=80, verbose_name="logiciel")),
            (
                "role",
                models.CharField(
                    choices=[
                        ("LANDLORD_STAFF", "chargé d’attribution"),
                        ("LANDLORD_MANAGER", "responsable chez le bailleur"),
                        ("HOLDER_STAFF", "réservataire"),
                        ("HOLDER_MANAGER", "responsable chez le réservataire"),
                        ("EPCI_OFFICER", "agent de l’intercommunalité"),
                        ("STATE_OFFICER", "agent de l’État"),
                        ("ADMINISTRATOR", "administrateur"),
                    ],
                    max_length=16,
                    verbose_name="rôle",
                ),
            ),
            (
                "scopes",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("READ", "lire les logements libérés, les comptes et le parc"),
                            ("NOTICES", "enregistrer et annuler des avis de congé"),
                            ("UNITS", "créer et corriger des logements"),
                            ("ROUTINGS", "confirmer ou modifier des orientations"),
                            ("PROPOSALS", "proposer des candidats et suivre leurs étapes"),
                            ("BALANCES", "lire les bilans annuels"),
                        ],
                        max_length=12,
                    ),
                    verbose_name="droits",
                ),
            ),
            ("prefix", models.CharField(max_length=16, unique=True, verbose_name="début du jeton")),
            ("digest", models.CharField(max_length=64, verbose_name="empreinte")),
            ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="créé le")),
            ("expires_on", models.DateField(verbose_name="valable jusqu’au")),
            ("last_used_on", models.DateField(blank=True, null=True, verbose_name="dernier usage")),
            ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="révoqué le")),
            (
                "made_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="créé par",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="api_tokens",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
            (
                "revoked_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="révoqué par",
                ),
            ),
        ],
        options={
            "verbose_name": "jeton d’accès",
            "verbose_name_plural": "jetons d’accès",
            "ordering": ["-pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("revoked_at", None), ("revoked_by", None)),
                        models.Q(("revoked_at__isnull", False), ("revoked_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="token_revoked_by_somebody",
                    violation_error_message="Un jeton révoqué porte la date et la personne qui l’a révoqué.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("scopes", []), _negated=True),
                    name="token_has_scopes",
                    violation_error_message="Choisissez au moins un droit pour ce jeton.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ApiCall",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField(auto_now_add=True, verbose_name="le")),
            ("method", models.CharField(max_length=6, verbose_name="méthode")),
            ("path", models.CharField(max_length=200, verbose_name="adresse")),
            ("key", models.CharField(blank=True, max_length=255, verbose_name="clé d’idempotence")),
            ("asked", models.CharField(max_length=64, verbose_name="empreinte de la demande")),
            ("status", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="réponse")),
            ("answer", models.TextField(blank=True, verbose_name="contenu de la réponse")),
            ("headers", models.JSONField(blank=True, default=dict, verbose_name="en-têtes de la réponse")),
            (
                "token",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="calls",
                    to="reservations.apitoken",
                    verbose_name="jeton",
                ),
            ),
        ],
        options={
            "verbose_name": "acte par l’API",
            "verbose_name_plural": "actes par l’API",
            "ordering": ["-pk"],
            "indexes": [
                models.Index(
                    condition=models.Q(("key", ""), _negated=True), fields=["at"], name="api_call_kept_answers"
                )
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("key", ""), _negated=True),
                    fields=("token", "key"),
                    name="api_call_once_a_key",
                    violation_error_message="Cette clé d’idempotence a déjà servi pour ce jeton.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Archive",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("asked_at", models.DateTimeField(verbose_name="demandée le")),
            ("made_at", models.DateTimeField(blank=True, null=True, verbose_name="prête le")),
            ("size", models.PositiveIntegerField(default=0, verbose_name="taille, octets")),
            ("counts", models.JSONField(blank=True, default=dict, verbose_name="lignes par tableau")),
            (
                "asked_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="demandée par",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="archives",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
        ],
        options={
            "verbose_name": "archive d’une organisation",
            "verbose_name_plural": "archives d’organisations",
            "ordering": ["-pk"],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("made_at", None)),
                    fields=("organisation",),
                    name="archive_one_at_a_time",
                    violation_error_message="Une archive de votre organisation se prépare déjà : attendez-la.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="RefusedAddress",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("address", models.CharField(max_length=254, unique=True, verbose_name="adresse")),
            ("at", models.DateTimeField(verbose_name="le")),
            ("said", models.CharField(blank=True, max_length=300, verbose_name="ce qui a été répondu")),
        ],
        options={
            "verbose_name": "adresse refusée",
            "verbose_name_plural": "adresses refusées",
            "ordering": ["-at"],
        },
    ),
    migrations.CreateModel(
        name="Mail",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("address", models.EmailField(max_length=254, verbose_name="adresse")),
            (
                "identifier",
                models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="identifiant"),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("PENDING", "à envoyer"),
                        ("SENT", "remis"),
                        ("REFUSED", "refusé par la messagerie"),
                        ("GIVEN_UP", "abandonné après plusieurs essais"),
                        ("DROPPED", "plus rien à dire"),
                    ],
                    default="PENDING",
                    max_length=8,
                    verbose_name="état",
                ),
            ),
            ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
            ("made_at", models.DateTimeField(verbose_name="écrit le")),
            ("next_at", models.DateTimeField(verbose_name="prochain essai")),
            ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="fini le")),
            (
                "user",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="mails",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
        ],
        options={
            "verbose_name": "courriel",
            "verbose_name_plural": "courriels",
            "ordering": ["-pk"],
            "indexes": [
                models.Index(condition=models.Q(("state", "PENDING")), fields=["next_at"], name="mail_due"),
                models.Index(fields=["ended_at"], name="mail_ended"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("ended_at", None), ("state", "PENDING")),
                        models.Q(models.Q(("state", "PENDING"), _negated=True), ("ended_at__isnull", False)),
                        _connector="OR",
                    ),
                    name="mail_ended_when_not_pending",
                    violation_error_message="Un courriel qui n’attend plus dit depuis quand.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="MailAttempt",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField(verbose_name="le")),
            ("status", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="réponse")),
            ("said", models.CharField(blank=True, max_length=300, verbose_name="ce qui a été répondu")),
            (
                "mail",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="attempts",
                    to="reservations.mail",
                    verbose_name="courriel",
                ),
            ),
        ],
        options={
            "verbose_name": "essai de remise",
            "verbose_name_plural": "essais de remise",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="MailChoice",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "units",
                models.CharField(
                    choices=[
                        ("AT_ONCE", "tout de suite"),
                        ("DAILY", "une fois par jour"),
                        ("WEEKLY", "une fois par semaine"),
                        ("NEVER", "jamais"),
                    ],
                    default="DAILY",
                    max_length=7,
                    verbose_name="logements et candidats",
                ),
            ),
            (
                "balances",
                models.CharField(
                    choices=[
                        ("AT_ONCE", "tout de suite"),
                        ("DAILY", "une fois par jour"),
                        ("WEEKLY", "une fois par semaine"),
                        ("NEVER", "jamais"),
                    ],
                    default="DAILY",
                    max_length=7,
                    verbose_name="bilans et règles",
                ),
            ),
            (
                "files",
                models.CharField(
                    choices=[
                        ("AT_ONCE", "tout de suite"),
                        ("DAILY", "une fois par jour"),
                        ("WEEKLY", "une fois par semaine"),
                        ("NEVER", "jamais"),
                    ],
                    default="AT_ONCE",
                    max_length=7,
                    verbose_name="imports et contrôles",
                ),
            ),
            (
                "hour",
                models.PositiveSmallIntegerField(
                    default=8, validators=[django.core.validators.MaxValueValidator(23)], verbose_name="heure"
                ),
            ),
            (
                "day",
                models.PositiveSmallIntegerField(
                    choices=[
                        (0, "lundi"),
                        (1, "mardi"),
                        (2, "mercredi"),
                        (3, "jeudi"),
                        (4, "vendredi"),
                        (5, "samedi"),
                        (6, "dimanche"),
                    ],
                    default=0,
                    verbose_name="jour",
                ),
            ),
            (
                "user",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="mail_choice",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
        ],
        options={
            "verbose_name": "choix de courriels",
            "verbose_name_plural": "choix de courriels",
            "ordering": ["pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("day__lte", 6), ("hour__lte", 23)),
                    name="mail_choice_moment",
                    violation_error_message="Choisissez une heure de 0 à 23, et un jour de la semaine.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="MailFact",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=30, verbose_name="fait")),
            ("subject", models.BigIntegerField(verbose_name="numéro")),
            ("at", models.DateTimeField(verbose_name="le")),
            ("spread_at", models.DateTimeField(blank=True, null=True, verbose_name="réparti le")),
        ],
        options={
            "verbose_name": "fait à dire",
            "verbose_name_plural": "faits à dire",
            "ordering": ["pk"],
            "indexes": [
                models.Index(condition=models.Q(("spread_at", None)), fields=["id"], name="mail_fact_to_spread")
            ],
        },
    ),
    migrations.CreateModel(
        name="MailItem",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "address",
                models.EmailField(
                    blank=True, help_text="sinon celle de la personne", max_length=254, verbose_name="adresse"
                ),
            ),
            ("kind", models.CharField(max_length=30, verbose_name="nature")),
            (
                "family",
                models.CharField(
                    blank=True,
                    choices=[
                        ("units", "logements et candidats"),
                        ("balances", "bilans et règles"),
                        ("files", "imports et contrôles"),
                    ],
                    max_length=8,
                    verbose_name="famille",
                ),
            ),
            ("about", models.CharField(blank=True, max_length=60, verbose_name="objet")),
            ("subject", models.CharField(max_length=200, verbose_name="sujet")),
            ("says", models.JSONField(blank=True, default=list, verbose_name="phrases")),
            ("link", models.CharField(blank=True, max_length=300, verbose_name="lien")),
            ("label", models.CharField(blank=True, max_length=80, verbose_name="libellé du lien")),
            ("secret", models.BooleanField(default=False, verbose_name="à effacer une fois remis")),
            ("made_at", models.DateTimeField(verbose_name="écrit le")),
            ("due_at", models.DateTimeField(verbose_name="à dire le")),
            (
                "dropped",
                models.CharField(
                    blank=True,
                    choices=[
                        ("DONE", "c’est fait"),
                        ("UNWANTED", "information non voulue"),
                        ("REFUSED", "adresse refusée par la messagerie"),
                        ("OLD", "trop ancien"),
                    ],
                    max_length=8,
                    verbose_name="pourquoi il n’est pas dit",
                ),
            ),
            (
                "mail",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="items",
                    to="reservations.mail",
                    verbose_name="courriel",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="pour le compte de",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
        ],
        options={
            "verbose_name": "chose à dire",
            "verbose_name_plural": "choses à dire",
            "ordering": ["pk"],
            "indexes": [
                models.Index(
                    condition=models.Q(("dropped", ""), ("mail", None)), fields=["due_at"], name="mail_item_waiting"
                )
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("about", ""), _negated=True),
                    fields=("user", "kind", "about"),
                    name="mail_item_once",
                    violation_error_message="Cela est déjà dit à cette personne.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("user__isnull", False), models.Q(("address", ""), _negated=True), _connector="OR"
                    ),
                    name="mail_item_to_somebody",
                    violation_error_message="Un courriel va à une personne, ou à une adresse.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="AddressChange",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("old", models.EmailField(max_length=254, verbose_name="ancienne adresse")),
            ("new", models.EmailField(max_length=254, verbose_name="nouvelle adresse")),
            (
                "old_digest",
                models.CharField(max_length=64, unique=True, verbose_name="empreinte de la clé de l’ancienne"),
            ),
            (
                "new_digest",
                models.CharField(max_length=64, unique=True, verbose_name="empreinte de la clé de la nouvelle"),
            ),
            ("old_said_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmé à l’ancienne")),
            ("new_said_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmé à la nouvelle")),
            ("asked_at", models.DateTimeField(verbose_name="demandé le")),
            ("ends_at", models.DateTimeField(verbose_name="vaut jusqu’au")),
            ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="fait le")),
            ("dropped_at", models.DateTimeField(blank=True, null=True, verbose_name="abandonné le")),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="address_changes",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
        ],
        options={
            "verbose_name": "changement d’adresse",
            "verbose_name_plural": "changements d’adresse",
            "ordering": ["-pk"],
        },
    ),
    migrations.CreateModel(
        name="PasswordRequest",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("email", models.CharField(max_length=254, verbose_name="adresse électronique")),
            ("asked_at", models.DateTimeField(verbose_name="demandé le")),
            ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="traité le")),
        ],
        options={
            "verbose_name": "mot de passe perdu",
            "verbose_name_plural": "mots de passe perdus",
            "ordering": ["pk"],
            "indexes": [
                models.Index(condition=models.Q(("done_at", None)), fields=["id"], name="password_request_waiting")
            ],
        },
    ),
    migrations.CreateModel(
        name="PeopleReview",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField(verbose_name="le")),
            ("reviewed", models.JSONField(default=list, verbose_name="personnes et rôles vus")),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="par",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="reviews",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
        ],
        options={
            "verbose_name": "revue des personnes",
            "verbose_name_plural": "revues des personnes",
            "ordering": ["-pk"],
        },
    ),
    migrations.CreateModel(
        name="RecoveryCode",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("digest", models.CharField(max_length=64, unique=True, verbose_name="empreinte")),
            ("made_at", models.DateTimeField(verbose_name="fait le")),
            ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="pris le")),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="recovery_codes",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
        ],
        options={
            "verbose_name": "code de secours",
            "verbose_name_plural": "codes de secours",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="Session",
        fields=[
            (
                "session_key",
                models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
            ),
            ("session_data", models.TextField(verbose_name="session data")),
            ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
            (
                "user",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="sessions",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
        ],
        options={
            "verbose_name": "session ouverte",
            "verbose_name_plural": "sessions ouvertes",
            "ordering": ["-expire_date", "session_key"],
            "abstract": False,
        },
    ),
    migrations.CreateModel(
        name="Identity",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("issuer", models.CharField(max_length=200, verbose_name="fournisseur")),
            ("subject", models.CharField(max_length=255, verbose_name="identifiant chez lui")),
            ("added_at", models.DateTimeField(verbose_name="depuis le")),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="identities",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
        ],
        options={
            "verbose_name": "identité ProConnect",
            "verbose_name_plural": "identités ProConnect",
            "ordering": ["pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("issuer", "subject"),
                    name="identity_one_person",
                    violation_error_message="Cette identité est déjà celle d’une personne.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="SecondFactor",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[("CODES", "application de codes"), ("PASSKEY", "clé d’accès")],
                    max_length=7,
                    verbose_name="sorte",
                ),
            ),
            ("name", models.CharField(max_length=60, verbose_name="nom")),
            ("secret", models.BinaryField(blank=True, default=b"", verbose_name="secret chiffré")),
            ("last_step", models.BigIntegerField(default=0, verbose_name="dernier code pris")),
            (
                "credential",
                models.BinaryField(blank=True, null=True, unique=True, verbose_name="identifiant de la clé"),
            ),
            ("public_key", models.BinaryField(blank=True, default=b"", verbose_name="clé publique")),
            ("sign_count", models.BigIntegerField(default=0, verbose_name="usages de la clé")),
            ("added_at", models.DateTimeField(verbose_name="ajouté le")),
            ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="dernier usage")),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="second_factors",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
        ],
        options={
            "verbose_name": "second facteur",
            "verbose_name_plural": "seconds facteurs",
            "ordering": ["pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("credential", None), ("kind", "CODES"), models.Q(("secret", b""), _negated=True)),
                        models.Q(
                            ("credential__isnull", False),
                            ("kind", "PASSKEY"),
                            models.Q(("public_key", b""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="second_factor_whole",
                    violation_error_message="Un second facteur est une application de codes, ou une clé d’accès.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="SignIn",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField(verbose_name="le")),
            (
                "door",
                models.CharField(
                    choices=[("PASSWORD", "mot de passe"), ("LINK", "lien d’invitation"), ("PROCONNECT", "ProConnect")],
                    max_length=10,
                    verbose_name="par",
                ),
            ),
            (
                "factor",
                models.CharField(
                    choices=[
                        ("NONE", "sans second facteur"),
                        ("CODES", "code d’une application"),
                        ("PASSKEY", "clé d’accès"),
                        ("RECOVERY", "code de secours"),
                        ("PROVIDER", "second facteur de ProConnect"),
                    ],
                    default="NONE",
                    max_length=8,
                    verbose_name="second facteur",
                ),
            ),
            ("address", models.GenericIPAddressField(blank=True, null=True, verbose_name="adresse")),
            ("browser", models.CharField(blank=True, max_length=200, verbose_name="navigateur")),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="sign_ins",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
        ],
        options={
            "verbose_name": "connexion",
            "ordering": ["-pk"],
            "indexes": [models.Index(fields=["at"], name="sign_in_at")],
        },
    ),
    migrations.CreateModel(
        name="Nickname",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("said", models.CharField(max_length=120, verbose_name="ce que ses fichiers écrivent")),
            ("key", models.CharField(max_length=120, verbose_name="sans accents ni majuscules")),
            ("at", models.DateTimeField(auto_now_add=True, verbose_name="dit le")),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="dit par",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="réservataire",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
            (
                "place",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="lieu",
                ),
            ),
        ],
        options={
            "verbose_name": "surnom dans les fichiers",
            "verbose_name_plural": "surnoms dans les fichiers",
            "ordering": ["organisation", "key"],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("holder__isnull", False)),
                    fields=("organisation", "key"),
                    name="nickname_once",
                    violation_error_message="Ce nom est déjà retenu : oubliez-le d’abord, pour dire quelqu’un d’autre.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("place__isnull", False)),
                    fields=("organisation", "key"),
                    name="nickname_of_place_once",
                    violation_error_message="Ce nom est déjà retenu : oubliez-le d’abord, pour dire un autre lieu.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("holder__isnull", True), ("place__isnull", True), _connector="XOR"),
                    name="nickname_of_one",
                    violation_error_message="Un nom désigne un réservataire, ou un lieu : l’un des deux.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="FilePart",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.PositiveIntegerField(verbose_name="rang")),
            ("content", models.BinaryField(verbose_name="contenu")),
            (
                "file_import",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="parts",
                    to="reservations.fileimport",
                    verbose_name="import",
                ),
            ),
        ],
        options={
            "verbose_name": "morceau de fichier",
            "verbose_name_plural": "morceaux de fichiers",
            "ordering": ["file_import", "number"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("file_import", "number"),
                    name="file_part_once",
                    violation_error_message="Ce morceau de fichier est déjà gardé.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ImprintedTable",
        fields=[
            ("name", models.CharField(max_length=63, primary_key=True, serialize=False, verbose_name="table")),
            (
                "columns",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=63), verbose_name="colonnes"
                ),
            ),
        ],
        options={
            "verbose_name": "table à empreintes",
            "verbose_name_plural": "tables à empreintes",
            "ordering": ["name"],
        },
    ),
    migrations.CreateModel(
        name="Imprint",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("table_name", models.CharField(max_length=63, verbose_name="table")),
            ("row_id", models.BigIntegerField(verbose_name="ligne")),
            ("digest", models.BinaryField(max_length=32, null=True, verbose_name="empreinte")),
            ("chain", models.BigIntegerField(null=True, verbose_name="chaîne")),
            ("position", models.BigIntegerField(null=True, verbose_name="rang dans la chaîne")),
            ("link", models.BinaryField(max_length=32, null=True, verbose_name="maillon")),
            ("at", models.DateTimeField(verbose_name="le")),
        ],
        options={
            "verbose_name": "empreinte",
            "ordering": ["pk"],
            "indexes": [
                models.Index(fields=["table_name", "row_id", "id"], name="imprint_row"),
                models.Index(fields=["chain", "position"], name="imprint_position"),
                models.Index(condition=models.Q(("chain", None)), fields=["id"], name="imprint_unlinked"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ServiceNotice",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=80, verbose_name="nom du service")),
            ("publisher", models.CharField(max_length=300, verbose_name="éditeur")),
            ("director", models.CharField(max_length=120, verbose_name="directeur de la publication")),
            ("host", models.CharField(max_length=300, verbose_name="hébergeur")),
            ("officer", models.CharField(max_length=200, verbose_name="délégué à la protection des données")),
            ("contact", models.CharField(max_length=200, verbose_name="contact")),
            ("at", models.DateTimeField(verbose_name="le")),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="par",
                ),
            ),
        ],
        options={
            "verbose_name": "mentions du service",
            "verbose_name_plural": "mentions du service",
            "ordering": ["-pk"],
        },
    ),
    migrations.CreateModel(
        name="Unconfirmed",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("subject", models.CharField(max_length=60, verbose_name="objet")),
            ("subject_id", models.BigIntegerField()),
            ("would_confirm", models.CharField(max_length=300, verbose_name="ce qui le confirmerait")),
            ("confirmed_on", models.DateField(blank=True, null=True, verbose_name="confirmé le")),
            ("source", models.CharField(blank=True, max_length=200, verbose_name="lu dans")),
            (
                "confirmed_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="confirmé par",
                ),
            ),
        ],
        options={
            "verbose_name": "valeur à confirmer",
            "verbose_name_plural": "valeurs à confirmer",
            "ordering": ["pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("subject", "subject_id"),
                    name="unconfirmed_once",
                    violation_error_message="Cette valeur est déjà dite à confirmer.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("confirmed_by", None), ("confirmed_on", None), ("source", "")),
                        models.Q(
                            ("confirmed_by__isnull", False),
                            ("confirmed_on__isnull", False),
                            models.Q(("source", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="unconfirmed_said_whole",
                    violation_error_message="Une confirmation dit le jour, la personne et le texte lu.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Signatory",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("signed_on", models.DateField(blank=True, null=True, verbose_name="signée le")),
            (
                "means",
                models.CharField(
                    blank=True,
                    choices=[
                        ("ACCOUNT", "sur son compte"),
                        ("PAPER", "sur papier, pièce jointe"),
                        ("FILE", "sur papier, reprise d’un fichier"),
                        ("BEFORE", "avant que chaque partie signe ici"),
                        ("SUCCESSION", "par l’organisation à laquelle elle succède"),
                    ],
                    max_length=10,
                    verbose_name="comment",
                ),
            ),
            (
                "signer",
                models.CharField(
                    blank=True, help_text="nom et qualité de la personne", max_length=120, verbose_name="signataire"
                ),
            ),
            (
                "convention",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="signatories",
                    to="reservations.convention",
                    verbose_name="convention",
                ),
            ),
            (
                "document",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.signeddocument",
                    verbose_name="pièce",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="partie",
                ),
            ),
            (
                "signed_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="enregistrée par",
                ),
            ),
            (
                "denounced_on",
                models.DateField(
                    blank=True,
                    help_text="jour où elle a dit que la convention ne serait pas reconduite",
                    null=True,
                    verbose_name="dénoncée le",
                ),
            ),
        ],
        options={
            "verbose_name": "partie signataire",
            "verbose_name_plural": "parties signataires",
            "ordering": ["convention", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("convention", "organisation"),
                    name="signatory_once",
                    violation_error_message="Cette organisation signe déjà cette convention.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("document", None), ("means", ""), ("signed_by", None), ("signed_on", None), ("signer", "")
                        ),
                        models.Q(("signed_on__isnull", False), models.Q(("means", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="signatory_signature_whole",
                    violation_error_message="Une signature dit son jour et comment elle est venue.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("means", "PAPER"), _negated=True),
                        models.Q(("document__isnull", False), models.Q(("signer", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="signatory_paper_is_kept",
                    violation_error_message="Une signature sur papier garde la pièce et le nom du signataire.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("means", "ACCOUNT"), _negated=True),
                        models.Q(("signed_by__isnull", False), models.Q(("signer", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="signatory_account_is_named",
                    violation_error_message="Une signature sur un compte dit de qui.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("denounced_on", None), ("signed_on__isnull", False), _connector="OR"),
                    name="signatory_denounces_what_it_signed",
                    violation_error_message="Une partie ne dénonce que ce qu’elle a signé.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Rate",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "categories",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=24), blank=True, default=list, verbose_name="catégories"
                ),
            ),
            ("first_letting", models.BooleanField(blank=True, null=True, verbose_name="première location")),
            ("since_year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="à partir de l’année")),
            ("share", models.PositiveIntegerField(verbose_name="part")),
            (
                "quota",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="rates",
                    to="reservations.quota",
                    verbose_name="part réservée",
                ),
            ),
            (
                "territory",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="territoire",
                ),
            ),
            ("grounds", models.JSONField(blank=True, db_default=[], default=list, verbose_name="fondements")),
        ],
        options={
            "verbose_name": "taux particulier",
            "verbose_name_plural": "taux particuliers",
            "ordering": ["quota", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("quota", "territory", "categories", "first_letting", "since_year"),
                    name="rate_once",
                    nulls_distinct=False,
                    violation_error_message="Deux taux de ce contingent valent pour les mêmes logements : gardez-en un.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("share__lte", 1000000)),
                    name="rate_share_bounds",
                    violation_error_message="Un taux va de 0 %% à 100 %%.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "categories__contained_by",
                            [
                                "typology:T1",
                                "typology:T2",
                                "typology:T3",
                                "typology:T4",
                                "typology:T5",
                                "typology:T6+",
                                "financing:PLAI",
                                "financing:PLUS",
                                "financing:PLS",
                                "financing:PLI",
                                "financing:AUTRE",
                                "qpv:en QPV",
                                "qpv:hors QPV",
                            ],
                        )
                    ),
                    name="rate_categories_known",
                    violation_error_message="Un taux vaut pour des catégories connues.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("territory__isnull", False),
                        models.Q(("categories", []), _negated=True),
                        ("first_letting__isnull", False),
                        ("since_year__isnull", False),
                        _connector="OR",
                    ),
                    name="rate_has_condition",
                    violation_error_message="Un taux particulier dit pour quels logements il vaut.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Pause",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("starts_on", models.DateField(verbose_name="premier jour")),
            (
                "ends_on",
                models.DateField(
                    blank=True, help_text="vide : levée avant son premier jour", null=True, verbose_name="dernier jour"
                ),
            ),
            ("why", models.CharField(max_length=500, verbose_name="motif")),
            (
                "status",
                models.CharField(
                    choices=[
                        ("PROPOSED", "proposée"),
                        ("AGREED", "convenue"),
                        ("WITHDRAWN", "retirée"),
                        ("SHORTENED", "levée plus tôt"),
                    ],
                    default="PROPOSED",
                    max_length=10,
                    verbose_name="état",
                ),
            ),
            ("proposed_on", models.DateField(verbose_name="proposée le")),
            (
                "agreed_on",
                models.DateField(blank=True, help_text="jour du dernier accord", null=True, verbose_name="convenue le"),
            ),
            (
                "carried_from",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="carried_to",
                    to="reservations.pause",
                    verbose_name="reprise de",
                ),
            ),
            (
                "convention",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="pauses",
                    to="reservations.convention",
                    verbose_name="convention",
                ),
            ),
            (
                "proposed_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="proposée par",
                ),
            ),
            (
                "shortens",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="shortened_by",
                    to="reservations.pause",
                    verbose_name="raccourcit",
                ),
            ),
            ("is_final", models.BooleanField(db_default=False, default=False, verbose_name="met fin à la convention")),
            (
                "successor",
                models.ForeignKey(
                    blank=True,
                    help_text="qui reprendrait ce qui reste dû le jour de la fin",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="droits repris par",
                ),
            ),
        ],
        options={
            "verbose_name": "suspension",
            "ordering": ["starts_on", "pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("agreed_on", None), ("status__in", ["PROPOSED", "WITHDRAWN"])),
                        models.Q(("agreed_on__isnull", False), ("status__in", ["AGREED", "SHORTENED"])),
                        _connector="OR",
                    ),
                    name="pause_agreed_has_day",
                    violation_error_message="Une suspension convenue porte le jour du dernier accord.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("why", ""), _negated=True),
                    name="pause_says_why",
                    violation_error_message="Une suspension dit son motif.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("status", "PROPOSED")),
                    fields=("convention",),
                    name="pause_one_proposed",
                    violation_error_message="Une suspension ou une fin de cette convention est déjà proposée : acceptez-la, ou retirez-la d’abord.",
                ),
                django.contrib.postgres.constraints.ExclusionConstraint(
                    condition=models.Q(("ends_on__isnull", False), ("status", "AGREED")),
                    expressions=[
                        ("convention", "="),
                        (reservations.models.periods.DateRange("starts_on", "ends_on"), "&&"),
                    ],
                    name="pause_no_overlap",
                    violation_error_message="La convention est déjà suspendue ces jours-là : choisissez d’autres jours.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("ends_on", None), ("is_final", True), ("shortens", None)),
                        models.Q(
                            ("is_final", False),
                            ("successor", None),
                            models.Q(
                                models.Q(("ends_on", None), ("shortens__isnull", False)),
                                models.Q(("ends_on__gte", models.F("starts_on")), ("ends_on__isnull", False)),
                                _connector="OR",
                            ),
                        ),
                        _connector="OR",
                    ),
                    name="pause_period",
                    violation_error_message="La suspension finit avant de commencer : corrigez l’un de ses deux jours.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PauseAccord",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("agreed_on", models.DateField(verbose_name="d’accord le")),
            (
                "means",
                models.CharField(
                    choices=[
                        ("ACCOUNT", "sur son compte"),
                        ("PAPER", "sur papier, pièce jointe"),
                        ("FILE", "sur papier, reprise d’un fichier"),
                        ("CARRIED", "déjà donné, pour la version précédente"),
                        ("SUCCESSION", "par l’organisation à laquelle elle succède"),
                    ],
                    max_length=10,
                    verbose_name="comment",
                ),
            ),
            (
                "signer",
                models.CharField(
                    blank=True, help_text="nom et qualité de la personne", max_length=120, verbose_name="signataire"
                ),
            ),
            (
                "agreed_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="enregistré par",
                ),
            ),
            (
                "document",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.signeddocument",
                    verbose_name="pièce",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="partie",
                ),
            ),
            (
                "pause",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="accords",
                    to="reservations.pause",
                    verbose_name="suspension",
                ),
            ),
        ],
        options={
            "verbose_name": "accord sur une suspension",
            "verbose_name_plural": "accords sur une suspension",
            "ordering": ["pause", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("pause", "organisation"),
                    name="pause_accord_once",
                    violation_error_message="Cette organisation a déjà donné son accord.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("means", "PAPER"), _negated=True),
                        models.Q(("document__isnull", False), models.Q(("signer", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="pause_accord_paper_is_kept",
                    violation_error_message="Un accord sur papier garde la pièce et le nom du signataire.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="KeptElsewhere",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[("BALANCE", "bilan"), ("MINUTES", "procès-verbal")], max_length=7, verbose_name="nature"
                ),
            ),
            ("exercise", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="exercice")),
            ("held_on", models.DateField(verbose_name="envoyé le, ou séance du")),
            ("sealed_on", models.DateField(blank=True, null=True, verbose_name="scellé le")),
            (
                "readers",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=9), default=list, verbose_name="SIREN de ceux qui l’ont reçu"
                ),
            ),
            ("said", models.JSONField(default=dict, verbose_name="ce que sa liste en dit")),
            ("kept_in", models.CharField(max_length=120, verbose_name="tenu dans")),
            ("name", models.CharField(max_length=200, verbose_name="nom du fichier")),
            ("content_type", models.CharField(max_length=60, verbose_name="format")),
            ("content", models.BinaryField(verbose_name="contenu")),
            ("size", models.PositiveIntegerField(verbose_name="taille, octets")),
            ("sha256", models.CharField(max_length=64, verbose_name="empreinte SHA-256")),
            ("brought_at", models.DateTimeField(verbose_name="donné le")),
            (
                "brought_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="donné par",
                ),
            ),
            (
                "departement",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="département",
                ),
            ),
            (
                "keeper",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="gardé par",
                ),
            ),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
        ],
        options={
            "verbose_name": "papier tenu ailleurs",
            "verbose_name_plural": "papiers tenus ailleurs",
            "ordering": ["-held_on", "-pk"],
            "indexes": [models.Index(fields=["landlord", "kind", "-held_on"], name="kept_elsewhere_of")],
            "constraints": [
                models.UniqueConstraint(
                    fields=("keeper", "kind", "sha256"),
                    name="kept_elsewhere_once",
                    violation_error_message="Ce papier est déjà gardé ici.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("departement__isnull", False), ("exercise__isnull", False), ("kind", "BALANCE")),
                        models.Q(("departement", None), ("exercise", None), ("kind", "MINUTES"), ("readers", [])),
                        _connector="OR",
                    ),
                    name="kept_elsewhere_whole",
                    violation_error_message="Un bilan a son département et son exercice ; un procès-verbal, ni l’un ni l’autre, et personne ne l’a reçu.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                    name="kept_elsewhere_sealed",
                    violation_error_message="L’empreinte d’un papier est celle de ses octets.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ArchivePart",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.PositiveIntegerField(verbose_name="rang")),
            ("content", models.BinaryField(verbose_name="contenu")),
            (
                "archive",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="parts",
                    to="reservations.archive",
                    verbose_name="archive",
                ),
            ),
        ],
        options={
            "verbose_name": "morceau d’archive",
            "verbose_name_plural": "morceaux d’archives",
            "ordering": ["archive", "number"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("archive", "number"),
                    name="archive_part_once",
                    violation_error_message="Ce morceau d’archive est déjà gardé.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="TaskFailure",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("task", models.CharField(max_length=60, verbose_name="tâche")),
            ("row", models.CharField(max_length=80, verbose_name="ligne")),
            ("tries", models.PositiveSmallIntegerField(verbose_name="essais")),
            ("error", models.CharField(max_length=200, verbose_name="erreur")),
            ("failed_at", models.DateTimeField(verbose_name="dernier échec le")),
            ("next_at", models.DateTimeField(verbose_name="à reprendre le")),
            ("set_aside_at", models.DateTimeField(blank=True, null=True, verbose_name="mise de côté le")),
        ],
        options={
            "verbose_name": "échec d’une tâche",
            "verbose_name_plural": "échecs des tâches",
            "ordering": ["task", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("task", "row"),
                    name="task_failure_once",
                    violation_error_message="Cet échec est déjà enregistré.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="RuleAside",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("transaction", models.BigIntegerField(verbose_name="transaction")),
            ("rule", models.CharField(max_length=130, verbose_name="règle")),
        ],
        options={
            "verbose_name": "règle levée",
            "verbose_name_plural": "règles levées",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="ActingKey",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("inner_block", models.BinaryField(verbose_name="bloc intérieur")),
            ("outer_block", models.BinaryField(verbose_name="bloc extérieur")),
        ],
        options={
            "verbose_name": "clé des justificatifs",
            "verbose_name_plural": "clés des justificatifs",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="LogHorizon",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("settled", models.BigIntegerField(verbose_name="réglé jusqu’à")),
            ("seen", models.BigIntegerField(verbose_name="vu jusqu’à")),
            ("until", models.BigIntegerField(verbose_name="transaction suivante")),
        ],
        options={
            "verbose_name": "horizon du journal",
            "verbose_name_plural": "horizons du journal",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="Leaf",
        fields=[
            ("index", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="rang")),
            ("holder", models.BigIntegerField(null=True, verbose_name="réservataire")),
            ("commitment", models.BinaryField(max_length=32, null=True, verbose_name="engagement")),
            ("hash", models.BinaryField(max_length=32, verbose_name="condensat")),
            (
                "imprint",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="leaf",
                    to="reservations.imprint",
                    verbose_name="empreinte",
                ),
            ),
        ],
        options={
            "verbose_name": "feuille du journal",
            "verbose_name_plural": "feuilles du journal",
            "ordering": ["index"],
        },
    ),
    migrations.CreateModel(
        name="LeafSalt",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("table_name", models.CharField(max_length=63, verbose_name="table")),
            ("row_id", models.BigIntegerField(verbose_name="ligne")),
            ("leaf", models.BigIntegerField(verbose_name="feuille")),
            ("salt", models.BinaryField(max_length=32, verbose_name="sel")),
        ],
        options={
            "verbose_name": "sel d’une feuille",
            "verbose_name_plural": "sels des feuilles",
            "ordering": ["pk"],
            "constraints": [models.UniqueConstraint(fields=("table_name", "row_id"), name="one_salt_a_row")],
        },
    ),
    migrations.CreateModel(
        name="LogNode",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("level", models.PositiveSmallIntegerField(verbose_name="niveau")),
            ("index", models.BigIntegerField(verbose_name="rang")),
            ("hash", models.BinaryField(max_length=32, verbose_name="condensat")),
        ],
        options={
            "verbose_name": "nœud du journal",
            "verbose_name_plural": "nœuds du journal",
            "ordering": ["level", "index"],
            "constraints": [models.UniqueConstraint(fields=("level", "index"), name="one_node_a_place")],
        },
    ),
    migrations.CreateModel(
        name="LogCheckpoint",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("size", models.BigIntegerField(verbose_name="nombre de feuilles")),
            ("root", models.BinaryField(max_length=32, verbose_name="racine")),
            ("note", models.TextField(verbose_name="note signée")),
            ("signed_at", models.DateTimeField(verbose_name="signé le")),
        ],
        options={
            "verbose_name": "point de contrôle du journal",
            "verbose_name_plural": "points de contrôle du journal",
            "ordering": ["size"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("size",),
                    name="one_checkpoint_a_size",
                    violation_error_message="Cet état du journal est déjà signé.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="LogCosignature",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("size", models.BigIntegerField(verbose_name="nombre de feuilles")),
            ("root", models.BinaryField(max_length=32, verbose_name="racine")),
            ("note", models.TextField(verbose_name="note signée")),
            ("received_at", models.DateTimeField(verbose_name="reçue le")),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="organisme",
                ),
            ),
        ],
        options={
            "verbose_name": "contresignature du journal",
            "verbose_name_plural": "contresignatures du journal",
            "ordering": ["size", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("size", "root", "organisation"),
                    name="one_cosignature_an_organisation",
                    violation_error_message="Cet organisme a déjà contresigné cet état du journal.",
                )
            ],
        },
    ),
]
