"""Priority categories and objectives of the law, dated, each with its source; an administrator corrects them."""

from datetime import date
from decimal import Decimal

from django.db import migrations

from reservations.migrations import _together

SINCE = date(2020, 2, 22)
SEEN = "CCH, art. L441-1, dans sa rédaction en vigueur ; lettre à confirmer"

CATEGORIES = (
    ("DALO", "reconnu prioritaire et urgent (DALO)", "DALO", "CCH, art. L441-2-3"),
    ("DISABILITY", "situation de handicap dans le ménage", "LAW", SEEN),
    ("BADLY_HOUSED", "mal logé, ou en difficulté particulière de logement", "LAW", SEEN),
    ("TEMPORARY", "hébergé ou logé temporairement", "LAW", SEEN),
    ("BACK_TO_WORK", "reprise d’activité après un chômage de longue durée", "LAW", SEEN),
    ("UNFIT", "logement insalubre ou dangereux", "LAW", SEEN),
    ("VIOLENCE", "victime de violences au sein du couple ou de la famille", "LAW", SEEN),
    ("OVERCROWDED", "enfant mineur en logement suroccupé ou indécent", "LAW", SEEN),
    ("WITHOUT_HOME", "sans logement, ou hébergé par des tiers", "LAW", SEEN),
    ("EVICTION", "menacé d’expulsion sans relogement", "LAW", SEEN),
)

OBJECTIVES = (
    ("FIRST_QUARTILE_OUTSIDE_QPV", "25", "CCH, art. L441-1 : à défaut d’un taux fixé par la CIA"),
    ("OTHERS_IN_QPV", "50", "CCH, art. L441-1 : à défaut d’un taux fixé par la conférence ; à confirmer"),
    ("PRIORITY_AUTHORITY", "25", "CCH, art. L441-1 ; à confirmer"),
    ("PRIORITY_ACTION_LOGEMENT", "25", "CCH, art. L313-26-2 ; à confirmer"),
    ("PRIORITY_LANDLORD", "25", "CCH, art. L441-1 ; à confirmer"),
    ("STATE_AGENTS", "5", "CCH, art. R441-5-2"),
)


def record(apps, schema_editor):
    category, objective = (apps.get_model("attributions", name) for name in ("PriorityCategory", "Objective"))
    category.objects.bulk_create(
        category(code=code, label=label, group=group, starts_on=SINCE, source=source)
        for code, label, group, source in CATEGORIES
    )
    objective.objects.bulk_create(
        objective(code=code, percent=Decimal(percent), starts_on=SINCE, source=source)
        for code, percent, source in OBJECTIVES
    )


class Migration(_together.Migration):
    dependencies = [("attributions", "0001_households")]
    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
