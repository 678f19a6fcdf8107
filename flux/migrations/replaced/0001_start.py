import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reservations.models.periods
from reservations.migrations import _sql, _start


class Migration(_start.Migration):
    dependencies = [
        ("reservations", "0001_start"),
    ]

    operations = [
        migrations.CreateModel(
            name="Ledger",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "landlord",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ledgers", to="reservations.landlord"
                    ),
                ),
                (
                    "departement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.territory"
                    ),
                ),
                ("exercise", models.PositiveSmallIntegerField(verbose_name="exercice")),
                (
                    "kind",
                    models.CharField(
                        choices=[("ORDINARY", "flux annuel"), ("FIRST_LETTING", "premières locations")],
                        default="ORDINARY",
                        max_length=13,
                        verbose_name="nature",
                    ),
                ),
                ("sequence", models.PositiveIntegerField(default=0, verbose_name="logements entrés")),
            ],
            options={
                "verbose_name": "compte",
                "ordering": ["-exercise", "landlord__organisation__name", "departement__code", "-kind"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("landlord", "departement", "exercise", "kind"),
                        name="ledger_unique_landlord_departement_exercise_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ledger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="flux.ledger"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                    ),
                ),
                ("due", models.BigIntegerField(default=0)),
                ("received", models.IntegerField(default=0)),
                (
                    "last_served",
                    models.PositiveIntegerField(default=0, help_text="rang du dernier logement reçu, 0 si aucun"),
                ),
                ("profile", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "ligne de compte",
                "verbose_name_plural": "lignes de compte",
                "ordering": ["ledger", "holder"],
                "constraints": [models.UniqueConstraint(fields=("ledger", "holder"), name="ledger_line_unique_holder")],
            },
        ),
        migrations.CreateModel(
            name="FlowEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ledger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="flux.ledger"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                    ),
                ),
                (
                    "vacancy",
                    models.ForeignKey(
                        blank=True,
                        help_text="vide : transfert",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="flux.vacancy",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("DUE", "dû"),
                            ("CARRIED", "report rendu"),
                            ("FORFEITED", "dû abandonné au bailleur"),
                            ("TRANSFERRED", "dû transféré à la fin d’un droit"),
                            ("AWAITING", "recommandé, à confirmer"),
                            ("ROUTED", "orienté"),
                            ("RETURNED", "rendu"),
                            ("ALLOCATED", "attribué"),
                            ("LEASED", "bail signé"),
                            ("OFFERED", "proposé"),
                            ("DESIGNATED", "candidats désignés"),
                            ("REFUSED", "candidature non aboutie"),
                            ("LAPSED", "délai écoulé sans candidat"),
                        ],
                        max_length=11,
                    ),
                ),
                ("quantity", models.BigIntegerField()),
                ("spread", models.JSONField(blank=True, null=True)),
                ("sequence", models.PositiveIntegerField(blank=True, null=True, verbose_name="rang de réception")),
                (
                    "side",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("APPLICANT", "le demandeur"),
                            ("HOLDER", "le réservataire"),
                            ("LANDLORD", "le bailleur"),
                            ("COMMITTEE", "la CALEOL"),
                            ("UNIT", "le logement"),
                        ],
                        max_length=9,
                        verbose_name="du fait de",
                    ),
                ),
                ("on", models.DateField(verbose_name="date")),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "mouvement de compte",
                "verbose_name_plural": "mouvements de compte",
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["ledger", "holder", "on"], name="flow_entry_account")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("stage__in", ["DUE", "CARRIED", "FORFEITED", "TRANSFERRED"]),
                                models.Q(("quantity", 0), _negated=True),
                            ),
                            models.Q(
                                models.Q(("stage__in", ["DUE", "CARRIED", "FORFEITED", "TRANSFERRED"]), _negated=True),
                                ("quantity__in", [-1, 1]),
                            ),
                            _connector="OR",
                        ),
                        name="flow_entry_quantity",
                        violation_error_message="Un mouvement porte un logement, en plus ou en moins, ou une part due.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stage", "TRANSFERRED"), ("vacancy", None)),
                            models.Q(models.Q(("stage", "TRANSFERRED"), _negated=True), ("vacancy__isnull", False)),
                            _connector="OR",
                        ),
                        name="flow_entry_vacancy",
                        violation_error_message="Seul un transfert de dû ne porte sur aucun logement.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stage", "REFUSED"), models.Q(("side", ""), _negated=True)),
                            models.Q(models.Q(("stage", "REFUSED"), _negated=True), ("side", "")),
                            _connector="OR",
                        ),
                        name="flow_entry_side",
                        violation_error_message="Une candidature non aboutie, et elle seule, dit du fait de qui.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CarriedOver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ledger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="carried_over", to="flux.ledger"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                        verbose_name="réservataire",
                    ),
                ),
                ("ordinal", models.PositiveSmallIntegerField(default=1, verbose_name="numéro")),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.convention",
                        verbose_name="convention",
                    ),
                ),
                ("amount", models.BigIntegerField(verbose_name="report, en millionièmes")),
                ("planned", models.PositiveIntegerField(verbose_name="logements prévus dans l’année")),
            ],
            options={
                "verbose_name": "report",
                "ordering": ["ledger", "holder", "ordinal"],
                "constraints": [
                    models.UniqueConstraint(fields=("ledger", "holder", "ordinal"), name="carried_over_ordinal"),
                    models.CheckConstraint(
                        condition=models.Q(("planned__gte", 1)),
                        name="carried_over_planned",
                        violation_error_message="Un report s’étale sur au moins un logement.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Programme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "landlord",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programmes",
                        to="reservations.landlord",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="numéro")),
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.territory"
                    ),
                ),
                (
                    "attractiveness",
                    models.CharField(
                        blank=True,
                        choices=[("A", "A – très demandé"), ("B", "B – demandé"), ("C", "C – moins demandé")],
                        help_text="selon la grille du bailleur",
                        max_length=1,
                        verbose_name="attractivité",
                    ),
                ),
                (
                    "delivered_on",
                    models.DateField(
                        blank=True, help_text="prévu ou réel, d’un programme neuf", null=True, verbose_name="livré le"
                    ),
                ),
                (
                    "expected_units",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="logements prévus"),
                ),
                (
                    "allotment_agreed_on",
                    models.DateField(blank=True, null=True, verbose_name="répartition convenue le"),
                ),
            ],
            options={
                "verbose_name": "programme",
                "ordering": ["landlord", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("landlord", "number"), name="programme_unique_number"),
                    models.UniqueConstraint(
                        fields=("landlord", "name", "commune"),
                        name="programme_unique_name",
                        violation_error_message="Ce bailleur a déjà un programme de ce nom dans cette commune.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("allotment_agreed_on", None),
                            models.Q(("delivered_on__isnull", False), ("expected_units__gte", 1)),
                            _connector="OR",
                        ),
                        name="programme_agreed_is_planned",
                        violation_error_message="Une répartition se convient sur un nombre de logements et une livraison.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "landlord",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="units",
                        to="reservations.landlord",
                        verbose_name="bailleur",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="units", to="flux.programme"
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.territory",
                        verbose_name="commune",
                    ),
                ),
                ("reference", models.CharField(max_length=20, verbose_name="référence")),
                ("street_number", models.CharField(blank=True, max_length=10, verbose_name="numéro")),
                ("street_index", models.CharField(blank=True, max_length=10, verbose_name="indice de répétition")),
                ("street_type", models.CharField(blank=True, max_length=30, verbose_name="type de voie")),
                ("street_name", models.CharField(blank=True, max_length=120, verbose_name="nom de voie")),
                ("postal_code", models.CharField(blank=True, max_length=5, verbose_name="code postal")),
                ("ordinal", models.PositiveSmallIntegerField(verbose_name="rang à l’adresse")),
                ("rooms", models.SmallIntegerField(verbose_name="pièces principales")),
                (
                    "surface",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=7,
                        null=True,
                        verbose_name="surface moyenne à l’adresse, m²",
                    ),
                ),
                ("financing_code", models.CharField(blank=True, max_length=2, verbose_name="financement initial")),
                ("in_qpv", models.BooleanField(blank=True, null=True, verbose_name="en quartier prioritaire (QPV)")),
                (
                    "construction_year",
                    models.SmallIntegerField(blank=True, null=True, verbose_name="année d’achèvement"),
                ),
                ("is_house", models.BooleanField(blank=True, null=True, verbose_name="individuel")),
                ("energy_class", models.CharField(blank=True, max_length=1, verbose_name="étiquette énergie")),
                (
                    "floor",
                    models.SmallIntegerField(
                        blank=True, help_text="0 : rez-de-chaussée", null=True, verbose_name="étage"
                    ),
                ),
                ("has_lift", models.BooleanField(blank=True, null=True, verbose_name="ascenseur")),
                (
                    "is_accessible",
                    models.BooleanField(blank=True, null=True, verbose_name="accessible en fauteuil roulant"),
                ),
                (
                    "rent",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=7,
                        null=True,
                        verbose_name="loyer mensuel hors charges, €",
                    ),
                ),
                (
                    "charges",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="charges mensuelles, €"
                    ),
                ),
                (
                    "is_adapted_plai",
                    models.BooleanField(
                        default=False, help_text="subvention de l’article D331-25-1", verbose_name="PLAI adapté"
                    ),
                ),
            ],
            options={
                "verbose_name": "logement",
                "ordering": ["landlord", "reference"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("landlord", "reference"),
                        name="unit_unique_reference",
                        violation_error_message="Ce bailleur a déjà un logement de cette référence.",
                    ),
                    models.UniqueConstraint(
                        fields=(
                            "landlord",
                            "commune",
                            "street_number",
                            "street_index",
                            "street_type",
                            "street_name",
                            "ordinal",
                        ),
                        name="unit_unique_address_ordinal",
                        violation_error_message="Un logement de ce rang existe déjà à cette adresse.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rooms", None), models.Q(("rooms__gte", 1), ("rooms__lte", 99)), _connector="OR"
                        ),
                        name="unit_rooms_bounds",
                        violation_error_message="Un logement a de 1 à 99 pièces principales.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("surface", None), models.Q(("surface__gte", 1), ("surface__lte", 2000)), _connector="OR"
                        ),
                        name="unit_surface_bounds",
                        violation_error_message="Une surface va de 1 à 2\xa0000 m², avec deux décimales au plus.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("construction_year", None),
                            models.Q(("construction_year__gte", 1000), ("construction_year__lte", 2100)),
                            _connector="OR",
                        ),
                        name="unit_construction_year_bounds",
                        violation_error_message="Une année d’achèvement va de 1000 à 2100.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("floor", None), models.Q(("floor__gte", -3), ("floor__lte", 60)), _connector="OR"
                        ),
                        name="unit_floor_bounds",
                        violation_error_message="Un étage va de −3 à 60 ; 0 est le rez-de-chaussée.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rent", None), models.Q(("rent__gte", 0), ("rent__lte", 5000)), _connector="OR"
                        ),
                        name="unit_rent_bounds",
                        violation_error_message="Écrivez un montant mensuel de 0 à 5\xa0000 €, avec deux décimales au plus.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("charges", None), models.Q(("charges__gte", 0), ("charges__lte", 5000)), _connector="OR"
                        ),
                        name="unit_charges_bounds",
                        violation_error_message="Écrivez un montant mensuel de 0 à 5\xa0000 €, avec deux décimales au plus.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Allotment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allotments",
                        to="flux.programme",
                        verbose_name="programme",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                        verbose_name="réservataire",
                    ),
                ),
                ("units", models.PositiveSmallIntegerField(verbose_name="logements")),
            ],
            options={
                "verbose_name": "part d’un programme neuf",
                "verbose_name_plural": "parts d’un programme neuf",
                "ordering": ["programme", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "holder"),
                        name="allotment_unique_holder",
                        violation_error_message="Ce réservataire a déjà une part dans ce programme.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("units__gte", 1)),
                        name="allotment_units",
                        violation_error_message="Une part compte au moins un logement.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AllottedUnit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "allotment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="named_units", to="flux.allotment"
                    ),
                ),
                (
                    "unit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allotted",
                        to="flux.unit",
                        verbose_name="logement",
                    ),
                ),
            ],
            options={
                "verbose_name": "logement désigné",
                "verbose_name_plural": "logements désignés",
                "ordering": ["allotment", "unit"],
            },
        ),
        migrations.CreateModel(
            name="Vacancy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vacancies",
                        to="flux.unit",
                        verbose_name="logement",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("IN_FLOW", "dans le flux"),
                            ("EXCLUDED", "soustrait du flux"),
                            ("STOCK", "gardé en stock"),
                            ("FIRST_LETTING", "première mise en location"),
                            ("TECHNICAL", "vacance technique"),
                        ],
                        max_length=14,
                        verbose_name="classement",
                    ),
                ),
                (
                    "exclusion",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("INTERNAL_TRANSFER", "mutation interne d’un locataire du bailleur"),
                            ("URBAN_RENEWAL", "relogement de renouvellement urbain (ANRU)"),
                            ("DEGRADED_CONDO", "relogement de copropriété dégradée"),
                            ("UNFIT_HOUSING", "relogement d’habitat indigne"),
                            ("SALE_REHOUSING", "relogement lié à une vente de logements sociaux"),
                        ],
                        max_length=18,
                        verbose_name="motif de soustraction",
                    ),
                ),
                (
                    "ledger",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vacancies",
                        to="flux.ledger",
                    ),
                ),
                (
                    "stock_right",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vacancies",
                        to="reservations.stockright",
                        verbose_name="droit en stock",
                    ),
                ),
                (
                    "allotment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vacancies",
                        to="flux.allotment",
                        verbose_name="part du programme",
                    ),
                ),
                ("notice_on", models.DateField(verbose_name="congé reçu le")),
                ("available_on", models.DateField(verbose_name="libre le")),
                ("registered_at", models.DateTimeField(verbose_name="enregistré le")),
                ("registered_on", models.DateField(verbose_name="jour d’enregistrement")),
                (
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="enregistré par",
                    ),
                ),
                (
                    "entered_as",
                    models.JSONField(blank=True, null=True, verbose_name="catégories à l’entrée dans le compte"),
                ),
                (
                    "cancellation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DECLARED_BY_MISTAKE", "déclaré par erreur"),
                            ("NOTICE_WITHDRAWN", "congé retiré par le locataire"),
                            ("RECLASSIFIED", "classement corrigé : déclaré de nouveau"),
                        ],
                        max_length=19,
                        verbose_name="motif d’annulation",
                    ),
                ),
                ("cancellation_text", models.TextField(blank=True, verbose_name="précision")),
                ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="annulé le")),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="annulé par",
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="flux.vacancy",
                        verbose_name="remplace",
                    ),
                ),
            ],
            options={
                "verbose_name": "logement libéré",
                "verbose_name_plural": "logements libérés",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["registered_on"], name="vacancy_registered_on"),
                    models.Index(
                        condition=models.Q(("kind__in", ["STOCK", "FIRST_LETTING"])),
                        fields=["unit"],
                        name="vacancy_beside_the_flow",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("available_on__gte", models.F("notice_on"))),
                        name="vacancy_available_after_notice",
                        violation_error_message="Le logement ne peut pas être libre avant que le congé soit reçu.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "EXCLUDED"), models.Q(("exclusion", ""), _negated=True)),
                            models.Q(models.Q(("kind", "EXCLUDED"), _negated=True), ("exclusion", "")),
                            _connector="OR",
                        ),
                        name="vacancy_exclusion_has_category",
                        violation_error_message="Un logement soustrait du flux porte l’un des motifs de la loi.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "IN_FLOW"), ("ledger__isnull", False)),
                            ("kind", "FIRST_LETTING"),
                            models.Q(
                                models.Q(("kind__in", ["IN_FLOW", "FIRST_LETTING"]), _negated=True), ("ledger", None)
                            ),
                            _connector="OR",
                        ),
                        name="vacancy_in_flow_has_ledger",
                        violation_error_message="Seuls le flux et les premières locations entrent dans un compte.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stock_right", None), ("kind", "STOCK"), _connector="OR"),
                        name="vacancy_stock_right",
                        violation_error_message="Seul un logement gardé en stock use d’un droit en stock.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("allotment", None), ("kind", "FIRST_LETTING"), _connector="OR"),
                        name="vacancy_allotment",
                        violation_error_message="Seule une première location use d’une part de programme neuf.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("cancellation", ""),
                                ("cancellation_text", ""),
                                ("cancelled_at", None),
                                ("cancelled_by", None),
                            ),
                            models.Q(
                                ("cancelled_at__isnull", False),
                                ("cancelled_by__isnull", False),
                                models.Q(("cancellation", ""), _negated=True),
                                models.Q(("cancellation_text", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="vacancy_cancellation",
                        violation_error_message="Une annulation porte sa date, son auteur, un motif et une phrase.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("cancelled_at", None)),
                        expressions=[
                            ("unit", "="),
                            (reservations.models.periods.DateRange("notice_on", "available_on"), "&&"),
                        ],
                        name="vacancy_once_at_a_time",
                        violation_error_message="Ce logement est déjà déclaré libéré pour ces dates. Ouvrez sa fiche plutôt que de le déclarer deux fois.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoutingPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "landlord",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="routing_policies",
                        to="reservations.landlord",
                        verbose_name="bailleur",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("CONFIRM", "une personne confirme chaque orientation"),
                            ("AUTOMATIC", "la recommandation oriente aussitôt"),
                        ],
                        default="CONFIRM",
                        max_length=9,
                        verbose_name="mode",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="à partir du")),
            ],
            options={
                "verbose_name": "mode d’orientation",
                "verbose_name_plural": "modes d’orientation",
                "ordering": ["landlord", "-starts_on"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("landlord", "starts_on"),
                        name="routing_policy_unique_date",
                        violation_error_message="Un mode d’orientation commence déjà ce jour-là.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Recommendation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "vacancy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recommendations", to="flux.vacancy"
                    ),
                ),
                ("attempt", models.PositiveSmallIntegerField(default=1)),
                (
                    "ledger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recommendations", to="flux.ledger"
                    ),
                ),
                ("sequence", models.PositiveIntegerField(verbose_name="rang dans le compte")),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                    ),
                ),
                ("reason", models.CharField(max_length=16)),
                ("sentence", models.TextField(verbose_name="pourquoi")),
                ("situation", models.JSONField(verbose_name="situation lue")),
                ("ranking", models.JSONField(verbose_name="classement")),
                ("engine_version", models.PositiveSmallIntegerField(verbose_name="version de la règle")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="empreinte")),
                ("recorded_at", models.DateTimeField(verbose_name="calculée le")),
            ],
            options={
                "verbose_name": "recommandation",
                "ordering": ["ledger", "sequence"],
                "constraints": [
                    models.UniqueConstraint(fields=("vacancy", "attempt"), name="recommendation_unique_attempt"),
                    models.UniqueConstraint(fields=("ledger", "sequence"), name="recommendation_unique_sequence"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Routing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "vacancy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="routings", to="flux.vacancy"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="routings",
                        to="reservations.reservationholder",
                    ),
                ),
                (
                    "recommendation",
                    models.ForeignKey(
                        blank=True,
                        help_text="vide : en stock",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="routings",
                        to="flux.recommendation",
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        blank=True,
                        help_text="la version dont les délais et les règles valent pour ce logement",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.convention",
                        verbose_name="convention appliquée",
                    ),
                ),
                (
                    "acting",
                    models.ForeignKey(
                        blank=True,
                        help_text="délégataire du contingent préfectoral",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.organisation",
                        verbose_name="propose au nom de l’État",
                    ),
                ),
                ("routed_at", models.DateTimeField(verbose_name="orienté le")),
                (
                    "routed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "motive",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ADAPTED_UNIT", "logement adapté à un ménage déjà désigné"),
                            ("URGENT_REHOUSING", "relogement urgent"),
                            ("HOLDER_AGREEMENT", "accord entre réservataires"),
                            ("HOLDER_REQUEST", "demande du réservataire"),
                            ("BUILDING_BALANCE", "équilibre de la résidence"),
                            ("CORRECTION", "correction d’une erreur"),
                            ("OTHER", "autre raison"),
                        ],
                        max_length=16,
                        verbose_name="motif",
                    ),
                ),
                ("motive_text", models.TextField(blank=True, verbose_name="précision")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="clos le")),
                ("answered_on", models.DateField(blank=True, null=True, verbose_name="candidats transmis le")),
                (
                    "clock_from",
                    models.DateField(
                        blank=True,
                        help_text="après un refus, si la convention le prévoit",
                        null=True,
                        verbose_name="délai reparti le",
                    ),
                ),
                (
                    "clock_held",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="jours ouvrés où des candidats, retirés depuis, étaient transmis",
                        verbose_name="jours non décomptés",
                    ),
                ),
            ],
            options={
                "verbose_name": "orientation",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("vacancy",),
                        name="routing_one_open_per_vacancy",
                        violation_error_message="Ce logement est déjà orienté.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("motive", ""), ("motive_text", "")),
                            models.Q(
                                models.Q(("motive", ""), _negated=True), models.Q(("motive_text", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="routing_motive_has_text",
                        violation_error_message="Un motif comporte un code et une phrase.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditAlert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ledger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="flux.ledger",
                        verbose_name="compte",
                    ),
                ),
                (
                    "check_code",
                    models.CharField(
                        choices=[
                            ("LINE", "la ligne n’est pas la somme de ses mouvements"),
                            ("DUE", "le total dû n’est pas celui des logements entrés"),
                            ("RECEIVED", "le nombre de reçus n’est pas celui des logements attribués"),
                            ("DELAYS", "la somme des écarts n’est pas nulle"),
                            ("LACKS", "les manques d’un réservataire ne font pas son écart"),
                            ("SUMS", "ce que l’un a cédé n’est pas ce que l’autre a pris"),
                            ("SEQUENCE", "le rang du compte n’est pas celui de ses logements"),
                            ("ORDER", "un logement est passé avant un autre, enregistré plus tôt"),
                            ("REPLAY", "une recommandation recalculée diffère de celle qui est gardée"),
                        ],
                        max_length=8,
                        verbose_name="contrôle",
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
                    "recommendation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="flux.recommendation",
                        verbose_name="recommandation",
                    ),
                ),
                ("expected", models.JSONField(verbose_name="attendu")),
                ("found", models.JSONField(null=True, verbose_name="trouvé")),
                ("difference", models.CharField(max_length=64, verbose_name="empreinte de la différence")),
                ("found_at", models.DateTimeField(verbose_name="trouvée le")),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True, verbose_name="lue le")),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="lue par",
                    ),
                ),
                ("acknowledgement", models.TextField(blank=True, verbose_name="ce qui a été constaté")),
            ],
            options={
                "verbose_name": "alerte de contrôle",
                "verbose_name_plural": "alertes de contrôle",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("acknowledged_at", None)),
                        fields=("ledger", "difference"),
                        name="audit_alert_once_while_it_stands",
                        violation_error_message="Cette différence a déjà son alerte.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("acknowledged_at", None), ("acknowledged_by", None), ("acknowledgement", "")),
                            models.Q(
                                ("acknowledged_at__isnull", False),
                                ("acknowledged_by__isnull", False),
                                models.Q(("acknowledgement", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="audit_alert_acknowledgement",
                        violation_error_message="Une lecture porte sa date, son auteur et une phrase.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Conversion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "landlord",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversions",
                        to="reservations.landlord",
                        verbose_name="bailleur",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                        verbose_name="réservataire",
                    ),
                ),
                (
                    "perimeter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.territory",
                        verbose_name="périmètre",
                    ),
                ),
                ("label", models.CharField(max_length=80, verbose_name="nom de la variante")),
                ("starts_on", models.DateField(verbose_name="début de la convention")),
                ("ends_on", models.DateField(verbose_name="fin de la convention")),
                ("given", models.JSONField(verbose_name="données")),
                ("worksheet", models.JSONField(verbose_name="feuille de calcul")),
                ("rate_numerator", models.DecimalField(decimal_places=0, max_digits=80)),
                ("rate_denominator", models.DecimalField(decimal_places=0, max_digits=80)),
                ("share", models.PositiveIntegerField(verbose_name="part, en millionièmes")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="créée par",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="créée le")),
                (
                    "convention",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="conversions",
                        to="reservations.convention",
                        verbose_name="reprise dans",
                    ),
                ),
            ],
            options={
                "verbose_name": "variante de conversion",
                "verbose_name_plural": "variantes de conversion",
                "ordering": ["landlord", "holder", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("landlord", "holder", "perimeter", "label"),
                        name="conversion_unique_label",
                        violation_error_message="Une variante porte déjà ce nom : donnez-lui-en un autre.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="conversion_period",
                        violation_error_message="La convention finit avant de commencer : corrigez l’une des deux dates.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate_denominator__gte", 1), ("rate_numerator__gte", 0)),
                        name="conversion_rate",
                        violation_error_message="Un taux est une fraction positive.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FlowCell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ledger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cells", to="flux.ledger"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.territory"
                    ),
                ),
                ("rooms", models.PositiveSmallIntegerField(verbose_name="pièces principales")),
                ("financing_code", models.CharField(blank=True, max_length=2, verbose_name="financement initial")),
                ("in_qpv", models.BooleanField(null=True, verbose_name="en quartier prioritaire (QPV)")),
                ("construction_year", models.PositiveSmallIntegerField(null=True, verbose_name="année d’achèvement")),
                ("offered", models.IntegerField(default=0, verbose_name="proposés")),
                ("designated", models.IntegerField(default=0, verbose_name="candidats désignés")),
                ("returned", models.IntegerField(default=0, verbose_name="rendus")),
                ("lapsed", models.IntegerField(default=0, verbose_name="sans réponse")),
                ("refused", models.IntegerField(default=0, verbose_name="candidatures non abouties")),
                ("allocated", models.IntegerField(default=0, verbose_name="attribués")),
                ("leased", models.IntegerField(default=0, verbose_name="baux signés")),
            ],
            options={
                "verbose_name": "case du bilan",
                "verbose_name_plural": "cases du bilan",
                "ordering": ["ledger", "holder", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "ledger",
                            "holder",
                            "commune",
                            "rooms",
                            "financing_code",
                            "in_qpv",
                            "construction_year",
                        ),
                        name="flow_cell_unique",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ledger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="months", to="flux.ledger"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.territory",
                    ),
                ),
                ("month", models.DateField(verbose_name="mois")),
                ("due", models.BigIntegerField(default=0, verbose_name="dû")),
                ("carried", models.BigIntegerField(default=0, verbose_name="report rendu")),
                ("routed", models.IntegerField(default=0, verbose_name="orientés")),
                ("awaiting", models.IntegerField(default=0, verbose_name="à confirmer")),
                ("offered", models.IntegerField(default=0, verbose_name="proposés")),
                ("designated", models.IntegerField(default=0, verbose_name="candidats désignés")),
                ("returned", models.IntegerField(default=0, verbose_name="rendus")),
                ("lapsed", models.IntegerField(default=0, verbose_name="sans réponse")),
                ("refused_applicant", models.IntegerField(default=0, verbose_name="refus du demandeur")),
                ("refused_holder", models.IntegerField(default=0, verbose_name="retraits du réservataire")),
                ("refused_landlord", models.IntegerField(default=0, verbose_name="du fait du bailleur")),
                ("refused_committee", models.IntegerField(default=0, verbose_name="refus de la CALEOL")),
                ("refused_unit", models.IntegerField(default=0, verbose_name="du fait du logement")),
                ("allocated", models.IntegerField(default=0, verbose_name="attribués")),
                ("leased", models.IntegerField(default=0, verbose_name="baux signés")),
            ],
            options={
                "verbose_name": "mois de compte",
                "verbose_name_plural": "mois de compte",
                "ordering": ["ledger", "holder", "month", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("ledger", "holder", "commune", "month"),
                        name="account_month_unique",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FlowCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "landlord",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.landlord"
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.territory"
                    ),
                ),
                ("month", models.DateField(verbose_name="mois")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("IN_FLOW", "dans le flux"),
                            ("EXCLUDED", "soustrait du flux"),
                            ("STOCK", "gardé en stock"),
                            ("FIRST_LETTING", "première mise en location"),
                            ("TECHNICAL", "vacance technique"),
                        ],
                        max_length=14,
                        verbose_name="classement",
                    ),
                ),
                (
                    "exclusion",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("INTERNAL_TRANSFER", "mutation interne d’un locataire du bailleur"),
                            ("URBAN_RENEWAL", "relogement de renouvellement urbain (ANRU)"),
                            ("DEGRADED_CONDO", "relogement de copropriété dégradée"),
                            ("UNFIT_HOUSING", "relogement d’habitat indigne"),
                            ("SALE_REHOUSING", "relogement lié à une vente de logements sociaux"),
                        ],
                        max_length=18,
                        verbose_name="motif de soustraction",
                    ),
                ),
                ("units", models.IntegerField(default=0, verbose_name="logements")),
                ("decided", models.IntegerField(default=0, verbose_name="recommandés")),
            ],
            options={
                "verbose_name": "décompte des libérations",
                "verbose_name_plural": "décomptes des libérations",
                "ordering": ["landlord", "month", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("landlord", "commune", "month", "kind", "exclusion"), name="flow_count_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Forecast",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "landlord",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="forecasts",
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
                ("exercise", models.PositiveSmallIntegerField(verbose_name="exercice")),
                ("expected", models.PositiveIntegerField(verbose_name="logements libérés attendus")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="envoyé le")),
                (
                    "sent_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("content", models.JSONField(blank=True, editable=False, null=True, verbose_name="ce qui fut envoyé")),
            ],
            options={
                "verbose_name": "prévisionnel",
                "ordering": ["-exercise", "landlord", "departement"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("landlord", "departement", "exercise"),
                        name="forecast_once_a_year",
                        violation_error_message="Le prévisionnel de cette année existe déjà pour ce département.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at", None), ("sent_by", None)),
                            models.Q(("sent_at__isnull", False), ("sent_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="forecast_sent_by_someone",
                        violation_error_message="Un prévisionnel envoyé dit par qui.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ForecastLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "forecast",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="flux.forecast"
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("INTERNAL_TRANSFER", "mutation interne d’un locataire du bailleur"),
                            ("URBAN_RENEWAL", "relogement de renouvellement urbain (ANRU)"),
                            ("DEGRADED_CONDO", "relogement de copropriété dégradée"),
                            ("UNFIT_HOUSING", "relogement d’habitat indigne"),
                            ("SALE_REHOUSING", "relogement lié à une vente de logements sociaux"),
                        ],
                        max_length=18,
                        verbose_name="motif de soustraction",
                    ),
                ),
                ("units", models.PositiveIntegerField(verbose_name="logements")),
            ],
            options={
                "verbose_name": "ligne du prévisionnel",
                "verbose_name_plural": "lignes du prévisionnel",
                "ordering": ["forecast", "category"],
                "constraints": [
                    models.UniqueConstraint(fields=("forecast", "category"), name="forecast_line_unique_category")
                ],
            },
        ),
        migrations.CreateModel(
            name="ForecastDispatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "forecast",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dispatches", to="flux.forecast"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.organisation",
                        verbose_name="destinataire",
                    ),
                ),
            ],
            options={
                "verbose_name": "envoi du prévisionnel",
                "verbose_name_plural": "envois du prévisionnel",
                "ordering": ["forecast", "organisation__name"],
                "constraints": [
                    models.UniqueConstraint(fields=("forecast", "organisation"), name="forecast_dispatch_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="IncomeCeiling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("financing", models.CharField(max_length=10, verbose_name="financement")),
                (
                    "zone",
                    models.CharField(
                        choices=[
                            ("PARIS", "Paris et communes limitrophes"),
                            ("ILE_DE_FRANCE", "Île-de-France hors Paris et communes limitrophes"),
                            ("ELSEWHERE", "autres régions"),
                        ],
                        max_length=13,
                        verbose_name="zone",
                    ),
                ),
                ("household", models.PositiveSmallIntegerField(verbose_name="catégorie de ménage")),
                ("amount", models.PositiveIntegerField(verbose_name="plafond annuel, €")),
                (
                    "extra",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="par personne supplémentaire, €"),
                ),
                ("starts_on", models.DateField(verbose_name="en vigueur depuis le")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
            ],
            options={
                "verbose_name": "plafond de ressources",
                "verbose_name_plural": "plafonds de ressources",
                "ordering": ["financing", "zone", "household", "-starts_on"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("household__range", (1, 6))),
                        name="income_ceiling_household",
                        violation_error_message="La catégorie de ménage va de 1 à 6.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                        name="income_ceiling_period",
                        violation_error_message="La date de fin précède la date de début.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("financing", "="),
                            ("zone", "="),
                            ("household", "="),
                            (reservations.models.periods.DateRange("starts_on", "ends_on"), "&&"),
                        ],
                        name="income_ceiling_no_overlap",
                        violation_error_message="Deux plafonds de cette catégorie se chevauchent dans le temps.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NeedsDeclaration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ledger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs",
                        to="flux.ledger",
                        verbose_name="compte",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                        verbose_name="réservataire",
                    ),
                ),
                ("mix", models.JSONField(blank=True, default=dict, verbose_name="besoins")),
                (
                    "targets",
                    models.JSONField(blank=True, default=dict, editable=False, verbose_name="cibles de chacun"),
                ),
                ("from_sequence", models.PositiveIntegerField(verbose_name="à partir du rang")),
                ("note", models.TextField(blank=True, verbose_name="précision")),
                ("declared_at", models.DateTimeField(verbose_name="déclarés le")),
                (
                    "declared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="déclarés par",
                    ),
                ),
            ],
            options={
                "verbose_name": "déclaration de besoins",
                "verbose_name_plural": "déclarations de besoins",
                "ordering": ["ledger", "pk"],
                "indexes": [models.Index(fields=["ledger", "holder"], name="needs_ledger_holder")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("from_sequence__gte", 1)),
                        name="needs_apply_from_a_rank",
                        violation_error_message="Des besoins valent à partir d’un logement à venir.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("mix", {}), models.Q(("targets", {}), _negated=True), _connector="OR"),
                        name="needs_have_targets",
                        violation_error_message="Des besoins déclarés donnent une cible à chaque réservataire.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Return",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "routing",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="given_back",
                        to="flux.routing",
                        verbose_name="orientation",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("NO_CANDIDATE", "aucun candidat dans le délai"),
                            ("DECLINED", "le réservataire rend le logement"),
                            ("WITHDRAWN", "le bailleur reprend le logement"),
                            ("WORKS", "travaux découverts"),
                            ("REFUSED", "tous les candidats ont refusé ou se sont désistés"),
                            ("UNALLOCATED", "la CALEOL n’a retenu aucun candidat"),
                            ("ERROR", "erreur d’orientation ou de description"),
                        ],
                        max_length=12,
                        verbose_name="raison",
                    ),
                ),
                ("counted", models.BooleanField(verbose_name="compte pour le réservataire")),
                ("offered", models.BooleanField(default=True, verbose_name="compte comme proposé")),
                ("text", models.TextField(blank=True, verbose_name="précision")),
                ("returned_at", models.DateTimeField(verbose_name="rendu le")),
                (
                    "returned_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="vide : le délai s’est écoulé sans réponse",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="enregistré par",
                    ),
                ),
            ],
            options={
                "verbose_name": "logement rendu",
                "verbose_name_plural": "logements rendus",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="StockAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "right",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="reservations.stockright",
                        verbose_name="droit",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stock_assignments",
                        to="flux.unit",
                        verbose_name="logement",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stock_assignments",
                        to="flux.programme",
                        verbose_name="programme",
                    ),
                ),
                ("units", models.PositiveSmallIntegerField(default=1, verbose_name="logements")),
                ("starts_on", models.DateField(verbose_name="depuis le")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
            ],
            options={
                "verbose_name": "logement en stock",
                "verbose_name_plural": "logements en stock",
                "ordering": ["unit", "starts_on"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                        name="stock_assignment_period",
                        violation_error_message="La réservation finit avant de commencer : corrigez l’une des deux dates.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("programme", None), ("unit__isnull", False), ("units", 1)),
                            models.Q(("programme__isnull", False), ("unit", None), ("units__gte", 1)),
                            _connector="OR",
                        ),
                        name="stock_assignment_bearer",
                        violation_error_message="Un droit porte sur un logement, ou sur un nombre de logements d’un programme.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("unit", "="),
                            (reservations.models.periods.DateRange("starts_on", "ends_on"), "&&"),
                        ],
                        name="stock_assignment_one_per_unit",
                        violation_error_message="Ce logement porte déjà un droit en stock à cette date.",
                    ),
                ],
            },
        ),
        *_sql.apply_files(
            "flux",
            {
                "0001_account": "779d25175608",
                "0001_routing": "fd5280d6dac3",
                "0001_forecast": "a049ea17f44d",
                "0001_needs": "7da7315abdf8",
                "0001_conversions": "93c2499bdeb4",
                "0001_audit": "58800936abfb",
                "0001_fold_entries": "4d1e53fa02d3",
                "0001_fold_decided": "a39c82398c93",
                "0001_fold_vacancies": "365214d6bc06",
                "0001_fold_units": "e5fc86fcb16a",
                "0001_income_ceilings": "9fb43c860b13",
            },
        ),
    ]
