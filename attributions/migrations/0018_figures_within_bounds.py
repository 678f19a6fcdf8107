"""Bound the figures and days of households, as forms and acts do."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import migrations, models

from reservations.migrations import _together

FACTS = (
    ("adults", 1, 20),
    ("children", 0, 20),
    ("income", 0, 1_000_000),
    ("income_units", 1, Decimal("20.5")),
    ("income_quartile", 1, 4),
    ("labelled_on", date(1990, 5, 31), date(2099, 12, 31)),
    ("score", 0, 9_999),
)

#: Column, least, most: as the bounds were when this was written.
BOUNDS = {
    "Application": (
        *FACTS,
        ("birth_date", date(1900, 1, 1), date(2099, 12, 31)),
        ("requested_on", date(1980, 1, 1), date(2099, 12, 31)),
    ),
    "Proposal": (*FACTS, ("effort_rate", 0, 200), ("living_rest", 0, 1_000)),
    "Lease": (("income_quartile", 1, 4), ("persons", 1, 40)),
}

#: A history never keeps what they were.
IDENTITY = ("birth_date", "requested_on")

WHY = "Hors des bornes posées depuis : valeur effacée, à ressaisir."


def clear(apps: Any, editor: Any) -> None:
    """What lies out of the bounds is « non renseigné » from now on; the history keeps what was written."""
    history = apps.get_model("reservations", "HistoryEntry")
    for name, columns in BOUNDS.items():
        table = apps.get_model("attributions", name)
        for column, least, most in columns:
            out = table.objects.exclude(**{column: None}).exclude(**{f"{column}__range": (least, most)})
            found = list(out.order_by("pk").values_list("pk", column))
            history.objects.bulk_create(
                history(
                    subject=f"attributions.{name.lower()}",
                    subject_id=pk,
                    act="EDITED",
                    why=WHY,
                    details={"identity": [column]} if column in IDENTITY else {column: [str(value), None]},
                )
                for pk, value in found
            )
            if found:
                with kept_rows_open(editor, table):
                    out.update(**{column: None})


@contextmanager
def kept_rows_open(editor: Any, table: Any) -> Iterator[None]:
    """A lease never changes, but for this."""
    quoted = editor.quote_name(table._meta.db_table)
    editor.execute(f"ALTER TABLE {quoted} DISABLE TRIGGER USER")
    yield
    editor.execute(f"ALTER TABLE {quoted} ENABLE TRIGGER USER")


class Migration(_together.Migration):
    dependencies = [
        ("attributions", "0017_lapsed_words"),
        ("flux", "0019_folds_filled"),
        ("reservations", "0015_history_of_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(clear, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="application",
            name="income",
            field=models.IntegerField(blank=True, null=True, verbose_name="revenu fiscal de référence, €"),
        ),
        migrations.AlterField(
            model_name="application",
            name="score",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="cotation, en points"),
        ),
        migrations.AlterField(
            model_name="lease",
            name="persons",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="personnes logées"),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="income",
            field=models.IntegerField(blank=True, null=True, verbose_name="revenu fiscal de référence, €"),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="score",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="cotation, en points"),
        ),
        migrations.RemoveConstraint(
            model_name="lease",
            name="lease_income_quartile",
        ),
        migrations.AlterField(
            model_name="application",
            name="adults",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="adultes"),
        ),
        migrations.AlterField(
            model_name="application",
            name="children",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="enfants"),
        ),
        migrations.AlterField(
            model_name="application",
            name="income_quartile",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="quartile de ressources"),
        ),
        migrations.AlterField(
            model_name="lease",
            name="income_quartile",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="quartile de ressources"),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="adults",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="adultes"),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="children",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="enfants"),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="income_quartile",
            field=models.SmallIntegerField(blank=True, null=True, verbose_name="quartile de ressources"),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("adults", None), models.Q(("adults__gte", 1), ("adults__lte", 20)), _connector="OR"
                ),
                name="application_adults_bounds",
                violation_error_message="Un ménage compte de 1 à 20 adultes : vérifiez le nombre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("children", None), models.Q(("children__gte", 0), ("children__lte", 20)), _connector="OR"
                ),
                name="application_children_bounds",
                violation_error_message="Un ménage compte de 0 à 20 enfants : vérifiez le nombre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("income", None), models.Q(("income__gte", 0), ("income__lte", 1000000)), _connector="OR"
                ),
                name="application_income_bounds",
                violation_error_message="Un revenu fiscal de référence va de 0 à 1\xa0000\xa0000 € par an : vérifiez le montant.",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("income_units", None),
                    models.Q(("income_units__gte", 1), ("income_units__lte", Decimal("20.5"))),
                    _connector="OR",
                ),
                name="application_income_units_bounds",
                violation_error_message="Les unités de consommation vont de 1 à 20,5, avec deux décimales au plus : 1 pour le premier adulte, 0,5 ou 0,3 pour chacun des autres.",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("income_quartile", None),
                    models.Q(("income_quartile__gte", 1), ("income_quartile__lte", 4)),
                    _connector="OR",
                ),
                name="application_income_quartile_bounds",
                violation_error_message="Le quartile de ressources va de 1 à 4.",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("labelled_on", None),
                    models.Q(
                        ("labelled_on__gte", datetime.date(1990, 5, 31)),
                        ("labelled_on__lte", datetime.date(2099, 12, 31)),
                    ),
                    _connector="OR",
                ),
                name="application_labelled_on_bounds",
                violation_error_message="Un ménage est labellisé entre la loi du 31 mai 1990 et aujourd’hui : vérifiez la date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(("score", None), models.Q(("score__gte", 0), ("score__lte", 9999)), _connector="OR"),
                name="application_score_bounds",
                violation_error_message="Une cotation va de 0 à 9\xa0999 points : vérifiez le nombre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("birth_date", None),
                    models.Q(
                        ("birth_date__gte", datetime.date(1900, 1, 1)), ("birth_date__lte", datetime.date(2099, 12, 31))
                    ),
                    _connector="OR",
                ),
                name="application_birth_date_bounds",
                violation_error_message="Vérifiez l’année de naissance.",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("requested_on", None),
                    models.Q(
                        ("requested_on__gte", datetime.date(1980, 1, 1)),
                        ("requested_on__lte", datetime.date(2099, 12, 31)),
                    ),
                    _connector="OR",
                ),
                name="application_requested_on_bounds",
                violation_error_message="Une demande date de 1980 au plus tôt, d’aujourd’hui au plus tard.",
            ),
        ),
        migrations.AddConstraint(
            model_name="lease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("income_quartile", None),
                    models.Q(("income_quartile__gte", 1), ("income_quartile__lte", 4)),
                    _connector="OR",
                ),
                name="lease_income_quartile_bounds",
                violation_error_message="Le quartile de ressources va de 1 à 4.",
            ),
        ),
        migrations.AddConstraint(
            model_name="lease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("persons", None), models.Q(("persons__gte", 1), ("persons__lte", 40)), _connector="OR"
                ),
                name="lease_persons_bounds",
                violation_error_message="Un logement accueille de 1 à 40 personnes : vérifiez le nombre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("adults", None), models.Q(("adults__gte", 1), ("adults__lte", 20)), _connector="OR"
                ),
                name="proposal_adults_bounds",
                violation_error_message="Un ménage compte de 1 à 20 adultes : vérifiez le nombre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("children", None), models.Q(("children__gte", 0), ("children__lte", 20)), _connector="OR"
                ),
                name="proposal_children_bounds",
                violation_error_message="Un ménage compte de 0 à 20 enfants : vérifiez le nombre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("income", None), models.Q(("income__gte", 0), ("income__lte", 1000000)), _connector="OR"
                ),
                name="proposal_income_bounds",
                violation_error_message="Un revenu fiscal de référence va de 0 à 1\xa0000\xa0000 € par an : vérifiez le montant.",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("income_units", None),
                    models.Q(("income_units__gte", 1), ("income_units__lte", Decimal("20.5"))),
                    _connector="OR",
                ),
                name="proposal_income_units_bounds",
                violation_error_message="Les unités de consommation vont de 1 à 20,5, avec deux décimales au plus : 1 pour le premier adulte, 0,5 ou 0,3 pour chacun des autres.",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("income_quartile", None),
                    models.Q(("income_quartile__gte", 1), ("income_quartile__lte", 4)),
                    _connector="OR",
                ),
                name="proposal_income_quartile_bounds",
                violation_error_message="Le quartile de ressources va de 1 à 4.",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("labelled_on", None),
                    models.Q(
                        ("labelled_on__gte", datetime.date(1990, 5, 31)),
                        ("labelled_on__lte", datetime.date(2099, 12, 31)),
                    ),
                    _connector="OR",
                ),
                name="proposal_labelled_on_bounds",
                violation_error_message="Un ménage est labellisé entre la loi du 31 mai 1990 et aujourd’hui : vérifiez la date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("score", None), models.Q(("score__gte", 0), ("score__lte", 9999)), _connector="OR"),
                name="proposal_score_bounds",
                violation_error_message="Une cotation va de 0 à 9\xa0999 points : vérifiez le nombre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("effort_rate", None), models.Q(("effort_rate__gte", 0), ("effort_rate__lte", 200)), _connector="OR"
                ),
                name="proposal_effort_rate_bounds",
                violation_error_message="Un taux d’effort se lit en pourcentage du revenu : entre 0 et 200.",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("living_rest", None),
                    models.Q(("living_rest__gte", 0), ("living_rest__lte", 1000)),
                    _connector="OR",
                ),
                name="proposal_living_rest_bounds",
                violation_error_message="Vérifiez le reste pour vivre : de 0 à 1\xa0000 € par personne et par jour.",
            ),
        ),
    ]
