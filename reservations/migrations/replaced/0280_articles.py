"""The article of each organisation, stored with its name; those of before are given what the lists of the screens
guessed until then."""

from __future__ import annotations

import re
from typing import Any
from unicodedata import combining, normalize

from django.db import migrations, models

GUESSED = {
    "la": (
        *("Ville ", "Commune ", "Métropole ", "Communauté ", "Région ", "Préfecture ", "CA ", "CC ", "CU ", "Mairie "),
        *("Caisse ", "Direction ", "Chambre ", "Société ", "Fédération ", "Fondation ", "Régie ", "Gendarmerie "),
    ),
    "le": (
        *("Département ", "Ministère ", "Centre ", "Syndicat ", "Conseil ", "Comité ", "Groupe ", "Groupement "),
        *("Service ", "Rectorat ", "Tribunal ", "CCAS ", "CHU ", "CROUS ", "Pays ", "Le "),
    ),
    "l’": (
        *("État", "Office ", "Agence ", "Association ", "Établissement ", "Union ", "Hôpital ", "Université "),
        *("Académie ", "Assistance ", "Eurométropole ", "Institut ", "OPH ", "EPT ", "EPCI ", "ESH "),
    ),
    "les": ("Les ",),
}

#: First words in H before which « de » was elided.
MUTE = frozenset(
    [
        *("harmonie", "habitat", "habitation", "habitations", "habitants", "habiter", "hector", "helene", "helena"),
        *("henin", "hendaye", "henri", "henriette", "herault", "herblay", "hermine", "herve", "hilaire"),
        *("hippolyte", "homme", "hommes", "honore", "honorine", "hopital", "hortense", "hospice"),
        *("hospices", "hotel", "hubert", "hugues", "huguette", "humbert", "hyacinthe", "hydraulique"),
        *("hyeres",),
    ]
)


def guessed(name: str) -> str:
    """What the screens wrote before this name."""
    for article, beginnings in GUESSED.items():
        if name.startswith(beginnings):
            return article
    letters = "".join(each for each in normalize("NFD", name.lower()) if not combining(each))
    return "d’" if re.split(r"[ ’'-]", letters, maxsplit=1)[0] in MUTE else ""


def fill(apps: Any, schema_editor: Any) -> None:
    """A statement for each article."""
    organisations = apps.get_model("reservations", "Organisation").objects.using(schema_editor.connection.alias)
    found: dict[str, list[int]] = {}
    for pk, name in organisations.order_by("pk").values_list("pk", "name"):
        found.setdefault(guessed(name), []).append(pk)
    for article, rows in found.items():
        if article:
            organisations.filter(pk__in=rows).update(article=article)


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0270_occupancy"),
    ]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="article",
            field=models.CharField(
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
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("article__in", ("", "d’", "l’", "la", "le", "les"))),
                name="organisation_article",
                violation_error_message="L’article d’un nom est le, la, l’, les, d’ ou aucun : choisissez-en un.",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
