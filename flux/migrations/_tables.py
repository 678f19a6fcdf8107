"""The tables of flux, with their constraints and their indexes, as ./run squash wrote them.

The migration that makes them is 0700_squashed.py."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import reservations.models.periods

TABLES: list[migrations.operations.base.Operation] = [
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
                    choices=[
                        ("FIRST_LETTING", "premières locations"),
                        ("ORDINARY", "flux annuel"),
                        ("TURN", "logements passés pour un tour"),
                    ],
                    default="ORDINARY",
                    max_length=13,
                    verbose_name="nature",
                ),
            ),
            ("sequence", models.PositiveIntegerField(default=0, verbose_name="logements entrés")),
            ("accounting", models.PositiveSmallIntegerField(db_default=1, default=2, verbose_name="règle de compte")),
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
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="flux.ledger"),
            ),
            (
                "holder",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.reservationholder"
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
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="entries",
                    to="flux.ledger",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.reservationholder"
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
            ("acted_on", models.DateField(editable=False, null=True, verbose_name="date de l’acte")),
            (
                "description",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="flux.unitdescription",
                ),
            ),
            (
                "reached",
                models.SmallIntegerField(default=0, editable=False, verbose_name="arrivés au point de comptage"),
            ),
        ],
        options={
            "verbose_name": "mouvement de compte",
            "verbose_name_plural": "mouvements de compte",
            "ordering": ["pk"],
            "indexes": [
                models.Index(fields=["ledger", "holder", "on"], name="flow_entry_account"),
                models.Index(
                    condition=models.Q(("acted_on", models.F("on")), _negated=True),
                    fields=["ledger"],
                    name="flow_entry_undoing",
                ),
                models.Index(condition=models.Q(("stage", "RETURNED")), fields=["vacancy"], name="flow_entry_returned"),
                models.Index(
                    condition=models.Q(("quantity__lt", 0), ("stage", "DUE")),
                    fields=["vacancy"],
                    name="flow_entry_taken_back",
                ),
                models.Index(fields=["ledger", "stage", "vacancy"], name="flow_entry_behind"),
                models.Index(
                    condition=models.Q(("stage", "ALLOCATED")),
                    fields=["vacancy", "holder"],
                    name="flow_entry_allocated",
                ),
            ],
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
                models.CheckConstraint(
                    condition=models.Q(("acted_on__isnull", False)),
                    name="flow_entry_acted_on",
                    violation_error_message="Un mouvement porte le jour de l’acte qu’il compte.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("description", None), ("vacancy", None)),
                        models.Q(("description__isnull", False), ("vacancy__isnull", False)),
                        _connector="OR",
                    ),
                    name="flow_entry_description",
                    violation_error_message="Ce qui porte sur un logement compte sous sa description de ce jour.",
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
            (
                "opening",
                models.OneToOneField(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="carried",
                    to="flux.openingbalance",
                    verbose_name="solde d’ouverture",
                ),
            ),
            (
                "absorption",
                models.ForeignKey(
                    blank=True,
                    help_text="dont la dernière année laisse ce report",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="carried",
                    to="flux.absorption",
                    verbose_name="bailleur absorbé",
                ),
            ),
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
                    on_delete=django.db.models.deletion.PROTECT, related_name="programmes", to="reservations.landlord"
                ),
            ),
            ("number", models.PositiveIntegerField(verbose_name="numéro")),
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
            ("allotment_agreed_on", models.DateField(blank=True, null=True, verbose_name="répartition convenue le")),
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
                    db_index=False,
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
            ("reference", models.CharField(max_length=40, verbose_name="référence")),
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
            ("construction_year", models.SmallIntegerField(blank=True, null=True, verbose_name="année d’achèvement")),
            ("is_house", models.BooleanField(blank=True, null=True, verbose_name="individuel")),
            ("energy_class", models.CharField(blank=True, max_length=1, verbose_name="étiquette énergie")),
            (
                "floor",
                models.SmallIntegerField(blank=True, help_text="0 : rez-de-chaussée", null=True, verbose_name="étage"),
            ),
            ("has_lift", models.BooleanField(blank=True, null=True, verbose_name="ascenseur")),
            (
                "is_accessible",
                models.BooleanField(blank=True, null=True, verbose_name="accessible en fauteuil roulant"),
            ),
            (
                "rent",
                models.DecimalField(
                    blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="loyer mensuel hors charges, €"
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
            ("building", models.CharField(blank=True, max_length=30, verbose_name="bâtiment")),
            ("door", models.CharField(blank=True, max_length=15, verbose_name="appartement")),
            (
                "is_own_reference",
                models.BooleanField(
                    default=False,
                    help_text="non : donnée ici, en attendant la sienne",
                    verbose_name="référence du bailleur",
                ),
            ),
            (
                "last_offered_on",
                models.DateField(
                    blank=True, help_text="RPLS, DERLOC", null=True, verbose_name="dernière remise en location"
                ),
            ),
            (
                "leased_since",
                models.DateField(
                    blank=True, help_text="RPLS, BAIL : au mois", null=True, verbose_name="bail en cours depuis"
                ),
            ),
            ("left_on", models.DateField(blank=True, null=True, verbose_name="sorti du parc, su le")),
            (
                "left_why",
                models.CharField(
                    blank=True,
                    choices=[
                        ("OCCUPANT", "vendu à son occupant"),
                        ("LANDLORD", "vendu à un autre bailleur"),
                        ("SOLD", "vendu autrement"),
                        ("DEMOLISHED", "démoli"),
                        ("OTHERWISE", "sorti autrement"),
                        ("TRANSFERRED", "cédé à un autre bailleur"),
                    ],
                    max_length=11,
                    verbose_name="motif de sortie",
                ),
            ),
            (
                "rpls_id",
                models.CharField(
                    blank=True, help_text="IDENT_REP, dix positions", max_length=14, verbose_name="identifiant RPLS"
                ),
            ),
            ("software", models.CharField(blank=True, max_length=40, verbose_name="logiciel d’origine")),
            ("staircase", models.CharField(blank=True, max_length=10, verbose_name="escalier")),
            (
                "told_contingent",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="rubrique 63 : un droit à vérifier",
                    null=True,
                    verbose_name="contingent dit par le RPLS",
                ),
            ),
            ("words", models.TextField(blank=True, db_default="", default="", editable=False)),
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
                models.UniqueConstraint(
                    condition=models.Q(("rpls_id", ""), _negated=True),
                    fields=("landlord", "rpls_id"),
                    name="unit_unique_rpls_id",
                    violation_error_message="Ce bailleur a déjà un logement de cet identifiant RPLS.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("left_on", None), ("left_why", "")),
                        models.Q(("left_on__isnull", False), models.Q(("left_why", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="unit_left_with_its_reason",
                    violation_error_message="Un logement sort du parc à une date, pour un motif.",
                ),
            ],
            "indexes": [
                models.Index(fields=["landlord", "programme"], name="unit_of_programme"),
                django.contrib.postgres.indexes.GinIndex(
                    models.F("landlord"),
                    django.contrib.postgres.indexes.OpClass("words", name="gin_trgm_ops"),
                    name="unit_words",
                ),
                models.Index(
                    condition=models.Q(
                        ("left_on", None),
                        ("told_contingent__isnull", False),
                        models.Q(("told_contingent", 7), _negated=True),
                    ),
                    fields=["landlord", "told_contingent"],
                    name="unit_told_reserved",
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
                        ("OUTSIDE", "hors assiette du flux"),
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
            (
                "description",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="flux.unitdescription",
                ),
            ),
            ("covered_on", models.DateField(blank=True, null=True, verbose_name="convention en vigueur depuis le")),
            (
                "source",
                models.CharField(
                    choices=[("HERE", "enregistré ici"), ("PAST", "reprise d’une orientation passée")],
                    default="HERE",
                    max_length=4,
                    verbose_name="origine",
                ),
            ),
            ("is_let", models.BooleanField(default=False, editable=False, verbose_name="loué")),
            (
                "landlord",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                ),
            ),
            ("works_end_on", models.DateField(blank=True, null=True, verbose_name="fin des travaux le")),
            (
                "commune",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                ),
            ),
            (
                "closed_on",
                models.DateField(
                    blank=True,
                    help_text="sans bail : une vacance technique reprise l’année d’après, ou une déclaration que suit une autre",
                    null=True,
                    verbose_name="clos le",
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
                models.Index(condition=models.Q(("source", "PAST")), fields=["ledger"], name="vacancy_past"),
                models.Index(fields=["landlord", "registered_on", "id"], name="vacancy_of_landlord"),
                models.Index(
                    models.F("landlord"),
                    models.OrderBy(models.F("id"), descending=True),
                    condition=models.Q(("cancelled_at", None)),
                    name="vacancy_latest_of_landlord",
                ),
                models.Index(
                    models.F("landlord"),
                    models.F("id"),
                    condition=models.Q(("cancelled_at", None), ("is_let", False)),
                    name="vacancy_not_let",
                ),
                models.Index(
                    models.F("ledger"), condition=models.Q(("cancelled_at__isnull", False)), name="vacancy_cancelled"
                ),
                models.Index(
                    models.OrderBy(models.F("registered_on"), descending=True),
                    models.OrderBy(models.F("id"), descending=True),
                    name="vacancy_latest",
                ),
                models.Index(
                    models.F("commune"), condition=models.Q(("cancelled_at", None)), name="vacancy_of_commune"
                ),
                models.Index(
                    models.F("landlord"),
                    condition=models.Q(("cancelled_at", None), ("ledger__isnull", True)),
                    name="vacancy_of_no_ledger",
                ),
                models.Index(
                    models.F("ledger"),
                    models.F("id"),
                    condition=models.Q(("cancelled_at", None), ("entered_as__isnull", True), ("kind", "IN_FLOW")),
                    name="vacancy_to_enter",
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
                        models.Q(models.Q(("kind__in", ["IN_FLOW", "FIRST_LETTING"]), _negated=True), ("ledger", None)),
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
                models.CheckConstraint(
                    condition=models.Q(
                        ("covered_on", None),
                        models.Q(("covered_on__gt", models.F("registered_on")), ("kind", "IN_FLOW")),
                        _connector="OR",
                    ),
                    name="vacancy_covered_later",
                    violation_error_message="Seul un logement du flux attend une convention, après son enregistrement.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("source", "HERE"), ("kind", "IN_FLOW"), _connector="OR"),
                    name="vacancy_past_in_flow",
                    violation_error_message="Seul un logement du flux se reprend du passé.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("works_end_on", None), ("works_end_on__gte", models.F("available_on")), _connector="OR"
                    ),
                    name="vacancy_works_after_departure",
                    violation_error_message="Les travaux ne finissent pas avant que le logement soit libre.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(
                        ("cancelled_at", None),
                        ("closed_on", None),
                        ("is_let", False),
                        ("kind__in", ("IN_FLOW", "STOCK", "FIRST_LETTING", "TECHNICAL")),
                    ),
                    fields=("unit",),
                    name="vacancy_open_once",
                    violation_error_message="Ce logement est déjà libre, et pas encore loué : ouvrez sa fiche plutôt que de le déclarer deux fois.",
                ),
                django.contrib.postgres.constraints.ExclusionConstraint(
                    condition=models.Q(("cancelled_at", None), ("closed_on", None)),
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
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.reservationholder"
                ),
            ),
            ("reason", models.CharField(max_length=16)),
            ("sentence", models.TextField(verbose_name="pourquoi")),
            ("situation", models.JSONField(verbose_name="situation lue")),
            ("ranking", models.JSONField(verbose_name="classement")),
            ("engine_version", models.PositiveSmallIntegerField(verbose_name="version de la règle")),
            ("fingerprint", models.CharField(max_length=64, verbose_name="empreinte")),
            ("recorded_at", models.DateTimeField(verbose_name="calculée le")),
            (
                "plan",
                models.JSONField(
                    blank=True,
                    help_text="vide : un seul départ était connu",
                    null=True,
                    verbose_name="plan des départs connus",
                ),
            ),
        ],
        options={
            "verbose_name": "recommandation",
            "ordering": ["ledger", "sequence"],
            "constraints": [
                models.UniqueConstraint(fields=("vacancy", "attempt"), name="recommendation_unique_attempt"),
                models.UniqueConstraint(fields=("ledger", "sequence"), name="recommendation_unique_sequence"),
            ],
            "indexes": [
                models.Index(condition=models.Q(("attempt__gt", 1)), fields=["ledger"], name="recommendation_again")
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
                    help_text="jours où des candidats, retirés depuis, étaient transmis",
                    verbose_name="jours non décomptés",
                ),
            ),
            ("one_turn", models.BooleanField(db_default=False, default=False, verbose_name="pour un tour")),
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
                        models.Q(models.Q(("motive", ""), _negated=True), models.Q(("motive_text", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="routing_motive_has_text",
                    violation_error_message="Un motif comporte un code et une phrase.",
                ),
            ],
            "indexes": [
                models.Index(
                    condition=models.Q(("recommendation", None)), fields=["vacancy"], name="routing_without_rule"
                ),
                models.Index(
                    condition=models.Q(("closed_at", None)),
                    fields=["holder", "-routed_at", "-vacancy"],
                    name="routing_open_of_holder",
                ),
                models.Index(
                    condition=models.Q(("acting__isnull", False), ("closed_at", None)),
                    fields=["acting", "-routed_at", "-vacancy"],
                    name="routing_open_of_acting",
                ),
                models.Index(
                    condition=models.Q(("motive", ""), _negated=True),
                    fields=["routed_by", "-id"],
                    name="routing_motive_of",
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
                    blank=True,
                    null=True,
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
                        ("OPENING", "ce qui est repris de l’ouverture n’est pas ce que le réservataire a accepté"),
                        ("RECORDED", "une orientation dite passée ne l’est pas, ou le contraire"),
                        ("ORDER", "un logement est passé avant un autre, enregistré plus tôt"),
                        ("REPLAY", "une recommandation recalculée diffère de celle qui est gardée"),
                        ("UNFOUND", "des mouvements ne répondent à aucun acte"),
                        ("ASKED", "des décisions demandées hors de leur tour, par habitude"),
                        ("ALTERED", "des lignes gardées ont été écrites hors de l’application"),
                        ("BROKEN", "la chaîne des faits est rompue"),
                        ("APART", "une tâche n’a pas pu traiter une ligne, et l’a mise de côté"),
                        ("COUNTS", "un cumul des comptes n’est pas ce qu’il additionne"),
                        ("LISTS", "un décompte des listes n’est pas ce que disent les demandes et les baux"),
                        ("STAGE", "l’étape d’un logement n’est pas celle de ses candidats"),
                        ("RECOUNT", "une case du bilan n’est pas celle des actes recomptés"),
                        ("LEASE", "un bail en vigueur n’est pas dans le compte"),
                        ("HOUSED", "un ménage a deux baux en vigueur"),
                        ("TWICE", "un ménage est deux fois candidat au même logement"),
                        ("GONE", "un logement sorti du parc est déclaré libéré"),
                        ("LOST", "ce qu’une année laisse dû n’est pas repris"),
                        ("CLOSED", "un logement est orienté vers une organisation fermée"),
                        ("SETTLED", "ce qui précède une signature n’est pas réglé comme la convention le dit"),
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
            (
                "landlord",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
        ],
        options={
            "verbose_name": "alerte de contrôle",
            "verbose_name_plural": "alertes de contrôle",
            "ordering": ["-pk"],
            "constraints": [
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
                models.UniqueConstraint(
                    condition=models.Q(("acknowledged_at", None)),
                    fields=("ledger", "difference"),
                    name="audit_alert_once_while_it_stands",
                    nulls_distinct=False,
                    violation_error_message="Cette différence a déjà son alerte.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("check_code", "ALTERED"), ("ledger", None)),
                        models.Q(("check_code", "BROKEN"), ("landlord", None)),
                        models.Q(("check_code", "APART"), ("landlord", None), ("ledger", None)),
                        models.Q(
                            (
                                "check_code__in",
                                (
                                    "COUNTS",
                                    "LISTS",
                                    "STAGE",
                                    "RECOUNT",
                                    "LEASE",
                                    "HOUSED",
                                    "TWICE",
                                    "GONE",
                                    "LOST",
                                    "CLOSED",
                                ),
                            ),
                            models.Q(("ledger", None), ("landlord", None), _connector="OR"),
                        ),
                        models.Q(
                            models.Q(
                                (
                                    "check_code__in",
                                    [
                                        "ALTERED",
                                        "BROKEN",
                                        "APART",
                                        "COUNTS",
                                        "LISTS",
                                        "STAGE",
                                        "RECOUNT",
                                        "LEASE",
                                        "HOUSED",
                                        "TWICE",
                                        "GONE",
                                        "LOST",
                                        "CLOSED",
                                    ],
                                ),
                                _negated=True,
                            ),
                            ("landlord", None),
                            ("ledger__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="audit_alert_whose",
                    violation_error_message="Une alerte est celle d’un compte, d’un bailleur ou de toute l’installation.",
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
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="cells", to="flux.ledger"
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.reservationholder"
                ),
            ),
            (
                "commune",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
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
            ("year", models.PositiveSmallIntegerField(verbose_name="année des actes")),
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
                        "year",
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
            "indexes": [
                models.Index(fields=["year", "ledger"], name="flow_cell_of_year"),
                models.Index(fields=["commune", "ledger"], name="flow_cell_of_place"),
            ],
        },
    ),
    migrations.CreateModel(
        name="AccountMonth",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "ledger",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="months", to="flux.ledger"),
            ),
            (
                "holder",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.reservationholder"
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
            ("again", models.IntegerField(default=0, verbose_name="comptés de nouveau")),
            ("first_allocated", models.IntegerField(default=0, verbose_name="premières locations attribuées")),
            ("first_leased", models.IntegerField(default=0, verbose_name="baux de premières locations")),
            ("shares", models.BigIntegerField(default=0, verbose_name="parts de l’année")),
            ("vacated", models.IntegerField(default=0, verbose_name="libérés")),
            ("received", models.IntegerField(default=0, verbose_name="reçus")),
        ],
        options={
            "verbose_name": "mois de compte",
            "verbose_name_plural": "mois de compte",
            "ordering": ["ledger", "holder", "month", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("ledger", "holder", "commune", "month"), name="account_month_unique", nulls_distinct=False
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
                        ("OUTSIDE", "hors assiette du flux"),
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
            ("targets", models.JSONField(blank=True, default=dict, editable=False, verbose_name="cibles de chacun")),
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
            "indexes": [
                models.Index(condition=models.Q(("reason", "WORKS")), fields=["routing"], name="return_for_works")
            ],
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
                    expressions=[("unit", "="), (reservations.models.periods.DateRange("starts_on", "ends_on"), "&&")],
                    name="stock_assignment_one_per_unit",
                    violation_error_message="Ce logement porte déjà un droit en stock à cette date.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="UnitDescription",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("since", models.DateField(verbose_name="à compter du")),
            (
                "act",
                models.CharField(
                    choices=[
                        ("RECORDED", "à l’enregistrement"),
                        ("CHANGE", "changement"),
                        ("ERROR", "erreur corrigée"),
                        ("COMPLETED", "complément"),
                    ],
                    max_length=9,
                    verbose_name="acte",
                ),
            ),
            ("rooms", models.SmallIntegerField(verbose_name="pièces principales")),
            ("financing_code", models.CharField(blank=True, max_length=2, verbose_name="financement initial")),
            ("in_qpv", models.BooleanField(blank=True, null=True, verbose_name="en quartier prioritaire (QPV)")),
            (
                "qpv_code",
                models.CharField(
                    blank=True, help_text="QP011009, QN01109M", max_length=8, verbose_name="code du quartier"
                ),
            ),
            (
                "qpv_list",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="année de la liste : 2015, 2024…",
                    null=True,
                    verbose_name="liste des quartiers",
                ),
            ),
            ("construction_year", models.SmallIntegerField(blank=True, null=True, verbose_name="année d’achèvement")),
            ("attractiveness", models.CharField(blank=True, max_length=1, verbose_name="attractivité")),
            ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
            ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="enregistrée le")),
            (
                "commune",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="commune",
                ),
            ),
            (
                "corrects",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="corrected_by",
                    to="flux.unitdescription",
                    verbose_name="corrige",
                ),
            ),
            (
                "recorded_by",
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
                "unit",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="descriptions",
                    to="flux.unit",
                    verbose_name="logement",
                ),
            ),
        ],
        options={
            "verbose_name": "description de logement",
            "verbose_name_plural": "descriptions de logements",
            "ordering": ["unit", "since", "pk"],
            "indexes": [
                models.Index(fields=["unit", "since"], name="description_unit_since"),
                models.Index(
                    condition=models.Q(
                        ("financing_code", ""), ("in_qpv", None), ("construction_year", None), _connector="OR"
                    ),
                    fields=["commune"],
                    name="description_lacking",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("act__in", ["ERROR", "COMPLETED"]), ("corrects__isnull", False)),
                        models.Q(("act__in", ["RECORDED", "CHANGE"]), ("corrects", None)),
                        _connector="OR",
                    ),
                    name="description_corrects",
                    violation_error_message="Une correction, et elle seule, dit quelle description elle corrige.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("qpv_code", ""),
                        models.Q(("in_qpv", True), ("qpv_code__regex", "^Q[A-Z0-9]{7}$")),
                        _connector="OR",
                    ),
                    name="description_qpv_code",
                    violation_error_message="Le code d’un quartier a huit signes et commence par Q : QP011009, QN01109M.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="AskedDecision",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("passed", models.PositiveIntegerField(default=0, verbose_name="départs passés")),
            ("known", models.PositiveSmallIntegerField(verbose_name="départs connus")),
            ("motive", models.TextField(blank=True, verbose_name="motif")),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="demandée par",
                ),
            ),
            (
                "recommendation",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="asked",
                    to="flux.recommendation",
                    verbose_name="recommandation",
                ),
            ),
        ],
        options={
            "verbose_name": "décision demandée",
            "verbose_name_plural": "décisions demandées",
            "ordering": ["pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("passed", 0), models.Q(("motive", ""), _negated=True), _connector="OR"),
                    name="asked_decision_out_of_order_has_motive",
                    violation_error_message="Passer avant des départs enregistrés plus tôt demande un motif.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="DecisionWindow",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("length", models.PositiveSmallIntegerField(default=8, verbose_name="départs planifiés ensemble")),
            ("days", models.PositiveSmallIntegerField(default=3, verbose_name="jours ouvrés d’attente au plus")),
            ("starts_on", models.DateField(verbose_name="à partir du")),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="decision_windows",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
        ],
        options={
            "verbose_name": "fenêtre de décision",
            "verbose_name_plural": "fenêtres de décision",
            "ordering": ["landlord", "-starts_on"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("landlord", "starts_on"),
                    name="decision_window_unique_date",
                    violation_error_message="Une fenêtre de décision commence déjà ce jour-là.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("length", None), models.Q(("length__gte", 1), ("length__lte", 16)), _connector="OR"
                    ),
                    name="decision_window_length_bounds",
                    violation_error_message="Planifiez ensemble de 1 à 16 départs : 1, chaque départ est décidé seul, dès son enregistrement.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("days", None), models.Q(("days__gte", 0), ("days__lte", 20)), _connector="OR"),
                    name="decision_window_days_bounds",
                    violation_error_message="Écrivez un nombre de jours ouvrés de 0 à 20 : 0, un départ n’en attend pas d’autres.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ExpectedHolder",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("rank", models.PositiveSmallIntegerField(verbose_name="rang parmi les départs connus")),
            ("known", models.PositiveSmallIntegerField(verbose_name="départs connus")),
            ("since", models.DateTimeField(verbose_name="prévue depuis le")),
            ("firm_on", models.DateField(verbose_name="décidé au plus tard le")),
            ("seen_on", models.DateField(verbose_name="calculée le")),
            (
                "holder",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="destination prévue",
                ),
            ),
            (
                "vacancy",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="expected",
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
        ],
        options={
            "verbose_name": "prévision de destination",
            "verbose_name_plural": "prévisions de destination",
            "ordering": ["vacancy_id"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("known__gte", models.F("rank")), ("rank__gte", 1)),
                    name="expected_holder_rank",
                    violation_error_message="Une prévision porte un rang parmi les départs connus.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="PeriodCut",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("starts_on", models.DateField(verbose_name="à compter du")),
            (
                "bounds",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.SmallIntegerField(), verbose_name="dernières années"
                ),
            ),
            ("source", models.CharField(max_length=200, verbose_name="source")),
            (
                "landlord",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                    verbose_name="bailleur",
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
                    verbose_name="région ou département",
                ),
            ),
        ],
        options={
            "verbose_name": "découpage des périodes de construction",
            "verbose_name_plural": "découpages des périodes de construction",
            "ordering": ["landlord", "territory", "starts_on"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("landlord", "territory", "starts_on"),
                    name="period_cut_once",
                    nulls_distinct=False,
                    violation_error_message="Un découpage commence déjà ce jour-là ici : choisissez un autre jour.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="WebhookDelivery",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "identifier",
                models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="identifiant"),
            ),
            (
                "state",
                models.CharField(
                    choices=[("PENDING", "à envoyer"), ("DELIVERED", "reçu"), ("GIVEN_UP", "abandonné")],
                    default="PENDING",
                    max_length=9,
                    verbose_name="état",
                ),
            ),
            ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
            ("next_at", models.DateTimeField(verbose_name="prochain essai")),
            (
                "endpoint",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="deliveries",
                    to="flux.webhookendpoint",
                    verbose_name="adresse",
                ),
            ),
            (
                "event",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="deliveries",
                    to="flux.webhookevent",
                    verbose_name="fait",
                ),
            ),
        ],
        options={
            "verbose_name": "envoi à un logiciel",
            "verbose_name_plural": "envois à des logiciels",
            "ordering": ["-pk"],
            "indexes": [
                models.Index(condition=models.Q(("state", "PENDING")), fields=["next_at"], name="webhook_delivery_due")
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=("endpoint", "event"),
                    name="webhook_delivery_once",
                    violation_error_message="Ce fait est déjà annoncé à cette adresse.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="WebhookAttempt",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField(verbose_name="le")),
            ("status", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="réponse")),
            ("duration", models.PositiveIntegerField(verbose_name="durée, en millisecondes")),
            ("said", models.CharField(blank=True, max_length=300, verbose_name="ce qui a été répondu")),
            (
                "delivery",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="attempts",
                    to="flux.webhookdelivery",
                    verbose_name="envoi",
                ),
            ),
        ],
        options={
            "verbose_name": "essai d’envoi",
            "verbose_name_plural": "essais d’envoi",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="WebhookEndpoint",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
            ("url", models.CharField(max_length=300, verbose_name="adresse")),
            (
                "kinds",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("vacancy.declared", "logement libéré enregistré"),
                            ("vacancy.cancelled", "déclaration annulée"),
                            ("vacancy.recommended", "destination recommandée"),
                            ("vacancy.routed", "logement orienté"),
                            ("vacancy.returned", "logement rendu, ou délai écoulé"),
                            ("candidates.sent", "candidats transmis"),
                            ("case.decided", "décision de la CALEOL"),
                            ("lease.signed", "bail signé"),
                            ("lease.cancelled", "bail annulé"),
                            ("balance.sent", "bilan envoyé"),
                        ],
                        max_length=20,
                    ),
                    verbose_name="faits",
                ),
            ),
            ("secret", models.CharField(max_length=80, verbose_name="secret")),
            ("old_secret", models.CharField(blank=True, max_length=80, verbose_name="secret précédent")),
            ("old_until", models.DateTimeField(blank=True, null=True, verbose_name="valable jusqu’à")),
            ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="créée le")),
            ("failing_since", models.DateTimeField(blank=True, null=True, verbose_name="en échec depuis")),
            ("stopped_at", models.DateTimeField(blank=True, null=True, verbose_name="suspendue le")),
            (
                "stopped",
                models.CharField(
                    blank=True,
                    choices=[("BY_HAND", "suspendue par une personne"), ("FAILING", "suspendue : elle ne répond plus")],
                    max_length=8,
                    verbose_name="pourquoi",
                ),
            ),
            (
                "made_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="créée par",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="webhooks",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
        ],
        options={
            "verbose_name": "adresse d’un logiciel",
            "verbose_name_plural": "adresses de logiciels",
            "ordering": ["-pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("stopped", ""), ("stopped_at", None)),
                        models.Q(("stopped_at__isnull", False), models.Q(("stopped", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="webhook_stopped_for_a_reason",
                    violation_error_message="Une adresse suspendue dit depuis quand, et pourquoi.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("kinds", []), _negated=True),
                    name="webhook_has_kinds",
                    violation_error_message="Choisissez au moins un fait à annoncer.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="WebhookEvent",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("vacancy.declared", "logement libéré enregistré"),
                        ("vacancy.cancelled", "déclaration annulée"),
                        ("vacancy.recommended", "destination recommandée"),
                        ("vacancy.routed", "logement orienté"),
                        ("vacancy.returned", "logement rendu, ou délai écoulé"),
                        ("candidates.sent", "candidats transmis"),
                        ("case.decided", "décision de la CALEOL"),
                        ("lease.signed", "bail signé"),
                        ("lease.cancelled", "bail annulé"),
                        ("balance.sent", "bilan envoyé"),
                    ],
                    max_length=20,
                    verbose_name="fait",
                ),
            ),
            ("data", models.JSONField(blank=True, default=dict, verbose_name="numéros")),
            ("at", models.DateTimeField(verbose_name="le")),
            ("spread_at", models.DateTimeField(blank=True, null=True, verbose_name="réparti le")),
            (
                "ledger",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="flux.ledger",
                    verbose_name="compte",
                ),
            ),
            (
                "vacancy",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
        ],
        options={
            "verbose_name": "fait à annoncer",
            "verbose_name_plural": "faits à annoncer",
            "ordering": ["pk"],
            "indexes": [
                models.Index(condition=models.Q(("spread_at", None)), fields=["id"], name="webhook_event_to_spread")
            ],
        },
    ),
    migrations.CreateModel(
        name="OpeningBalance",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("since", models.DateField(verbose_name="compté depuis le")),
            ("opened_on", models.DateField(verbose_name="compte tenu ici à partir du")),
            ("units", models.PositiveIntegerField(verbose_name="logements entrés dans le flux")),
            ("due", models.BigIntegerField(verbose_name="dû, en millionièmes")),
            ("received", models.PositiveIntegerField(verbose_name="logements reçus")),
            ("allocated", models.PositiveIntegerField(blank=True, null=True, verbose_name="attribués")),
            ("leased", models.PositiveIntegerField(blank=True, null=True, verbose_name="baux signés")),
            ("source", models.TextField(verbose_name="source")),
            ("proposed_at", models.DateTimeField(verbose_name="proposé le")),
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
                "ledger",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="openings",
                    to="flux.ledger",
                    verbose_name="compte",
                ),
            ),
            (
                "proposed_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="proposé par",
                ),
            ),
            (
                "replaces",
                models.OneToOneField(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="replaced_by",
                    to="flux.openingbalance",
                    verbose_name="remplace",
                ),
            ),
        ],
        options={
            "verbose_name": "solde d’ouverture",
            "verbose_name_plural": "soldes d’ouverture",
            "ordering": ["ledger", "holder", "pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("since__lt", models.F("opened_on"))),
                    name="opening_since_before",
                    violation_error_message="Ce qui est compté commence avant le jour où le compte est tenu ici.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("due__gte", 0),
                        (
                            "due__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("units"), "*", models.Value(1000000)
                            ),
                        ),
                    ),
                    name="opening_due_of_units",
                    violation_error_message="Le dû ne dépasse pas les logements entrés dans le flux.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("received__lte", models.F("units"))),
                    name="opening_received_of_units",
                    violation_error_message="Les logements reçus ne dépassent pas ceux entrés dans le flux.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("allocated", None), ("allocated__lte", models.F("received")), _connector="OR"),
                        models.Q(("leased", None), ("leased__lte", models.F("received")), _connector="OR"),
                    ),
                    name="opening_outcome_of_received",
                    violation_error_message="Attributions et baux ne dépassent pas les logements reçus.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("source", ""), _negated=True),
                    name="opening_has_source",
                    violation_error_message="Un solde d’ouverture dit d’où viennent ses chiffres.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="OpeningAct",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "act",
                models.CharField(
                    choices=[
                        ("ACCEPTED", "accepté"),
                        ("CONTESTED", "contesté"),
                        ("MAINTAINED", "maintenu"),
                        ("WITHDRAWN", "retiré"),
                    ],
                    max_length=10,
                    verbose_name="acte",
                ),
            ),
            ("text", models.TextField(blank=True, verbose_name="motif")),
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
            (
                "opening",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="acts",
                    to="flux.openingbalance",
                    verbose_name="solde",
                ),
            ),
        ],
        options={
            "verbose_name": "réponse à un solde d’ouverture",
            "verbose_name_plural": "réponses aux soldes d’ouverture",
            "ordering": ["pk"],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("act__in", ["ACCEPTED", "WITHDRAWN"])),
                    fields=("opening",),
                    name="opening_closed_once",
                    violation_error_message="Ce solde d’ouverture est déjà accepté, ou retiré. Rechargez la page.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("act", "ACCEPTED"), models.Q(("text", ""), _negated=True), _connector="OR"),
                    name="opening_act_says_why",
                    violation_error_message="Dites pourquoi en une phrase : l’autre partie la lira.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="GoLive",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("on", models.DateField(verbose_name="mise en service le")),
            ("set_at", models.DateTimeField(verbose_name="choisie le")),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="go_lives",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            (
                "set_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="choisie par",
                ),
            ),
        ],
        options={
            "verbose_name": "mise en service",
            "verbose_name_plural": "mises en service",
            "ordering": ["landlord", "pk"],
        },
    ),
    migrations.CreateModel(
        name="Rehearsal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("sentence", models.TextField(verbose_name="pourquoi")),
            ("tried_at", models.DateTimeField(verbose_name="essayé le")),
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
                "tried_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="essayé par",
                ),
            ),
            (
                "unit",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="rehearsals",
                    to="flux.unit",
                    verbose_name="logement",
                ),
            ),
        ],
        options={
            "verbose_name": "essai",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="ToldAside",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("contingent", models.PositiveSmallIntegerField(verbose_name="code de la rubrique 63")),
            ("is_aside", models.BooleanField(verbose_name="mis de côté")),
            ("units", models.PositiveIntegerField(verbose_name="logements alors sans droit")),
            ("why", models.TextField(blank=True, verbose_name="pourquoi")),
            ("set_at", models.DateTimeField(auto_now_add=True, verbose_name="dit le")),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            (
                "set_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="dit par",
                ),
            ),
        ],
        options={
            "verbose_name": "code du RPLS mis de côté",
            "verbose_name_plural": "codes du RPLS mis de côté",
            "ordering": ["landlord", "pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("is_aside", False), models.Q(("why", ""), _negated=True), _connector="OR"),
                    name="told_aside_has_its_reason",
                    violation_error_message="Dites pourquoi ce code est mis de côté.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="OutsideFlow",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "reason",
                models.CharField(
                    choices=[
                        ("HOSTEL", "logement-foyer ou pension de famille"),
                        ("SOCIAL_RESIDENCE", "résidence sociale"),
                        ("STUDENT", "résidence universitaire ou étudiante"),
                        ("ASSOCIATION", "loué à une association (L442-8-1)"),
                        ("INTERMEDIATE", "intermédiaire ou non conventionné (PLI, LLI)"),
                        ("STAFF", "logement de fonction ou loge de gardien"),
                    ],
                    max_length=16,
                    verbose_name="motif",
                ),
            ),
            ("starts_on", models.DateField(verbose_name="hors assiette depuis le")),
            ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
            (
                "source",
                models.CharField(
                    help_text="convention, agrément ou bail qui le dit", max_length=200, verbose_name="source"
                ),
            ),
            ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="enregistré le")),
            (
                "recorded_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="enregistré par",
                ),
            ),
            (
                "unit",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="outside",
                    to="flux.unit",
                    verbose_name="logement",
                ),
            ),
        ],
        options={
            "verbose_name": "logement hors assiette",
            "verbose_name_plural": "logements hors assiette",
            "ordering": ["unit", "starts_on"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                    name="outside_flow_period",
                    violation_error_message="La date de fin précède la date de début.",
                ),
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[("unit", "="), (reservations.models.periods.DateRange("starts_on", "ends_on"), "&&")],
                    name="outside_flow_no_overlap",
                    violation_error_message="Ce logement est déjà hors de l’assiette à ces dates.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="StockTransfer",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("takes_effect_on", models.DateField(verbose_name="à compter du")),
            (
                "source",
                models.CharField(
                    help_text="acte notarié, délibération, traité d’apport", max_length=200, verbose_name="acte"
                ),
            ),
            ("proposed_at", models.DateTimeField(verbose_name="proposée le")),
            ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="acceptée le")),
            (
                "signer",
                models.CharField(
                    blank=True,
                    help_text="nom et qualité de qui a accepté sur papier",
                    max_length=120,
                    verbose_name="signataire",
                ),
            ),
            ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="retirée ou refusée le")),
            ("withdrawn_why", models.CharField(blank=True, max_length=300, verbose_name="pourquoi")),
            ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="faite le")),
            (
                "accepted_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="acceptation enregistrée par",
                ),
            ),
            (
                "giver",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="transfers_given",
                    to="reservations.landlord",
                    verbose_name="cédant",
                ),
            ),
            (
                "proposed_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="proposée par",
                ),
            ),
            (
                "receiver",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="transfers_received",
                    to="reservations.landlord",
                    verbose_name="repreneur",
                ),
            ),
            (
                "withdrawn_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="retirée ou refusée par",
                ),
            ),
        ],
        options={
            "verbose_name": "cession de programmes",
            "verbose_name_plural": "cessions de programmes",
            "ordering": ["-takes_effect_on", "-pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("giver", models.F("receiver")), _negated=True),
                    name="stock_transfer_two_landlords",
                    violation_error_message="Un bailleur ne se cède rien à lui-même : choisissez un autre bailleur.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("accepted_at", None), ("accepted_by", None), ("done_at", None), ("signer", "")),
                        models.Q(
                            ("accepted_at__isnull", False), ("accepted_by__isnull", False), ("withdrawn_at", None)
                        ),
                        _connector="OR",
                    ),
                    name="stock_transfer_accepted",
                    violation_error_message="Une cession acceptée dit par qui et quand ; elle ne se retire plus.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("withdrawn_at", None), ("withdrawn_by", None), ("withdrawn_why", "")),
                        models.Q(
                            ("withdrawn_at__isnull", False),
                            ("withdrawn_by__isnull", False),
                            models.Q(("withdrawn_why", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="stock_transfer_withdrawn",
                    violation_error_message="Une cession retirée ou refusée dit par qui, quand et pourquoi.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="TransferredProgramme",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "becomes",
                models.OneToOneField(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="came_by",
                    to="flux.programme",
                    verbose_name="devient",
                ),
            ),
            (
                "programme",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="transfers",
                    to="flux.programme",
                    verbose_name="programme",
                ),
            ),
            (
                "transfer",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="programmes",
                    to="flux.stocktransfer",
                    verbose_name="cession",
                ),
            ),
        ],
        options={
            "verbose_name": "programme cédé",
            "verbose_name_plural": "programmes cédés",
            "ordering": ["transfer", "programme__number"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("transfer", "programme"),
                    name="transferred_programme_once",
                    violation_error_message="Ce programme est déjà dans cette cession.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="TransferredUnit",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "becomes",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="came_by",
                    to="flux.unit",
                    verbose_name="devient",
                ),
            ),
            (
                "programme",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="units",
                    to="flux.transferredprogramme",
                    verbose_name="programme",
                ),
            ),
            (
                "unit",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="gone_by",
                    to="flux.unit",
                    verbose_name="logement",
                ),
            ),
        ],
        options={
            "verbose_name": "logement cédé",
            "verbose_name_plural": "logements cédés",
            "ordering": ["programme", "unit"],
        },
    ),
    migrations.CreateModel(
        name="AwaitedDecision",
        fields=[
            (
                "vacancy",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="awaited",
                    serialize=False,
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="recommandé à",
                ),
            ),
        ],
        options={
            "verbose_name": "décision attendue",
            "verbose_name_plural": "décisions attendues",
            "ordering": ["pk"],
            "indexes": [
                models.Index(condition=models.Q(("holder__isnull", False)), fields=["holder"], name="awaited_of_holder")
            ],
        },
    ),
    migrations.CreateModel(
        name="PlaceCount",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.PositiveSmallIntegerField(verbose_name="année d’enregistrement")),
            ("units", models.IntegerField(default=0, verbose_name="logements")),
            (
                "commune",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.territory"
                ),
            ),
            (
                "landlord",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                ),
            ),
            (
                "ledger",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="flux.ledger",
                ),
            ),
        ],
        options={
            "verbose_name": "décompte par lieu",
            "verbose_name_plural": "décomptes par lieu",
            "ordering": ["landlord", "year", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("landlord", "commune", "year", "ledger"), name="place_count_unique", nulls_distinct=False
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Absorption",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("last_day", models.DateField(blank=True, null=True, verbose_name="dernier jour de ses conventions")),
            (
                "transfer",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="absorption",
                    to="flux.stocktransfer",
                    verbose_name="cession",
                ),
            ),
        ],
        options={
            "verbose_name": "absorption d’un bailleur",
            "verbose_name_plural": "absorptions de bailleurs",
            "ordering": ["transfer"],
        },
    ),
    migrations.CreateModel(
        name="AbsorbedBalance",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "entry",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="absorbed",
                    to="flux.flowentry",
                    verbose_name="mouvement de compte",
                ),
            ),
            (
                "absorption",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="balances",
                    to="flux.absorption",
                    verbose_name="absorption",
                ),
            ),
        ],
        options={
            "verbose_name": "solde repris d’un bailleur absorbé",
            "verbose_name_plural": "soldes repris de bailleurs absorbés",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="RoutingCount",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("month", models.DateField(verbose_name="mois d’orientation")),
            ("kind", models.CharField(max_length=14, verbose_name="nature")),
            ("exercise", models.PositiveSmallIntegerField(null=True, verbose_name="exercice du compte")),
            ("units", models.IntegerField(default=0, verbose_name="logements")),
            (
                "acting",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                ),
            ),
            (
                "landlord",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                ),
            ),
            (
                "ledger",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="flux.ledger",
                ),
            ),
        ],
        options={
            "verbose_name": "décompte des logements orientés",
            "verbose_name_plural": "décomptes des logements orientés",
            "ordering": ["holder", "month", "pk"],
            "indexes": [
                models.Index(
                    condition=models.Q(("acting__isnull", False)), fields=["acting"], name="routing_count_of_acting"
                )
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=("holder", "month", "landlord", "ledger", "acting", "kind", "exercise"),
                    name="routing_count_unique",
                    nulls_distinct=False,
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ChoiceCount",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("motive", models.CharField(blank=True, max_length=16, verbose_name="motif")),
            ("routings", models.IntegerField(default=0, verbose_name="orientations")),
            (
                "holder",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                ),
            ),
            (
                "ledger",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="flux.ledger"
                ),
            ),
            (
                "routed_by",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "décompte des décisions d’orientation",
            "verbose_name_plural": "décomptes des décisions d’orientation",
            "ordering": ["ledger", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("ledger", "holder", "motive", "routed_by"), name="choice_count_unique", nulls_distinct=False
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="UnitReader",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("reference", models.CharField(max_length=40, verbose_name="référence")),
            ("routings", models.IntegerField(verbose_name="orientations ouvertes")),
            (
                "commune",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                ),
            ),
            (
                "programme",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="flux.programme"
                ),
            ),
            (
                "unit",
                models.ForeignKey(
                    db_constraint=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="readers",
                    to="flux.unit",
                ),
            ),
        ],
        options={
            "verbose_name": "lecteur d’un logement",
            "verbose_name_plural": "lecteurs des logements",
            "ordering": ["organisation", "reference", "unit"],
            "indexes": [
                models.Index(fields=["organisation", "reference", "unit"], name="unit_reader_in_order"),
                models.Index(fields=["organisation", "commune"], name="unit_reader_commune"),
                models.Index(fields=["organisation", "programme"], name="unit_reader_programme"),
            ],
            "constraints": [models.UniqueConstraint(fields=("organisation", "unit"), name="unit_reader_unique")],
        },
    ),
    migrations.CreateModel(
        name="PlaceCell",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.PositiveSmallIntegerField(verbose_name="année des actes")),
            ("offered", models.IntegerField(default=0, verbose_name="proposés")),
            ("returned", models.IntegerField(default=0, verbose_name="rendus")),
            ("lapsed", models.IntegerField(default=0, verbose_name="sans réponse")),
            ("allocated", models.IntegerField(default=0, verbose_name="attribués")),
            ("leased", models.IntegerField(default=0, verbose_name="baux signés")),
            ("described", models.IntegerField(default=0, verbose_name="proposés, description complète")),
            (
                "commune",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.territory"
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.reservationholder"
                ),
            ),
            (
                "ledger",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="flux.ledger"
                ),
            ),
            ("outside_qpv", models.IntegerField(db_default=0, default=0, verbose_name="proposés, hors QPV")),
        ],
        options={
            "verbose_name": "case d’une commune",
            "verbose_name_plural": "cases des communes",
            "ordering": ["ledger", "holder", "pk"],
            "indexes": [models.Index(fields=["year", "ledger"], name="place_cell_of_year")],
            "constraints": [
                models.UniqueConstraint(fields=("ledger", "holder", "year", "commune"), name="place_cell_unique")
            ],
        },
    ),
    migrations.CreateModel(
        name="ReplayedYear",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "question",
                models.CharField(
                    max_length=64,
                    validators=[django.core.validators.MinLengthValidator(64)],
                    verbose_name="empreinte de l’hypothèse",
                ),
            ),
            ("changes", models.JSONField(verbose_name="hypothèse")),
            ("version", models.CharField(blank=True, max_length=64, verbose_name="empreinte du compte lu")),
            ("moved", models.BooleanField(default=False, verbose_name="le compte a changé depuis la réponse d’avant")),
            ("total", models.PositiveIntegerField(default=0, verbose_name="logements à rejouer")),
            ("done", models.PositiveIntegerField(default=0, verbose_name="logements rejoués")),
            ("answer", models.BinaryField(blank=True, null=True, verbose_name="réponse")),
            ("asked_at", models.DateTimeField(verbose_name="demandée le")),
            ("due_at", models.DateTimeField(verbose_name="à rejouer à partir de")),
            ("begun_at", models.DateTimeField(blank=True, null=True, verbose_name="commencée le")),
            ("replaying_until", models.DateTimeField(blank=True, null=True, verbose_name="en cours jusqu’à")),
            ("replayed_at", models.DateTimeField(blank=True, null=True, verbose_name="rejouée le")),
            ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
            ("failure", models.CharField(blank=True, max_length=300, verbose_name="pourquoi elle a échoué")),
            (
                "ledger",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="replayed",
                    to="flux.ledger",
                    verbose_name="compte",
                ),
            ),
        ],
        options={
            "verbose_name": "année rejouée",
            "verbose_name_plural": "années rejouées",
            "ordering": ["pk"],
            "indexes": [
                models.Index(condition=models.Q(("answer", None)), fields=["due_at"], name="replayed_year_waiting"),
                models.Index(fields=["asked_at"], name="replayed_year_asked"),
            ],
            "constraints": [models.UniqueConstraint(fields=("ledger", "question"), name="replayed_year_once")],
        },
    ),
    migrations.CreateModel(
        name="Resumption",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("resumed_at", models.DateTimeField(verbose_name="remis en location le")),
            (
                "given_back",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="resumption",
                    to="flux.return",
                    verbose_name="sortie pour travaux",
                ),
            ),
            (
                "resumed_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="enregistrée par",
                ),
            ),
        ],
        options={
            "verbose_name": "remise en location",
            "verbose_name_plural": "remises en location",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="FormerForecast",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("since", models.DateTimeField(verbose_name="prévue depuis le")),
            ("until", models.DateTimeField(verbose_name="jusqu’au")),
            (
                "cause",
                models.CharField(
                    choices=[
                        ("KNOWN", "un départ de plus est connu"),
                        ("DECIDED", "un autre départ a été décidé"),
                        ("MOVED", "les comptes ont bougé"),
                        ("OVER", "ce départ est décidé"),
                        ("CANCELLED", "la déclaration est annulée"),
                    ],
                    max_length=9,
                    verbose_name="ce qui l’a changée",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="destination prévue",
                ),
            ),
            (
                "vacancy",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="former_forecasts",
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
        ],
        options={
            "verbose_name": "prévision passée",
            "verbose_name_plural": "prévisions passées",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="SettledDue",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("units", models.PositiveIntegerField(verbose_name="logements réglés")),
            ("since", models.DateField(verbose_name="du")),
            ("until", models.DateField(verbose_name="au")),
            (
                "convention",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="settled",
                    to="reservations.convention",
                    verbose_name="convention",
                ),
            ),
            (
                "entry",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="settled",
                    to="flux.flowentry",
                    verbose_name="mouvement de compte",
                ),
            ),
        ],
        options={
            "verbose_name": "règlement d’avant la signature",
            "verbose_name_plural": "règlements d’avant la signature",
            "ordering": ["pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("units__gte", 1), ("until__gte", models.F("since"))),
                    name="settled_due_of_units",
                    violation_error_message="Un règlement porte sur des logements entrés dans le flux entre deux jours.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ConventionStock",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("counted_on", models.DateField(verbose_name="relevé le")),
            ("content", models.JSONField(verbose_name="relevé")),
            (
                "convention",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="stocks",
                    to="reservations.convention",
                    verbose_name="convention",
                ),
            ),
        ],
        options={
            "verbose_name": "relevé du parc d’une convention",
            "verbose_name_plural": "relevés du parc des conventions",
            "ordering": ["pk"],
        },
    ),
]
