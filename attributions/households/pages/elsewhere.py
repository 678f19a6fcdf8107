"""What is said of the minutes that another tool sealed."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from reservations.models import KeptElsewhere
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.words import day


def minutes_title(kept: KeptElsewhere) -> str:
    """« CALEOL de Robine Habitat, séance du 3 mars 2025 »."""
    return f"{kept.said['commission']}, séance du {day(kept.held_on)}"


def minutes_table(found: Iterable[KeptElsewhere]) -> Table:
    """Each with its page, where one says why one takes it."""
    note = "Gardés octet pour octet, leur empreinte vérifiée ; les ménages y sont des empreintes."
    return Rows(
        found,
        Shown(
            "Séance",
            lambda each: Said(
                minutes_title(each), each.said.get("lieu", ""), reverse("minutes-elsewhere", args=[each.pk])
            ),
        ),
        Shown("Tenu ailleurs", lambda each: f"tenu dans : {each.kept_in}"),
        Shown("Scellé le", lambda each: day(each.sealed_on) if each.sealed_on else ""),
    ).titled(
        "tenus-ailleurs",
        "Procès-verbaux tenus ailleurs",
        note,
        none="Aucun procès-verbal tenu ailleurs n’a été redonné ici.",
    )
