"""What is said of the balances that another tool sealed."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from reservations.models import KeptElsewhere
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.words import day


def elsewhere_words(kept: KeptElsewhere) -> str:
    """« Bilan 2025, Aude, tenu dans notre logiciel d’avant, scellé le 28 février 2026 »."""
    seal = f"scellé le {day(kept.sealed_on)}" if kept.sealed_on else f"envoyé le {day(kept.held_on)}, pas encore scellé"
    return f"Bilan {kept.exercise}, {kept.departement}, tenu dans : {kept.kept_in}, {seal}"


def elsewhere_table(found: Iterable[KeptElsewhere]) -> Table:
    """Each with its file."""
    note = "Gardés octet pour octet, leur empreinte vérifiée. Rien n’en est compté ici."
    return Rows(
        found,
        Shown(
            "Bilan",
            lambda each: Said(
                f"Bilan {each.exercise}, {each.departement}",
                f"version {each.said['version']}" if each.said.get("version") else "",
                reverse("balance-elsewhere-file", args=[each.pk]),
            ),
        ),
        Shown("Bailleur", lambda each: str(each.landlord)),
        Shown("Tenu ailleurs", lambda each: f"tenu dans : {each.kept_in}"),
        Shown("Envoyé le", lambda each: day(each.held_on)),
        Shown("Scellé le", lambda each: day(each.sealed_on) if each.sealed_on else "pas scellé"),
        Shown("Signé par", lambda each: each.said.get("signée par") or "personne"),
    ).titled("tenus-ailleurs", "Bilans tenus ailleurs", note, none="Aucun bilan tenu ailleurs n’a été redonné ici.")
