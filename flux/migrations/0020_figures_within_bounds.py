"""Bound the figures of units, as forms, acts and imports do."""

from typing import Any

from django.db import migrations, models

from reservations.migrations import _together

#: Column, least, most: as the bounds were when this was written.
BOUNDS = {
    "Unit": (
        ("surface", 1, 2_000),
        ("construction_year", 1000, 2100),
        ("floor", -3, 60),
        ("rent", 0, 5_000),
        ("charges", 0, 5_000),
    ),
}

WHY = "Hors des bornes posées depuis : valeur effacée, à ressaisir."


def clear(apps: Any, editor: Any) -> None:
    """What lies out of the bounds is « non renseigné » from now on; the history keeps what was written."""
    history = apps.get_model("reservations", "HistoryEntry")
    for name, columns in BOUNDS.items():
        table = apps.get_model("flux", name)
        for column, least, most in columns:
            out = table.objects.exclude(**{column: None}).exclude(**{f"{column}__range": (least, most)})
            found = list(out.order_by("pk").values_list("pk", column))
            history.objects.bulk_create(
                history(
                    subject=f"flux.{name.lower()}",
                    subject_id=pk,
                    act="EDITED",
                    why=WHY,
                    details={column: [str(value), None]},
                )
                for pk, value in found
            )
            out.update(**{column: None})


class Migration(_together.Migration):
    dependencies = [
        ("flux", "0019_folds_filled"),
        ("reservations", "0015_history_of_people"),
    ]

    operations = [
        migrations.RunPython(clear, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="unit",
            name="construction_year",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="année d’achèvement"),
        ),
        migrations.AlterField(
            model_name="unit",
            name="rooms",
            field=models.SmallIntegerField(verbose_name="pièces principales"),
        ),
        migrations.RemoveConstraint(
            model_name="unit",
            name="unit_has_a_room",
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(("rooms", None), models.Q(("rooms__gte", 1), ("rooms__lte", 99)), _connector="OR"),
                name="unit_rooms_bounds",
                violation_error_message="Un logement a de 1 à 99 pièces principales.",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("surface", None), models.Q(("surface__gte", 1), ("surface__lte", 2000)), _connector="OR"
                ),
                name="unit_surface_bounds",
                violation_error_message="Une surface va de 1 à 2\xa0000 m², avec deux décimales au plus.",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("construction_year", None),
                    models.Q(("construction_year__gte", 1000), ("construction_year__lte", 2100)),
                    _connector="OR",
                ),
                name="unit_construction_year_bounds",
                violation_error_message="Une année d’achèvement va de 1000 à 2100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(("floor", None), models.Q(("floor__gte", -3), ("floor__lte", 60)), _connector="OR"),
                name="unit_floor_bounds",
                violation_error_message="Un étage va de −3 à 60 ; 0 est le rez-de-chaussée.",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(("rent", None), models.Q(("rent__gte", 0), ("rent__lte", 5000)), _connector="OR"),
                name="unit_rent_bounds",
                violation_error_message="Écrivez un montant mensuel de 0 à 5\xa0000 €, avec deux décimales au plus.",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("charges", None), models.Q(("charges__gte", 0), ("charges__lte", 5000)), _connector="OR"
                ),
                name="unit_charges_bounds",
                violation_error_message="Écrivez un montant mensuel de 0 à 5\xa0000 €, avec deux décimales au plus.",
            ),
        ),
    ]
