"""An entry may say itself which act it bears on (flux/sql/0005_act_said.sql)."""

from __future__ import annotations

from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [("flux", "0004_known_departures")]

    operations = [*_sql.apply_files("flux", {"0005_act_said": "3927c7d73650"})]
