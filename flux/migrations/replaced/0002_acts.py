"""What was done in a year, and what became of the units registered in it: cells say the year of the acts
(docs/decisions/0036)."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import F, Q

from reservations.migrations import _sql

CELL = ["ledger", "holder", "year", "commune", "rooms", "financing_code", "in_qpv", "construction_year"]


class Migration(migrations.Migration):
    dependencies = [("flux", "0001_start")]

    operations = [
        migrations.RemoveConstraint("flowcell", "flow_cell_unique"),
        migrations.AddField(
            "flowcell",
            "year",
            models.PositiveSmallIntegerField("année des actes", default=0),
            preserve_default=False,
        ),
        migrations.AddField("flowentry", "acted_on", models.DateField("date de l’acte", null=True, editable=False)),
        migrations.AddConstraint(
            "flowcell",
            models.UniqueConstraint(fields=CELL, name="flow_cell_unique", nulls_distinct=False),
        ),
        *_sql.apply_files("flux", {"0002_acts": "827f45681cfb", "0002_fold_by_year": "fc0439595c76"}),
        migrations.AddIndex(
            "flowentry", models.Index(fields=["ledger"], condition=~Q(acted_on=F("on")), name="flow_entry_undoing")
        ),
        migrations.AddConstraint(
            "flowentry",
            models.CheckConstraint(
                condition=Q(acted_on__isnull=False),
                name="flow_entry_acted_on",
                violation_error_message="Un mouvement porte le jour de l’acte qu’il compte.",
            ),
        ),
    ]
