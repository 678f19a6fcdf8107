import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import reservations.models.party
import reservations.models.periods
import reservations.models.terms
from reservations.migrations import _sql, _start


class Migration(_start.Migration):
    dependencies = []

    operations = [
        django.contrib.postgres.operations.BtreeGistExtension(),
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
            ],
            options={
                "verbose_name": "organisation",
                "ordering": ["name", "siren"],
            },
        ),
        migrations.CreateModel(
            name="Landlord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="landlord",
                        to="reservations.organisation",
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
                        blank=True,
                        help_text="vide : aucun délai convenu",
                        null=True,
                        verbose_name="délai pour proposer, en jours ouvrés",
                    ),
                ),
                (
                    "first_letting_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        verbose_name="délai pour proposer à la première location, en jours ouvrés",
                    ),
                ),
                (
                    "minimum_candidates",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="candidats à proposer, au moins"
                    ),
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
                        verbose_name="nouveau délai après un refus, en jours ouvrés",
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
                            models.Q(("signed_on", None), ("status__in", ["DRAFT", "PROPOSED"])),
                            models.Q(
                                ("signed_on__isnull", False),
                                ("status__in", ["SIGNED", "AMENDED", "ENDED", "TERMINATED"]),
                            ),
                            _connector="OR",
                        ),
                        name="convention_signed_has_date",
                        violation_error_message="Une convention signée porte sa date de signature, un projet n’en a pas.",
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
                ],
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
                (
                    "yearly_units",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="logements par an"),
                ),
                ("planned_flow", models.PositiveIntegerField(blank=True, null=True, verbose_name="flux prévu")),
                (
                    "declined",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24),
                        blank=True,
                        default=list,
                        verbose_name="ne prend pas",
                    ),
                ),
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
                    )
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
                            (
                                "TERMINATION_NOTICE_MONTHS",
                                "délai entre mise en demeure et résiliation par l’État, en mois",
                            ),
                            ("MINIMUM_CANDIDATES", "candidats à examiner par logement, au moins"),
                            ("PROPOSAL_DAYS", "délai d’usage pour proposer des candidats, en jours ouvrés"),
                            ("FIRST_LETTING_DAYS", "délai d’usage à la première location, en jours ouvrés"),
                            ("FORECAST_DUE", "jour limite du prévisionnel et du bilan (mois × 100 + jour)"),
                            ("FLOW_REQUIRED", "convention en flux exigée de tout réservataire (1 : oui)"),
                            (
                                "RETURNED_DELAY_MAX",
                                "reste dû qu’un réservataire garde, au plus, après un logement rendu sans compter, en logements",
                            ),
                            ("EXPIRY_WARNING_DAYS", "alerte avant la fin d’un droit ou d’une convention, en jours"),
                            ("RIGHT_END_DAYS", "délai avant de solder le compte d’un droit terminé, en jours"),
                            ("OFFER_DAYS_MIN", "délai de réponse du demandeur à une offre, en jours, au moins"),
                            ("COMMITTEE_MEMBERS", "membres de la CALEOL désignés par le bailleur"),
                            ("RETENTION_MONTHS", "conservation des données nominatives après la radiation, en mois"),
                            ("ACCESS_LOG_MONTHS", "conservation du journal des consultations nominatives, en mois"),
                            ("SMALL_CELL", "effectif sous lequel un décompte de ménages est groupé, en ménages"),
                            ("HOLDING_BACK_DAYS", "délai d’alerte entre le congé et l’enregistrement, en jours"),
                        ],
                        max_length=32,
                        verbose_name="paramètre",
                    ),
                ),
                ("value", models.DecimalField(decimal_places=4, max_digits=9, verbose_name="valeur")),
                ("starts_on", models.DateField(verbose_name="en vigueur depuis le")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                (
                    "source",
                    models.CharField(help_text="article, décret ou arrêté", max_length=200, verbose_name="source"),
                ),
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
                        expressions=[
                            ("code", "="),
                            (reservations.models.periods.DateRange("starts_on", "ends_on"), "&&"),
                        ],
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
                            (
                                "TERMINATION_NOTICE_MONTHS",
                                "délai entre mise en demeure et résiliation par l’État, en mois",
                            ),
                            ("MINIMUM_CANDIDATES", "candidats à examiner par logement, au moins"),
                            ("PROPOSAL_DAYS", "délai d’usage pour proposer des candidats, en jours ouvrés"),
                            ("FIRST_LETTING_DAYS", "délai d’usage à la première location, en jours ouvrés"),
                            ("FORECAST_DUE", "jour limite du prévisionnel et du bilan (mois × 100 + jour)"),
                            ("FLOW_REQUIRED", "convention en flux exigée de tout réservataire (1 : oui)"),
                            (
                                "RETURNED_DELAY_MAX",
                                "reste dû qu’un réservataire garde, au plus, après un logement rendu sans compter, en logements",
                            ),
                            ("EXPIRY_WARNING_DAYS", "alerte avant la fin d’un droit ou d’une convention, en jours"),
                            ("RIGHT_END_DAYS", "délai avant de solder le compte d’un droit terminé, en jours"),
                            ("OFFER_DAYS_MIN", "délai de réponse du demandeur à une offre, en jours, au moins"),
                            ("COMMITTEE_MEMBERS", "membres de la CALEOL désignés par le bailleur"),
                            ("RETENTION_MONTHS", "conservation des données nominatives après la radiation, en mois"),
                            ("ACCESS_LOG_MONTHS", "conservation du journal des consultations nominatives, en mois"),
                            ("SMALL_CELL", "effectif sous lequel un décompte de ménages est groupé, en ménages"),
                            ("HOLDING_BACK_DAYS", "délai d’alerte entre le congé et l’enregistrement, en jours"),
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
                            ("SIGNED", "signature"),
                            ("AMENDED", "remplacement par un avenant"),
                            ("FORMAL_NOTICE", "mise en demeure"),
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
                        base_field=models.BigIntegerField(),
                        blank=True,
                        null=True,
                        verbose_name="organisations concernées",
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
        *_sql.apply_files(
            "reservations",
            {
                "0001_refusal": "837fdfd64136",
                "0001_conventions": "eb7f2dc6cf15",
                "0001_history": "cdee601de73c",
                "0001_legal_parameters": "1ab24f6343b1",
            },
        ),
    ]
